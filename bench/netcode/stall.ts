/** What a stall of 300 ms leaves behind in a server's input queue: Tickwire's, and two that others have. */
import { createSimulation, Link, VirtualClock } from 'tickwire/testing';
import { InputWatch } from './inputs.ts';
import { holdKeys, ownGame, ownRoom } from './own-game.ts';
import type { ProfileName } from './profiles.ts';
import { TICK_MS } from './truth.ts';

/** Which line, and which seed. */
export interface StallOptions {
  readonly profile: ProfileName;
  readonly seed: number;
}

/** How long inputs wait, over the time since the stall's end. */
export interface QueueTrace {
  readonly name: string;
  /** Mean wait of the two seconds before the stall, ms. */
  readonly beforeMs: number;
  /** Mean wait from one second after the stall's end to the next second, ms. */
  readonly afterMs: number;
  /** From the stall's end until waits are within half a tick of `beforeMs` for good, ms; Infinity if never. */
  readonly goneMs: number;
  /** Most inputs that one tick took after the stall. */
  readonly mostAtOnce: number;
  /** Mean wait by tenth of a second, from a second before the stall's end. */
  readonly byTenth: readonly (number | null)[];
}

/** What came of a stall. */
export interface Stall {
  readonly profile: ProfileName;
  readonly queues: readonly QueueTrace[];
}

const STALL_MS = 300;
const BEFORE_MS = 10_000;
const AFTER_MS = 6_000;
const TENTHS = 70;

/** Stalls both directions once, in the middle of play. */
export async function measureStall({ profile, seed }: StallOptions): Promise<Stall> {
  let watch: InputWatch | undefined;
  const arena = ownRoom((room) => {
    for (const player of room.players) watch?.noteTick(player.entity?.steps ?? 0);
  }, 3);
  const simulation = createSimulation({
    game: ownGame,
    server: { rooms: { arena } },
    seed,
    link: profile,
    check: false,
  });
  const client = await simulation.join({ play: holdKeys(seed) });
  watch = new InputWatch(simulation, 0);
  client.onFrame(() => {
    if (client.net.own !== undefined) watch?.noteFrame(client.net.own.steps);
  });
  await simulation.advance(BEFORE_MS);
  client.stall(STALL_MS);
  await simulation.advance(STALL_MS);
  const endMs = simulation.clock.now();
  await simulation.advance(AFTER_MS);
  await simulation.close();
  const own: Queue = { waits: watch.waits(), tickTimes: watch.tickTimes, taken: watch.taken };
  const ports = (['one a tick', 'all at once'] as const).map((name) =>
    trace(`${name} (port)`, playPort({ profile, seed }, name === 'all at once'), BEFORE_MS + STALL_MS),
  );
  return { profile, queues: [trace('Tickwire', own, endMs), ...ports] };
}

/** What went through a queue: how long each input waited, and how many each tick took. */
interface Queue {
  readonly waits: readonly { readonly atMs: number; readonly waitMs: number }[];
  readonly tickTimes: readonly number[];
  readonly taken: readonly number[];
}

/** A client that sends an input in each of 60 frames a second, and a queue that gives one of them or all of them a tick. */
function playPort({ profile, seed }: StallOptions, takesAll: boolean): Queue {
  const clock = new VirtualClock();
  const link = new Link(clock, profile, seed);
  const waiting: number[] = [];
  const waits: { atMs: number; waitMs: number }[] = [];
  const tickTimes: number[] = [];
  const taken: number[] = [];
  const frame = (): void => {
    link.send(20, () => void waiting.push(clock.now()));
    clock.schedule(frame, TICK_MS);
  };
  const tick = (): void => {
    const arrivals = waiting.splice(0, takesAll ? waiting.length : 1);
    for (const arrivalMs of arrivals) waits.push({ atMs: clock.now(), waitMs: clock.now() - arrivalMs });
    tickTimes.push(clock.now());
    taken.push(arrivals.length);
    clock.schedule(tick, TICK_MS);
  };
  clock.schedule(frame, 1.7);
  clock.schedule(tick, TICK_MS);
  clock.schedule(() => link.stall(STALL_MS), BEFORE_MS);
  clock.advanceSync(BEFORE_MS + STALL_MS + AFTER_MS);
  return { waits, tickTimes, taken };
}

function trace(name: string, { waits, tickTimes, taken }: Queue, endMs: number): QueueTrace {
  const meanOf = (fromMs: number, toMs: number): number => {
    const within = waits.filter(({ atMs }) => atMs >= endMs + fromMs && atMs < endMs + toMs);
    return within.reduce((sum, { waitMs }) => sum + waitMs, 0) / within.length;
  };
  const beforeMs = meanOf(-2_000 - STALL_MS, -STALL_MS);
  const lateTenths: number[] = [];
  const byTenth = Array.from({ length: TENTHS }, (_, i) => {
    const fromMs = (i - 10) * 100;
    const mean = meanOf(fromMs, fromMs + 100);
    if (fromMs >= 0 && mean > beforeMs + TICK_MS / 2) lateTenths.push(fromMs + 100);
    return Number.isNaN(mean) ? null : Number(mean.toFixed(1));
  });
  const last = lateTenths.at(-1) ?? 0;
  return {
    name,
    beforeMs,
    afterMs: meanOf(1_000, 2_000),
    goneMs: last >= (TENTHS - 11) * 100 ? Number.POSITIVE_INFINITY : last,
    mostAtOnce: Math.max(...taken.filter((_, i) => tickTimes[i]! >= endMs)),
    byTenth,
  };
}
