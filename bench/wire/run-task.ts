/** Runs a task in a process of its own. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Figures, Task } from './measure.ts';

/**
 * For the heap: a young generation so large that hardly a collection comes in between, and no compiler beside the ticks that
 * would count as theirs.
 */
const HEAP_FLAGS = ['--single-threaded', '--min-semi-space-size=64', '--max-semi-space-size=64'];

/** It starts as this process did: from source, with the same conditions. Rejects if the client differs from the trace. */
export function runTask(task: Task): Promise<Figures> {
  const flags = task.unit === 'heap' ? HEAP_FLAGS : [];
  const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(worker, {
      execArgv: [...process.execArgv, ...flags],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let complaint = '';
    child.stderr?.on('data', (text: Buffer) => {
      complaint += text.toString();
    });
    child.once('message', (figures: Figures) => resolve(figures));
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`${task.contestant} on ${task.trace} failed:\n${complaint}`));
    });
    child.send(task);
  });
}
