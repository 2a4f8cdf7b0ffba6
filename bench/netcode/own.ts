/** A player's own ship, for a long time: nothing may be corrected, inputs must not wait, and its clock must be right. */
import { createSimulation } from 'tickwire/testing';
import { InputWatch } from './inputs.ts';
import { holdKeys, ownGame, ownRoom } from './own-game.ts';
import type { ProfileName } from './profiles.ts';
import { SPEED } from './truth.ts';

/** What to play. */
export interface OwnOptions {
  readonly profile: ProfileName;
  readonly seed: number;
  readonly durationMs: number;
}

/** What came of it. */
export interface OwnPlay {
  readonly profile: ProfileName;
  readonly minutes: number;
  /** Of the client, and of the server's digests. */
  readonly corrections: number;
  readonly mispredictions: number;
  /** Mean time that an input waits for its tick, ms. */
  readonly waitMs: number;
  readonly waitP95Ms: number;
  readonly starvedPercent: number;
  /** Ticks that took three inputs, per minute. */
  readonly bursts: number;
  /** Error of the client's clock, ms. */
  readonly clockMeanMs: number;
  readonly clockMaxMs: number;
  /** Frames from a press to the first that shows it, at most, and the part of its way that this one shows, at least, %. */
  readonly framesToShow: number;
  readonly firstFramePercent: number;
}

/** The origin of the simulator's server clock. */
const SERVER_ORIGIN_MS = 5_000;
const WARM_UP_MS = 8_000;
const SEND_EVERY = 3;

/** Plays. */
export async function measureOwn({ profile, seed, durationMs }: OwnOptions): Promise<OwnPlay> {
  let watch: InputWatch | undefined;
  let mispredictions = 0;
  const arena = ownRoom((room) => {
    for (const player of room.players) {
      watch?.noteTick(player.entity?.steps ?? 0);
      mispredictions = player.quality.mispredictions;
    }
  }, SEND_EVERY);
  const simulation = createSimulation({
    game: ownGame,
    server: { rooms: { arena } },
    seed,
    link: profile,
    check: false,
  });
  const keys = holdKeys(seed + 7);
  let held = 0;
  const client = await simulation.join({
    play(input, ms) {
      keys(input, ms);
      held = input.slide;
    },
  });
  watch = new InputWatch(simulation, 0);
  const { net } = client;
  const clockErrors: number[] = [];
  const presses = new Presses();
  let lastMs = simulation.clock.now();
  let startMs = Number.POSITIVE_INFINITY;
  client.onFrame(() => {
    const nowMs = simulation.clock.now();
    const { own } = net;
    if (own !== undefined) {
      watch?.noteFrame(own.steps);
      presses.note(held, own.slide, nowMs - lastMs);
    }
    lastMs = nowMs;
    if (nowMs >= startMs) clockErrors.push(Math.abs(net.clock.now() - SERVER_ORIGIN_MS - nowMs));
  });
  await simulation.advance(WARM_UP_MS);
  startMs = simulation.clock.now();
  await simulation.advance(durationMs);
  const waits = watch.waits().filter(({ atMs }) => atMs >= startMs);
  const ticks = watch.taken.filter((_, i) => watch!.tickTimes[i]! >= startMs);
  const sorted = waits.map(({ waitMs }) => waitMs).sort((a, b) => a - b);
  const minutes = durationMs / 60_000;
  const { corrections } = net.stats;
  await simulation.close();
  return {
    profile,
    minutes,
    corrections,
    mispredictions,
    waitMs: sorted.reduce((sum, wait) => sum + wait, 0) / sorted.length,
    waitP95Ms: sorted[Math.floor(0.95 * sorted.length)] ?? Number.NaN,
    starvedPercent: (100 * ticks.filter((count) => count === 0).length) / ticks.length,
    bursts: ticks.filter((count) => count >= 3).length / minutes,
    clockMeanMs: clockErrors.reduce((sum, error) => sum + error, 0) / clockErrors.length,
    clockMaxMs: Math.max(...clockErrors),
    framesToShow: presses.framesToShow,
    firstFramePercent: presses.firstFramePercent,
  };
}

/** From a press to the frame that shows it. */
class Presses {
  framesToShow = 0;
  firstFramePercent = 100;
  #held = 0;
  #place = Number.NaN;
  #waiting = -1;

  /** A frame in which `held` was sampled draws the slide at `place`. */
  note(held: number, place: number, dtMs: number): void {
    const moved = place - this.#place;
    this.#place = place;
    // A press: from rest, so that any movement is its own.
    if (held !== 0 && this.#held === 0) this.#waiting = 0;
    this.#held = held;
    if (this.#waiting < 0 || Number.isNaN(moved)) return;
    if (moved === 0) {
      this.#waiting++;
      return;
    }
    this.framesToShow = Math.max(this.framesToShow, this.#waiting);
    this.firstFramePercent = Math.min(this.firstFramePercent, (100 * Math.abs(moved)) / ((SPEED * dtMs) / 1_000));
    this.#waiting = -1;
  }
}
