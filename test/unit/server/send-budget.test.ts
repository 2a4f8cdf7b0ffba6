// Who gets the bytes when they are few: never more of them than allowed, nobody forgotten, nobody to and fro.
import { describe, expect, test } from 'vitest';
import { HELD, TRACKED, UNKNOWN } from '../../../engine/replication/known-kind.ts';
import { SlotList } from '../../../engine/replication/slot-list.ts';
import { BURST_SECONDS, FAR_BYTES_PER_SECOND } from '../../../engine/server/send-budget.ts';
import { BudgetScene, PICKUP, RATE, SHIP } from './budget-scene.ts';

const SECOND = RATE;

describe('a client within its budget', () => {
  test('is sent what it would be without one, byte by byte, and nothing is ranked', () => {
    const free = new BudgetScene({ ships: 60, pickups: 20 });
    const bounded = new BudgetScene({ ships: 60, pickups: 20, maxBytesPerSecond: 20_000 });
    for (const each of [free, bounded]) {
      for (let i = 0; i < 10 * SECOND; i++) {
        each.tick();
        expect(each.budget.isRanking).toBe(false);
      }
    }
    expect(bounded.sent).toEqual(free.sent);
    expect(free.scene.plan.isFull).toBe(false);
    expect(bounded.stats).toMatchObject({ entitiesHeld: 0, refreshesDeferred: 0 });
  });

  test('asks no priority', () => {
    let asked = 0;
    const ask = () => ++asked;
    new BudgetScene({ ships: 60, maxBytesPerSecond: 20_000, priorities: [ask, ask] }).play(5 * SECOND);
    expect(asked).toBe(0);
  });
});

describe('a client over its budget', () => {
  const cases = [1_024, 2_000, 4_000, 8_000].flatMap((rate) => [1, 2, 3].map((seed) => [rate, seed] as const));

  test.each(cases)('of %i bytes a second, seed %i: over it by one message at most, at any time', (rate, seed) => {
    const scene = new BudgetScene({ ships: 150, pickups: 50, maxBytesPerSecond: rate, seed });
    // Now and then all rests, or all move, or a crowd is born.
    for (let second = 0; second < 40; second++) {
      if (scene.random.next() < 0.2) scene.moving = scene.random.int(0, 150);
      if (scene.random.next() < 0.1) for (let i = 0; i < 50; i++) scene.scene.tables[PICKUP]!.spawn({ x: i, y: i });
      scene.play(SECOND);
    }
    const longest = Math.max(...scene.sent);
    const burst = Math.max(rate * BURST_SECONDS, 512);
    for (let from = 0; from < scene.sent.length; from += 7) {
      let sum = 0;
      for (let to = from; to < scene.sent.length; to++) {
        sum += scene.sent[to]!;
        const allowed = burst + ((to - from + 1) * rate) / RATE + longest;
        if (sum > allowed) expect.fail(`seed ${seed}: ${sum} bytes in ticks ${from} to ${to}, ${allowed} allowed`);
      }
    }
    // And it uses what it has.
    scene.moving = 150;
    scene.play(5 * SECOND);
    const used = scene.sent.slice(-4 * SECOND).reduce((sum, bytes) => sum + bytes, 0) / 4;
    expect(used).toBeGreaterThan(0.85 * rate);
  });

  test.each(cases)('of %i bytes a second, seed %i: nobody in sight is forgotten', (rate, seed) => {
    const ships = 150;
    const scene = new BudgetScene({ ships, maxBytesPerSecond: rate, seed });
    scene.play(40 * SECOND);
    expect(scene.slotsWith(SHIP, UNKNOWN)).toEqual([]);
    scene.oldest.clear();
    scene.play(60 * SECOND);
    const longest = Math.max(...scene.oldest.values());
    // Four tenths of the bytes, besides what every message takes, are for refreshes of 14 at most; and priorities lie within a
    // factor of ten, so that nobody is passed by anybody more often than that.
    const refreshesPerTick = (0.4 * (rate / RATE - 16)) / 14;
    expect(longest).toBeLessThan((10 * ships) / refreshesPerTick);
  });

  test.each(cases)('of %i bytes a second, seed %i: nobody is held and let go by turns', (rate, seed) => {
    const scene = new BudgetScene({ ships: 150, pickups: 20, maxBytesPerSecond: rate, seed });
    scene.play(40 * SECOND);
    for (const change of scene.changes.values()) change.count = 0;
    // Need goes up and down around what there is.
    for (let second = 0; second < 60; second++) {
      scene.moving = 100 + Math.round(50 * Math.sin(second / 5));
      scene.play(SECOND);
    }
    const changes = [...scene.changes.values()];
    // Five waves in a minute: to be held and to come back in each is two changes.
    expect(Math.max(...changes.map(({ count }) => count))).toBeLessThanOrEqual(24);
    expect(Math.min(...changes.map(({ shortest }) => shortest))).toBeGreaterThanOrEqual(SECOND);
  });

  test('what rests costs nothing, and stays tracked', () => {
    const scene = new BudgetScene({ ships: 150, pickups: 100, maxBytesPerSecond: 2_000 });
    scene.play(30 * SECOND);
    expect(scene.slotsWith(PICKUP, TRACKED)).toHaveLength(100);
    expect(scene.slotsWith(SHIP, HELD).length).toBeGreaterThan(100);
  });

  test('the nearest are tracked, and the farther somebody is the older its place may be', () => {
    const scene = new BudgetScene({ ships: 150, maxBytesPerSecond: 4_000 });
    scene.play(30 * SECOND);
    const { x, y } = { x: scene.scene.tables[SHIP]!.columns[0]!, y: scene.scene.tables[SHIP]!.columns[1]! };
    const distance = (slot: number) => Math.hypot(x[slot]!, y[slot]!);
    const mean = (slots: number[], of: (slot: number) => number) =>
      slots.reduce((sum, slot) => sum + of(slot), 0) / slots.length;
    expect(mean(scene.slotsWith(SHIP, TRACKED), distance)).toBeLessThan(
      0.7 * mean(scene.slotsWith(SHIP, HELD), distance),
    );
    scene.oldest.clear();
    scene.play(30 * SECOND);
    const held = scene.slotsWith(SHIP, HELD).sort((a, b) => distance(a) - distance(b));
    const age = (slot: number) => scene.oldest.get(slot)!;
    expect(mean(held.slice(0, 30), age)).toBeLessThan(0.8 * mean(held.slice(-30), age));
  });

  test('an author’s priorities decide', () => {
    const important = new Set([3, 14, 15, 92, 65]);
    const scene = new BudgetScene({
      ships: 150,
      maxBytesPerSecond: 4_000,
      priorities: [(_kind, slot) => (important.has(slot) ? 50 : Number.NaN), 1],
    });
    scene.play(20 * SECOND);
    for (const slot of important) expect([slot, scene.status(SHIP, slot)]).toEqual([slot, TRACKED]);
    expect(scene.slotsWith(SHIP, HELD).length).toBeGreaterThan(80);
  });

  test('the own entity is never held for want of bytes', () => {
    const scene = new BudgetScene({ ships: 150, maxBytesPerSecond: 1_024, priorities: [() => 0.01, 1] });
    scene.client.own = { kind: SHIP, slot: 149, isHeld: false };
    for (let i = 0; i < 20 * SECOND; i++) {
      scene.tick();
      expect(scene.status(SHIP, 149)).toBe(TRACKED);
    }
  });

  test('gets everything back when the need is less again, and is not ranked any more', () => {
    const scene = new BudgetScene({ ships: 150, pickups: 20, maxBytesPerSecond: 4_000 });
    scene.play(20 * SECOND);
    expect(scene.budget.heldCount).toBeGreaterThan(80);
    scene.moving = 20;
    scene.play(10 * SECOND);
    expect([scene.slotsWith(SHIP, TRACKED).length, scene.budget.heldCount]).toEqual([150, 0]);
    expect([scene.budget.isLimiting, scene.scene.plan.isFull]).toEqual([false, false]);
  });

  test('a slot that is given to another entity starts without the standing of the one before', () => {
    const scene = new BudgetScene({ ships: 60, maxBytesPerSecond: 2_000 });
    for (let i = 0; i < 60; i++) {
      scene.play(SECOND);
      const table = scene.scene.tables[SHIP]!;
      const slots = scene.slotsWith(SHIP, HELD);
      for (const slot of slots.slice(0, 3)) table.despawn(slot);
      while (scene.slotsWith(SHIP, UNKNOWN).length + scene.slotsWith(SHIP, HELD).length < 55)
        table.spawn({ x: 1, y: 1 });
    }
    expect(scene.client.replica.awaitsReset).toBe(false);
    expect(scene.slotsWith(SHIP, TRACKED).length).toBeGreaterThan(2);
  });
});

describe('far entities', () => {
  function lookFar(options: { ships: number; nearShips: number; maxBytesPerSecond?: number }): BudgetScene {
    const { ships, maxBytesPerSecond } = options;
    const scene = new BudgetScene({
      ships,
      hasFar: true,
      ...(maxBytesPerSecond !== undefined && { maxBytesPerSecond }),
    });
    const near = [new SlotList(), new SlotList()];
    for (let slot = 0; slot < ships; slot++) near[SHIP]!.push(slot);
    scene.client.visible = {
      everyone: false,
      has: () => true,
      near: (kind) => near[kind]!,
      isFar: (kind, slot) => kind === SHIP && slot >= options.nearShips,
      distanceSquared: (_kind, slot) => slot * slot,
    };
    return scene;
  }

  test('are held, and refreshed a few times a second at most, within the bytes for them', () => {
    const scene = lookFar({ ships: 400, nearShips: 10 });
    scene.play(10 * SECOND);
    expect([scene.slotsWith(SHIP, TRACKED).length, scene.slotsWith(SHIP, HELD).length]).toEqual([10, 390]);
    const ticksOf = new Map<number, number[]>();
    for (let i = 0; i < 20 * SECOND; i++) {
      scene.tick();
      const known = scene.client.list.kinds[SHIP]!;
      for (let slot = 10; slot < 400; slot++) {
        if (known.refreshTick[slot] === scene.scene.tick)
          ticksOf.set(slot, [...(ticksOf.get(slot) ?? []), scene.scene.tick]);
      }
    }
    const bytes = scene.sent.slice(-20 * SECOND).reduce((sum, each) => sum + each, 0) / 20;
    expect(bytes).toBeLessThan(FAR_BYTES_PER_SECOND + 2_500);
    const all = [...ticksOf.values()];
    expect(all).toHaveLength(390);
    expect(Math.max(...all.map(({ length }) => length))).toBeLessThanOrEqual(20 * 4);
    // The nearest of them most often, and the farthest too.
    expect(ticksOf.get(20)!.length).toBeGreaterThan(2 * ticksOf.get(390)!.length);
    expect(ticksOf.get(390)!.length).toBeGreaterThanOrEqual(1);
  });

  test('that come near are tracked with the next message, and those that go far are held', () => {
    const options = { ships: 40, nearShips: 10 };
    const scene = lookFar(options);
    scene.play(5 * SECOND);
    options.nearShips = 20;
    scene.tick();
    expect(scene.slotsWith(SHIP, TRACKED)).toHaveLength(20);
    options.nearShips = 5;
    scene.tick();
    expect(scene.slotsWith(SHIP, TRACKED)).toHaveLength(5);
  });

  test('give way where the bytes are few', () => {
    const scene = lookFar({ ships: 200, nearShips: 60, maxBytesPerSecond: 3_000 });
    scene.play(30 * SECOND);
    const bytes = scene.sent.slice(-20 * SECOND).reduce((sum, each) => sum + each, 0) / 20;
    expect(bytes).toBeLessThan(3_100);
    expect(scene.slotsWith(SHIP, TRACKED).every((slot) => slot < 60)).toBe(true);
  });
});
