/** What goes wrong between a server and its players, and how a simulation lets it happen: by chance, and the same each time. */
import { hashText } from '../core/hash.ts';
import { Random } from '../core/random.ts';
import type { AnyGame } from '../state/types.ts';
import { type LinkSetting, linkProfile } from '../transport/link.ts';
import type { VirtualClock } from '../transport/virtual-clock.ts';
import type { SimulatedClient } from './simulated-client.ts';

/** What a fault needs of a simulation. */
export interface FaultTarget<G extends AnyGame> {
  readonly clock: VirtualClock;
  readonly clients: readonly SimulatedClient<G>[];
  /** The line of clients that have none of their own. */
  readonly link: LinkSetting;
  advance(durationMs: number): Promise<void>;
  freeze(durationMs: number): void;
  joinBots(count: number, options?: { readonly down?: LinkSetting }): Promise<SimulatedClient<G>[]>;
}

/** Where and to whom it happens. */
export interface FaultScene<G extends AnyGame> {
  readonly simulation: FaultTarget<G>;
  /** Somebody who did not leave. */
  readonly client: SimulatedClient<G>;
  /** This fault's own chance: without it the others happen as they did. */
  readonly random: Random;
  /** Puts an end to it after so long, or when the faults are over. */
  later(delayMs: number, end: () => void): void;
}

/** Something that goes wrong now and then. */
export interface Fault<G extends AnyGame> {
  /** Mean time from one to the next, ms. */
  readonly everyMs: number;
  /** Lets it happen. Returns whether it did: what could not happen is not counted. */
  strike(scene: FaultScene<G>): boolean | Promise<boolean>;
}

/** Faults by name. */
export type Faults<G extends AnyGame> = { readonly [name: string]: Fault<G> };

/** Slow lines carry so many bits per millisecond: less than a busy game of eight sends. */
const SLOW_KBPS = { min: 16, max: 40 };

/** Of every game: what networks, pages and machines do. */
export const FAULTS = {
  /** Nothing arrives for a while, then all of it at once. */
  stall: {
    everyMs: 4_000,
    strike({ client, random }) {
      client.stall(random.int(100, 1_200));
      return client.net.state === 'playing';
    },
  },
  /** The wire is cut and mended; after five seconds the client will have given up. */
  cut: {
    everyMs: 12_000,
    strike({ client, random, later }) {
      client.cut();
      later(random.int(500, 8_000), () => client.mend());
      return client.net.state === 'playing';
    },
  },
  /** The connection breaks, and the client makes another. */
  drop: {
    everyMs: 9_000,
    strike({ client }) {
      const isPlaying = client.net.state === 'playing';
      client.drop();
      return isPlaying;
    },
  },
  /** The page is hidden: no frames, no inputs. */
  hide: {
    everyMs: 8_000,
    strike({ client, random, later }) {
      client.sleep();
      later(random.int(200, 5_000), () => client.wake());
      return true;
    },
  },
  /** The client does not read for a while. */
  deafen: {
    everyMs: 9_000,
    strike({ client, random, later }) {
      client.deafen();
      later(random.int(500, 4_000), () => client.hear());
      return client.net.state === 'playing';
    },
  },
  /** A player leaves, and another comes. */
  rejoin: {
    everyMs: 10_000,
    async strike({ simulation, client }) {
      client.leave();
      await simulation.joinBots(1);
      return true;
    },
  },
  /** A player leaves, and one on a slow line comes. */
  choke: {
    everyMs: 20_000,
    async strike({ simulation, client, random }) {
      client.leave();
      const down = { ...linkProfile(simulation.link), bandwidthKbps: random.int(SLOW_KBPS.min, SLOW_KBPS.max) };
      await simulation.joinBots(1, { down });
      return true;
    },
  },
  /** The server stands still, and all rooms with it. */
  freeze: {
    everyMs: 15_000,
    strike({ simulation, random }) {
      simulation.freeze(50 * 100 ** random.next());
      return true;
    },
  },
  /** A bit flips in what a client received. */
  flip: {
    everyMs: 10_000,
    strike: ({ client, random }) => client.net.state === 'playing' && client.flipBit(random),
  },
} as const satisfies Faults<AnyGame>;

/** One fault on its way. */
interface Due<G extends AnyGame> {
  readonly name: string;
  readonly fault: Fault<G>;
  readonly random: Random;
  dueMs: number;
}

/**
 * Lets `durationMs` pass with `faults`, then ends those that last. Returns how often each happened. Each fault has a chance
 * of its own, made of the seed and its name, so that leaving one out changes nothing about the others.
 */
export async function runFaults<G extends AnyGame>(
  simulation: FaultTarget<G>,
  durationMs: number,
  faults: Faults<G>,
  seed: number,
): Promise<Record<string, number>> {
  const { clock } = simulation;
  const endMs = clock.now() + durationMs;
  const fired: Record<string, number> = {};
  const dues = Object.entries(faults).map(([name, fault]): Due<G> => {
    const random = new Random();
    random.seed(seed, 0xfa17, hashText(name, 0));
    fired[name] = 0;
    return { name, fault, random, dueMs: clock.now() + waitMs(fault, random) };
  });
  const ends = new Map<() => void, () => void>();
  const later = (delayMs: number, end: () => void): void => {
    const run = (): void => {
      ends.delete(run);
      end();
    };
    ends.set(run, clock.schedule(run, delayMs));
  };
  try {
    for (let due = earliest(dues); due !== undefined && due.dueMs < endMs; due = earliest(dues)) {
      await simulation.advance(Math.max(0, due.dueMs - clock.now()));
      const { fault, random } = due;
      due.dueMs += waitMs(fault, random);
      const here = simulation.clients.filter(({ net }) => net.state !== 'closed');
      const client = here[random.int(0, here.length - 1)];
      if (client !== undefined && (await fault.strike({ simulation, client, random, later }))) fired[due.name]!++;
    }
    await simulation.advance(Math.max(0, endMs - clock.now()));
  } finally {
    for (const [end, cancel] of [...ends]) {
      cancel();
      end();
    }
  }
  return fired;
}

function waitMs({ everyMs }: Fault<never>, random: Random): number {
  return everyMs * (0.5 + random.next());
}

function earliest<G extends AnyGame>(dues: readonly Due<G>[]): Due<G> | undefined {
  let first = dues[0];
  for (const due of dues) if (due.dueMs < first!.dueMs) first = due;
  return first;
}
