import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../../../engine/core/errors.ts';
import { angle, bool, defineGame, entity, input, int, num, oneOf, TickwireError } from '../../../engine/index.ts';
import {
  bindInput,
  createInputView,
  InputSample,
  isSameInput,
  quantizeInput,
  readInputBits,
  resetInput,
  writeInputBits,
} from '../../../engine/state/input.ts';
import type { InputSpec } from '../../../engine/state/schema.ts';

function specOf(fields: Parameters<typeof input>[0]): InputSpec {
  return defineGame({ entities: { ship: entity({ a: bool() }) }, input: input(fields) }).schema.input;
}
const spec = specOf({
  thrust: bool(),
  turn: int(-1, 1),
  fire: bool().pulse(),
  aim: angle(10),
  power: num({ min: 0, max: 1, precision: 1 / 8 }).default(0.5),
  gun: oneOf('axe', 'bow', 'gun'),
});
interface Keys {
  thrust: boolean;
  turn: number;
  fire: boolean;
  aim: number;
  power: number;
  gun: string;
}

test('quantizing takes what is given, clamps it, and defaults the rest', () => {
  expect([...quantizeInput(spec, { thrust: true, turn: 5, aim: -Math.PI / 2, gun: 'gun' })]).toEqual([
    1, 2, 0, 768, 4, 2,
  ]);
  expect([...quantizeInput(spec, {})]).toEqual([0, 1, 0, 0, 4, 0]);
  expect(() => quantizeInput(spec, { turn: Number.NaN })).toThrow('input.turn takes a number, not NaN');
  expect(() => quantizeInput(spec, { gun: 'nail' })).toThrow(TickwireError);
});

test('bits: least significant first, without gaps', () => {
  const small = specOf({ thrust: bool(), turn: int(-1, 1), fire: bool() });
  expect(small.byteLength).toBe(1);
  const bytes = new Uint8Array(3).fill(0xff);
  writeInputBits(small, quantizeInput(small, { thrust: true, turn: 1, fire: false }), bytes, 1);
  expect([...bytes]).toEqual([0xff, 0b0101, 0xff]);
  expect(specOf({}).byteLength).toBe(0);
});

test('any input comes back from its bits, whatever the widths', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 23 }), fc.nat()), { maxLength: 20 }),
      fc.nat({ max: 5 }),
      (fields, offset) => {
        const wide = specOf(Object.fromEntries(fields.map(([bits], i) => [`f${i}`, angle(bits)])));
        const codes = Int32Array.from(fields, ([bits, seed]) => seed % 2 ** bits);
        const bytes = new Uint8Array(offset + wide.byteLength + 1).fill(0xaa);
        writeInputBits(wide, codes, bytes, offset);
        expect(bytes[offset + wide.byteLength]).toBe(0xaa);
        const back = new Int32Array(fields.length);
        readInputBits(wide, back, bytes, offset);
        expect(isSameInput(codes, back)).toBe(true);
      },
    ),
    { seed: 6, numRuns: 500 },
  );
});

test('hostile bits are a WireError', () => {
  const small = specOf({ turn: int(-1, 1), fire: bool() });
  const codes = new Int32Array(2);
  expect(() => readInputBits(small, codes, Uint8Array.of(0b011), 0)).toThrow(WireError);
  expect(() => readInputBits(small, codes, Uint8Array.of(0b1000), 0)).toThrow(WireError);
  expect(() => readInputBits(small, codes, Uint8Array.of(), 0)).toThrow(WireError);
  expect(() => readInputBits(small, codes, Uint8Array.of(0, 0), 2)).toThrow(WireError);
  readInputBits(small, codes, Uint8Array.of(0b110), 0);
  expect([...codes]).toEqual([2, 1]);
});

test('a step reads an input object bound to codes', () => {
  const view = createInputView(spec);
  bindInput(view, quantizeInput(spec, { thrust: true, turn: -1, aim: Math.PI, gun: 'bow' }));
  const keys = view as unknown as Keys;
  expect({ ...keys }).toMatchObject({ thrust: true, turn: -1, fire: false, aim: Math.PI, power: 0.5, gun: 'bow' });
  bindInput(view, quantizeInput(spec, { turn: 1 }));
  expect([keys.thrust, keys.turn]).toEqual([false, 1]);
  expect(() => {
    keys.turn = 0;
  }).toThrow('read-only');
});

test('a sample keeps the newest values, on their grid', () => {
  const sample = new InputSample(spec);
  const keys = sample.view as unknown as Keys;
  const tick = new Int32Array(spec.fields.length);
  keys.power = 0.3;
  keys.turn = 9;
  expect([keys.power, keys.turn]).toEqual([0.25, 1]);
  sample.mergeSample();
  sample.takeTick(tick);
  expect([...tick]).toEqual([0, 2, 0, 0, 2, 0]);
  // Not assigned again: still so.
  sample.takeTick(tick);
  expect(tick[1]).toBe(2);
  expect(() => {
    keys.turn = Number.NaN;
  }).toThrow('input.turn takes a finite number, not NaN');
  expect(() => {
    keys.gun = 'nail';
  }).toThrow("input.gun takes axe, bow, gun, not 'nail'");
  expect(keys.turn).toBe(1);
});

test('no tap is lost or doubled', () => {
  const sample = new InputSample(spec);
  const keys = sample.view as unknown as Keys;
  const codes = new Int32Array(spec.fields.length);
  const frame = (fire: boolean) => {
    keys.fire = fire;
    sample.mergeSample();
  };
  const tick = () => {
    sample.takeTick(codes);
    return codes[2];
  };
  // Pressed and let go between two ticks.
  frame(true);
  frame(false);
  expect([tick(), tick()]).toEqual([1, 0]);
  // One frame covers two ticks: one press is one tick.
  frame(true);
  expect([tick(), tick()]).toEqual([1, 0]);
  // Held on: every tick with a new sample.
  frame(true);
  expect(tick()).toBe(1);
  frame(false);
  expect(tick()).toBe(0);
});

test('reset means nothing pressed', () => {
  const codes = quantizeInput(spec, { thrust: true, turn: 1 });
  resetInput(spec, codes);
  expect([...codes]).toEqual([0, 1, 0, 0, 4, 0]);
});
