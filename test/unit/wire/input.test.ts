// INPUT: runs of inputs there and back, bare acks, and the bounds of both.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../../../engine/core/errors.ts';
import { createInputView, InputRuns, type InputView, readInput, writeInput } from '../../../engine/wire/input.ts';
import { INPUT_RUNS_BYTES, INPUTS_PER_MESSAGE } from '../../../engine/wire/limits.ts';
import { Reader } from '../../../engine/wire/reader.ts';
import { Writer } from '../../../engine/wire/writer.ts';

const noRuns = new InputRuns(0);

function bytesOf(view: InputView, runs: InputRuns): Uint8Array {
  const writer = new Writer();
  writeInput(writer, view, runs);
  return writer.finish();
}

function read(bytes: Uint8Array, byteLength: number): InputView {
  const view = createInputView();
  readInput(new Reader().open(bytes), view, byteLength);
  return view;
}

function inputsOf(bytes: Uint8Array, view: InputView, byteLength: number): number[][] {
  const inputs: number[][] = [];
  for (let at = view.runsStart; at < view.runsEnd; at += 1 + byteLength) {
    for (let i = 0; i < (bytes[at] as number); i++) inputs.push([...bytes.subarray(at + 1, at + 1 + byteLength)]);
  }
  return inputs;
}

test('any inputs come back in order, with what the client has and sees', () => {
  const message = fc
    .record({
      byteLength: fc.integer({ min: 0, max: 6 }),
      // Few values, so that neighbours are often equal.
      ticks: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: INPUTS_PER_MESSAGE }),
      firstSeq: fc.integer({ min: 0, max: 0xffff_ffff - INPUTS_PER_MESSAGE }),
      digest: fc.integer({ min: -1, max: 0xffff }),
      adopted: fc.integer({ min: 0, max: 0xffff }),
      heldLow: fc.integer({ min: -1, max: 127 }),
      seenLow: fc.integer({ min: -1, max: 127 }),
      seenFraction: fc.integer({ min: 0, max: 255 }),
      seenExtrapolatedMs: fc.integer({ min: 0, max: 255 }),
    })
    .map((fields) => (fields.seenLow < 0 ? { ...fields, seenFraction: 0, seenExtrapolatedMs: 0 } : fields))
    .map((fields) => (fields.digest < 0 ? { ...fields, adopted: 0 } : fields));
  fc.assert(
    fc.property(message, ({ byteLength, ticks, ...fields }) => {
      const inputs = ticks.map((value) => new Array<number>(byteLength).fill(value));
      const runs = new InputRuns(byteLength);
      for (const input of inputs) expect(runs.append(Uint8Array.from(input))).toBe(true);
      const bytes = bytesOf({ ...createInputView(), ...fields }, runs);
      const view = read(bytes, byteLength);
      expect(view).toMatchObject({ ...fields, inputCount: ticks.length });
      expect(inputsOf(bytes, view, byteLength)).toEqual(inputs);
    }),
    { seed: 9, numRuns: 1000 },
  );
});

test('a held key costs one run', () => {
  const runs = new InputRuns(2);
  const buffer = Uint8Array.from([9, 1, 2, 9]);
  for (let i = 0; i < 10; i++) runs.append(buffer, 1);
  expect([runs.length, runs.inputCount]).toEqual([3, 10]);
  runs.append(buffer, 2);
  expect(runs.length).toBe(6);
  runs.clear();
  runs.append(buffer, 2);
  expect([runs.length, runs.inputCount]).toEqual([3, 1]);
});

test('full runs say so and keep what they have', () => {
  const many = new InputRuns(1);
  for (let i = 0; i < INPUTS_PER_MESSAGE; i++) expect(many.append(Uint8Array.of(5))).toBe(true);
  expect(many.append(Uint8Array.of(5))).toBe(false);
  const large = new InputRuns(63);
  let appended = 0;
  while (large.append(new Uint8Array(63).fill(appended))) appended++;
  expect(appended).toBe(INPUT_RUNS_BYTES / 64);
  const view = { ...createInputView(), firstSeq: 1, digest: 0xffff, adopted: 0xffff, heldLow: 127, seenLow: 127 };
  expect(read(bytesOf(view, large), 63).inputCount).toBe(appended);
});

test('without inputs it is a bare ack, as short as it can be', () => {
  expect([...bytesOf(createInputView(), noRuns)]).toEqual([0x91, 5]);
  expect([...bytesOf({ ...createInputView(), heldLow: 9 }, noRuns)]).toEqual([0x94, 5, 0xc0, 0xc0, 9]);
  const seen = bytesOf(
    { ...createInputView(), heldLow: 9, seenLow: 7, seenFraction: 128, seenExtrapolatedMs: 999 },
    noRuns,
  );
  expect(read(seen, 4)).toMatchObject({
    firstSeq: -1,
    heldLow: 9,
    seenLow: 7,
    seenFraction: 128,
    seenExtrapolatedMs: 255,
  });
  expect(read(bytesOf(createInputView(), noRuns), 4)).toEqual(createInputView());
});

function message(runs: number[], firstSeq: number | null = 1, held = 3): Uint8Array {
  const writer = new Writer();
  writer.array(6);
  writer.uint(5);
  if (firstSeq === null) writer.nil();
  else writer.number(firstSeq);
  writer.uint(0);
  writer.uint(held);
  writer.nil();
  writer.bin(Uint8Array.from(runs));
  return writer.finish();
}

test.each([
  ['an empty run', message([0, 7])],
  ['half an input', message([1])],
  ['65 inputs in one run', message([65, 7])],
  ['65 inputs in two', message([64, 7, 1, 8])],
  ['inputs without a seq', message([1, 7], null)],
  ['a seq without inputs', message([])],
  ['a seq that passes 2^32', message([2, 7], 0xffff_ffff)],
  ['a negative seq', message([1, 7], -1)],
  ['half a seq', message([1, 7], 0.5)],
  ['a held tick of 8 bits', message([1, 7], 1, 128)],
  ['runs above their limit', message(new Array(962).fill(1))],
  ['more than a message may hold', new Uint8Array(1025).fill(0x91)],
])('refused: %s', (_, bytes) => {
  expect(() => read(bytes, 1)).toThrow(WireError);
});
