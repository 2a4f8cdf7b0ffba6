import { expect, test } from 'vitest';
import { FramePace } from '../../../engine/client/frame-pace.ts';
import { Playout, type PlayoutMode } from '../../../engine/client/playout.ts';
import { Random } from '../../../engine/core/random.ts';

interface Run {
  readonly mode?: PlayoutMode;
  readonly hz?: number;
  readonly seconds?: number;
  /** One way of snapshot `i`, ms. */
  readonly delayOf: (i: number, random: Random) => number;
  readonly seed?: number;
}

/** Snapshots over an ordered link against 60 frames a second; after 8 s looks at each frame. */
function run({ mode = 'adaptive', hz = 20, seconds = 60, delayOf, seed = 1 }: Run) {
  const random = new Random(seed);
  const interval = 1000 / hz;
  const playout = new Playout(mode, interval);
  const arrivals: { at: number; tickMs: number }[] = [];
  let last = 0;
  for (let i = 0; i < seconds * hz; i++) {
    last = Math.max(last, i * interval + delayOf(i, random));
    arrivals.push({ at: last, tickMs: i * interval });
  }
  const lags: number[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  let beyond = 0;
  let before = Number.NEGATIVE_INFINITY;
  let isMonotonic = true;
  let next = 0;
  let fastest = 1;
  let slowest = 1;
  for (let now = 0; now < seconds * 1000 - 200; now += 1000 / 60) {
    for (; (arrivals[next]?.at ?? Number.POSITIVE_INFINITY) <= now; next++) {
      const arrival = arrivals[next] as { at: number; tickMs: number };
      playout.addArrival(arrival.at, arrival.tickMs, true);
      newest = arrival.tickMs;
    }
    playout.advance(now, 1000 / 60, false);
    if (now < 8_000) continue;
    if (playout.timeMs < before) isMonotonic = false;
    before = playout.timeMs;
    lags.push(now - playout.timeMs);
    if (playout.timeMs > newest) beyond++;
    fastest = Math.max(fastest, playout.rate);
    slowest = Math.min(slowest, playout.rate);
  }
  const delays = arrivals.map((arrival) => arrival.at - arrival.tickMs).sort((a, b) => a - b);
  const quantile = (share: number) => delays[Math.floor(share * (delays.length - 1))] as number;
  const lag = lags.reduce((sum, value) => sum + value, 0) / lags.length;
  return { lag, quantile, interval, beyond: beyond / lags.length, isMonotonic, fastest, slowest, playout };
}

const jittery = (base: number, jitter: number) => (_: number, random: Random) =>
  base + (random.next() * 2 - 1) * jitter;

test.each([10, 20, 30, 60])('the delay is one interval and the 95 % quantile of lateness at %i Hz', (hz) => {
  for (const [base, jitter] of [
    [0.5, 0.2],
    [25, 2.5],
    [50, 15],
  ] as const) {
    const { lag, quantile, interval, isMonotonic } = run({ hz, delayOf: jittery(base, jitter) });
    expect(Math.abs(lag - (quantile(0.95) + interval + 1.5))).toBeLessThan(Math.max(2, jitter / 3));
    expect(isMonotonic).toBe(true);
  }
});

test('heavy tails are not bought with delay: it stays below the cap', () => {
  const delayOf = (i: number, random: Random) => (i % 10 === 0 ? 400 : 40) + random.next();
  const adaptive = run({ delayOf });
  expect(adaptive.lag).toBeLessThan(40 + 50 + 70 + 3);
  const smooth = run({ mode: 'smooth', delayOf });
  expect(smooth.lag).toBeGreaterThan(380);
  expect(smooth.beyond).toBeLessThan(adaptive.beyond);
});

test('a fixed delay counts from the fastest snapshot', () => {
  const { lag, quantile } = run({ mode: 145, delayOf: jittery(40, 4) });
  expect(Math.abs(lag - (145 + quantile(0)))).toBeLessThan(1.5);
});

test('it follows a link that gets worse and better without running backward or faster than allowed', () => {
  const delayOf = (i: number, random: Random) => (i > 400 && i < 800 ? 90 : 30) + random.next() * 5;
  const result = run({ seconds: 80, delayOf });
  expect(result.isMonotonic).toBe(true);
  expect(result.fastest).toBeLessThanOrEqual(1.08);
  expect(result.slowest).toBeGreaterThanOrEqual(0.88);
});

test('after a gap between frames it jumps to its target', () => {
  const { playout, interval } = run({ delayOf: jittery(30, 1), seconds: 20 });
  const now = 60_000;
  playout.addArrival(now, now - 30, true);
  playout.advance(now, 5_000, true);
  expect(playout.hasJumped).toBe(true);
  expect(now - playout.timeMs).toBeLessThan(30 + interval + 16);
  playout.advance(now + 16, 16, false);
  expect(playout.hasJumped).toBe(false);
});

test('nothing is drawn before the first snapshot, and again after a reset', () => {
  const playout = new Playout('adaptive', 50);
  playout.advance(0, 16, false);
  expect(playout.timeMs).toBeNaN();
  playout.addArrival(10, 0, true);
  playout.advance(16, 16, false);
  expect(playout.timeMs).toBeLessThan(0);
  playout.reset(25);
  playout.advance(32, 16, false);
  expect(playout.timeMs).toBeNaN();
});

test('lateness that the page made is left out', () => {
  const delayOf = jittery(30, 1);
  const random = new Random(3);
  const playout = new Playout('adaptive', 50);
  for (let i = 0; i < 100; i++) playout.addArrival(i * 50 + delayOf(i, random), i * 50, true);
  const { delayMs } = playout;
  for (let i = 100; i < 200; i++) playout.addArrival(10_000, i * 50, false);
  playout.advance(10_000, 16, false);
  expect(playout.delayMs).toBeCloseTo(delayMs, 0);
});

test('a message tells of the network unless the page was busy or frozen', () => {
  const pace = new FramePace();
  expect(pace.hear(0)).toBe(true);
  let now = 0;
  for (let i = 0; i < 100; i++) {
    now += 16;
    pace.advance(now);
    expect(pace.hear(now + 5)).toBe(true);
  }
  // A task of 100 ms, then the messages that waited for it.
  now += 116;
  expect(pace.hear(now)).toBe(false);
  pace.advance(now);
  expect(pace.hear(now)).toBe(false);
  now += 16;
  pace.advance(now);
  expect(pace.hear(now)).toBe(true);
  // Hidden: no frames, but messages in time.
  for (let i = 0; i < 40; i++) {
    now += 50;
    pace.hear(now);
  }
  expect(pace.hear(now + 10)).toBe(true);
  // Frozen: neither, then all at once.
  now += 5_000;
  for (let i = 0; i < 100; i++) expect(pace.hear(now)).toBe(false);
  expect(pace.hear(now + 120)).toBe(true);
  pace.advance(now + 130);
  expect(pace.isGap).toBe(true);
});

test('time between frames is never negative', () => {
  const pace = new FramePace();
  pace.advance(100);
  expect(pace.dtMs).toBe(0);
  pace.advance(90);
  expect(pace.dtMs).toBe(0);
  pace.advance(116);
  expect(pace.dtMs).toBe(16);
});
