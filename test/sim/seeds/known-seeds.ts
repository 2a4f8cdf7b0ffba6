// Seeds that failed once, with what they found. They stay: what broke once breaks again.
import type { SeedOptions } from './run-seed.ts';

export const knownSeeds: readonly (SeedOptions & { readonly found: string })[] = [
  {
    profile: 'rtt200',
    seed: 2,
    found: 'after a silence of 128 ticks an ack of before it was taken for one of a tick that was never sent',
  },
];
