/**
 * Seeded runs of eight players with every fault at once, checked by the checkers of `tickwire/testing`: how many, how fast,
 * what happened in them, and which failed. See engine/TESTING.md.
 */
import { availableParallelism } from 'node:os';
import {
  moreProfiles,
  roughProfiles,
  type SeedProfileName,
  seedProfiles,
  steadyProfiles,
} from '../../test/sim/seeds/profiles.ts';
import { CLIENTS, type SeedOptions } from '../../test/sim/seeds/run-seed.ts';
import { runSeeds, type SeedReport } from '../seeds/run-seeds.ts';
import { atLeast, atMost, type Suite, type SuiteOptions, type SuiteResult, type Table } from '../suite.ts';

const PROFILES: readonly SeedProfileName[] = [...steadyProfiles, ...roughProfiles, ...moreProfiles];
const SEEDS = { default: 7, quick: 2 };
/** A run simulates about so long. */
const RUNS_PER_HOUR = 60;
const RUNS_TO_JUDGE_BY = 40;
/** Those below are the test suite's. */
const FIRST_SEED = 101;

function isProfile(name: string): name is SeedProfileName {
  return name in seedProfiles;
}

/** A seed alone, so many hours of seeds, or the default number. */
function chooseSeeds({ quick, hours, seed, profile }: SuiteOptions): SeedOptions[] {
  if (profile !== undefined && !isProfile(profile)) {
    throw new Error(`no profile named ${profile}; there are: ${Object.keys(seedProfiles).join(', ')}`);
  }
  const profiles = profile === undefined ? PROFILES : [profile];
  const wanted = (hours ?? 0) * RUNS_PER_HOUR;
  let count = quick ? SEEDS.quick : SEEDS.default;
  if (hours !== undefined) count = Math.max(1, Math.ceil(wanted / profiles.length));
  else if (seed !== undefined) count = 1;
  const first = seed ?? FIRST_SEED;
  return Array.from({ length: count }, (_, i) => first + i).flatMap((each) =>
    profiles.map((name) => ({ profile: name, seed: each })),
  );
}

/** Sums by name, one column for each profile. */
function sumTable(title: string, reports: readonly SeedReport[], countsOf: (report: SeedReport) => object): Table {
  const profiles = [...new Set(reports.map(({ result }) => result.profile))].sort();
  const names = Object.keys(reports.length === 0 ? {} : countsOf(reports[0]!));
  const sum = (profile: string, name: string): number =>
    reports
      .filter(({ result }) => result.profile === profile)
      .reduce((total, report) => total + ((countsOf(report) as Record<string, number>)[name] ?? 0), 0);
  return {
    title,
    columns: ['', ...profiles],
    rows: names.map((name) => [name, ...profiles.map((profile) => sum(profile, name))]),
  };
}

const round = (value: number): number => Number(value.toPrecision(4));

export const suite: Suite = {
  name: 'seeds',
  title: `${CLIENTS} players, a minute, every fault at once; then all must converge`,
  async run(options): Promise<SuiteResult> {
    const seeds = chooseSeeds(options);
    const reports: SeedReport[] = [];
    const startMs = performance.now();
    await runSeeds(seeds, (report) => {
      reports.push(report);
      if (report.description !== undefined) console.log(`\n${report.description}`);
    });
    const seconds = (performance.now() - startMs) / 1000;
    const failed = reports.filter(({ description }) => description !== undefined);
    const whole = reports.filter(({ description }) => description === undefined);
    const simulated = reports.reduce((sum, { result }) => sum + result.simulatedMs / 1000, 0);
    const cpuSeconds = reports.reduce((sum, { cpuMs }) => sum + cpuMs / 1000, 0);
    const ticks = reports.reduce((sum, { result }) => sum + result.checked.ticks, 0);
    const neverFired = Object.entries(whole[0]?.result.fired ?? {})
      .map(([name]) => name)
      .filter((name) => whole.every(({ result }) => result.fired[name] === 0));
    return {
      tables: [
        {
          title: 'Simulated play',
          columns: [
            'runs',
            'hours',
            'ticks checked',
            'wall s',
            'cores',
            'simulated s / s',
            'and of CPU',
            'slowest to settle ms',
          ],
          rows: [
            [
              reports.length,
              round(simulated / 3600),
              ticks,
              round(seconds),
              availableParallelism(),
              round(simulated / seconds),
              round(simulated / cpuSeconds),
              Math.max(0, ...reports.map(({ result }) => Math.round(result.settleMs))),
            ],
          ],
        },
        sumTable('Faults that struck', whole, ({ result }) => result.fired),
        sumTable('What came of them, on the server', whole, ({ result }) => result.seen),
        sumTable('What the checkers looked at', whole, ({ result }) => result.checked),
      ],
      charts: [],
      bars: [
        atMost('seeds that failed', failed.length, 'seeds', 0),
        // A few runs are too short for every fault to strike, and for a speed: most of their time is starting.
        ...(seeds.length < RUNS_TO_JUDGE_BY
          ? []
          : [
              atMost('faults that never struck', neverFired.length, 'faults', 0),
              atLeast(`simulated seconds per second, ${CLIENTS} clients`, simulated / seconds, 's/s', 100),
            ]),
      ],
      notes: [
        ...failed.map(({ description }) => description!),
        ...neverFired.map((name) => `never struck: ${name}`),
        'Checkers run in all of it. The time includes the start of the processes; CPU time does not count what others use.',
      ],
    };
  },
};
