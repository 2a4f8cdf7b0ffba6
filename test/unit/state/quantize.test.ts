import fc from 'fast-check';
import { expect, test } from 'vitest';
import { angle, bool, defineGame, entity, type Field, int, num, oneOf } from '../../../engine/index.ts';
import {
  codeOf,
  columnValueOf,
  fineOf,
  isInRange,
  naturalValueOf,
  roundFine,
  valueOfCode,
  valueOfFine,
} from '../../../engine/state/quantize.ts';
import type { PackedField } from '../../../engine/state/schema.ts';

function compile(field: Field): PackedField {
  return defineGame({ entities: { thing: entity({ field }) } }).schema.kinds[0]!.packed[0]!;
}

const TURN = 2 * Math.PI;

test('num is half-open: 0..4096 at 1/16 takes exactly 16 bits', () => {
  const x = compile(num({ min: 0, max: 4096, precision: 1 / 16 }));
  expect([x.bits, x.levels]).toEqual([16, 65_536]);
  expect(codeOf(x, 0)).toBe(0);
  expect(codeOf(x, 1 / 32 - 1e-9)).toBe(0);
  expect(codeOf(x, 1 / 32)).toBe(1);
  expect(codeOf(x, 4096 - 1 / 16)).toBe(65_535);
  expect(codeOf(x, 4096)).toBe(65_535);
  expect(codeOf(x, 9999)).toBe(65_535);
  expect(codeOf(x, -1)).toBe(0);
  expect(codeOf(x, Number.POSITIVE_INFINITY)).toBe(65_535);
  expect(valueOfCode(x, 65_535)).toBe(4096 - 1 / 16);
});

test('int is closed', () => {
  const hp = compile(int(-3, 4));
  expect([hp.bits, hp.levels]).toEqual([3, 8]);
  expect([-3, 4, 5, -4].map((value) => codeOf(hp, value))).toEqual([0, 7, 7, 0]);
  expect(valueOfCode(hp, 7)).toBe(4);
});

test('one level or two take one bit', () => {
  expect(compile(int(5, 5)).bits).toBe(1);
  expect(compile(oneOf('only')).bits).toBe(1);
  expect(compile(bool()).bits).toBe(1);
  expect(compile(oneOf('a', 'b', 'c')).bits).toBe(2);
});

test('an angle wraps at both ends, in codes and in fines', () => {
  const heading = compile(angle(12));
  expect([heading.bits, heading.levels]).toEqual([12, 4096]);
  expect(codeOf(heading, TURN)).toBe(0);
  expect(codeOf(heading, TURN * (1 - 1 / 9000))).toBe(0);
  expect(codeOf(heading, -TURN / 4)).toBe(3072);
  expect(codeOf(heading, 5 * TURN + TURN / 4)).toBe(1024);
  expect(fineOf(heading, -TURN / 4096 / 256)).toBe(4096 * 256 - 1);
  expect(fineOf(heading, TURN)).toBe(0);
  expect(roundFine(heading, 4096 * 256 - 128)).toBe(0);
  expect(roundFine(heading, 4096 * 256 - 129)).toBe(4095);
  const finest = compile(angle(23));
  expect(roundFine(finest, 2 ** 31 - 1)).toBe(0);
  expect(fineOf(finest, -1e-12)).toBeLessThan(2 ** 31);
});

test('fine and code agree, and come back within half a step', () => {
  const fields = [
    compile(num({ min: -512, max: 512, precision: 1 / 8 })),
    compile(num({ min: 0.1, max: 7.3, precision: 0.003 })),
    compile(num({ min: 0, max: 4096, precision: 4096 / 2 ** 23 })),
    compile(int(-40, 90)),
  ];
  for (const field of fields) {
    const top = field.min + (field.levels - 1) * field.precision;
    fc.assert(
      fc.property(fc.double({ min: field.min, max: top, noNaN: true }), (value) => {
        const code = codeOf(field, value);
        const fine = fineOf(field, value);
        expect(code).toBeGreaterThanOrEqual(0);
        expect(code).toBeLessThan(field.levels);
        expect(Math.abs(valueOfCode(field, code) - value)).toBeLessThanOrEqual(field.precision * 0.5001);
        expect(Math.abs(valueOfFine(field, fine) - value)).toBeLessThanOrEqual((field.precision / 256) * 0.51);
        // At a half the fine may round up first.
        expect(Math.abs(roundFine(field, fine) - (value - field.min) / field.precision)).toBeLessThanOrEqual(0.5021);
        expect(codeOf(field, valueOfCode(field, code))).toBe(code);
        expect(fineOf(field, valueOfCode(field, code))).toBe(code * 256);
      }),
      { seed: 1, numRuns: 2000 },
    );
  }
});

test('any angle comes back as the same direction', () => {
  const heading = compile(angle(10));
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
      const back = valueOfCode(heading, codeOf(heading, value));
      expect(Math.cos(back - value)).toBeGreaterThan(Math.cos(heading.precision * 0.51));
      expect(Math.abs(valueOfFine(heading, fineOf(heading, value)) - back)).toBeLessThan(TURN);
    }),
    { seed: 2, numRuns: 2000 },
  );
});

test('NaN gives the default', () => {
  const x = compile(num({ min: -4, max: 4, precision: 1 }).default(2));
  expect([codeOf(x, Number.NaN), fineOf(x, Number.NaN)]).toEqual([6, 6 * 256]);
  const heading = compile(angle(8).default(-TURN / 4));
  expect([codeOf(heading, Number.NaN), codeOf(heading, Number.POSITIVE_INFINITY)]).toEqual([192, 192]);
});

test('in range: both bounds, any finite angle', () => {
  const x = compile(num({ min: 0, max: 16, precision: 1 }));
  expect([0, 16, -0.001, 16.001, Number.NaN].map((value) => isInRange(x, value))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  const heading = compile(angle(8));
  expect([-99, 1e9, Number.NaN, Number.NEGATIVE_INFINITY].map((value) => isInRange(heading, value))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('words and truths have numbers', () => {
  const mood = compile(oneOf('calm', 'angry'));
  expect([columnValueOf(mood, 'angry'), columnValueOf(mood, 'sad')]).toEqual([1, -1]);
  expect([naturalValueOf(mood, 0), naturalValueOf(mood, 7)]).toEqual(['calm', undefined]);
  const isOpen = compile(bool());
  expect([columnValueOf(isOpen, true), columnValueOf(isOpen, false)]).toEqual([1, 0]);
  expect([naturalValueOf(isOpen, 1), naturalValueOf(isOpen, 0)]).toEqual([true, false]);
});

test('the vector of the wire design: ticks of a predicted position', () => {
  const { packed } = defineGame({
    entities: {
      ship: entity({
        x: num({ min: 0, max: 4096, precision: 1 / 16 }).hermite('vx'),
        vx: num({ min: -512, max: 512, precision: 1 / 8 }),
      }),
    },
    tickRate: 30,
  }).schema.kinds[0]!;
  const [x, vx] = packed as [PackedField, PackedField];
  const scale = 2 ** 24 / (x.precision * 30);
  const slope = Math.round(vx.precision * scale);
  const base = Math.round(vx.min * scale);
  expect([slope, base]).toEqual([1_118_481, -4_581_298_449]);
  const q = codeOf(vx, 100);
  expect(q).toBe(4896);
  const positions = [fineOf(x, 100)];
  for (let tick = 0; tick < 3; tick++) positions.push(positions[tick]! + Math.floor((q * slope + base) / 65_536));
  expect(positions).toEqual([409_600, 423_253, 436_906, 450_559]);
  expect(positions.slice(1).map((fine) => roundFine(x, fine))).toEqual([1653, 1707, 1760]);
});
