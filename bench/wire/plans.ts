/** What the wire bench measures, and how long. */
import { median } from '../suite.ts';
import type { TraceName } from '../traces/traces.ts';
import { CONTESTANTS, type ContestantName, type Figures, type Task } from './measure.ts';
import { runTask } from './run-task.ts';

export const SEED = 1;
/** Clients that look, in the trace with a radius of sight. */
const CLIENTS = { full: 32, quick: 8 };
export const ROUNDS = 3;

interface Plan {
  readonly title: string;
  /** In a quick run. */
  readonly quick: readonly ContestantName[];
  readonly warmUp: number;
  readonly ticks: number;
  readonly quickWarmUp: number;
  readonly quickTicks: number;
}

const ALL = Object.keys(CONTESTANTS) as ContestantName[];
const MAIN: readonly ContestantName[] = ['msgpack-rows', 'colyseus-integers', 'tickwire-packed'];
const LONG = { warmUp: 1_500, ticks: 1_500, quickWarmUp: 600, quickTicks: 300 };
const SHORT = { warmUp: 100, ticks: 200, quickWarmUp: 60, quickTicks: 60 };

export const PLANS: Readonly<Record<TraceName, Plan>> = {
  'wandering-2': {
    title: '232 walkers, 60 % move on drifting headings, no velocity synced, 2 % leave and enter',
    quick: ALL.filter((name) => name !== 'bitecs' && name !== 'nengi'),
    ...LONG,
  },
  'wandering-0.1': { title: 'The same, but 0.1 % leave and enter', quick: MAIN, ...LONG },
  'arena-small': {
    title: 'W1: 32 ships, 110 shots that fly straight, 90 pickups; velocity is synced; 2 % leave and enter',
    quick: [...MAIN, 'tickwire-plain'],
    ...LONG,
  },
  'arena-large': { title: 'W2: 2,256 entities, each client sees those within 1,024', quick: MAIN, ...SHORT },
  'mmo-idle': { title: 'W3: 10,000 people, 2 % change', quick: MAIN, ...SHORT },
};

/** Figures of one contestant: times, and what it leaves on the heap. */
export interface Measured {
  readonly us: Figures;
  readonly heap: Figures | undefined;
}

export type TraceResults = ReadonlyMap<ContestantName, Measured>;

/** The median of each figure over the rounds. */
function medianOf(rounds: readonly Figures[]): Figures {
  const of = (name: Exclude<keyof Figures, 'name'>): number => median(rounds.map((figures) => figures[name]));
  return {
    name: rounds[0]!.name,
    joinBytes: of('joinBytes'),
    bytes: of('bytes'),
    bytesP95: of('bytesP95'),
    apply: of('apply'),
    encode: of('encode'),
    read: of('read'),
  };
}

/** All contestants of a trace, round by round, so that what else the machine does falls on all alike. */
export async function runTrace(trace: TraceName, quick: boolean): Promise<TraceResults> {
  const plan = PLANS[trace];
  const common = {
    trace,
    seed: SEED,
    clients: quick ? CLIENTS.quick : CLIENTS.full,
    warmUp: quick ? plan.quickWarmUp : plan.warmUp,
    ticks: quick ? plan.quickTicks : plan.ticks,
  };
  const rounds = new Map((quick ? plan.quick : ALL).map((contestant) => [contestant, [] as Figures[]]));
  for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
    for (const [contestant, list] of rounds) list.push(await runTask({ ...common, contestant, unit: 'us' }));
  }
  const results = new Map<ContestantName, Measured>();
  for (const [contestant, list] of rounds) {
    const task: Task = { ...common, contestant, unit: 'heap' };
    results.set(contestant, { us: medianOf(list), heap: quick ? undefined : await runTask(task) });
  }
  return results;
}
