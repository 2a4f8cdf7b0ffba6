import { expect, test } from 'vitest';
import { ClockSync } from '../../../engine/client/clock-sync.ts';
import { Random } from '../../../engine/core/random.ts';

const SKEW_MS = 2_700;
const DRIFT = 40e-6;

interface Link {
  readonly oneWayMs: number;
  readonly jitterMs: number;
  /** Chance that a packet waits in a stall of up to 250 ms. */
  readonly stalls: number;
}

/** Seconds of pings, acks and snapshots over a link; gives the errors of the estimate at 60 frames a second. */
function runLink(link: Link, seed: number, seconds: number) {
  const random = new Random(seed);
  const sync = new ClockSync();
  const serverOf = (localMs: number) => localMs * (1 + DRIFT) + SKEW_MS;
  const delay = () =>
    link.oneWayMs + (random.next() * 2 - 1) * link.jitterMs + (random.next() < link.stalls ? random.next() * 250 : 0);
  const arrivals: { at: number; run: () => void }[] = [];
  const at = (time: number, run: () => void) => arrivals.push({ at: time, run });
  for (let i = 0; i < 5 + seconds; i++) {
    const sent = i < 5 ? i * 60 : 300 + (i - 5) * 1_000;
    const there = sent + delay();
    const back = there + delay();
    at(back, () => {
      sync.addForward(sent, serverOf(there), back);
      sync.addBackward(serverOf(there), back);
    });
  }
  // Five times a second a STATE tells when it was sent and when the newest input came.
  for (let sent = 400; sent < seconds * 1_000; sent += 200) {
    const input = sent - 2 * link.oneWayMs - 20;
    const there = input + delay();
    const arrival = sent + delay();
    at(arrival, () => {
      sync.addForward(input, serverOf(there), arrival);
      sync.addBackward(serverOf(sent), arrival);
    });
  }
  arrivals.sort((a, b) => a.at - b.at);
  const errors: number[] = [];
  let known = Number.NaN;
  let last = Number.NEGATIVE_INFINITY;
  let isMonotonic = true;
  for (let now = 0; now < seconds * 1_000; now += 1000 / 60) {
    while (arrivals[0] && arrivals[0].at <= now) arrivals.shift()?.run();
    sync.advance(now, 1000 / 60);
    if (!sync.isKnown) continue;
    if (Number.isNaN(known)) known = now;
    const server = sync.serverNow(now);
    if (server < last) isMonotonic = false;
    last = server;
    if (now > 5_000) errors.push(Math.abs(server - serverOf(now)));
  }
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  return { mean, max: Math.max(...errors), known, isMonotonic, rttMs: sync.rttMs };
}

test.each([
  ['lan', { oneWayMs: 0.5, jitterMs: 0.2, stalls: 0 }, 0.35, 0.6],
  ['100 ms', { oneWayMs: 50, jitterMs: 15, stalls: 0 }, 1, 3],
  ['100 ms with stalls', { oneWayMs: 50, jitterMs: 4, stalls: 0.1 }, 0.5, 2],
] as const)('clock error stays bounded: %s', (_, link, mean, max) => {
  for (let seed = 1; seed <= 5; seed++) {
    const run = runLink(link, seed, 60);
    expect(run.mean).toBeLessThan(mean);
    expect(run.max).toBeLessThan(max);
    expect(run.isMonotonic).toBe(true);
    // The fastest way there and back is never longer than the usual one, and not much shorter.
    expect(run.rttMs).toBeLessThanOrEqual(2 * link.oneWayMs);
    expect(run.rttMs).toBeGreaterThan(2 * (link.oneWayMs - link.jitterMs) - DRIFT * 15_000);
  }
});

test('a stall of everything for two seconds does not move the clock', () => {
  const sync = new ClockSync();
  for (let i = 0; i < 20; i++) {
    sync.addForward(i * 50, i * 50 + 1_030, i * 50 + 60);
    sync.addBackward(i * 50 + 1_030, i * 50 + 60);
  }
  const before = sync.serverNow(1_100) - 1_100;
  sync.addForward(1_100, 2_130, 5_100);
  sync.addBackward(2_130, 5_100);
  for (let now = 1_100; now < 5_200; now += 16) sync.advance(now, 16);
  expect(sync.serverNow(5_200) - 5_200).toBeCloseTo(before, 6);
  expect(before).toBeCloseTo(1_000, 6);
});

test('a clock that was read too early is right as soon as it is known, and runs on', () => {
  const sync = new ClockSync();
  // Here it is a million; the server began a while ago.
  expect(sync.serverNow(1_000_000)).toBe(1_000_000);
  sync.addForward(1_000_000, 5_020, 1_000_040);
  sync.addBackward(5_020, 1_000_040);
  expect(sync.serverNow(1_000_040)).toBeCloseTo(5_040, 6);
  expect(sync.serverNow(1_000_140)).toBeCloseTo(5_140, 6);
  // Again with another server, whose clock is behind the first one's.
  sync.reset();
  sync.serverNow(1_000_200);
  sync.addForward(1_000_200, 320, 1_000_240);
  sync.addBackward(320, 1_000_240);
  expect(sync.serverNow(1_000_240)).toBeCloseTo(340, 6);
});

test('the clock is unknown until packets of both ways were seen, and again after a reset', () => {
  const sync = new ClockSync();
  sync.addBackward(500, 20);
  expect(sync.isKnown).toBe(false);
  sync.addForward(0, 510, 20);
  expect(sync.isKnown).toBe(true);
  sync.reset();
  expect(sync.isKnown).toBe(false);
});
