import { expect, test } from 'vitest';
import { Random } from '../../../engine/core/random.ts';
import { VirtualClock } from '../../../engine/transport/virtual-clock.ts';

test('timers run in due order, those of one instant in the order of scheduling', async () => {
  const clock = new VirtualClock({ startMs: 100 });
  const runs: string[] = [];
  clock.schedule(() => runs.push(`c ${clock.now()}`), 20);
  clock.schedule(() => runs.push(`a ${clock.now()}`), 5);
  clock.schedule(() => runs.push(`b ${clock.now()}`), 5);
  clock.schedule(() => runs.push(`late ${clock.now()}`), 1_000);
  await clock.advance(50);
  expect(runs).toEqual(['a 105', 'b 105', 'c 120']);
  expect(clock.now()).toBe(150);
  expect(clock.pending).toBe(1);
  expect(clock.nextDueMs).toBe(1_100);
});

test('a random mixture of timers and cancellations runs as a sorted list would', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    const clock = new VirtualClock();
    const expected: { due: number; order: number }[] = [];
    const actual: number[] = [];
    for (let order = 0; order < 3_000; order++) {
      const due = random.int(0, 500) / 4;
      const cancel = clock.schedule(() => actual.push(order), due);
      if (random.next() < 0.5) {
        cancel();
        cancel();
      } else expected.push({ due, order });
    }
    expect(clock.pending).toBe(expected.length);
    clock.advanceSync(1_000);
    expected.sort((a, b) => a.due - b.due || a.order - b.order);
    expect(actual).toEqual(expected.map(({ order }) => order));
    expect(clock.pending).toBe(0);
  }
});

test('promise jobs of one timer run before the next timer', async () => {
  const clock = new VirtualClock();
  const runs: string[] = [];
  clock.schedule(async () => {
    await undefined;
    await undefined;
    runs.push('job of first');
    clock.schedule(() => runs.push('armed by job'), 1);
  }, 10);
  clock.schedule(() => runs.push('second'), 11.5);
  await clock.advance(100);
  expect(runs).toEqual(['job of first', 'armed by job', 'second']);
});

test('a cancelled timer does not run, not even when cancelled by its neighbour of the same instant', async () => {
  const clock = new VirtualClock();
  let runs = 0;
  let cancel = (): void => undefined;
  clock.schedule(() => cancel(), 10);
  cancel = clock.schedule(() => runs++, 10);
  await clock.advance(20);
  expect(runs).toBe(0);
  expect(clock.pending).toBe(0);
});

test('negative, missing and nonsensical delays mean at once', async () => {
  const clock = new VirtualClock();
  let runs = 0;
  for (const delay of [0, -5, Number.NaN]) clock.schedule(() => runs++, delay);
  await clock.advance(0);
  expect(runs).toBe(3);
});

test('advanceUntil stops at the timer that fulfils the condition, or at its limit', async () => {
  const clock = new VirtualClock();
  let ticks = 0;
  const tick = (): void => {
    ticks++;
    clock.schedule(tick, 10);
  };
  tick();
  expect(await clock.advanceUntil(() => ticks === 4, 1_000)).toBe(true);
  expect(clock.now()).toBe(30);
  expect(await clock.advanceUntil(() => false, 100)).toBe(false);
  expect(clock.now()).toBe(130);
});

test('resolve lets time pass for a promise, and says when it never settles', async () => {
  const clock = new VirtualClock();
  const after = (ms: number): Promise<number> => new Promise((done) => clock.schedule(() => done(ms), ms));
  expect(await clock.resolve(after(500))).toBe(500);
  expect(clock.now()).toBe(500);
  await expect(clock.resolve(Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(clock.resolve(after(5_000), 100)).rejects.toThrow('still pending after 100 virtual ms');
});

test('what a timer throws reaches whoever advances, and the rest stays in order', async () => {
  const clock = new VirtualClock();
  let runs = 0;
  clock.schedule(() => {
    throw new Error('broken');
  }, 1);
  clock.schedule(() => runs++, 2);
  await expect(clock.advance(10)).rejects.toThrow('broken');
  await clock.advance(10);
  expect(runs).toBe(1);
});
