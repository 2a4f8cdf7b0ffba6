/** What a bench suite gives back: tables to read, charts to look at, bars to hold. */

/** One figure that is promised somewhere. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The limit, with its direction, as printed: `<= 200`. */
  readonly bar: string;
  readonly holds: boolean;
}

/** Rows under named columns. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Lines over a common x axis. */
export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x: readonly number[];
  readonly series: readonly { readonly name: string; readonly y: readonly (number | null)[] }[];
}

export interface SuiteResult {
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  readonly bars: readonly Bar[];
  /** How it was measured, and on what. */
  readonly notes: readonly string[];
}

/** What was asked for on the command line. */
export interface SuiteOptions {
  /** A run of under a minute. */
  readonly quick: boolean;
  /** Of suites of seeds: how many simulated hours, from which seed on (alone without `hours`), and of which profile only. */
  readonly hours?: number | undefined;
  readonly seed?: number | undefined;
  readonly profile?: string | undefined;
}

export interface Suite {
  readonly name: string;
  readonly title: string;
  run(options: SuiteOptions): Promise<SuiteResult>;
}

/** A bar that a figure must not exceed. */
export function atMost(name: string, value: number, unit: string, limit: number): Bar {
  return { name, value, unit, bar: `<= ${limit}`, holds: value <= limit };
}

/** A bar that a figure must reach. */
export function atLeast(name: string, value: number, unit: string, limit: number): Bar {
  return { name, value, unit, bar: `>= ${limit}`, holds: value >= limit };
}

/** The value below which a share `q` of the samples lies. Sorts a copy. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}
