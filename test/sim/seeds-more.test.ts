// One seed of each of the other lines: far, lossy, narrow, and all of that. See engine/TESTING.md.
import { test } from 'vitest';
import { expectOneOfEach } from './seeds/expect-seeds.ts';
import { moreProfiles } from './seeds/profiles.ts';

test('a seed of each is well', () => expectOneOfEach(moreProfiles), 180_000);
