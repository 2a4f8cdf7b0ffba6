/** What a picture was like, frame by frame, and the figures that are made of it. */
import { MOVERS, SPEED, TICK_MS, type Truth, WANDER } from './truth.ts';

/** Per frame, at most. */
const FRAME_SPEED_SNAP = 2;
const STALL_SHARE = 0.2;
const STALL_FRAMES = 2;
/** What a continued picture may be off: 255 ms of it, in the other direction. */
const OUTSIDE_PX = 2 * 0.255 * SPEED + 5;
const LONGEST_DELAY_MS = 700;

/** The frames of one player's picture. Times are true ms, counted from the due time of tick 0. */
export class Film {
  readonly times: Float64Array;
  /** What the picture itself says it shows; NaN where it does not. */
  readonly shown: Float64Array;
  readonly x: readonly Float64Array[];
  readonly y: readonly Float64Array[];
  count = 0;

  constructor(frames: number) {
    this.times = new Float64Array(frames);
    this.shown = new Float64Array(frames);
    this.x = MOVERS.map(() => new Float64Array(frames));
    this.y = MOVERS.map(() => new Float64Array(frames));
  }

  /** Notes a mover's place in the frame that `end` completes. */
  put(mover: number, x: number, y: number): void {
    (this.x[mover] as Float64Array)[this.count] = x;
    (this.y[mover] as Float64Array)[this.count] = y;
  }

  end(timeMs: number, shownMs: number): void {
    this.times[this.count] = timeMs;
    this.shown[this.count++] = shownMs;
  }
}

/** Quality of a picture. Lengths in px, times in ms. */
export interface Quality {
  readonly frames: number;
  /** Mean of now minus what is shown, as the picture says; where it hides it, `bestDelayMs`. */
  readonly delayMs: number;
  /** Standard deviation of that, 0 where it is hidden. */
  readonly delaySdMs: number;
  /** The constant delay that explains the picture best. */
  readonly bestDelayMs: number;
  /** Off the truth of `bestDelayMs` ago. */
  readonly errorPx: number;
  readonly errorP95Px: number;
  readonly errorMaxPx: number;
  /** Off the truth of the moment that the picture says it shows, p95; NaN where it is hidden. */
  readonly shapePx: number;
  /** RMS second difference over the truth's. */
  readonly jerk: number;
  /** RMS deviation of the smooth mover's drawn speed, %. */
  readonly speedPercent: number;
  /** Per minute and mover: frames that moved more than twice the true way. */
  readonly snaps: number;
  /** Per minute: runs of two frames and more below a fifth of the smooth mover's speed. */
  readonly stalls: number;
  /** Frames that went back in time, held NaN, or showed what is nowhere near. */
  readonly violations: number;
}

/** Mean distance to the truth `delayMs` ago over every `stride`th frame. */
function meanError(film: Film, truth: Truth, delayMs: number, stride: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < film.count; i += stride) {
    const tick = ((film.times[i] as number) - delayMs) / TICK_MS;
    for (const mover of MOVERS) {
      sum += truth.distance(mover, tick, (film.x[mover] as Float64Array)[i]!, (film.y[mover] as Float64Array)[i]!);
      count++;
    }
  }
  return sum / count;
}

/** Finds the constant delay of least mean error: a coarse look over all, then closer and closer. */
function findDelay(film: Film, truth: Truth): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let delay = 0; delay <= LONGEST_DELAY_MS; delay += 10) {
    const error = meanError(film, truth, delay, 16);
    if (error < least) [least, best] = [error, delay];
  }
  for (let step = 5; step > 0.04; step /= 2) {
    for (const delay of [best - step, best + step]) {
      const error = meanError(film, truth, delay, 1);
      if (step === 5) least = Math.min(least, meanError(film, truth, best, 1));
      if (error < least) [least, best] = [error, delay];
    }
  }
  return best;
}

function sortedErrors(film: Film, truth: Truth, momentOf: (frame: number) => number): Float64Array {
  const errors = new Float64Array(film.count * MOVERS.length);
  let count = 0;
  for (let i = 0; i < film.count; i++) {
    const tick = momentOf(i) / TICK_MS;
    for (const mover of MOVERS) {
      const x = (film.x[mover] as Float64Array)[i] as number;
      const y = (film.y[mover] as Float64Array)[i] as number;
      errors[count++] = truth.distance(mover, tick, x, y);
    }
  }
  return errors.sort();
}

const share = (sorted: Float64Array, q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number;

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** RMS second difference of the picture, and of the truth seen `delayMs` late at the same moments. */
function jerkOf(film: Film, truth: Truth, delayMs: number): number {
  let drawn = 0;
  let real = 0;
  const tickOf = (i: number): number => ((film.times[i] as number) - delayMs) / TICK_MS;
  for (const mover of MOVERS) {
    for (const [column, values] of [
      [film.x[mover], truth.x],
      [film.y[mover], truth.y],
    ] as const) {
      for (let i = 2; i < film.count; i++) {
        drawn += (column![i]! - 2 * column![i - 1]! + column![i - 2]!) ** 2;
        const now = truth.at(values, mover, tickOf(i));
        real += (now - 2 * truth.at(values, mover, tickOf(i - 1)) + truth.at(values, mover, tickOf(i - 2))) ** 2;
      }
    }
  }
  return Math.sqrt(drawn / real);
}

function movementOf(film: Film): Pick<Quality, 'speedPercent' | 'snaps' | 'stalls'> {
  const minutes = (film.times[film.count - 1]! - film.times[0]!) / 60_000;
  let snaps = 0;
  let stalls = 0;
  let slowFrames = 0;
  let deviation = 0;
  for (const mover of MOVERS) {
    const x = film.x[mover]!;
    const y = film.y[mover]!;
    for (let i = 1; i < film.count; i++) {
      const seconds = (film.times[i]! - film.times[i - 1]!) / 1_000;
      const speed = Math.hypot(x[i]! - x[i - 1]!, y[i]! - y[i - 1]!) / seconds / SPEED;
      if (speed > FRAME_SPEED_SNAP) snaps++;
      // The other mover stands still for a moment whenever it turns round.
      if (mover !== WANDER) continue;
      deviation += (speed - 1) ** 2;
      slowFrames = speed < STALL_SHARE ? slowFrames + 1 : 0;
      if (slowFrames === STALL_FRAMES) stalls++;
    }
  }
  return {
    speedPercent: 100 * Math.sqrt(deviation / (film.count - 1)),
    snaps: snaps / minutes / MOVERS.length,
    stalls: stalls / minutes,
  };
}

function countViolations(film: Film, truth: Truth): number {
  let violations = 0;
  for (let i = 0; i < film.count; i++) {
    const shown = film.shown[i]!;
    if (i > 0 && shown < film.shown[i - 1]! - 1e-6) violations++;
    for (const mover of MOVERS) {
      const off = truth.distance(mover, shown / TICK_MS, film.x[mover]![i]!, film.y[mover]![i]!);
      if (!(off <= OUTSIDE_PX)) violations++;
    }
  }
  return violations;
}

/** Makes the figures of a film. */
export function measureFilm(film: Film, truth: Truth): Quality {
  const bestDelayMs = findDelay(film, truth);
  const isShown = !film.shown.subarray(0, film.count).some(Number.isNaN);
  const delays = film.times.subarray(0, film.count).map((time, i) => time - film.shown[i]!);
  const delayMs = isShown ? mean(delays) : bestDelayMs;
  const errors = sortedErrors(film, truth, (i) => film.times[i]! - bestDelayMs);
  return {
    frames: film.count,
    delayMs,
    delaySdMs: isShown ? Math.sqrt(mean(delays.map((delay) => (delay - delayMs) ** 2))) : 0,
    bestDelayMs,
    errorPx: mean(errors),
    errorP95Px: share(errors, 0.95),
    errorMaxPx: share(errors, 1),
    shapePx: isShown
      ? share(
          sortedErrors(film, truth, (i) => film.shown[i]!),
          0.95,
        )
      : Number.NaN,
    jerk: jerkOf(film, truth, bestDelayMs),
    ...movementOf(film),
    violations: isShown ? countViolations(film, truth) : 0,
  };
}

/** The mean of each figure over films. */
export function meanQuality(all: readonly Quality[]): Quality {
  const names = Object.keys(all[0]!) as (keyof Quality)[];
  const means = names.map((name) => [name, all.reduce((sum, quality) => sum + quality[name], 0) / all.length]);
  return Object.fromEntries(means) as Quality;
}
