/** Programs that need a process of their own, started from source as this one was. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DrawCost } from './cost.ts';
import type { LineCheck } from './real-line.ts';

/** Nothing is collected in between, and nothing is compiled beside. */
const QUIET = ['--single-threaded', '--min-semi-space-size=64', '--max-semi-space-size=64'];

async function run<Result>(file: string, flags: readonly string[], args: readonly string[]): Promise<Result> {
  const program = fileURLToPath(new URL(file, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...process.execArgv, program, ...args]);
  return JSON.parse(stdout) as Result;
}

/** What drawing costs: the least of a few runs, for others use the machine, too. */
export async function measureCost(runs: number): Promise<DrawCost> {
  const all: DrawCost[] = [];
  for (let i = 0; i < runs; i++) all.push(await run<DrawCost>('./cost.ts', QUIET, []));
  const least = (name: keyof DrawCost): number => Math.min(...all.map((cost) => cost[name]));
  return {
    lerpNs: least('lerpNs'),
    hermiteNs: least('hermiteNs'),
    bytesPerFrame: least('bytesPerFrame'),
    bytesAdded: least('bytesAdded'),
  };
}

/** How far the real quantiles are from the simulated ones, at most, %. */
export function lineDeviation({ realMs, simulatedMs }: LineCheck): number {
  return Math.max(...realMs.map((real, i) => (100 * Math.abs(real - simulatedMs[i]!)) / simulatedMs[i]!));
}

/** Real sockets beside the simulated line, for so many seconds: the best of a few runs, for a busy machine delays, too. */
export async function checkLine(seconds: number, runs: number): Promise<LineCheck> {
  const all: LineCheck[] = [];
  for (let i = 0; i < runs; i++) all.push(await run<LineCheck>('./real-line.ts', [], [String(seconds)]));
  return all.reduce((a, b) => (lineDeviation(b) < lineDeviation(a) ? b : a));
}
