import fc from 'fast-check';
import { expect, test } from 'vitest';
import { angle, bool, defineGame, entity, int, num, oneOf, TickwireError } from '../../../engine/index.ts';
import { Capture } from '../../../engine/state/capture.ts';
import { codeOf, fineOf } from '../../../engine/state/quantize.ts';
import type { Table } from '../../../engine/state/table.ts';
import { createWorld } from '../../../engine/state/world.ts';

const { schema } = defineGame({
  entities: {
    ship: entity({
      x: num({ min: 0, max: 16, precision: 1 / 4 }),
      heading: angle(8),
      cool: num({ min: 0, max: 2, precision: 1 / 2 })
        .snap()
        .default(1),
      isOpen: bool(),
      mood: oneOf('calm', 'angry'),
      ammo: int(0, 9).visibleTo('owner'),
    }),
  },
});

function captureOne(init: object, isStrict = true) {
  const { tables, views } = createWorld(schema);
  views.ship!.spawn();
  views.ship!.spawn(init);
  const capture = new Capture(schema);
  const told: [string, string, number, number][] = [];
  const run = () =>
    capture.capture(tables, isStrict, (kind, field, id, value) => told.push([kind.name, field.name, id, value]));
  return { run, told, table: tables[0] as Table, codes: () => capture.columns[0]!.map((column) => column[1]) };
}

test('kernel fields are captured fine, others as codes', () => {
  const { run, codes } = captureOne({ x: 2.5, heading: Math.PI, cool: 1.3, isOpen: true, mood: 'angry', ammo: 7 });
  run();
  expect(codes()).toEqual([10 * 256, 128 * 256, 3, 1, 1, 7, 0]);
});

test('strict: a bad value throws, with kind, field, id and fix', () => {
  const cases: [object, string][] = [
    [
      { x: Number.NaN },
      'ship.x of ship 65537 is NaN, and must be in 0..16; clamp it in step or onTick, or widen the field',
    ],
    [{ x: -0.01 }, 'ship.x of ship 65537 is -0.01, and must be in 0..16'],
    [{ x: 16.01 }, 'ship.x of ship 65537 is 16.01'],
    [{ x: 'far' }, 'ship.x of ship 65537 is NaN'],
    [{ heading: Number.POSITIVE_INFINITY }, 'ship.heading of ship 65537 is Infinity, and must be a finite number'],
    [{ cool: 2.1 }, 'ship.cool of ship 65537 is 2.1'],
    [{ mood: 'sad' }, 'ship.mood of ship 65537 is none of calm, angry; assign one of them'],
    [{ ammo: 10 }, 'ship.ammo of ship 65537 is 10'],
  ];
  for (const [init, sentence] of cases) {
    const { run } = captureOne(init);
    expect(run).toThrow(TickwireError);
    expect(run).toThrow(sentence);
  }
});

test('the upper bound itself, and any finite angle, are in range', () => {
  const { run, codes } = captureOne({ x: 16, cool: 2, heading: -7 * Math.PI });
  run();
  expect(codes().slice(0, 3)).toEqual([63 * 256, 128 * 256, 3]);
});

test('not strict: bad values are clamped and told', () => {
  const init = { x: 99, heading: Number.NaN, cool: Number.NaN, mood: 'sad', ammo: -5 };
  const { run, told, codes } = captureOne(init, false);
  run();
  expect(codes()).toEqual([63 * 256, 0, 2, 0, 0, 0, 0]);
  expect(told.map(([kind, field, id]) => [kind, field, id])).toEqual([
    ['ship', 'x', 65_537],
    ['ship', 'heading', 65_537],
    ['ship', 'cool', 65_537],
    ['ship', 'mood', 65_537],
    ['ship', 'ammo', 65_537],
  ]);
  run();
  expect(told).toHaveLength(10);
});

test('the dead are not looked at', () => {
  const { run, table } = captureOne({ x: Number.NaN });
  table.despawn(1);
  expect(run).not.toThrow();
});

test('a packed field that travels as a rare value is marked when its code changes', () => {
  const { run, table } = captureOne({ ammo: 3 });
  run();
  table.clearRareDirty();
  table.tick = 7;
  run();
  expect(table.rareDirty).toEqual([]);
  table.columns[5]![1] = 3.2;
  run();
  expect(table.rareDirty).toEqual([]);
  table.columns[5]![1] = 4;
  run();
  expect(table.rareDirty).toEqual([(1 << 8) | 0]);
  expect(table.rareTick[0]![1]).toBe(7);
  expect(table.rareToWire(1, table.kind.rare[0]!)).toBe(4);
});

test('the fast path of capture gives what codeOf and fineOf give', () => {
  const { tables, views } = createWorld(schema);
  views.ship!.spawn();
  const table = tables[0] as Table;
  const capture = new Capture(schema);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double(), fc.double({ min: -20, max: 20 })), { minLength: 6, maxLength: 6 }),
      (values) => {
        for (const [index, value] of values.entries()) table.columns[index]![0] = value;
        capture.capture(tables, false, () => undefined);
        for (const field of table.kind.packed) {
          const value = table.columns[field.index]![0]!;
          const expected = field.kernel === 'snap' ? codeOf(field, value) : fineOf(field, value);
          expect(capture.columns[0]![field.index]![0]).toBe(expected | 0);
        }
      },
    ),
    { seed: 3, numRuns: 3000 },
  );
});
