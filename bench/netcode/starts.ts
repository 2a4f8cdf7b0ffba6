/** How soon a picture is right: after a join, after a page slept, and after a page was frozen. */
import { createSimulation, type SimulatedClient, type Simulation } from 'tickwire/testing';
import { holdKeys, ownGame, ownRoom } from './own-game.ts';
import type { ProfileName } from './profiles.ts';
import { SPEED, TICK_MS, TICK_RATE } from './truth.ts';

/** Which line, and how often. */
export interface JoinOptions {
  readonly profile: ProfileName;
  readonly seed: number;
  readonly times: number;
}

/** One join. Times in ms. */
export interface Join {
  /** From `connect` to its first snapshot. */
  readonly connectMs: number;
  /** From the first snapshot until others are drawn within 10 px of where they will be drawn from then on. */
  readonly pictureMs: number;
  /** From the welcome until the clock is right within 5 ms; there are frames from the first snapshot on. */
  readonly clockMs: number;
}

/** One return. */
export interface Sleep {
  readonly type: 'sleep' | 'freeze';
  /** Frames until others are drawn within 10 px of where they were at the moment that is said to be drawn. */
  readonly frames: number;
  /** Frames behind the first that moved more than twice the true way. */
  readonly jumps: number;
}

const SERVER_ORIGIN_MS = 5_000;
const LOOK_MS = 10_000;
/** A page's timers would stand still, too, and with them the look for a server that is silent for five seconds. */
const SLEEP_MS = { sleep: 5_000, freeze: 4_000 };
/** Right: within so much, for so many frames. A loss later on is another matter. */
const NEAR_PX = 10;
const NEAR_FRAMES = 6;
const CLOCK_MS = 5;
const TIMED_FRAMES = 60;
const WELCOME = 2;

type OwnSimulation = Simulation<typeof ownGame>;

interface Frame {
  readonly timeMs: number;
  readonly x: number;
  /** What is said to be drawn, true ms. */
  readonly shownMs: number;
  readonly clockErrorMs: number;
}

/** A room that plays. */
interface Stage {
  readonly simulation: OwnSimulation;
  /** Where the mark was, by tick of true time. */
  readonly places: Float64Array;
  /** True time of the room's tick 0. */
  readonly originMs: number;
}

/** A room with a mark that goes to and fro, and a player who keeps it open. */
async function open(profile: ProfileName, seed: number): Promise<Stage> {
  const places = new Float64Array(60_000).fill(Number.NaN);
  let simulation: OwnSimulation | undefined;
  let originTick = 0;
  const arena = ownRoom((room) => {
    const due = Math.floor((simulation!.clock.now() + SERVER_ORIGIN_MS) / TICK_MS + 1e-6);
    const tick = due - (SERVER_ORIGIN_MS * TICK_RATE) / 1_000;
    originTick = tick - room.tick;
    for (const mark of room.world.mark) places[tick] = mark.x;
  }, 3);
  simulation = createSimulation({ game: ownGame, server: { rooms: { arena } }, seed, link: profile, check: false });
  await simulation.join({ play: holdKeys(seed) });
  await simulation.advance(1_000 + ((seed * 137) % 500));
  return { simulation, places, originMs: originTick * TICK_MS };
}

function film({ simulation, originMs }: Stage, client: SimulatedClient<typeof ownGame>): Frame[] {
  const frames: Frame[] = [];
  client.onFrame(() => {
    const timeMs = simulation.clock.now();
    const clockErrorMs = Math.abs(client.net.clock.now() - SERVER_ORIGIN_MS - timeMs);
    let x = Number.NaN;
    for (const mark of client.net.world.mark) x = mark.x;
    frames.push({ timeMs, x, shownMs: client.net.clock.playoutTick * TICK_MS + originMs, clockErrorMs });
  });
  return frames;
}

/** The delay at which the last five seconds were drawn, ms. */
function settledDelay(frames: readonly Frame[], places: Float64Array): number {
  const late = frames.filter(({ timeMs }) => timeMs > frames.at(-1)!.timeMs - 5_000);
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let delay = 0; delay < 600; delay++) {
    const error = late.reduce((sum, { timeMs, x }) => sum + Math.abs(x - placeAt(places, timeMs - delay)), 0);
    if (error < least) [least, best] = [error, delay];
  }
  return best;
}

function placeAt(places: Float64Array, timeMs: number): number {
  const tick = timeMs / TICK_MS;
  const from = places[Math.floor(tick)]!;
  return from + (places[Math.floor(tick) + 1]! - from) * (tick - Math.floor(tick));
}

/** The first frame from which on so many are near. */
function framesUntilNear(frames: readonly Frame[], places: Float64Array, momentOf: (frame: Frame) => number): number {
  let near = 0;
  for (let i = 0; i < frames.length; i++) {
    const frame = frames[i]!;
    near = Math.abs(frame.x - placeAt(places, momentOf(frame))) <= NEAR_PX ? near + 1 : 0;
    if (near === NEAR_FRAMES) return i + 1 - NEAR_FRAMES;
  }
  return frames.length - 1;
}

/** The first frame from which on the clock is right for a second. */
function framesUntilTimed(frames: readonly Frame[]): number {
  let right = 0;
  for (let i = 0; i < frames.length; i++) {
    right = frames[i]!.clockErrorMs <= CLOCK_MS ? right + 1 : 0;
    if (right === TIMED_FRAMES) return i + 1 - TIMED_FRAMES;
  }
  return frames.length - 1;
}

/** Joins again and again, at other moments each time. */
export async function measureJoins({ profile, seed, times }: JoinOptions): Promise<Join[]> {
  const joins: Join[] = [];
  for (let i = 0; i < times; i++) {
    const stage = await open(profile, seed * 100 + i);
    const { simulation, places } = stage;
    const startMs = simulation.clock.now();
    let welcomeMs = startMs;
    simulation.transport.observe = (way, pair, bytes) => {
      if (way === 'down' && pair.index === 1 && bytes[1] === WELCOME) welcomeMs = simulation.clock.now();
    };
    const client = await simulation.join({ play: holdKeys(seed + i) });
    const joinedMs = simulation.clock.now();
    const frames = film(stage, client);
    await simulation.advance(LOOK_MS);
    const delay = settledDelay(frames, places);
    const off = framesUntilNear(frames, places, ({ timeMs }) => timeMs - delay);
    const timed = framesUntilTimed(frames);
    joins.push({
      connectMs: joinedMs - startMs,
      pictureMs: frames[off]!.timeMs - joinedMs,
      clockMs: frames[timed]!.timeMs - welcomeMs,
    });
    await simulation.close();
  }
  return joins;
}

/** Hides the page for five seconds, and freezes it for five. */
export async function measureSleeps({ profile, seed, times }: JoinOptions): Promise<Sleep[]> {
  const sleeps: Sleep[] = [];
  for (let i = 0; i < times; i++) {
    for (const type of ['sleep', 'freeze'] as const) {
      const stage = await open(profile, seed * 100 + i);
      const { simulation, places } = stage;
      const client = await simulation.join({ play: holdKeys(seed + i) });
      await simulation.advance(8_000 + i * 77);
      client.sleep();
      if (type === 'freeze') client.deafen();
      await simulation.advance(SLEEP_MS[type]);
      if (type === 'freeze') client.hear();
      client.wake();
      const frames = film(stage, client);
      await simulation.advance(LOOK_MS);
      const steps = frames.slice(0, 300).map(({ x }, k) => (k < 2 ? 0 : Math.abs(x - frames[k - 1]!.x)));
      sleeps.push({
        type,
        frames: framesUntilNear(frames, places, ({ shownMs }) => shownMs),
        jumps: steps.filter((step) => step > (2 * SPEED) / 60).length,
      });
      await simulation.close();
    }
  }
  return sleeps;
}
