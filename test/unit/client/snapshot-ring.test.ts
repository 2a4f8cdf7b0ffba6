import { expect, test } from 'vitest';
import { SmallWorld } from './small-world.ts';

test('it keeps the last 64 snapshots and finds them by tick', () => {
  const small = new SmallWorld();
  expect(small.ring.find(5)).toBe(0);
  for (let tick = 10; tick < 210; tick += 2) small.capture(tick, () => small.put(0, { y: tick }));
  const { ring } = small;
  expect(ring.count).toBe(64);
  expect(ring.at(0).tick).toBe(208);
  expect(ring.at(63).tick).toBe(82);
  expect(ring.at(ring.find(150)).tick).toBe(150);
  expect(ring.at(ring.find(151.99)).tick).toBe(150);
  expect(ring.find(81)).toBe(64);
  expect(ring.find(1e9)).toBe(0);
  ring.clear();
  expect(ring.count).toBe(0);
});

test('a snapshot is a copy, also of a replica that grew since', () => {
  const small = new SmallWorld();
  small.capture(1, () => small.put(0, { hp: 10 }));
  const hp = small.kind.kind.packed.findIndex(({ name }) => name === 'hp');
  small.capture(2, () => {
    for (let slot = 0; slot < 1_000; slot++) small.put(slot, { hp: 20 }, slot + 1);
  });
  const [newest, oldest] = [small.ring.at(0).kinds[0]!, small.ring.at(1).kinds[0]!];
  expect(oldest.columns[hp]?.[0]).toBe(10);
  expect(oldest.instance[5] ?? 0).toBe(0);
  expect(newest.columns[hp]?.[999]).toBe(20);
  expect(newest.instance[999]).toBe(1_000);
});
