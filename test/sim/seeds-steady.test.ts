// Eight players, a minute, every fault at once, on lines that keep their pace. See engine/TESTING.md.
import { expect, test } from 'vitest';
import { expectSeeds } from './seeds/expect-seeds.ts';
import { knownSeeds } from './seeds/known-seeds.ts';
import { steadyProfiles } from './seeds/profiles.ts';
import { runSeed } from './seeds/run-seed.ts';

test.each(steadyProfiles)('%s: every seed is well and gives its own trace', expectSeeds, 180_000);

test.each(knownSeeds)('$profile, seed $seed: no more that $found', async (known) => {
  expect((await runSeed(known)).failure).toBeUndefined();
});
