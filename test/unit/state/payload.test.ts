import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../../../engine/core/errors.ts';
import {
  angle,
  bool,
  command,
  defineGame,
  entity,
  event,
  float64,
  int,
  num,
  oneOf,
  ref,
  type StandardSchema,
  TickwireError,
  text,
  uint32,
  value,
} from '../../../engine/index.ts';
import { decodePayload, encodePayload } from '../../../engine/state/payload.ts';

const shortList: StandardSchema<unknown, number[]> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (given) =>
      Array.isArray(given) && given.length < 3
        ? { value: given as number[] }
        : { issues: [{ message: 'at most two' }] },
  },
};
const { schema } = defineGame({
  entities: { ship: entity({ a: bool() }), rock: entity({ a: bool() }) },
  events: {
    all: event({
      x: num({ min: 0, max: 16, precision: 1 / 4 }),
      i: int(-5, 5),
      a: angle(8),
      b: bool(),
      o: oneOf('calm', 'angry'),
      t: text(8),
      r: ref('rock'),
      f: float64(),
      u: uint32(),
      v: value<unknown>(),
      s: value(shortList),
    }),
    none: event(),
  },
  commands: { move: command({ by: int(0, 9) }) },
});
const [all, none] = schema.events as [(typeof schema.events)[0], (typeof schema.events)[0]];
const good = {
  x: 2.5,
  i: -5,
  a: Math.PI,
  b: true,
  o: 'angry',
  t: 'hé',
  r: { id: 3 * 65_536 + 9, kind: 'rock' },
  f: 0.1,
  u: 7,
  v: { k: [1] },
  s: [1],
};
const wire = [10, 0, 128, 1, 1, 'hé', 9, 0.1, 7, { k: [1] }, [1]];

test('packed fields travel as codes, refs as slots, the rest as it is', () => {
  expect(encodePayload(all, good)).toEqual(wire);
  expect(encodePayload(all, { ...good, r: undefined, v: undefined })).toEqual([
    ...wire.slice(0, 6),
    null,
    0.1,
    7,
    null,
    [1],
  ]);
  expect(encodePayload(none, undefined)).toEqual([]);
  expect(encodePayload(none, {})).toEqual([]);
});

test('more than is declared is left out: a handle is a payload', () => {
  expect(encodePayload(schema.commands[0]!, { by: 3, other: 'x' })).toEqual([3]);
});

test('what was sent is what is got', () => {
  const rock = { id: 1 };
  const resolve = (kindIndex: number, slot: number) => (kindIndex === 1 && slot === 9 ? rock : undefined);
  expect(decodePayload(all, wire, resolve)).toEqual({ ...good, a: Math.PI, r: rock });
  expect(decodePayload(all, wire)).toEqual({ ...good, r: undefined });
  expect(decodePayload(none, [])).toEqual({});
});

test('any payload comes back on its grid', () => {
  const payloads = fc.record({
    x: fc.double({ min: 0, max: 16, noNaN: true }),
    i: fc.integer({ min: -5, max: 5 }),
    a: fc.double({ min: -100, max: 100, noNaN: true }),
    b: fc.boolean(),
    o: fc.constantFrom('calm', 'angry'),
    t: fc.constantFrom('', 'a', 'ääää', '\u{1f600}\u{1f600}'),
    f: fc.double({ noNaN: true, noDefaultInfinity: true }),
    u: fc.nat({ max: 2 ** 32 - 1 }),
    s: fc.array(fc.integer(), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(payloads, (payload) => {
      const back = decodePayload(all, encodePayload(all, payload)) as typeof payload;
      expect(Math.abs(back.x - payload.x)).toBeLessThanOrEqual(payload.x > 15.75 ? 1 / 4 : 1 / 8);
      expect(Math.cos(back.a - payload.a)).toBeGreaterThan(0.999);
      const { x: _x, a: _a, ...exact } = payload;
      expect(back).toMatchObject(exact);
    }),
    { seed: 4, numRuns: 500 },
  );
});

test("an author's mistake throws a sentence", () => {
  const wrong: [object, string][] = [
    [{ x: Number.NaN }, 'all.x takes a number, not NaN'],
    [{ x: '2' }, "all.x takes a number, not '2'"],
    [{ x: undefined }, 'all.x takes a number, not undefined'],
    [{ x: -1 }, 'all.x takes 0..16, not -1'],
    [{ i: 6 }, 'all.i takes -5..5, not 6'],
    [{ a: Number.POSITIVE_INFINITY }, 'all.a takes 0..6.28'],
    [{ b: 1 }, 'all.b takes a boolean, not 1'],
    [{ o: 'sad' }, "all.o takes calm, angry, not 'sad'"],
    [{ t: 'far too long' }, 'all.t holds 8 bytes, and this text takes 12'],
    [{ r: 9 }, 'all.r is a ref: it takes an entity or undefined, not 9'],
    [{ r: { id: 65_536, kind: 'ship' } }, 'all.r refers to a rock, and was given a ship'],
    [{ f: Number.NaN }, 'all.f takes a finite number, not NaN'],
    [{ u: 1.5 }, 'all.u takes a whole number of 0..4294967295, not 1.5'],
    [{ v: () => 1 }, 'all.v is a function'],
    [{ s: [1, 2, 3] }, 'all.s: at most two'],
  ];
  for (const [change, sentence] of wrong) {
    const run = () => encodePayload(all, { ...good, ...change });
    expect(run).toThrow(TickwireError);
    expect(run).toThrow(sentence);
  }
  expect(() => encodePayload(all, undefined)).toThrow(
    'all takes an object with x, i, a, b, o, t, r, f, u, v, s, not undefined',
  );
});

test('not strict: numbers out of range are clamped, other mistakes still throw', () => {
  expect(encodePayload(all, { ...good, x: 99, i: -99 }, false).slice(0, 2)).toEqual([63, 0]);
  expect(() => encodePayload(all, { ...good, x: Number.NaN }, false)).toThrow(TickwireError);
  expect(() => encodePayload(all, { ...good, o: 'sad' }, false)).toThrow(TickwireError);
});

test('what a game may not send on, it is not given', () => {
  const put = defineGame({ entities: { ship: entity({ a: bool() }) }, events: { put: event({ v: value() }) } }).schema
    .events[0]!;
  for (const v of [1e300, [2 ** 53], 'x'.repeat(257)]) {
    expect(() => encodePayload(put, { v })).toThrow(TickwireError);
    expect(() => decodePayload(put, [v])).toThrow(WireError);
  }
  for (const v of [null, 2 ** 53 - 1, 0.1, 'x'.repeat(256), { a: [1, 'b', null] }]) {
    expect(() => encodePayload(put, decodePayload(put, [v]))).not.toThrow();
  }
});

test("a peer's wrong shape is a WireError, never anything else", () => {
  const hostile: [number, unknown][] = [
    ...[64, -1, 0.5, '1', null, undefined, [], Number.NaN].map((code): [number, unknown] => [0, code]),
    ...[11, 2 ** 32].map((code): [number, unknown] => [1, code]),
    [2, 256],
    [3, 2],
    [3, true],
    [4, 2],
    [4, 'calm'],
    [5, 'far too long'],
    [5, 7],
    [5, null],
    [6, 65_536],
    [6, -1],
    [6, 1.5],
    [6, 'x'],
    [7, Number.NaN],
    [7, Number.POSITIVE_INFINITY],
    [7, '1'],
    [8, -1],
    [8, 2 ** 32],
    [8, 0.5],
    [10, [1, 2, 3]],
    [10, null],
  ];
  for (const [index, bad] of hostile) {
    const values: unknown[] = [...wire];
    values[index] = bad;
    expect(() => decodePayload(all, values)).toThrow(WireError);
  }
  for (const bad of [undefined, null, {}, 'x', 7, [], wire.slice(1), [...wire, 0], { length: 11 }]) {
    expect(() => decodePayload(all, bad)).toThrow(WireError);
  }
  fc.assert(
    fc.property(fc.array(fc.anything(), { minLength: 11, maxLength: 11 }), (values) => {
      try {
        decodePayload(all, values);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    { seed: 5, numRuns: 2000 },
  );
});
