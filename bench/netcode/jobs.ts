/** Spreads jobs over all cores, each in one of as many processes as there are cores. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { CompareOptions, Comparison } from './compare.ts';
import type { OwnOptions, OwnPlay } from './own.ts';
import type { Stall, StallOptions } from './stall.ts';
import type { Join, JoinOptions, Sleep } from './starts.ts';

/** What a worker can be asked for. */
export type Job =
  | { readonly type: 'compare'; readonly options: CompareOptions }
  | { readonly type: 'own'; readonly options: OwnOptions }
  | { readonly type: 'joins'; readonly options: JoinOptions }
  | { readonly type: 'sleeps'; readonly options: JoinOptions }
  | { readonly type: 'stall'; readonly options: StallOptions };

/** What it answers. */
export type Answer =
  | { readonly type: 'compare'; readonly result: Comparison }
  | { readonly type: 'own'; readonly result: OwnPlay }
  | { readonly type: 'joins'; readonly result: readonly Join[] }
  | { readonly type: 'sleeps'; readonly result: readonly Sleep[] }
  | { readonly type: 'stall'; readonly result: Stall };

/** An answer, and the options of the job that it is for. */
export type Outcome = Answer & { readonly job: Job['options'] };

/** Runs all; the outcomes come in no order. */
export async function runJobs(jobs: readonly Job[]): Promise<Outcome[]> {
  const left = [...jobs].reverse();
  const outcomes: Outcome[] = [];
  const workers = Math.min(availableParallelism(), jobs.length);
  await Promise.all(Array.from({ length: workers }, () => work(left, outcomes)));
  return outcomes;
}

/** One process, until nothing is left. It starts as this one did: from source, with the same conditions. */
function work(left: Job[], outcomes: Outcome[]): Promise<void> {
  return new Promise((resolve, reject) => {
    // Structured clones: NaN and Infinity must survive.
    const child: ChildProcess = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), {
      serialization: 'advanced',
    });
    let job: Job | undefined;
    const next = (): void => {
      job = left.pop();
      if (job === undefined) child.disconnect();
      else child.send(job);
    };
    child.on('message', (answer: Answer) => {
      if (job !== undefined) outcomes.push({ ...answer, job: job.options });
      next();
    });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with code ${code}`))));
    next();
  });
}
