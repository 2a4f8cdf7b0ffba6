import { expect, test } from 'vitest';
import { Random } from '../../../engine/core/random.ts';
import { LINK_PROFILES, Link, type LinkProfile, type LinkSetting } from '../../../engine/transport/link.ts';
import { VirtualClock } from '../../../engine/transport/virtual-clock.ts';

interface Arrival {
  index: number;
  sentMs: number;
  atMs: number;
}

/** Sends `count` messages, one each `everyMs`, and notes when each arrives. */
function run(setting: LinkSetting, seed: number, count: number, everyMs: number, bytes = 300): Arrival[] {
  const clock = new VirtualClock();
  const link = new Link(clock, setting, seed);
  const arrivals: Arrival[] = [];
  for (let index = 0; index < count; index++) {
    const sentMs = clock.now();
    link.send(bytes, () => arrivals.push({ index, sentMs, atMs: clock.now() }));
    clock.advanceSync(everyMs);
  }
  clock.advanceSync(60_000);
  expect(link.inFlight).toBe(0);
  return arrivals;
}

const delaysOf = (arrivals: Arrival[]) => arrivals.map(({ atMs, sentMs }) => atMs - sentMs).sort((a, b) => a - b);
const quantile = (sorted: number[], q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;

test.each(Object.keys(LINK_PROFILES) as (keyof typeof LINK_PROFILES)[])(
  '%s: all arrive, in order, as the seed says',
  (name) => {
    const first = run(name, 7, 2_000, 1000 / 30);
    expect(first.map(({ index }) => index)).toEqual(first.map((_, i) => i));
    for (let i = 1; i < first.length; i++) expect(first[i]!.atMs).toBeGreaterThanOrEqual(first[i - 1]!.atMs);
    expect(run(name, 7, 2_000, 1000 / 30)).toEqual(first);
    expect(run(name, 8, 2_000, 1000 / 30)).not.toEqual(first);
  },
);

test('profiles without loss keep to delay and jitter', () => {
  for (const name of ['lan', 'rtt50', 'rtt100', 'rtt200'] as const) {
    const { delayMs, jitterMs } = LINK_PROFILES[name];
    const delays = delaysOf(run(name, 3, 20_000, 100));
    expect(delays[0]).toBeGreaterThanOrEqual(delayMs - jitterMs - 0.001);
    expect(delays.at(-1)).toBeLessThanOrEqual(delayMs + jitterMs + 0.001);
    for (const q of [0.05, 0.5, 0.95]) {
      expect(Math.abs(quantile(delays, q) - (delayMs - jitterMs + 2 * jitterMs * q))).toBeLessThan(
        0.05 * jitterMs + 0.01,
      );
    }
  }
});

/** The formulas of the design, for a whole list of sends at once. */
function reference(profile: LinkProfile, sends: number[], losses: number[]): number[] {
  const rtt = 2 * profile.delayMs;
  const rto = rtt + Math.max(200, 4 * (profile.jitterMs ?? 0));
  let delivered = 0;
  return sends.map((sent, i) => {
    let tx = sent;
    for (let k = 0; k < losses[i]!; k++) {
      const later = sends.find((other) => other > tx) ?? Number.POSITIVE_INFINITY;
      tx = Math.min(Math.max(later + rtt, tx + 1.25 * rtt), tx + rto * 2 ** k);
    }
    delivered = Math.max(delivered, tx + profile.delayMs);
    return delivered;
  });
}

test('loss delays a message and all behind it exactly as the model says', () => {
  const profile: LinkProfile = { delayMs: 40, lossRatio: 0.2 };
  for (let seed = 1; seed <= 40; seed++) {
    const random = new Random(seed);
    const sends: number[] = [];
    for (let at = 0; sends.length < 300; at += random.next() < 0.1 ? random.int(200, 3_000) : random.int(1, 60))
      sends.push(at);
    // The same draws as the link makes: one per transmission until one gets through.
    const draws = new Random();
    draws.seed(seed, 0x11ae, 0);
    const losses = sends.map(() => {
      let lost = 0;
      while (lost < 6 && draws.next() < 0.2) lost++;
      return lost;
    });
    const clock = new VirtualClock();
    const link = new Link(clock, profile, seed);
    const arrivals: number[] = [];
    sends.forEach((at) => {
      clock.advanceSync(at - clock.now());
      link.send(100, () => arrivals.push(clock.now()));
    });
    clock.advanceSync(200_000);
    for (const [i, atMs] of reference(profile, sends, losses).entries()) expect(arrivals[i]).toBeCloseTo(atMs, 6);
  }
});

test('hol3 at 20 Hz: one loss costs a round trip and a half and bunches the followers', () => {
  const arrivals = run('hol3', 5, 20_000, 50);
  const delays = delaysOf(arrivals);
  expect(quantile(delays, 0.5)).toBeLessThan(42);
  const late = delays.filter((delay) => delay > 60).length / delays.length;
  expect(late).toBeGreaterThan(0.05);
  expect(late).toBeLessThan(0.12);
  const worst = delays.at(-1)!;
  expect(worst).toBeGreaterThan(200);
  const bunched = arrivals.filter((arrival, i) => i > 0 && arrival.atMs === arrivals[i - 1]!.atMs).length;
  expect(bunched).toBeGreaterThan(500);
});

test('a limited bandwidth spaces messages out and shows what waits', () => {
  const clock = new VirtualClock();
  const link = new Link(clock, { delayMs: 0, bandwidthKbps: 256 }, 1);
  const arrivals: number[] = [];
  for (let i = 0; i < 4; i++) link.send(1_024, () => arrivals.push(clock.now()));
  expect(link.unsentBytes).toBe(4_096);
  clock.advanceSync(70);
  expect(link.unsentBytes).toBe(2_048);
  clock.advanceSync(1_000);
  expect(arrivals).toEqual([32, 64, 96, 128]);
  expect(link.unsentBytes).toBe(0);
});

test('stalls of the profile hold all arrivals back until they end', () => {
  const delays = delaysOf(run('lte', 11, 40_000, 20));
  expect(quantile(delays, 0.5)).toBeGreaterThan(28);
  expect(quantile(delays, 0.5)).toBeLessThan(36);
  expect(delays.at(-1)).toBeGreaterThan(150);
  const stalled = delays.filter((delay) => delay > 110).length / delays.length;
  expect(stalled).toBeGreaterThan(0.001);
  expect(stalled).toBeLessThan(0.05);
});

test('pause cuts the wire, resume delivers in order, stall does so after its time, clear forgets', () => {
  const clock = new VirtualClock();
  const link = new Link(clock, { delayMs: 10 }, 1);
  const seen: string[] = [];
  const send = (name: string): void => link.send(10, () => seen.push(`${name} ${clock.now()}`));
  send('a');
  link.pause();
  clock.advanceSync(100);
  send('b');
  expect(link.unsentBytes).toBe(20);
  link.resume();
  clock.advanceSync(5);
  expect(seen).toEqual(['a 100']);
  clock.advanceSync(5);
  expect(seen).toEqual(['a 100', 'b 110']);
  send('c');
  link.stall(300);
  send('d');
  clock.advanceSync(299);
  expect(seen).toHaveLength(2);
  clock.advanceSync(1);
  expect(seen.slice(2)).toEqual(['c 410', 'd 410']);
  send('e');
  link.clear();
  clock.advanceSync(1_000);
  expect(seen).toHaveLength(4);
  expect(clock.pending).toBe(0);
});
