// Rates: a steady flow passes, a burst of two seconds passes, more does not.
import { expect, test } from 'vitest';
import { RateLimit } from '../../../engine/server/rate-limit.ts';

test('twice the rate may come at once, then the rate', () => {
  const limit = new RateLimit(10, 0);
  const passed = (count: number, now: number) =>
    Array.from({ length: count }, () => limit.take(1, now)).filter(Boolean).length;
  expect(passed(100, 0)).toBe(20);
  expect(passed(100, 1_000)).toBe(10);
  expect(passed(100, 60_000)).toBe(20);
});

test('what is refused costs nothing', () => {
  const limit = new RateLimit(10, 0);
  expect(limit.take(21, 0)).toBe(false);
  expect(limit.take(20, 0)).toBe(true);
});

test('another burst, and how long until there is enough', () => {
  const limit = new RateLimit(0.5, 0, 30);
  expect(limit.isFull(0)).toBe(true);
  for (let i = 0; i < 30; i++) expect(limit.take(1, 0)).toBe(true);
  expect(limit.take(1, 0)).toBe(false);
  expect([limit.waitMs(1, 0), limit.waitMs(1, 500)]).toEqual([2_000, 1_500]);
  expect(limit.take(1, 2_000)).toBe(true);
  expect(limit.isFull(61_999)).toBe(false);
  expect(limit.isFull(62_000)).toBe(true);
  expect(limit.waitMs(1, 62_000)).toBe(0);
});
