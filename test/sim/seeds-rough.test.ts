// Eight players, a minute, every fault at once, on lines that lose and stall by themselves. See engine/TESTING.md.
import { test } from 'vitest';
import { expectSeeds } from './seeds/expect-seeds.ts';

test.each(['hol1', 'lte'] as const)('%s: every seed is well and gives its own trace', expectSeeds);
