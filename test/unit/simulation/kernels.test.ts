import fc from 'fast-check';
import { expect, test } from 'vitest';
import { angle, defineGame, entity, int, num } from '../../../engine/index.ts';
import {
  differenceFine,
  extrapolateFine,
  hermiteFine,
  lerpFine,
  sampleLerp,
  velocityFine,
} from '../../../engine/simulation/kernels.ts';
import { extrapolateKind, holdKind, sampleKind } from '../../../engine/simulation/sample-kind.ts';
import { codeOf, fineOf, valueOfFine } from '../../../engine/state/quantize.ts';
import type { PackedField } from '../../../engine/state/schema.ts';

const kind = defineGame({
  entities: {
    ship: entity({
      x: num({ min: -512, max: 3584, precision: 1 / 64 }).hermite('vx'),
      vx: num({ min: -512, max: 512, precision: 1 / 256 }),
      heading: angle(12),
      level: int(0, 99).lerp().extrapolate(0),
      hp: int(0, 99),
      turn: angle(12).hermite('spin'),
      spin: num({ min: -16, max: 16, precision: 1 / 1024 }).snap(),
    }),
  },
}).schema.kinds[0]!;
const [x, vx, heading, level, , turn, spin] = kind.packed as [
  PackedField,
  PackedField,
  PackedField,
  PackedField,
  PackedField,
  PackedField,
  PackedField,
];

/** Columns of a snapshot with one row, at slot 2. */
function snapshotOf(values: { readonly [field: string]: number }): Int32Array[] {
  return kind.packed.map((field) => {
    const value = values[field.name] ?? field.default;
    return Int32Array.of(0, 0, field.kernel === 'snap' ? codeOf(field, value) : fineOf(field, value));
  });
}

const slots = Int32Array.of(2, 0);
type Draw = (out: readonly Float64Array[]) => void;
function drawn(draw: Draw): { [field: string]: number } {
  const out = kind.packed.map(() => new Float64Array(3).fill(-77));
  draw(out);
  // Rows that were not asked for are not touched.
  for (const column of out) expect([column[0], column[1]]).toEqual([-77, -77]);
  return Object.fromEntries(kind.packed.map((field) => [field.name, out[field.index]![2]!]));
}

const TURN = 2 * Math.PI;
const away = (a: number, b: number): number => Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)));

test('hermite follows any cubic exactly, up to the grid', () => {
  const seconds = 0.1;
  fc.assert(
    fc.property(
      fc.tuple(...Array.from({ length: 4 }, () => fc.double({ min: -1, max: 1, noNaN: true }))),
      fc.double({ min: 0, max: 1, noNaN: true }),
      ([c0, c1, c2, c3], u) => {
        // x(t) of a mover with bounded acceleration and jerk: a curve that velocities explain.
        const at = (t: number) => 1000 + c0! * 400 + (200 + 100 * c1!) * t + 300 * c2! * t * t + 500 * c3! * t ** 3;
        const speed = (t: number) => 200 + 100 * c1! + 600 * c2! * t + 1500 * c3! * t * t;
        const a = snapshotOf({ x: at(0), vx: speed(0) });
        const b = snapshotOf({ x: at(seconds), vx: speed(seconds) });
        const picture = drawn((out) => sampleKind(kind, a, b, u, seconds, slots, 1, out));
        expect(Math.abs(picture.x! - at(u * seconds))).toBeLessThan(x.precision / 256 + (seconds * vx.precision) / 256);
      },
    ),
    { seed: 7, numRuns: 1000 },
  );
});

test('at 10 Hz a turning mover is followed far closer by hermite than by lerp', () => {
  const seconds = 0.1;
  let worst = 0;
  let worstStraight = 0;
  for (let i = 0; i < 200; i++) {
    const at = (t: number) => 1000 + 150 * Math.sin(2 * t);
    const speed = (t: number) => 300 * Math.cos(2 * t);
    const start = i * 0.037;
    const a = snapshotOf({ x: at(start), vx: speed(start) });
    const b = snapshotOf({ x: at(start + seconds), vx: speed(start + seconds) });
    for (const u of [0.25, 0.5, 0.75]) {
      const truth = at(start + u * seconds);
      worst = Math.max(worst, Math.abs(drawn((out) => sampleKind(kind, a, b, u, seconds, slots, 1, out)).x! - truth));
      worstStraight = Math.max(worstStraight, Math.abs(valueOfFine(x, lerpFine(x, a[0]![2]!, b[0]![2]!, u)) - truth));
    }
  }
  expect(worst).toBeLessThan(0.05);
  expect(worstStraight).toBeGreaterThan(0.5);
});

test('hermite falls back to a straight line where the velocities do not explain the way', () => {
  // Both ends stand still, and yet it moved: a jump of 40, drawn straight and not as an S.
  const a = snapshotOf({ x: 100, vx: 0 });
  const b = snapshotOf({ x: 140, vx: 0 });
  expect(drawn((out) => sampleKind(kind, a, b, 0.25, 0.1, slots, 1, out)).x).toBeCloseTo(110, 6);
  // Reversed at full speed by a wall between the two: the velocities cancel out.
  const before = snapshotOf({ x: 100, vx: 300 });
  const after = snapshotOf({ x: 90, vx: -300 });
  const bounce = drawn((out) => sampleKind(kind, before, after, 0.5, 0.1, slots, 1, out)).x!;
  expect(bounce).toBeGreaterThan(95);
  expect(bounce).toBeLessThan(103);
  // A difference of one step of the grid does not switch it.
  expect(hermiteFine(x, 0, 256, 0, 0, 0.25)).toBeCloseTo(256 * (3 - 0.5) * 0.0625, 9);
});

test('every kernel gives a at 0 and b at 1, and stays in range', () => {
  const fines = fc.integer({ min: 0, max: (x.levels - 1) * 256 });
  const speeds = fc.integer({ min: -1e6, max: 1e6 });
  fc.assert(
    fc.property(fines, fines, speeds, speeds, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, va, vb, u) => {
      expect([lerpFine(x, a, b, 0), lerpFine(x, a, b, 1)]).toEqual([a, b]);
      expect([hermiteFine(x, a, b, va, vb, 0), hermiteFine(x, a, b, va, vb, 1)]).toEqual([a, b]);
      for (const fine of [hermiteFine(x, a, b, va, vb, u), extrapolateFine(x, a, va, u * 3)]) {
        expect(fine).toBeGreaterThanOrEqual(0);
        expect(fine).toBeLessThanOrEqual((x.levels - 1) * 256);
      }
    }),
    { seed: 8, numRuns: 2000 },
  );
});

test('angles go the short way round', () => {
  const draw = (from: number, to: number, u: number) =>
    drawn((out) => sampleKind(kind, snapshotOf({ heading: from }), snapshotOf({ heading: to }), u, 0.1, slots, 1, out))
      .heading!;
  expect(away(draw(TURN - 0.1, 0.1, 0.5), 0)).toBeLessThan(1e-5);
  expect(away(draw(0.1, TURN - 0.1, 0.25), 0.05)).toBeLessThan(1e-5);
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: TURN, noNaN: true }),
      fc.double({ min: -3.1, max: 3.1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (from, by, u) => {
        const shown = draw(from, from + by, u);
        expect(shown).toBeGreaterThanOrEqual(0);
        expect(shown).toBeLessThan(TURN);
        expect(away(shown, from + by * u)).toBeLessThan(1e-4);
      },
    ),
    { seed: 9, numRuns: 1000 },
  );
});

test('an angle with a velocity turns along the curve, across the seam', () => {
  const spun = (t: number) => TURN - 0.2 + 3 * t + 8 * t * t;
  const seconds = 0.1;
  const a = snapshotOf({ turn: spun(0), spin: 3 });
  const b = snapshotOf({ turn: spun(seconds), spin: 3 + 16 * seconds });
  for (const u of [0, 0.3, 0.6, 0.9, 1]) {
    const picture = drawn((out) => sampleKind(kind, a, b, u, seconds, slots, 1, out));
    expect(away(picture.turn!, spun(u * seconds))).toBeLessThan(2e-4);
  }
});

test('snap fields hold a until b is reached; whole numbers may glide', () => {
  const a = snapshotOf({ hp: 10, level: 10, spin: 1 });
  const b = snapshotOf({ hp: 20, level: 20, spin: 2 });
  const picture = drawn((out) => sampleKind(kind, a, b, 0.999, 0.1, slots, 1, out));
  expect([picture.hp, picture.spin]).toEqual([10, 1]);
  expect(drawn((out) => sampleKind(kind, a, b, 0.25, 0.1, slots, 1, out)).level).toBe(12.5);
  const held = drawn((out) => holdKind(kind, b, slots, 1, out));
  expect([held.hp, held.level, held.spin]).toEqual([20, 20, 2]);
});

test('extrapolation goes on by the velocity, or by the last difference, and stops at its cap', () => {
  const a = snapshotOf({ x: 100, heading: TURN - 0.1, level: 5, hp: 3 });
  const b = snapshotOf({ x: 104, vx: 200, heading: 0, level: 6, hp: 4, turn: 1, spin: -2 });
  const later = (ms: number) => drawn((out) => extrapolateKind(kind, a, b, 50, ms, slots, 1, out));
  const soon = later(25);
  expect(soon.x).toBeCloseTo(104 + 200 * 0.025, 3);
  expect(away(soon.heading!, 0.05)).toBeLessThan(2e-3);
  expect(away(soon.turn!, 1 - 2 * 0.025)).toBeLessThan(2e-3);
  expect([soon.level, soon.hp]).toEqual([6, 4]);
  expect(later(200).x).toBeCloseTo(144, 3);
  expect(later(5000)).toEqual(later(200));
  expect(later(0).x).toBe(104);
});

test('an extrapolated field stops at its bounds', () => {
  const b = snapshotOf({ x: 3583, vx: 511 });
  const picture = drawn((out) => extrapolateKind(kind, b, b, 50, 100, slots, 1, out));
  expect(picture.x).toBe(3584 - 1 / 64);
});

test('a velocity is read alike whether its column is fine or codes', () => {
  const fine = velocityFine(x, vx, fineOf(vx, 100), 0.5);
  expect(fine).toBe((100 * 0.5 * 256) / x.precision);
  expect(velocityFine(turn, spin, codeOf(spin, 2), 0.5)).toBeCloseTo((2 * 0.5 * 256) / turn.precision, 6);
});

test('the loops and the scalar functions agree to the last bit', () => {
  const a = Int32Array.of(12_345, 999);
  const b = Int32Array.of(13_000, 4);
  const out = new Float64Array(2);
  sampleLerp(level, a, b, 0.3, Int32Array.of(1, 0), 2, out);
  expect([...out]).toEqual(
    [0, 1].map((slot) => level.min + lerpFine(level, a[slot]!, b[slot]!, 0.3) * (level.precision / 256)),
  );
  expect(differenceFine(heading, 4096 * 256 - 1, 1)).toBe(2);
  expect(differenceFine(x, 7, 1)).toBe(-6);
});
