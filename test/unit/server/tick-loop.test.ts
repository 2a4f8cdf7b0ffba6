// Ticks: on time whatever came before, never a flood of them, and never all rooms at once.
import { expect, test } from 'vitest';
import type { Clock } from '../../../engine/core/clock.ts';
import { CATCH_UP_TICKS, Phases, TickLoop, type TickLoopStats } from '../../../engine/server/tick-loop.ts';
import { VirtualClock } from '../../../engine/transport/virtual-clock.ts';

const noTicks = (): TickLoopStats => ({ ticks: 0, ticksDropped: 0, ticksOverrun: 0 });

/** One thread's time: what runs can take some (`work`), and timers that fell due meanwhile come late. */
class BusyClock implements Clock {
  #nowMs = 0;
  #timers: { readonly dueMs: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  work(ms: number): void {
    this.#nowMs += ms;
  }

  schedule(run: () => void, delayMs: number): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  runUntil(timeMs: number): void {
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined || Math.max(next.dueMs, this.#nowMs) > timeMs) break;
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.run();
    }
    this.#nowMs = Math.max(this.#nowMs, timeMs);
  }
}

test('due times do not drift: a minute at 30 Hz ends where it should', async () => {
  const clock = new VirtualClock({ startMs: 5 });
  const stats = noTicks();
  let lastMs = 0;
  const loop = new TickLoop(clock, 30, 0.25, () => (lastMs = clock.now()), stats);
  loop.start();
  const firstMs = loop.dueMs;
  await clock.advance(60_000);
  expect(stats.ticks).toBe(1800);
  expect(lastMs).toBeCloseTo(firstMs + 1799 * (1000 / 30), 3);
  expect(firstMs).toBeCloseTo(1000 / 30 / 4, 9);
  expect(stats).toEqual({ ticks: 1800, ticksDropped: 0, ticksOverrun: 0 });
});

test('a late wakeup runs at most five ticks and drops the rest, counted; due times stay on their grid', () => {
  const clock = new BusyClock();
  const stats = noTicks();
  const loop = new TickLoop(clock, 20, 0, () => undefined, stats);
  loop.start();
  clock.runUntil(110);
  expect(stats.ticks).toBe(3);
  clock.work(1_000);
  clock.runUntil(1_110);
  // 150, 200 … 1100 were due.
  expect(stats.ticks).toBe(3 + CATCH_UP_TICKS);
  expect(stats.ticksDropped).toBe(20 - CATCH_UP_TICKS);
  expect(loop.dueMs).toBe(1_150);
});

test('a hook that is slower than its ticks is counted, and no backlog grows', () => {
  const clock = new BusyClock();
  const stats = noTicks();
  const loop = new TickLoop(clock, 50, 0, () => clock.work(100), stats);
  loop.start();
  clock.runUntil(60_000);
  expect(stats.ticksOverrun).toBe(stats.ticks);
  expect(stats.ticks).toBeGreaterThan(590);
  expect(stats.ticks).toBeLessThan(610);
  // Every tick that fell due was run or dropped, but for those of one wakeup.
  expect(Math.abs(60_000 / 20 - stats.ticks - stats.ticksDropped)).toBeLessThan(40);
});

test('other timers run between two wakeups of a loop that is late', () => {
  const clock = new BusyClock();
  const order: string[] = [];
  const loop = new TickLoop(
    clock,
    50,
    0,
    () => {
      order.push('tick');
      clock.work(30);
    },
    noTicks(),
  );
  loop.start();
  clock.schedule(() => order.push('other'), 10);
  clock.runUntil(100);
  expect(order.slice(0, 3)).toEqual(['tick', 'other', 'tick']);
});

test('stop inside a tick ends the wakeup', () => {
  const clock = new BusyClock();
  const stats = noTicks();
  const loop = new TickLoop(clock, 50, 0, () => loop.stop(), stats);
  loop.start();
  clock.work(500);
  clock.runUntil(1_000);
  expect(stats.ticks).toBe(1);
  expect(clock.pending).toBe(0);
});

test('a timer that fires a hair early runs its tick once', async () => {
  const clock = new VirtualClock();
  const early = {
    now: () => clock.now(),
    schedule: (run: () => void, delayMs: number) => clock.schedule(run, delayMs - 0.005),
  };
  const stats = noTicks();
  const loop = new TickLoop(early, 30, 0, () => undefined, stats);
  loop.start();
  await clock.advance(1_000);
  expect(stats.ticks).toBe(31);
});

test('a loop that is idle says that its timers need no precision, and no other does', async () => {
  const clock = new VirtualClock();
  const asked: (boolean | undefined)[] = [];
  const noting: Clock = {
    now: () => clock.now(),
    schedule: (run, delayMs, isCoarse) => {
      asked.push(isCoarse);
      return clock.schedule(run, delayMs);
    },
  };
  let players = 0;
  const loop = new TickLoop(
    noting,
    10,
    0,
    () => undefined,
    noTicks(),
    () => players === 0,
  );
  loop.start();
  await clock.advance(100);
  players = 1;
  await clock.advance(200);
  expect(asked).toEqual([true, true, true, false, false]);
});

test('phases halve the largest gap, and a released one is taken again', () => {
  const phases = new Phases();
  const taken = Array.from({ length: 8 }, () => phases.take());
  expect(taken).toEqual([0, 0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875]);
  phases.release(0.25);
  expect(phases.take()).toBe(0.25);
  expect(phases.take()).toBe(0.0625);
});

test('rooms of one rate tick apart from each other', async () => {
  const clock = new VirtualClock();
  const phases = new Phases();
  const times = new Map<number, number>();
  for (let room = 0; room < 4; room++) {
    new TickLoop(clock, 25, phases.take(), () => times.set(room, clock.now() % 40), noTicks()).start();
  }
  await clock.advance(400);
  expect([...times.values()].sort((a, b) => a - b)).toEqual([0, 10, 20, 30]);
});
