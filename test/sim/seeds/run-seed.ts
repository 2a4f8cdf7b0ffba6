// One seeded run: eight players, all faults at once for most of a minute (safety), then rest, in which all must converge
// (liveness). The same seed and profile give the same run, to the bit.
import type { GameServer, Guest } from 'tickwire/server';
import { type CheckCounts, createSimulation, FAULTS, randomInput } from 'tickwire/testing';
import { type SeedProfileName, seedProfiles } from './profiles.ts';
import { Orders, reefFaults } from './reef-faults.ts';
import { createReef, type Game, game } from './reef-game.ts';

export const CLIENTS = 8;
/** Of the simulated minute, how long things go wrong. */
const TROUBLE_MS = 48_000;
const RUN_MS = 60_000;
/** All must be well so long after the last fault. Back-off alone may take half of it. */
const SETTLE_LIMIT_MS = 40_000;
/** As screens have them. */
const FRAME_RATES = [60, 30, 30, 20, 60, 30, 30, 20];

/** What a run is made of. */
export interface SeedOptions {
  readonly profile: SeedProfileName;
  readonly seed: number;
  /** Faults to leave out, by name. */
  readonly without?: readonly string[];
}

/** What came of a run. */
export interface SeedResult {
  readonly profile: SeedProfileName;
  readonly seed: number;
  /** Undefined when all was well. */
  readonly failure: string | undefined;
  readonly hash: string;
  readonly simulatedMs: number;
  readonly settleMs: number;
  readonly checked: CheckCounts;
  /** How often each fault happened, and what the server saw of them. */
  readonly fired: Readonly<Record<string, number>>;
  readonly seen: Readonly<Record<string, number>>;
}

/** Runs a seed. Never throws: what goes wrong is the result's `failure`. */
export async function runSeed({ profile, seed, without = [] }: SeedOptions): Promise<SeedResult> {
  const orders = new Orders();
  const simulation = createSimulation<Game>({
    game,
    server: { rooms: { reef: createReef(seed, orders.ledger) }, strict: true },
    seed,
    link: seedProfiles[profile],
  });
  const server = (): GameServer<Game, Guest> => simulation.server;
  const faults = Object.entries({ ...FAULTS, ...reefFaults(server, orders) }).filter(
    ([name]) => !without.includes(name),
  );
  let fired: Record<string, number> = {};
  let settleMs = 0;
  let simulatedMs = 0;
  let failure: string | undefined;
  try {
    for (const [i, frameRate] of FRAME_RATES.entries()) {
      await simulation.join({ frameRate, play: randomInput(game, seed * 31 + i) });
    }
    const startMs = simulation.clock.now();
    fired = await simulation.trouble(TROUBLE_MS, Object.fromEntries(faults));
    settleMs = await simulation.settle(SETTLE_LIMIT_MS);
    await simulation.advance(Math.max(1_000, startMs + RUN_MS - simulation.clock.now()));
    await simulation.settle(SETTLE_LIMIT_MS);
    simulatedMs = simulation.clock.now();
    await simulation.close();
    orders.checkEnd();
    failure = findFailure(simulation.checked!.mispredictions, orders, simulation.log);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const { stats } = simulation.server;
  // Closing passes minutes in which nothing happens: they do not count.
  if (simulatedMs === 0) simulatedMs = simulation.clock.now();
  return {
    profile,
    seed,
    failure,
    hash: simulation.hash,
    simulatedMs,
    settleMs,
    checked: simulation.checked!,
    fired,
    seen: {
      joins: stats.playersTotal,
      commands: stats.commands,
      resyncs: stats.resyncs,
      snapshotsSkipped: stats.snapshotsSkipped,
      laneChanges: stats.laneChanges,
      exactRows: stats.exactRows,
      ticksStarved: stats.ticksStarved,
      ticksDropped: stats.ticksDropped,
    },
  };
}

function findFailure(
  mispredictions: number,
  orders: Orders,
  log: readonly { level: string; message: string }[],
): string | undefined {
  if (mispredictions > 0) return `${mispredictions} mispredictions of moves that touch nothing`;
  const error = log.find(({ level }) => level === 'error');
  return error?.message ?? orders.problems[0];
}
