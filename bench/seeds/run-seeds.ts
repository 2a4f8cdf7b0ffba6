/** Runs seeds on all cores, each in one of as many processes as there are cores. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { SeedOptions, SeedResult } from '../../test/sim/seeds/run-seed.ts';

/** What a worker says of one seed. */
export interface SeedReport {
  readonly result: SeedResult;
  /** Of a failure: the fewest faults that still cause it, and how to run it again. */
  readonly description: string | undefined;
  readonly cpuMs: number;
}

/** Runs all; `onReport` is called as they end, in no order. */
export async function runSeeds(seeds: readonly SeedOptions[], onReport: (report: SeedReport) => void): Promise<void> {
  const left = [...seeds].reverse();
  const workers = Math.min(availableParallelism(), seeds.length);
  await Promise.all(Array.from({ length: workers }, () => work(left, onReport)));
}

/** One process, until nothing is left. It starts as this one did: from source, with the same conditions. */
function work(left: SeedOptions[], onReport: (report: SeedReport) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)));
    const next = (): void => {
      const options = left.pop();
      if (options === undefined) child.disconnect();
      else child.send(options);
    };
    child.on('message', (report: SeedReport) => {
      onReport(report);
      next();
    });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with code ${code}`))));
    next();
  });
}
