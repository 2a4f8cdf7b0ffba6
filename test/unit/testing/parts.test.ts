import { expect, test } from 'vitest';
import { MachineClock } from '../../../engine/testing/machine-clock.ts';
import { Trace } from '../../../engine/testing/trace.ts';
import { VirtualClock } from '../../../engine/transport/virtual-clock.ts';

test('a machine has its own origin, drift and late timers, the same for the same seed', () => {
  const run = (seed: number) => {
    const base = new VirtualClock();
    const clock = new MachineClock(base, {
      originMs: 5_000,
      driftPpm: 100_000,
      latenessMs: { min: 1, max: 3 },
      seed,
    });
    const ranMs: number[] = [];
    for (let i = 1; i <= 100; i++) clock.schedule(() => ranMs.push(base.now() - (i * 10) / 1.1), i * 10);
    expect(clock.now()).toBe(5_000);
    base.advanceSync(2_000);
    expect(clock.now()).toBeCloseTo(5_000 + 2_200, 6);
    return ranMs;
  };
  const late = run(1);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0.999);
  expect(Math.max(...late)).toBeLessThanOrEqual(3.001);
  expect(run(1)).toEqual(late);
  expect(run(2)).not.toEqual(late);
});

test('a trace tells any difference: time, kind, place, length, byte, order', () => {
  const hashOf = (...things: [number, number, number, number[]][]) => {
    const trace = new Trace();
    for (const [timeMs, what, which, bytes] of things) trace.add(timeMs, what, which, Uint8Array.from(bytes));
    return trace.hash;
  };
  const hashes = [
    hashOf(),
    hashOf([1, 1, 0, [1, 2]]),
    hashOf([1.001, 1, 0, [1, 2]]),
    hashOf([1, 2, 0, [1, 2]]),
    hashOf([1, 1, 1, [1, 2]]),
    hashOf([1, 1, 0, [1]]),
    hashOf([1, 1, 0, [2, 1]]),
    hashOf([1, 1, 0, [1, 2]], [1, 1, 0, []]),
    hashOf([1, 1, 0, []], [1, 1, 0, [1, 2]]),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hashes[1]).toBe(hashOf([1, 1, 0, [1, 2]]));
  expect(hashes[1]).toMatch(/^[0-9a-f]{16}$/);
});
