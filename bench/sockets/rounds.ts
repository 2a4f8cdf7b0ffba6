/** Systems that are compared: all of them started, one at work at a time, in turns that follow each other closely. */
import { median } from '../suite.ts';
import { Running, type Window, type WindowFigures } from './measure.ts';
import type { ServerSpec, SystemName, WorkloadName } from './spec.ts';

/** A figure over all rounds: the median, and between which bounds it lies with about 95 % (of few rounds: all of them). */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** One system's windows, in the order of the rounds. */
export interface Turns {
  readonly system: SystemName;
  readonly windows: WindowFigures[];
}

export interface RoundOptions {
  readonly workload: WorkloadName;
  readonly clients: number;
  /** The first one is the one whose bytes raw ws sends. */
  readonly systems: readonly SystemName[];
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Inputs of each client a second, one comparison for each. */
  readonly inputs: readonly number[];
}

const SETTLE_MS = 300;
/** A window in which clients were not sent about one message a tick was disturbed, and is taken again. */
const MOST_OFF = 0.15;
const TRIES = 6;
/** Rounds are taken anew, as often as they were asked for; fewer than these are no result. */
const LEAST_ROUNDS = 3;

/** Median of samples with the interval between two of them that holds it. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const count = sorted.length;
  // The sign test's bounds: of 7 samples the outermost, of 9 the second ones.
  const rank = Math.max(0, Math.floor((count - 1.96 * Math.sqrt(count)) / 2));
  return { median: median(samples), low: sorted[rank]!, high: sorted[count - 1 - rank]! };
}

/** One system's figure by another's, round by round. */
export function ratioOf(of: Turns, to: Turns, figure: keyof WindowFigures): Spread {
  return spreadOf(of.windows.map((window, i) => window[figure] / to.windows[i]![figure]));
}

async function lookUndisturbed(running: Running, window: Window): Promise<WindowFigures | undefined> {
  for (let i = 0; i < TRIES; i++) {
    const figures = await running.look(window);
    // Where no tick ran at all it is no number.
    if (Math.abs(figures.messagesPerClientTick - 1) <= MOST_OFF) return figures;
  }
  return undefined;
}

/** A window of each; undefined if one of them could not be had: a server that is not let work, or sends less, looks cheap. */
async function runRound(all: readonly Running[], window: Window, round: number): Promise<WindowFigures[] | undefined> {
  const windows: WindowFigures[] = [];
  // Who comes first changes, so that nobody always follows the same one.
  for (let i = 0; i < all.length; i++) {
    const at = (i + round) % all.length;
    const figures = await lookUndisturbed(all[at]!, window);
    if (figures === undefined) return undefined;
    windows[at] = figures;
  }
  return windows;
}

/** Runs all rounds; what comes back has one entry for each of `inputs`, and in it the systems in their order. */
export async function runRounds(options: RoundOptions): Promise<Turns[][]> {
  const { workload, clients, systems, rounds, warmUpMs, measureMs, inputs } = options;
  const all: Running[] = [];
  let payloadBytes = 0;
  try {
    for (const system of systems) {
      const spec: ServerSpec = { system, workload, clients, payloadBytes, isShippedClock: false };
      const running = await Running.start(spec);
      all.push(running);
      // Code is compiled, and lists have their length.
      const warm = { inputsPerSecond: inputs.at(-1)!, settleMs: warmUpMs, measureMs: 300 };
      await running.look(warm);
      const { bytesPerMessage } = await running.look({ ...warm, settleMs: SETTLE_MS, measureMs });
      if (payloadBytes === 0) payloadBytes = Math.round(bytesPerMessage);
    }
    const results: Turns[][] = [];
    for (const inputsPerSecond of inputs) {
      const turns = systems.map((system) => ({ system, windows: [] as WindowFigures[] }));
      const window = { inputsPerSecond, settleMs: SETTLE_MS, measureMs };
      for (let round = 0; round < 2 * rounds && turns[0]!.windows.length < rounds; round++) {
        const windows = await runRound(all, window, round);
        if (windows !== undefined) for (const [i, turn] of turns.entries()) turn.windows.push(windows[i]!);
      }
      if (turns[0]!.windows.length < LEAST_ROUNDS) throw new Error('this machine is too busy to measure anything');
      results.push(turns);
    }
    return results;
  } finally {
    await Promise.all(all.map((running) => running.stop()));
  }
}
