/**
 * Quality of the picture and of the player's own ship: the shipped server and client on simulated lines in virtual time,
 * beside peers' packages and ports of others' formulas on the same lines, with the same seeds and the same truth.
 */
import { LINK_PROFILES } from 'tickwire/testing';
import { acceptanceBars, costBars, joinBars, lineBars, ownBars, stallBars } from '../netcode/bars.ts';
import type { Comparison } from '../netcode/compare.ts';
import { type Job, type Outcome, runJobs } from '../netcode/jobs.ts';
import type { OwnPlay } from '../netcode/own.ts';
import { PROFILES, type ProfileName, RATES } from '../netcode/profiles.ts';
import { checkLine, measureCost } from '../netcode/programs.ts';
import type { Stall } from '../netcode/stall.ts';
import type { Join, Sleep } from '../netcode/starts.ts';
import { type Group, summarize } from '../netcode/summary.ts';
import {
  delayChart,
  equalTable,
  errorChart,
  lastTables,
  lineTable,
  ownTable,
  profileTable,
  stallChart,
  stallTable,
  startTable,
} from '../netcode/tables.ts';
import { installPeers } from '../peers/install.ts';
import type { Chart, Suite, SuiteOptions, SuiteResult } from '../suite.ts';

/** How much is played. */
interface Plan {
  readonly profiles: readonly ProfileName[];
  readonly rates: readonly number[];
  readonly seeds: readonly number[];
  readonly filmMs: number;
  readonly ownMs: number;
  readonly joins: number;
  readonly lineSeconds: number;
  readonly timedRuns: number;
}

const FULL: Plan = {
  profiles: PROFILES,
  rates: RATES,
  seeds: [1, 2, 3],
  filmMs: 120_000,
  ownMs: 600_000,
  joins: 10,
  lineSeconds: 30,
  timedRuns: 3,
};
const QUICK: Plan = {
  profiles: ['rtt50', 'hol3'],
  rates: [20],
  seeds: [1],
  filmMs: 60_000,
  ownMs: 60_000,
  joins: 3,
  lineSeconds: 8,
  timedRuns: 1,
};
/** Where the error over time is worth a look. */
const TRACED: readonly ProfileName[] = ['rtt50', 'hol3'];
const TRACED_RATE = 20;

function planOf({ quick, seed, profile }: SuiteOptions): Plan {
  const plan = quick ? QUICK : FULL;
  const known = PROFILES.find((name) => name === profile);
  if (profile !== undefined && known === undefined) {
    throw new Error(`no profile named ${profile}; there are: ${Object.keys(LINK_PROFILES).join(', ')}`);
  }
  return {
    ...plan,
    profiles: known === undefined ? plan.profiles : [known],
    seeds: seed === undefined ? plan.seeds : [seed],
  };
}

function jobsOf({ profiles, rates, seeds, filmMs, ownMs, joins }: Plan): Job[] {
  const [seed = 1] = seeds;
  const compares = seeds.flatMap((each) =>
    profiles.flatMap((profile) =>
      rates.map((sendRate): Job => {
        const keepsTrace = each === seed && sendRate === TRACED_RATE && TRACED.includes(profile);
        return { type: 'compare', options: { profile, sendRate, seed: each, filmMs, keepsTrace } };
      }),
    ),
  );
  const others = profiles.flatMap((profile): Job[] => [
    { type: 'own', options: { profile, seed, durationMs: ownMs } },
    { type: 'joins', options: { profile, seed, times: joins } },
    { type: 'sleeps', options: { profile, seed, times: 2 } },
    { type: 'stall', options: { profile, seed } },
  ]);
  // The long ones first, so that no core ends long before the others.
  return [...others, ...compares];
}

/** Outcomes by what they are, in the order of the profiles. */
class Results {
  readonly comparisons: Comparison[] = [];
  readonly plays: OwnPlay[] = [];
  readonly stalls: Stall[] = [];
  readonly joins = new Map<string, readonly Join[]>();
  readonly sleeps = new Map<string, readonly Sleep[]>();

  constructor(jobs: readonly Job[], outcomes: readonly Outcome[]) {
    for (const job of jobs) {
      const outcome = outcomes.find((each) => each.job === job.options)!;
      if (outcome.type === 'compare') this.comparisons.push(outcome.result);
      else if (outcome.type === 'own') this.plays.push(outcome.result);
      else if (outcome.type === 'stall') this.stalls.push(outcome.result);
      else if (outcome.type === 'joins') this.joins.set(job.options.profile, outcome.result);
      else this.sleeps.set(job.options.profile, outcome.result);
    }
  }
}

function byProfile(groups: readonly Group[], profiles: readonly ProfileName[]): Group[][] {
  return profiles.map((profile) => groups.filter((group) => group.profile === profile));
}

function chartsOf(groups: readonly Group[], results: Results): Chart[] {
  return [
    ...groups.filter((group) => group.sendRate === TRACED_RATE).map(delayChart),
    ...results.comparisons.map(errorChart).filter((chart) => chart !== undefined),
    ...results.stalls.filter(({ profile }) => profile === 'rtt50' || profile === 'hol3').map(stallChart),
  ];
}

export const suite: Suite = {
  name: 'netcode',
  title: 'quality of what is drawn: delay, smoothness, clock, inputs, beside the peers',
  async run(options): Promise<SuiteResult> {
    const plan = planOf(options);
    // Before there are several processes that would all do it.
    await installPeers();
    const jobs = jobsOf(plan);
    const results = new Results(jobs, await runJobs(jobs));
    const cost = await measureCost(plan.timedRuns);
    const line = await checkLine(plan.lineSeconds, plan.timedRuns);
    const groups = summarize(results.comparisons, plan.profiles);
    const profiles = byProfile(groups, plan.profiles);
    return {
      tables: [
        ...profiles.flatMap((group) => [profileTable(group), equalTable(group)]),
        lineTable(groups),
        ownTable(results.plays),
        startTable(results.joins, results.sleeps),
        stallTable(results.stalls),
        ...lastTables(cost, line),
      ],
      charts: chartsOf(groups, results),
      bars: [
        ...profiles.flatMap(acceptanceBars),
        ...results.plays.flatMap(ownBars),
        ...[...results.joins].flatMap(([profile, joins]) => joinBars(profile, joins)),
        ...results.stalls.flatMap(stallBars),
        ...costBars(cost),
        ...lineBars(line),
      ],
      notes: [
        `${plan.filmMs / 1_000} s after 8 s of warm-up, ${plan.seeds.length} seed${plan.seeds.length === 1 ? '' : 's'}, 60 frames a second, server at 60 ticks a second. All but the last two tables are in virtual time and exact.`,
        'delay: now minus what the picture says it shows; where it hides that, the constant delay that explains it best. err: off the truth of the best constant delay ago. shape: off the truth of the moment it says it shows. snaps: frames of more than twice the true way. stalls: runs of frames below a fifth of the true speed.',
        '(port) is our reading of the formulas with their default constants, not the code of its authors. geckos and Colyseus are their published packages.',
        'Bars name the worst rate and peer of a line; the rule compares with what is made for pages, and with Mirror. bw256: the same bytes a second at every rate.',
      ],
    };
  },
};
