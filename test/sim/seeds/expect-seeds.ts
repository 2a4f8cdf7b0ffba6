// What every run of seeds has to show: no problem, everything happened, and the same again for the same seed.
import { expect } from 'vitest';
import type { SeedProfileName } from './profiles.ts';
import { runSeed, type SeedOptions, type SeedResult } from './run-seed.ts';
import { describeFailure } from './shrink-seed.ts';

const SEEDS = [1, 2, 3, 4, 5];

/** Runs the seeds of one profile, the first one twice. */
export async function expectSeeds(profile: SeedProfileName): Promise<void> {
  const results: SeedResult[] = [];
  for (const seed of SEEDS) results.push(await expectSeed({ profile, seed }));
  expect(await runSeed({ profile, seed: SEEDS[0]! })).toEqual(results[0]);
  expect(new Set(results.map(({ hash }) => hash)).size).toBe(SEEDS.length);
  expectAllHappened(results);
}

/** Runs one seed of each profile, each another one; together they have to show as much. */
export async function expectOneOfEach(profiles: readonly SeedProfileName[]): Promise<void> {
  const results: SeedResult[] = [];
  for (const [i, profile] of profiles.entries()) results.push(await expectSeed({ profile, seed: i + 1 }));
  expectAllHappened(results);
}

async function expectSeed(options: SeedOptions): Promise<SeedResult> {
  const result = await runSeed(options);
  if (result.failure !== undefined) expect.fail(await describeFailure(result));
  return result;
}

/** A fault that never struck was not tested, nor was a rule of which nothing came. */
function expectAllHappened(results: readonly SeedResult[]): void {
  const never = (counts: readonly object[]): string[] => {
    const names = Object.keys(counts[0]!);
    return names.filter((name) => counts.every((each) => (each as Record<string, number>)[name] === 0));
  };
  expect(never(results.map(({ fired }) => fired))).toEqual([]);
  expect(never(results.map(({ seen }) => seen))).toEqual([]);
  expect(never(results.map(({ checked }) => checked))).toEqual(['mispredictions']);
  for (const { checked } of results) {
    // Some are still on their way when it ends, or were skipped until a reset came.
    expect(checked.snapshotsCompared).toBeGreaterThan(0.95 * checked.snapshotsSent);
  }
}
