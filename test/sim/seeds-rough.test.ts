// Eight players, a minute, every fault at once, on lines that lose and stall by themselves. See engine/TESTING.md.
import { test } from 'vitest';
import { expectSeeds } from './seeds/expect-seeds.ts';
import { roughProfiles } from './seeds/profiles.ts';

test.each(roughProfiles)('%s: every seed is well and gives its own trace', expectSeeds, 180_000);
