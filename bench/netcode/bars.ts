/**
 * The bars: better than every peer made for pages, on every line and at every rate.
 *
 *     delay       by default no more than a snapshot interval and what 95 % of the snapshots take, and than any peer's
 *     equality    with a fixed delay, the peer's own: no larger an error, half of its snaps and stalls at most
 *     motion      drawn speed within 8 %, never back in time, nothing that is nowhere near the truth
 */
import { atLeast, atMost, type Bar } from '../suite.ts';
import type { DrawCost } from './cost.ts';
import type { OwnPlay } from './own.ts';
import { lineDeviation } from './programs.ts';
import type { LineCheck } from './real-line.ts';
import type { Stall } from './stall.ts';
import type { Join } from './starts.ts';
import type { Group, Row } from './summary.ts';

/** How far the default may be above what is demanded, ms, where the rule names a limit. */
const ABOVE_DEMAND_MS: { readonly [profile: string]: number } = { lan: 6, rtt50: 6, rtt100: 12, rtt200: 12 };
const ABOVE_PEERS_MS = 3;
const SPEED_PERCENT = 8;
/** Timers this late, ms, would be taken for the line's lateness: of 30 ms they are more than the tenth that is allowed. */
const BUSY_MS = 1.5;
/** Noise of the estimates of two delays and errors: no worse than this is equal. */
const SAME_ERROR_PX = 0.02;

const shipped = (group: Group): Row => group.rows[0]!;
const rivalsOf = (group: Group): Row[] => group.rows.filter((row) => row.isRival && row.equal !== undefined);

function largest<T>(items: readonly T[], measure: (item: T) => number): { item: T; value: number } | undefined {
  const all = items.map((item) => ({ item, value: measure(item) })).filter(({ value }) => !Number.isNaN(value));
  return all.length === 0 ? undefined : all.reduce((a, b) => (b.value > a.value ? b : a));
}

/** A bar for the worst of a profile's rates (and peers); which one that is stands in its name. */
function worst(
  title: string,
  groups: readonly Group[],
  unit: string,
  limit: number,
  measure: (group: Group) => { readonly value: number; readonly peer?: string } | undefined,
): Bar[] {
  const figures = groups.flatMap((group) => {
    const figure = measure(group);
    return figure === undefined ? [] : [{ ...figure, group }];
  });
  const found = largest(figures, ({ value }) => value);
  if (found === undefined) return [];
  const { group, peer } = found.item;
  const where = `${group.sendRate} Hz${peer === undefined ? '' : `, ${peer}`}`;
  return [atMost(`${group.profile}: ${title} (${where})`, found.value, unit, limit)];
}

function worstPeer(group: Group, excess: (row: Row) => number): { value: number; peer: string } | undefined {
  const found = largest(rivalsOf(group), excess);
  return found && { value: found.value, peer: found.item.name };
}

/** Events per minute of ours beyond half of theirs; one event in all that was filmed says nothing. */
function beyondHalf(group: Group, ours: number, theirs: number): number {
  const one = 1 / group.minutes;
  return ours <= one + 1e-9 ? 0 : ours - theirs / 2;
}

function leastDelay(group: Group): number {
  // Those that hide their delay are compared at it, not by it.
  const delays = rivalsOf(group)
    .filter((row) => !Number.isNaN(row.quality.shapePx) || row.name.startsWith('nengi'))
    .map((row) => row.quality.delayMs);
  return Math.min(...delays);
}

/** The bars of the acceptance rule for one profile: each is the worst over rates and peers. */
export function acceptanceBars(groups: readonly Group[]): Bar[] {
  const [{ profile }] = groups as readonly [Group];
  const above = ABOVE_DEMAND_MS[profile];
  const fast = groups.filter((group) => group.sendRate >= 20 && profile !== 'bw256');
  return [
    ...(above === undefined
      ? []
      : worst('delay above T + q95 of the way', groups, 'ms', above, (group) => ({
          value: shipped(group).quality.delayMs - group.demandedMs,
        }))),
    ...worst('delay above the least of the peers', fast, 'ms', ABOVE_PEERS_MS, (group) => ({
      value: shipped(group).quality.delayMs - leastDelay(group),
    })),
    ...worst("error at a peer's delay, above its own", groups, 'px', SAME_ERROR_PX, (group) =>
      worstPeer(group, ({ equal, quality }) => equal!.errorPx - quality.errorPx),
    ),
    ...worst("snaps at a peer's delay, above half of its own", groups, '/min', 0, (group) =>
      worstPeer(group, ({ equal, quality }) => beyondHalf(group, equal!.snaps, quality.snaps)),
    ),
    ...worst("stalls at a peer's delay, above half of its own", groups, '/min', 0, (group) =>
      worstPeer(group, ({ equal, quality }) => beyondHalf(group, equal!.stalls, quality.stalls)),
    ),
    ...worst('drawn speed off', groups, '%', SPEED_PERCENT, (group) => ({
      value: shipped(group).quality.speedPercent,
    })),
    ...worst('frames back in time or nowhere near', groups, 'frames', 0, (group) => ({
      value: group.rows
        .filter((row) => row.origin === 'tickwire')
        .reduce((sum, row) => sum + row.quality.violations, 0),
    })),
    ...worst('frames with a jump that slid or a turn the long way round', groups, 'frames', 0, (group) => ({
      value: group.oddFrames,
    })),
  ];
}

/** What one's own ship is due. */
const CLOCK: { readonly [profile: string]: { mean: number; max: number } } = { bw256: { mean: 2, max: 4 } };
const WAIT_MS: { readonly [profile: string]: number } = { rtt50: 25, rtt100: 25, hol3: 100 };

/** The bars of one profile's own play. */
export function ownBars(play: OwnPlay): Bar[] {
  const { profile } = play;
  const clock = CLOCK[profile] ?? { mean: 0.5, max: 2 };
  const wait = WAIT_MS[profile];
  return [
    atMost(`${profile}: corrections in undisturbed play`, play.corrections + play.mispredictions, 'rows', 0),
    atMost(`${profile}: clock error, mean`, play.clockMeanMs, 'ms', clock.mean),
    atMost(`${profile}: clock error, largest`, play.clockMaxMs, 'ms', clock.max),
    atMost(`${profile}: frames from a press to its picture`, play.framesToShow, 'frames', 0),
    ...(wait === undefined ? [] : [atMost(`${profile}: inputs wait, mean`, play.waitMs, 'ms', wait)]),
    atMost(`${profile}: ticks without an input`, play.starvedPercent, '%', 2.5),
    atMost(`${profile}: ticks of three inputs`, play.bursts, '/min', 2),
  ];
}

const JOIN: { readonly [profile: string]: { picture: number; clock: number } } = {
  rtt50: { picture: 100, clock: 150 },
  rtt200: { picture: 250, clock: 800 },
};

/** The bars of joins over one profile. */
export function joinBars(profile: string, joins: readonly Join[]): Bar[] {
  const limit = JOIN[profile];
  if (limit === undefined || joins.length === 0) return [];
  const mean = (name: keyof Join): number => joins.reduce((sum, join) => sum + join[name], 0) / joins.length;
  return [
    atMost(`${profile}: from the first snapshot to others within 10 px`, mean('pictureMs'), 'ms', limit.picture),
    atMost(`${profile}: from the welcome to a clock right within 5 ms`, mean('clockMs'), 'ms', limit.clock),
  ];
}

/** Lines without hold-ups of their own, whose inputs would wait anyway. */
const QUIET_LINES = ['lan', 'rtt50', 'rtt100', 'bw256'];

/** A stall of 300 ms: after a second, inputs wait as long as before it, to half a tick. */
export function stallBars({ profile, queues }: Stall): Bar[] {
  if (!QUIET_LINES.includes(profile)) return [];
  const { beforeMs, afterMs } = queues[0]!;
  return [atMost(`${profile}: input delay that a stall of 300 ms left, after a second`, afterMs - beforeMs, 'ms', 8)];
}

/** What drawing costs. */
export function costBars({ lerpNs, hermiteNs, bytesAdded }: DrawCost): Bar[] {
  return [
    atMost('drawing one value along a line', lerpNs, 'ns', 5),
    atMost('drawing one value along a curve', hermiteNs, 'ns', 5),
    atMost('left to the collector by drawing 1,000 entities', Math.round(bytesAdded), 'B', 0),
  ];
}

/** The simulated line against real sockets; none where the machine was too busy to say. */
export function lineBars(line: LineCheck): Bar[] {
  if (line.busyMs > BUSY_MS) return [];
  return [
    atMost('lateness over real sockets off the simulated, worst quantile', lineDeviation(line), '%', 10),
    atLeast('snapshots over real sockets', line.snapshots, 'snapshots', 100),
  ];
}
