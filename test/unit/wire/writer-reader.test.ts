// The pair that all of the wire stands on: what is written comes back, in the shortest form, and as other libraries read it.
import { decode as decodeReference, encode as encodeReference } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../../../engine/core/errors.ts';
import { Reader } from '../../../engine/wire/reader.ts';
import { Writer } from '../../../engine/wire/writer.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const read = (text: string): Reader => new Reader().open(bytesOf(text));

function write(run: (writer: Writer) => void): Uint8Array {
  const writer = new Writer(1);
  run(writer);
  return writer.finish();
}

const edges = [0, 31, 32, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const ints = fc.oneof(
  fc
    .constantFrom(...edges, ...edges.filter((edge) => edge <= 2 ** 31).flatMap((edge) => [-edge, -edge - 1]))
    .filter((n) => n >= -(2 ** 31)),
  fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }),
);

test('integers come back, in the shortest form there is', () => {
  fc.assert(
    fc.property(ints, (value) => {
      const bytes = write((writer) => writer.int(value));
      expect(bytes).toEqual(encodeReference(value === 0 ? 0 : value));
      expect(new Reader().open(bytes).int()).toBe(value === 0 ? 0 : value);
      expect(new Reader().open(bytes).number()).toBe(value === 0 ? 0 : value);
      if (value >= 0) expect(hex(write((writer) => writer.uint(value)))).toBe(hex(bytes));
      else expect(() => new Reader().open(bytes).uint()).toThrow(WireError);
    }),
    { seed: 3, numRuns: 5000 },
  );
});

test('numbers come back: ints where they are ints, float64 else, and no -0', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(finite, (value) => {
      const bytes = write((writer) => writer.number(value));
      expect(decodeReference(bytes)).toBe(value === 0 ? 0 : value);
      expect(new Reader().open(bytes).number()).toBe(value === 0 ? 0 : value);
      const long = write((writer) => writer.float64(value));
      expect(long.length).toBe(9);
      expect(new Reader().open(long).number()).toBe(value === 0 ? 0 : value);
    }),
    { seed: 4, numRuns: 5000 },
  );
  expect(hex(write((writer) => writer.number(-0)))).toBe('00');
  expect(hex(write((writer) => writer.number(2 ** 32)))).toBe('cb41f0000000000000');
});

test('texts, bins, arrays, bools and nil come back', () => {
  const values = fc.tuple(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.uint8Array({ maxLength: 400 }),
    fc.boolean(),
  );
  fc.assert(
    fc.property(values, ([text, bin, bool]) => {
      const bytes = write((writer) => {
        writer.array(4);
        writer.text(text);
        writer.bin(bin);
        writer.bool(bool);
        writer.nil();
      });
      expect(bytes).toEqual(encodeReference([text, bin, bool, null]));
      const reader = new Reader().open(bytes);
      expect(reader.arrayHeader(4)).toBe(4);
      expect(reader.text(2000)).toBe(text);
      expect(reader.bin(400)).toEqual(bin);
      expect(reader.bool()).toBe(bool);
      expect(reader.peekNil()).toBe(true);
      expect(reader.takeNil()).toBe(true);
      expect(reader.isAtEnd()).toBe(true);
      expect(reader.takeNil()).toBe(false);
      reader.checkEnd();
      expect(() => reader.open(bytes).skip(2)).toThrow(WireError);
      reader.open(bytes).skip();
      reader.checkEnd();
    }),
    { seed: 5, numRuns: 1000 },
  );
});

test.each([15, 16, 31, 32, 255, 256, 65_535])(
  'a head of %i elements or bytes is the one that the reference writes',
  (count) => {
    const writer = new Writer();
    writer.array(count);
    for (let i = 0; i < count; i++) writer.nil();
    expect(hex(writer.finish())).toBe(hex(encodeReference(new Array(count).fill(null))));
    writer.reset();
    writer.text('x'.repeat(count));
    expect(hex(writer.finish())).toBe(hex(encodeReference('x'.repeat(count))));
    writer.reset();
    writer.bin(new Uint8Array(count));
    expect(hex(writer.finish())).toBe(hex(encodeReference(new Uint8Array(count))));
  },
);

test('a range of a larger array is copied as bin and as raw bytes', () => {
  const source = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);
  for (const [start, end] of [
    [0, 0],
    [3, 5],
    [10, 290],
    [0, 300],
  ] as const) {
    expect(write((writer) => writer.raw(source, start, end))).toEqual(source.slice(start, end));
    expect(new Reader().open(write((writer) => writer.bin(source, start, end))).bin(300)).toEqual(
      source.slice(start, end),
    );
  }
  expect(() => write((writer) => writer.raw(source, 5, 3))).toThrow(RangeError);
  expect(() => write((writer) => writer.raw(source, 0, 301))).toThrow(RangeError);
});

test('finish hands out a copy that later writing leaves alone', () => {
  const writer = new Writer();
  writer.uint(5);
  const first = writer.finish();
  writer.reset();
  writer.uint(6);
  expect([...first]).toEqual([5]);
  expect(first.buffer.byteLength).toBe(1);
});

test('the writer refuses what the engine must not send', () => {
  const writer = new Writer();
  for (const value of [-1, 0.5, 2 ** 32, Number.NaN]) expect(() => writer.uint(value)).toThrow(RangeError);
  for (const value of [-(2 ** 31) - 1, -0.5, 2 ** 32]) expect(() => writer.int(value)).toThrow(RangeError);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => writer.number(value)).toThrow(RangeError);
  expect(() => writer.array(65_536)).toThrow(RangeError);
  expect(() => writer.bin(new Uint8Array(65_536))).toThrow(RangeError);
  expect(() => writer.text('x'.repeat(65_536))).toThrow(RangeError);
});

test('the reader takes the longer forms that other encoders choose', () => {
  expect(read('cc05').int()).toBe(5);
  expect(read('cd0005').uint()).toBe(5);
  expect(read('ce00000005').int()).toBe(5);
  expect(read('d0ff').int()).toBe(-1);
  expect(read('d1fffe').int()).toBe(-2);
  expect(read('d2fffffffd').int()).toBe(-3);
  expect(read('ca3fc00000').number()).toBe(1.5);
  expect(read('ca80000000').number()).toBe(0);
  expect(read('dc00010a').arrayHeader(1)).toBe(1);
  expect(read('d90141').text(1)).toBe('A');
  expect(read('da000141').text(1)).toBe('A');
  expect([...read('c5000141').bin(1)]).toEqual([0x41]);
});

test.each([
  ['uint64', 'cf0000000000000005', (reader: Reader) => reader.int()],
  ['int64', 'd30000000000000005', (reader: Reader) => reader.int()],
  ['float as int', 'cb3ff0000000000000', (reader: Reader) => reader.int()],
  ['negative as uint', 'ff', (reader: Reader) => reader.uint()],
  ['uint above its maximum', '05', (reader: Reader) => reader.uint(4)],
  ['NaN', 'cb7ff8000000000000', (reader: Reader) => reader.number()],
  ['float32 infinity', 'ca7f800000', (reader: Reader) => reader.number()],
  ['int as bool', '01', (reader: Reader) => reader.bool()],
  ['map as array', '80', (reader: Reader) => reader.arrayHeader(5)],
  ['array32', 'dd00000000', (reader: Reader) => reader.arrayHeader(5)],
  ['array above its maximum', '9300', (reader: Reader) => reader.arrayHeader(2)],
  ['array of more than the bytes left', '9300', (reader: Reader) => reader.arrayHeader(9)],
  ['text above its maximum', 'a24141', (reader: Reader) => reader.text(1)],
  ['text32', 'db0000000141', (reader: Reader) => reader.text(9)],
  ['text cut short', 'a241', (reader: Reader) => reader.text(9)],
  ['text that is not UTF-8', 'a1ff', (reader: Reader) => reader.text(9)],
  ['bin as text', 'c40141', (reader: Reader) => reader.text(9)],
  ['text as bin', 'a141', (reader: Reader) => reader.bin(9)],
  ['bin32', 'c60000000141', (reader: Reader) => reader.bin(9)],
  ['bin cut short', 'c40241', (reader: Reader) => reader.bin(9)],
  ['bin above its maximum', 'c4024141', (reader: Reader) => reader.bin(1)],
  ['nothing left', '', (reader: Reader) => reader.int()],
  ['number cut short', 'ce0000', (reader: Reader) => reader.int()],
  ['float cut short', 'cb0000', (reader: Reader) => reader.number()],
  ['skip over ext', 'd40100', (reader: Reader) => reader.skip()],
  ['skip over c1', 'c1', (reader: Reader) => reader.skip()],
  ['skip over array32', 'dd00000000', (reader: Reader) => reader.skip()],
  ['skip over a lying map', 'deffff00', (reader: Reader) => reader.skip()],
  ['bytes left over', '00', (reader: Reader) => reader.checkEnd()],
])('the reader refuses: %s', (_, text, run) => {
  expect(() => run(read(text))).toThrow(WireError);
});

test('a reader keeps inside its range', () => {
  const reader = new Reader().open(bytesOf('0102cd0003'), 1, 3);
  expect(reader.int()).toBe(2);
  expect(() => reader.int()).toThrow(WireError);
  expect(reader.open(bytesOf('01'), 0, 99).end).toBe(1);
});

test('skipping a megabyte of nested heads neither recurses nor hangs', () => {
  expect(() => new Reader().open(new Uint8Array(1_000_000).fill(0x91)).skip()).toThrow(WireError);
  const deep = new Uint8Array(1_000_000).fill(0x91);
  deep[deep.length - 1] = 0;
  const reader = new Reader().open(deep);
  reader.skip();
  reader.checkEnd();
});
