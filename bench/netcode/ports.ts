/**
 * Ports of others' formulas for remote movers, from their sources or documents, with their default constants. They are our
 * reading of them, not their code: each is marked 'port' wherever its figures are shown.
 */
import type { Peer, ServerMoment } from './peer.ts';
import { MOVERS, TICK_MS } from './truth.ts';

interface Shot {
  readonly timeMs: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Snapshots in order of their times, and the straight line through them. */
class Shots {
  readonly all: Shot[] = [];
  readonly x = [Number.NaN, Number.NaN];
  readonly y = [Number.NaN, Number.NaN];
  /** The moment that was sampled last, held at the ends. */
  shownMs = Number.NaN;

  get newest(): Shot | undefined {
    return this.all.at(-1);
  }

  add(timeMs: number, { x, y }: ServerMoment): void {
    this.all.push({ timeMs, x, y });
    if (this.all.length > 200) this.all.shift();
  }

  /** Between two snapshots, held before the first, and `beyondMs` at most behind the last. */
  sample(timeMs: number, beyondMs = 0): void {
    const { all } = this;
    if (all.length === 0) return;
    let b = all.length - 1;
    while (b > 1 && all[b - 1]!.timeMs > timeMs) b--;
    const to = all[b]!;
    const from = all[Math.max(0, b - 1)]!;
    const span = to.timeMs - from.timeMs;
    const limited = Math.min(Math.max(timeMs, from.timeMs), to.timeMs + beyondMs);
    const u = span > 0 ? (limited - from.timeMs) / span : 1;
    for (const mover of MOVERS) {
      this.x[mover] = from.x[mover]! + (to.x[mover]! - from.x[mover]!) * u;
      this.y[mover] = from.y[mover]! + (to.y[mover]! - from.y[mover]!) * u;
    }
    this.shownMs = limited;
  }
}

/** An exponential moving average with its variance, as Mirror has it. */
class Average {
  value = 0;
  #variance = 0;
  #isStarted = false;
  readonly #alpha: number;

  constructor(samples: number) {
    this.#alpha = 2 / (samples + 1);
  }

  get deviation(): number {
    return Math.sqrt(this.#variance);
  }

  add(value: number): void {
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.value = value;
      return;
    }
    const delta = value - this.value;
    this.value += this.#alpha * delta;
    this.#variance = (1 - this.#alpha) * (this.#variance + this.#alpha * delta * delta);
  }
}

interface PortParts {
  readonly name: string;
  readonly isRival?: boolean;
  receive(moment: ServerMoment, nowMs: number): void;
  frame(nowMs: number, dtMs: number): void;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly shownMs?: () => number;
}

function port({ name, isRival = false, receive, frame, x, y, shownMs = () => Number.NaN }: PortParts): Peer {
  let lastMs = Number.NaN;
  return {
    name,
    origin: 'port',
    isRival,
    serve: (moment) => moment,
    receive: (message, nowMs) => receive(message as ServerMoment, nowMs),
    noteInput: () => undefined,
    frame(nowMs) {
      frame(nowMs, nowMs > lastMs ? nowMs - lastMs : 0);
      lastMs = nowMs;
    },
    x: (mover) => x[mover] as number,
    y: (mover) => y[mover] as number,
    shownMs,
  };
}

/** Mirror's SnapshotInterpolation V2 with its default settings; messages are taken once a frame, as Unity does. */
export function createMirror(sendRate: number): Peer {
  const interval = 1_000 / sendRate;
  const shots = new Shots();
  const drift = new Average(sendRate);
  const delivery = new Average(2 * sendRate);
  const waiting: ServerMoment[] = [];
  let multiplier = 2;
  let timeline = Number.NaN;
  let scale = 1;
  let lastLocalMs = Number.NaN;
  const insert = (moment: ServerMoment, localMs: number): void => {
    const remoteMs = moment.runMs;
    // Over the deviation so far: it is that of the deliveries before this one.
    multiplier = (interval + delivery.deviation) / interval + 1;
    const buffer = interval * multiplier;
    if (Number.isNaN(timeline)) timeline = remoteMs - buffer;
    shots.add(remoteMs, moment);
    if (!Number.isNaN(lastLocalMs)) delivery.add(localMs - lastLocalMs);
    lastLocalMs = localMs;
    timeline = Math.min(Math.max(timeline, remoteMs - 2 * buffer), remoteMs);
    drift.add(remoteMs - timeline);
    const off = drift.value - buffer;
    scale = off > interval ? 1.02 : off < -interval ? 0.96 : 1;
  };
  return port({
    name: 'Mirror V2',
    isRival: true,
    receive: (moment) => void waiting.push(moment),
    frame(nowMs, dtMs) {
      for (const moment of waiting.splice(0)) insert(moment, nowMs);
      if (Number.isNaN(timeline)) return;
      timeline += dtMs * scale;
      shots.sample(timeline);
    },
    x: shots.x,
    y: shots.y,
    shownMs: () => shots.shownMs,
  });
}

/** Unity NetCode for Entities: NetworkTimeSystem's interpolation tick and its default constants, at 60 ticks a second. */
export function createUnity(sendRate: number): Peer {
  const shots = new Shots();
  const netTicks = 60 / sendRate;
  const least = 2 * netTicks;
  let heard = Number.NaN;
  let latest = Number.NaN;
  let estimate = 0;
  let age = 0;
  let averageTicks = netTicks;
  let deviationTicks = 0;
  let buffer = least;
  let target = Number.NaN;
  return port({
    name: 'Unity NetCode-like',
    receive(moment) {
      shots.add(moment.tickTimeMs, moment);
      heard = moment.tick;
    },
    frame(_nowMs, dtMs) {
      if (Number.isNaN(heard)) return;
      const ticks = dtMs / TICK_MS;
      if (Number.isNaN(latest)) {
        latest = estimate = heard;
        target = estimate - buffer;
      } else {
        estimate += ticks;
        if (latest !== heard) {
          const step = heard - latest;
          latest = heard;
          age = (age * 7 + (estimate - heard)) / 8;
          deviationTicks = 0.75 * deviationTicks + 0.25 * Math.abs(step - averageTicks);
          averageTicks = 0.75 * averageTicks + 0.25 * step;
          // The estimate is led back by whole ticks of its mean age.
          const whole = Math.trunc(age);
          estimate -= whole;
          age -= whole;
        }
      }
      const wanted = Math.max(averageTicks, least) + 1.25 * deviationTicks;
      const limit = 0.1 * ticks;
      buffer += Math.min(Math.max((wanted - buffer) * limit, -limit), limit);
      const off = estimate - buffer - target - ticks;
      target += ticks * Math.min(Math.max(1 + 0.1 * off, 0.85), 1.1);
      shots.sample(target * TICK_MS, 20 * TICK_MS);
    },
    x: shots.x,
    y: shots.y,
    shownMs: () => shots.shownMs,
  });
}

/** Source: a clock from the mean of the last 16 snapshots, 100 ms of cl_interp, at most 250 ms beyond the newest. */
export function createSource(): Peer {
  const shots = new Shots();
  const offsets: number[] = [];
  let mean = 0;
  return port({
    name: 'Source interp 100',
    receive(moment, nowMs) {
      shots.add(moment.tickTimeMs, moment);
      offsets.push(moment.tickTimeMs - nowMs);
      if (offsets.length > 16) offsets.shift();
      mean = offsets.reduce((sum, offset) => sum + offset, 0) / offsets.length;
    },
    frame: (nowMs) => shots.sample(nowMs + mean - 100, 250),
    x: shots.x,
    y: shots.y,
    shownMs: () => shots.shownMs,
  });
}

/** Quake III: CL_AdjustTimeDelta's nudges, up to 2 ms back and 1 ms forth a snapshot. Drawn between the newest two. */
export function createQuake(): Peer {
  const shots = new Shots();
  let delta = Number.NaN;
  let shown = 0;
  let isBeyond = false;
  return port({
    name: 'Quake III nudge',
    receive(moment, nowMs) {
      shots.add(moment.tickTimeMs, moment);
      const wanted = moment.tickTimeMs - nowMs;
      const off = Math.abs(wanted - delta);
      if (!(off <= 500)) delta = wanted;
      else if (off > 100) delta = (delta + wanted) / 2;
      else if (isBeyond) delta -= 2;
      else delta += 1;
      isBeyond = false;
    },
    frame(nowMs) {
      const { newest } = shots;
      if (newest === undefined) return;
      shown = Math.max(shown, nowMs + delta);
      if (shown >= newest.timeMs - 5) isBeyond = true;
      // cgame draws what lies beyond by the entity's own trajectory; players are held.
      shots.sample(shown);
    },
    x: shots.x,
    y: shots.y,
    shownMs: () => shots.shownMs,
  });
}

/** nengi 1.27: the mean of the last 20 (Date.now() - stamp), 100 ms behind; it needs the very next tick to move. */
export function createNengi(wallNow: () => number): Peer {
  const shots: { wallMs: number; index: number; x: readonly number[]; y: readonly number[] }[] = [];
  const differences: number[] = [];
  const x = [Number.NaN, Number.NaN];
  const y = [Number.NaN, Number.NaN];
  let mean = 0;
  let index = 0;
  return port({
    name: 'nengi 1.27',
    isRival: true,
    receive(moment) {
      shots.push({ wallMs: moment.wallMs, index: index++, x: moment.x, y: moment.y });
      if (shots.length > 200) shots.shift();
      differences.push(wallNow() - moment.wallMs);
      if (differences.length > 20) differences.shift();
      mean = differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
    },
    frame() {
      const renderMs = wallNow() - mean - 100;
      let a = shots.length - 1;
      while (a >= 0 && shots[a]!.wallMs >= renderMs) a--;
      const from = shots[a];
      const to = shots[a + 1];
      if (from === undefined || to === undefined) return;
      const u = (renderMs - from.wallMs) / (to.wallMs - from.wallMs);
      for (const mover of MOVERS) {
        x[mover] = from.x[mover]! + (to.x[mover]! - from.x[mover]!) * u;
        y[mover] = from.y[mover]! + (to.y[mover]! - from.y[mover]!) * u;
      }
    },
    x,
    y,
  });
}

/** lance's InterpolateStrategy: each sync bends what is drawn to the newest pose in six steps of 1/60 s. */
export function createLance(): Peer {
  const x = [Number.NaN, Number.NaN];
  const y = [Number.NaN, Number.NaN];
  const byX = [0, 0];
  const byY = [0, 0];
  let left = 0;
  let restMs = 0;
  let last: ServerMoment | undefined;
  const step = (): void => {
    if (left > 0) {
      left--;
      for (const mover of MOVERS) {
        x[mover]! += byX[mover]!;
        y[mover]! += byY[mover]!;
      }
    }
    if (last === undefined) return;
    for (const mover of MOVERS) {
      if (Number.isNaN(x[mover])) [x[mover], y[mover]] = [last.x[mover]!, last.y[mover]!];
      byX[mover] = (last.x[mover]! - x[mover]!) / 6;
      byY[mover] = (last.y[mover]! - y[mover]!) / 6;
    }
    left = 6;
    last = undefined;
  };
  return port({
    name: 'lance bend 6',
    isRival: true,
    receive(moment) {
      last = moment;
    },
    frame(_nowMs, dtMs) {
      for (restMs += dtMs; restMs >= TICK_MS - 0.01; restMs -= TICK_MS) step();
    },
    x,
    y,
  });
}

/** What tutorials do: each frame a fifth of the way to the newest pose. */
export function createTutorialLerp(): Peer {
  const x = [Number.NaN, Number.NaN];
  const y = [Number.NaN, Number.NaN];
  let newest: ServerMoment | undefined;
  return port({
    name: 'tutorial lerp 0.2',
    isRival: true,
    receive(moment) {
      newest = moment;
    },
    frame() {
      if (newest === undefined) return;
      for (const mover of MOVERS) {
        if (Number.isNaN(x[mover])) [x[mover], y[mover]] = [newest.x[mover]!, newest.y[mover]!];
        x[mover]! += (newest.x[mover]! - x[mover]!) * 0.2;
        y[mover]! += (newest.y[mover]! - y[mover]!) * 0.2;
      }
    },
    x,
    y,
  });
}

/** Nothing at all: the newest pose. */
export function createLatest(): Peer {
  const x = [Number.NaN, Number.NaN];
  const y = [Number.NaN, Number.NaN];
  return port({
    name: 'latest value',
    receive(moment) {
      for (const mover of MOVERS) [x[mover], y[mover]] = [moment.x[mover]!, moment.y[mover]!];
    },
    frame: () => undefined,
    x,
    y,
  });
}
