import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../../engine/core/random.ts';

test('the same seed gives the same stream, wherever it is started', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.integer(), (a, b, c) => {
      const first = new Random();
      const second = new Random(99);
      for (let i = 0; i < 10; i++) second.uint32();
      first.seed(a, b, c);
      second.seed(a, b, c);
      for (let i = 0; i < 20; i++) expect(first.uint32()).toBe(second.uint32());
    }),
  );
});

test('fixed numbers: the same on every machine and in every version', () => {
  const random = new Random(1);
  expect([random.uint32(), random.uint32(), random.uint32(), random.uint32()]).toEqual([
    1562467309, 980089772, 2130349772, 3291778897,
  ]);
});

test('each of the three parts of a seed makes another stream', () => {
  const firsts = new Set<number>();
  for (let a = 0; a < 20; a++) {
    for (let b = 0; b < 20; b++) {
      for (let c = 0; c < 20; c++) {
        const random = new Random();
        random.seed(a, b, c);
        firsts.add(random.uint32());
      }
    }
  }
  // Of 8,000 draws from 2^32 hardly any two are equal.
  expect(firsts.size).toBeGreaterThan(7_995);
});

test('numbers fill [0, 1) and [min, max] evenly', () => {
  const random = new Random(3);
  const buckets = new Array<number>(10).fill(0);
  const sides = new Map<number, number>();
  const count = 100_000;
  for (let i = 0; i < count; i++) {
    const value = random.next();
    expect(value >= 0 && value < 1).toBe(true);
    buckets[Math.floor(value * 10)]!++;
    const side = random.int(-2, 3);
    sides.set(side, (sides.get(side) ?? 0) + 1);
  }
  // Six standard deviations.
  for (const bucket of buckets) expect(Math.abs(bucket - count / 10)).toBeLessThan(6 * Math.sqrt(count * 0.09));
  expect([...sides.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
  for (const hits of sides.values()) expect(Math.abs(hits - count / 6)).toBeLessThan(6 * Math.sqrt((count * 5) / 36));
});

test('a seed of zeros is no dead state', () => {
  const random = new Random(0);
  const values = new Set(Array.from({ length: 100 }, () => random.uint32()));
  expect(values.size).toBe(100);
});
