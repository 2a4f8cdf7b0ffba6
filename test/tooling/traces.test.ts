// The traces of the benches: the same seed is the same trace for ever, and they are what their descriptions say.
import { expect, test } from 'vitest';
import { codeOf, type Trace, type TraceEntity } from '../../bench/traces/trace.ts';
import { TRACES, type TraceName } from '../../bench/traces/traces.ts';
import { Views } from '../../bench/traces/views.ts';

/** Of everything that is synced, over some ticks. */
function hashOf(trace: Trace, ticks: number): string {
  let hash = 0x811c9dc5;
  const add = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x01000193) >>> 0;
  };
  for (let tick = 0; tick <= ticks; tick++) {
    for (const entity of trace.entities) {
      add(entity.id);
      for (const field of trace.fields) add(codeOf(field, entity));
    }
    trace.step();
  }
  return hash.toString(16);
}

const NAMES = Object.keys(TRACES) as TraceName[];
const TICKS: Readonly<Record<TraceName, number>> = {
  'wandering-2': 200,
  'wandering-0.1': 200,
  'arena-small': 200,
  'arena-large': 20,
  'mmo-idle': 10,
};
const PINNED: Readonly<Record<TraceName, string>> = {
  'wandering-2': '8440ae33',
  'wandering-0.1': '544ae6b6',
  'arena-small': '35574c',
  'arena-large': '1e9049c0',
  'mmo-idle': '89bc52e0',
};

test.each(NAMES)('%s: a seed is one trace, today as ever; another seed is another', (name) => {
  expect(hashOf(TRACES[name](1), TICKS[name])).toBe(PINNED[name]);
  expect(hashOf(TRACES[name](2), TICKS[name])).not.toBe(PINNED[name]);
});

/** What happens in a trace, per tick and as shares of all entities. */
function observe(name: TraceName, ticks: number): { moved: number; changed: number; left: number; count: number } {
  const trace = TRACES[name](3);
  const codes = new Map<number, number[]>();
  let moved = 0;
  let changed = 0;
  let left = 0;
  let seen = 0;
  for (let tick = 0; tick < ticks; tick++) {
    trace.step();
    const ids = new Set(trace.entities.map(({ id }) => id));
    expect(ids.size).toBe(trace.entities.length);
    expect(trace.left.every(({ id }) => !ids.has(id))).toBe(true);
    expect(trace.entered.every(({ id }) => ids.has(id) && !codes.has(id))).toBe(true);
    left += trace.left.length;
    for (const entity of trace.entities) {
      const now = trace.fields.map((field) => codeOf(field, entity));
      const before = codes.get(entity.id);
      codes.set(entity.id, now);
      if (before === undefined) continue;
      seen++;
      if (now[0] !== before[0] || now[1] !== before[1]) moved++;
      if (now.some((code, i) => code !== before[i])) changed++;
    }
  }
  const { length: count } = trace.entities;
  return { moved: moved / seen, changed: changed / seen, left: left / ticks / count, count };
}

test.each([
  ['wandering-2', 0.02],
  ['wandering-0.1', 0.001],
  ['arena-small', 0.02],
] as const)('%s: 232 entities, three in five move, and a share of %d leaves in each tick', (name, churn) => {
  const { count, moved, left } = observe(name, 600);
  expect(count).toBe(232);
  expect(moved).toBeGreaterThan(0.57);
  expect(moved).toBeLessThan(0.63);
  expect(left).toBeCloseTo(churn, 3);
});

test('arena-large: 256 ships among 2,000, and a client sees about 27 of them', () => {
  const trace = TRACES['arena-large'](3);
  expect(trace.entities.filter(({ kind }) => kind === 'ship')).toHaveLength(256);
  expect(trace.entities).toHaveLength(2_256);
  const views = new Views(trace, 64);
  const sizes: number[] = [];
  for (let tick = 0; tick < 10; tick++) {
    trace.step();
    views.update();
    sizes.push(...views.list.map(({ stayed, entered }) => stayed.length + entered.length));
  }
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  expect(mean).toBeGreaterThan(22);
  expect(mean).toBeLessThan(32);
});

test('mmo-idle: of 10,000, 2 % change in each tick and nobody leaves', () => {
  const { count, changed, left } = observe('mmo-idle', 20);
  expect(count).toBe(10_000);
  expect(changed).toBeGreaterThan(0.018);
  expect(changed).toBeLessThan(0.022);
  expect(left).toBe(0);
});

test('all values are within the fields that are declared for them', () => {
  for (const name of NAMES) {
    const trace = TRACES[name](4);
    const wrong: string[] = [];
    for (let tick = 0; tick < TICKS[name]; tick++) {
      trace.step();
      for (const entity of trace.entities) {
        const kind = trace.kinds.find((each) => each.name === entity.kind)!;
        if (entity.hp > kind.maxHp) wrong.push(`hp in tick ${tick}`);
        for (const field of trace.fields) {
          const code = codeOf(field, entity);
          if (!(code >= 0 && code < field.levels)) wrong.push(`${field.name} in tick ${tick}`);
        }
      }
    }
    expect(wrong, name).toEqual([]);
  }
});

test('views tell each client who came and who went, and what it sees is what is near', () => {
  const trace = TRACES['arena-large'](5);
  const views = new Views(trace, 8);
  const seen = views.list.map(({ entered }) => new Set<TraceEntity>(entered));
  let changes = 0;
  for (let tick = 0; tick < 40; tick++) {
    trace.step();
    views.update();
    for (const [i, { viewer, stayed, entered, left }] of views.list.entries()) {
      const known = seen[i]!;
      for (const entity of left) expect(known.delete(entity)).toBe(true);
      expect(new Set(stayed)).toEqual(known);
      for (const entity of entered) known.add(entity);
      changes += left.length + entered.length;
      const near = trace.entities.filter(({ x, y }) => Math.hypot(x - viewer!.x, y - viewer!.y) <= 1_024);
      expect(known).toEqual(new Set(near));
    }
  }
  expect(changes).toBeGreaterThan(40);
});
