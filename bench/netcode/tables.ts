/** The figures as tables and charts. */
import type { Chart, Table } from '../suite.ts';
import type { Comparison } from './compare.ts';
import type { DrawCost } from './cost.ts';
import type { OwnPlay } from './own.ts';
import type { LineCheck } from './real-line.ts';
import type { Stall } from './stall.ts';
import type { Join, Sleep } from './starts.ts';
import type { Group, Row } from './summary.ts';

const round = (value: number, digits = 1): number | string =>
  Number.isFinite(value) ? Number(value.toFixed(digits)) : '-';
const nameOf = (row: Row): string => (row.origin === 'port' ? `${row.name} (port)` : row.name);

/** All ways of drawing over one line, at each rate. */
export function profileTable(groups: readonly Group[]): Table {
  return {
    title: `Remote movers over ${groups[0]!.profile}`,
    columns: [
      'Hz',
      'system',
      'delay ms',
      'err px',
      'p95',
      'max',
      'shape p95',
      'jerk',
      'speed %',
      'snaps/min',
      'stalls/min',
    ],
    rows: groups.flatMap((group) =>
      group.rows.map((row) => {
        const { quality } = row;
        return [
          group.sendRate,
          nameOf(row),
          round(quality.delayMs),
          round(quality.errorPx, 2),
          round(quality.errorP95Px),
          round(quality.errorMaxPx),
          round(quality.shapePx, 2),
          round(quality.jerk, 2),
          round(quality.speedPercent),
          round(quality.snaps),
          round(quality.stalls),
        ];
      }),
    ),
  };
}

/** Tickwire with each peer's delay beside that peer. */
export function equalTable(groups: readonly Group[]): Table {
  return {
    title: `At equal delay over ${groups[0]!.profile}: the peer, and Tickwire with a fixed delay`,
    columns: ['Hz', 'peer', 'delay ms', 'ours', 'err px', 'ours', 'snaps/min', 'ours', 'stalls/min', 'ours'],
    rows: groups.flatMap((group) =>
      group.rows.flatMap((row) => {
        const { quality, equal } = row;
        if (equal === undefined) return [];
        return [
          [
            group.sendRate,
            nameOf(row),
            round(quality.bestDelayMs),
            round(equal.bestDelayMs),
            round(quality.errorPx, 2),
            round(equal.errorPx, 2),
            round(quality.snaps),
            round(equal.snaps),
            round(quality.stalls),
            round(equal.stalls),
          ],
        ];
      }),
    ),
  };
}

/** What the lines demand, and what Tickwire's default makes of it. */
export function lineTable(groups: readonly Group[]): Table {
  return {
    title: "The lines, and Tickwire's default on them",
    columns: [
      'line',
      'Hz',
      'T + q95',
      'least 5 %',
      'least 1 %',
      'delay',
      'sd',
      'underruns',
      'clock mean',
      'max',
      'bytes',
      'skipped',
    ],
    rows: groups.map((group) => [
      group.profile,
      group.sendRate,
      round(group.demandedMs),
      round(group.optimum5Ms),
      round(group.optimum1Ms),
      round(group.rows[0]!.quality.delayMs),
      round(group.rows[0]!.quality.delaySdMs),
      group.underruns,
      round(group.clockMeanMs, 2),
      round(group.clockMaxMs, 2),
      round(group.snapshotBytes, 0),
      group.snapshotsSkipped,
    ]),
  };
}

/** One's own ship. */
export function ownTable(plays: readonly OwnPlay[]): Table {
  return {
    title: 'The own ship, 60 ticks a second',
    columns: [
      'line',
      'minutes',
      'corrections',
      'mispredictions',
      'input wait ms',
      'p95',
      'starved %',
      'bursts/min',
      'clock mean',
      'max',
      'frames to show',
      'first frame %',
    ],
    rows: plays.map((play) => [
      play.profile,
      round(play.minutes),
      play.corrections,
      play.mispredictions,
      round(play.waitMs),
      round(play.waitP95Ms),
      round(play.starvedPercent, 2),
      round(play.bursts),
      round(play.clockMeanMs, 2),
      round(play.clockMaxMs, 2),
      play.framesToShow,
      round(play.firstFramePercent),
    ]),
  };
}

/** Joins, and returns of a page that slept or was frozen. */
export function startTable(
  joins: ReadonlyMap<string, readonly Join[]>,
  sleeps: ReadonlyMap<string, readonly Sleep[]>,
): Table {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const most = (values: readonly number[]): number => Math.max(...values);
  return {
    title:
      'Joins, and pages that come back (frames until others are right, and jumps after the first frame: the worst)',
    columns: [
      'line',
      'joins',
      'connect ms',
      'picture ms',
      'worst',
      'clock ms',
      'worst',
      'slept 5 s',
      'jumps',
      'frozen 4 s',
      'jumps',
    ],
    rows: [...joins].map(([profile, all]) => {
      const back = (type: Sleep['type'], name: 'frames' | 'jumps'): number =>
        most((sleeps.get(profile) ?? []).filter((sleep) => sleep.type === type).map((sleep) => sleep[name]));
      return [
        profile,
        all.length,
        round(mean(all.map((join) => join.connectMs)), 0),
        round(mean(all.map((join) => join.pictureMs)), 0),
        round(most(all.map((join) => join.pictureMs)), 0),
        round(mean(all.map((join) => join.clockMs)), 0),
        round(most(all.map((join) => join.clockMs)), 0),
        back('sleep', 'frames'),
        back('sleep', 'jumps'),
        back('freeze', 'frames'),
        back('freeze', 'jumps'),
      ];
    }),
  };
}

/** What a stall leaves behind. */
export function stallTable(stalls: readonly Stall[]): Table {
  return {
    title: 'Inputs that wait after a stall of 300 ms',
    columns: ['line', 'queue', 'before ms', '1 to 2 s after', 'gone after ms', 'most in a tick'],
    rows: stalls.flatMap(({ profile, queues }) =>
      queues.map((queue) => [
        profile,
        queue.name,
        round(queue.beforeMs),
        round(queue.afterMs),
        Number.isFinite(queue.goneMs) ? queue.goneMs : 'not within 6 s',
        queue.mostAtOnce,
      ]),
    ),
  };
}

/** Costs and the check of the line. */
export function lastTables(cost: DrawCost, line: LineCheck): Table[] {
  return [
    {
      title: 'Drawing 1,000 entities',
      columns: ['ns a value, line', 'ns a value, curve', 'bytes a frame without', 'and added'],
      rows: [[round(cost.lerpNs), round(cost.hermiteNs), round(cost.bytesPerFrame, 0), round(cost.bytesAdded, 0)]],
    },
    {
      title: `From tick to arrival, ms, by quantile: ${line.snapshots} snapshots over real sockets and a proxy, and simulated (timers ${round(line.busyMs)} ms late)`,
      columns: ['', ...line.quantiles.map(String)],
      rows: [
        ['real', ...line.realMs.map((ms) => round(ms))],
        ['simulated', ...line.simulatedMs.map((ms) => round(ms))],
      ],
    },
  ];
}

/** Delay against snaps, one dot for each way of drawing. */
export function delayChart(group: Group): Chart {
  const rows = [...group.rows].filter((row) => row.name !== 'latest value');
  rows.sort((a, b) => a.quality.bestDelayMs - b.quality.bestDelayMs);
  return {
    title: `Delay against snaps, ${group.profile} at ${group.sendRate} Hz`,
    xLabel: 'delay, ms',
    yLabel: 'snaps per minute',
    x: rows.map((row) => Number(row.quality.bestDelayMs.toFixed(2))),
    series: rows.map((row, i) => ({
      name: nameOf(row),
      y: rows.map((_, k) => (k === i ? Number(row.quality.snaps.toFixed(2)) : null)),
    })),
  };
}

/** How far off each picture is, over time. */
export function errorChart({ profile, sendRate, contenders }: Comparison): Chart | undefined {
  const shown = contenders.filter(
    ({ trace, name }) => trace.length > 0 && /default|adaptive|geckos|Colyseus|Mirror/.test(name),
  );
  if (shown.length === 0) return undefined;
  return {
    title: `Error of the smooth mover against its own best constant delay, ${profile} at ${sendRate} Hz`,
    xLabel: 'seconds',
    yLabel: 'px',
    x: shown[0]!.trace.map((_, i) => Number((i / 60).toFixed(3))),
    series: shown.map(({ name, trace }) => ({ name, y: trace })),
  };
}

/** Waits of inputs around a stall. */
export function stallChart({ profile, queues }: Stall): Chart {
  return {
    title: `Inputs wait, from a second before the end of a stall of 300 ms, ${profile}`,
    xLabel: 'seconds after the stall',
    yLabel: 'ms',
    x: queues[0]!.byTenth.map((_, i) => Number(((i - 10) / 10).toFixed(1))),
    series: queues.map(({ name, byTenth }) => ({ name, y: byTenth })),
  };
}
