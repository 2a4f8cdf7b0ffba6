/** Comparisons of several seeds as one: means of what each way of drawing did, by profile and rate. */
import type { Comparison, Contender } from './compare.ts';
import { meanQuality, type Quality } from './metrics.ts';
import type { ProfileName } from './profiles.ts';

/** A way of drawing over all seeds. */
export interface Row {
  readonly name: string;
  readonly origin: Contender['origin'];
  readonly isRival: boolean;
  readonly quality: Quality;
  readonly equal: Quality | undefined;
}

/** All of one profile and rate. */
export interface Group extends Omit<Comparison, 'seed' | 'contenders'> {
  readonly rows: readonly Row[];
  /** Filmed time of all seeds, minutes. */
  readonly minutes: number;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Groups comparisons, in the order of their profiles and rates. */
export function summarize(comparisons: readonly Comparison[], profiles: readonly ProfileName[]): Group[] {
  const groups = new Map<string, Comparison[]>();
  for (const comparison of comparisons) {
    const key = `${comparison.profile} ${comparison.sendRate}`;
    groups.set(key, [...(groups.get(key) ?? []), comparison]);
  }
  return [...groups.values()]
    .map(summarizeOne)
    .sort((a, b) => profiles.indexOf(a.profile) - profiles.indexOf(b.profile) || a.sendRate - b.sendRate);
}

function summarizeOne(seeds: readonly Comparison[]): Group {
  const { profile, sendRate, contenders } = seeds[0]!;
  const rows = contenders.map(({ name, origin, isRival }, i): Row => {
    const equals = seeds.map((seed) => seed.contenders[i]!.equal).filter((equal) => equal !== undefined);
    const quality = meanQuality(seeds.map((seed) => seed.contenders[i]!.quality));
    return { name, origin, isRival, quality, equal: equals.length > 0 ? meanQuality(equals) : undefined };
  });
  return {
    profile,
    sendRate,
    rows,
    demandedMs: meanOf(seeds.map((seed) => seed.demandedMs)),
    optimum5Ms: meanOf(seeds.map((seed) => seed.optimum5Ms)),
    optimum1Ms: meanOf(seeds.map((seed) => seed.optimum1Ms)),
    clockMeanMs: meanOf(seeds.map((seed) => seed.clockMeanMs)),
    clockMaxMs: Math.max(...seeds.map((seed) => seed.clockMaxMs)),
    oddFrames: seeds.reduce((sum, seed) => sum + seed.oddFrames, 0),
    snapshotBytes: meanOf(seeds.map((seed) => seed.snapshotBytes)),
    snapshotsSkipped: seeds.reduce((sum, seed) => sum + seed.snapshotsSkipped, 0),
    underruns: seeds.reduce((sum, seed) => sum + seed.underruns, 0),
    minutes: (rows[0]!.quality.frames * seeds.length) / 3_600,
  };
}
