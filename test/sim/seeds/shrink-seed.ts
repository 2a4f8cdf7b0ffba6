// A seed that fails: the fewest faults with which it still does, and the words in which all this is told.
import { FAULTS } from 'tickwire/testing';
import { Orders, reefFaults } from './reef-faults.ts';
import { runSeed, type SeedOptions, type SeedResult } from './run-seed.ts';

/** Names of all faults of a run. */
export const faultNames: readonly string[] = Object.keys({
  ...FAULTS,
  ...reefFaults(() => {
    throw new Error('only to be named');
  }, new Orders()),
});

/** The one command that runs a seed again, alone, and shrinks it if it fails. */
export function replayCommand({ profile, seed }: SeedOptions): string {
  return `npm run bench -- seeds --seed ${seed} --profile ${profile}`;
}

/** Leaves out one kind of fault after the other as long as the seed fails without it. Returns those that are needed. */
export async function shrinkSeed(failed: SeedOptions, run: (options: SeedOptions) => Promise<SeedResult> = runSeed) {
  let without = [...(failed.without ?? [])];
  let { failure } = await run(failed);
  for (const name of faultNames) {
    if (failure === undefined || without.includes(name)) continue;
    const smaller = [...without, name];
    const result = await run({ ...failed, without: smaller });
    if (result.failure === undefined) continue;
    without = smaller;
    failure = result.failure;
  }
  return { needed: faultNames.filter((name) => !without.includes(name)), failure };
}

/** What to print of a seed that failed. */
export async function describeFailure(failed: SeedResult): Promise<string> {
  const { needed, failure } = await shrinkSeed({ profile: failed.profile, seed: failed.seed });
  return [
    `seed ${failed.seed}, ${failed.profile}: ${failed.failure}`,
    failure === undefined
      ? '  run again it did not fail: something is not deterministic'
      : `  with fewest faults (${needed.join(', ') || 'none'}): ${failure}`,
    `  replay: ${replayCommand(failed)}`,
  ].join('\n');
}
