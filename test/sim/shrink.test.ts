// A failing seed is told with the fewest faults, and with the command that runs it again.
import { expect, test } from 'vitest';
import { runSeed, type SeedOptions, type SeedResult } from './seeds/run-seed.ts';
import { faultNames, replayCommand, shrinkSeed } from './seeds/shrink-seed.ts';

test('only the faults are left that it takes', async () => {
  const ran: number[] = [];
  const run = async ({ without = [] }: SeedOptions): Promise<SeedResult> => {
    ran.push(without.length);
    const failure = ['cut', 'churn'].some((name) => without.includes(name)) ? undefined : 'two at once';
    return { failure } as SeedResult;
  };
  expect(await shrinkSeed({ profile: 'lan', seed: 3 }, run)).toEqual({
    needed: ['cut', 'churn'],
    failure: 'two at once',
  });
  expect(ran.length).toBe(faultNames.length + 1);
  expect(replayCommand({ profile: 'lan', seed: 3 })).toBe('npm run bench -- seeds --seed 3 --profile lan');
});

test('a fault that is left out changes nothing about when the others strike', async () => {
  const all = await runSeed({ profile: 'lan', seed: 9 });
  const fewer = await runSeed({ profile: 'lan', seed: 9, without: ['stall', 'hide', 'order'] });
  expect(all.failure ?? fewer.failure).toBeUndefined();
  const { stall, hide, order, ...others } = all.fired;
  // Who it happens to may be elsewhere by then, so some cannot happen that did, and the other way round.
  for (const [name, count] of Object.entries(fewer.fired))
    expect(Math.abs(count - others[name]!)).toBeLessThanOrEqual(3);
});
