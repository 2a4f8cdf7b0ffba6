// Bits against a reference that knows nothing but the definitions: a text of 0 and 1.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BitReader, BitWriter, expGolombBits, unzigzag, zigzag } from '../../../engine/wire/bits.ts';

/** The low bits of a number, least significant first. */
function lowBits(value: number, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += Math.floor(value / 2 ** i) % 2;
  return text;
}

/** EGk: x = floor(v / 2^k) + 1, n = floor(log2 x); n zeros, a 1, the n low bits of x, the k low bits of v. */
function golomb(value: number, k: number): string {
  const x = Math.floor(value / 2 ** k) + 1;
  let n = 0;
  while (2 ** (n + 1) <= x) n++;
  return `${'0'.repeat(n)}1${lowBits(x, n)}${lowBits(value, k)}`;
}

/** Rice p: floor(v / 2^p) zeros, a 1, the p low bits of v. */
const rice = (value: number, p: number): string => `${'0'.repeat(Math.floor(value / 2 ** p))}1${lowBits(value, p)}`;

/** Bits in bytes, least significant first, padded with zeros. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from({ length: Math.ceil(text.length / 8) }, (_, i) =>
    Number.parseInt(
      text
        .slice(8 * i, 8 * i + 8)
        .padEnd(8, '0')
        .split('')
        .reverse()
        .join(''),
      2,
    ),
  );
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function written(write: (bits: BitWriter) => void, capacity = 0): Uint8Array {
  const bits = new BitWriter(capacity);
  write(bits);
  bits.finish();
  return bits.bytes.slice(0, bits.length);
}

/** Over these bits alone: all around them is 1. */
function reading(text: string): BitReader {
  const bytes = bytesOf(text);
  const all = new Uint8Array(bytes.length + 12).fill(0xff);
  all.set(bytes, 5);
  const bits = new BitReader();
  bits.open(all, 5, 5 + bytes.length);
  return bits;
}

/** One thing to write, and to read back. */
interface Item {
  readonly name: string;
  readonly text: string;
  readonly value: unknown;
  readonly write: (bits: BitWriter) => void;
  readonly read: (bits: BitReader) => unknown;
}

const putItem = (value: number, count: number): Item => ({
  name: `put ${value} in ${count}`,
  text: lowBits(value, count),
  value,
  write: (bits) => bits.put(value, count),
  read: (bits) => bits.get(count),
});

const wideItem = (value: number, count: number): Item => ({
  name: `putWide ${value} in ${count}`,
  text: lowBits(value, count),
  value: value % 2 ** count,
  write: (bits) => bits.putWide(value, count),
  read: (bits) => bits.getWide(count),
});

const golombItem = (value: number, k: number): Item => ({
  name: `EG${k} of ${value}`,
  text: golomb(value, k),
  value,
  write: (bits) => bits.expGolomb(value, k),
  read: (bits) => bits.expGolomb(k, 0x7fff_ffff),
});

const signedItem = (value: number, k: number): Item => ({
  name: `zigzag EG${k} of ${value}`,
  text: golomb(value < 0 ? -2 * value - 1 : 2 * value, k),
  value,
  write: (bits) => bits.expGolomb(zigzag(value), k),
  read: (bits) => bits.signed(k, 2 ** 23),
});

const riceItem = (value: number, p: number): Item => ({
  name: `Rice ${p} of ${value}`,
  text: rice(value, p),
  value,
  write: (bits) => bits.rice(value, p),
  read: (bits) => bits.rice(p, 0x7fff_ffff),
});

/** Copies `text` out of a buffer in which it starts a byte, and in which 1s follow it. */
const copyItem = (text: string): Item => ({
  name: `copy ${text}`,
  text,
  value: text,
  write: (bits) => bits.copy(Uint8Array.of(0xff, ...bytesOf(text.padEnd(text.length + 24, '1'))), 1, text.length),
  read: (bits) => Array.from(text, () => bits.get(1)).join(''),
});

/** Numbers at every width, one below, on and above it. */
function edges(limit: number): number[] {
  const values = new Set<number>([0, limit]);
  for (let i = 0; 2 ** i <= limit; i++) for (const off of [-1, 0, 1]) values.add(2 ** i + off);
  return [...values].filter((value) => value >= 0 && value <= limit);
}

/** The largest value that has a code: 24 zeros are the longest start. */
const largest = (k: number): number => Math.min(2 ** 24 * 2 ** k - 1, 0x7fff_ffff);

/** Writes and reads one item behind `lead` bits and before a mark. */
function check(item: Item, lead: number): void {
  const first = putItem(2 ** lead - 1, lead);
  const last = putItem(0b1001, 4);
  const items = [first, item, last];
  const text = items.map((each) => each.text).join('');
  const bytes = written((bits) => {
    for (const each of items) each.write(bits);
    if (bits.bitLength !== text.length) throw new Error(`${item.name} at ${lead}: ${bits.bitLength} bits`);
  });
  if (hex(bytes) !== hex(bytesOf(text))) throw new Error(`${item.name} at ${lead}: ${hex(bytes)}, not ${text}`);
  const bits = reading(text);
  for (const each of items) {
    const value = each.read(bits);
    if (value !== each.value) throw new Error(`${item.name} at ${lead}: read ${value}`);
  }
  bits.checkEnd();
}

describe('every code at every parameter, at the edges of every width, from every bit on', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('EG%i', (k) => {
    const values = edges(largest(k));
    expect(values).toContain(largest(k));
    for (const value of values) {
      for (let lead = 0; lead < 16; lead++) check(golombItem(value, k), lead);
      expect(expGolombBits(value, k)).toBe(golomb(value, k).length);
    }
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])('zigzag EG%i, to the residuals of a field of 23 bits', (k) => {
    for (const size of edges(2 ** 23 - 1)) {
      for (let lead = 0; lead < 16; lead += 3) {
        check(signedItem(size, k), lead);
        if (size > 0) check(signedItem(-size, k), lead);
      }
    }
    // Half a turn of the widest angle goes backwards.
    check(signedItem(-(2 ** 23), k), 7);
  });

  test('Rice', () => {
    for (let p = 0; p <= 15; p++) {
      for (const value of edges(65_534)) check(riceItem(value, p), (value + p) & 15);
    }
  });

  test('plain numbers', () => {
    for (let count = 0; count <= 32; count++) {
      for (const value of edges(2 ** count - 1)) {
        for (let lead = 0; lead < 16; lead++) {
          check(wideItem(value, count), lead);
          if (count <= 16) check(putItem(value, count), lead);
        }
      }
    }
    // Whatever is above them is cut off.
    check(wideItem(0xffff_ffff, 17), 3);
    check(wideItem(0xffff_ffff, 5), 3);
  });

  test('copies of words', () => {
    const text = '1101000111010110010011110001011010111001000110111';
    for (let count = 0; count <= text.length; count++) {
      for (let lead = 0; lead < 16; lead++) check(copyItem(text.slice(0, count)), lead);
    }
  });
});

test('zigzag numbers what is small, of either sign', () => {
  expect([0, -1, 1, -2, 2].map(zigzag)).toEqual([0, 1, 2, 3, 4]);
  for (const value of edges(2 ** 24 - 1)) {
    expect(unzigzag(zigzag(value))).toBe(value);
    expect(unzigzag(zigzag(-value)) + 0).toBe(-value + 0);
  }
});

const item: fc.Arbitrary<Item> = fc.oneof(
  fc.nat(16).chain((count) => fc.nat(2 ** count - 1).map((value) => putItem(value, count))),
  fc.nat(32).chain((count) => fc.integer({ min: 0, max: 2 ** count - 1 }).map((value) => wideItem(value, count))),
  fc.nat(8).chain((k) => fc.nat(largest(k)).map((value) => golombItem(value, k))),
  fc.tuple(fc.nat(8), fc.nat(40)).map(([k, value]) => golombItem(value, k)),
  fc.tuple(fc.nat(7), fc.integer({ min: -(2 ** 23), max: 2 ** 23 })).map(([k, value]) => signedItem(value, k)),
  fc.tuple(fc.nat(15), fc.nat(200)).map(([p, value]) => riceItem(value, p)),
  fc
    .tuple(fc.nat(15), fc.nat(65_534))
    .filter(([p, value]) => value >> p < 900)
    .map(([p, value]) => riceItem(value, p)),
  fc.array(fc.boolean(), { maxLength: 70 }).map((flags) => copyItem(flags.map(Number).join(''))),
);

test('any codes behind each other, in a buffer that grows and is used again', () => {
  const bits = new BitWriter(1);
  fc.assert(
    fc.property(fc.array(item, { maxLength: 60 }), (items) => {
      const text = items.map((each) => each.text).join('');
      bits.reset();
      for (const each of items) each.write(bits);
      expect(bits.bitLength).toBe(text.length);
      bits.finish();
      expect(hex(bits.bytes.subarray(0, bits.length))).toBe(hex(bytesOf(text)));
      const reader = reading(text);
      for (const each of items) expect([each.name, each.read(reader)]).toEqual([each.name, each.value]);
      reader.checkEnd();
    }),
    { seed: 20, numRuns: 2000 },
  );
});

test('what is finished starts the next byte', () => {
  const bytes = written((bits) => {
    bits.put(1, 1);
    bits.finish();
    expect(bits.bitLength).toBe(8);
    bits.finish();
    bits.put(0x1ff, 9);
    bits.finish();
    bits.put(0b101, 3);
  });
  expect(hex(bytes)).toBe('01ff0105');
});

describe('what is not there', () => {
  test('is refused wherever the bytes end', () => {
    const items = [
      putItem(5, 3),
      golombItem(1000, 2),
      signedItem(-70_000, 0),
      wideItem(0xdead_beef, 32),
      riceItem(40, 1),
    ];
    const text = items.map((each) => each.text).join('');
    const whole = bytesOf(text).length;
    for (let length = 0; length < whole; length++) {
      const reader = reading(text.slice(0, 8 * length));
      const readAll = () => items.map((each) => each.read(reader));
      expect(readAll, `${length} bytes`).toThrow('body cut short');
    }
  });

  test('is refused when nothing at all is there', () => {
    const reader = new BitReader();
    for (const read of [
      () => reader.get(1),
      () => reader.getWide(32),
      () => reader.flag(),
      () => reader.expGolomb(0, 9),
      () => reader.rice(0, 9),
    ]) {
      reader.open(new Uint8Array(0), 0, 0);
      expect(read).toThrow('body cut short');
    }
    reader.open(new Uint8Array(0), 0, 0);
    expect(reader.get(0)).toBe(0);
    reader.checkEnd();
  });

  test('a run of zeros that ends where the bytes do', () => {
    for (let length = 1; length <= 8; length++) {
      expect(() => reading('0'.repeat(8 * length)).rice(0, 1e6)).toThrow('body cut short');
      expect(() => reading('0'.repeat(8 * length)).expGolomb(0, 1e6)).toThrow(
        length < 4 ? 'body cut short' : 'code too long',
      );
    }
  });
});

describe('what cannot be', () => {
  test('a code that starts with more zeros than any', () => {
    expect(reading(`${'0'.repeat(24)}1${'0'.repeat(24)}`).expGolomb(0, 0x7fff_ffff)).toBe(2 ** 24 - 1);
    for (const zeros of [25, 26, 31, 32, 33, 100]) {
      expect(() => reading(`${'0'.repeat(zeros)}1${'1'.repeat(200)}`).expGolomb(0, 0x7fff_ffff)).toThrow(
        'code too long',
      );
    }
    expect(reading(`${'0'.repeat(65_535)}1`).rice(0, 1e6)).toBe(65_535);
    expect(() => reading(`${'0'.repeat(65_536)}1`).rice(0, 1e6)).toThrow('code too long');
  });

  test('a value above what the caller takes', () => {
    expect(reading(golomb(99, 1)).expGolomb(1, 99)).toBe(99);
    expect(() => reading(golomb(100, 1)).expGolomb(1, 99)).toThrow('value out of range');
    expect(reading(rice(99, 4)).rice(4, 99)).toBe(99);
    expect(() => reading(rice(100, 4)).rice(4, 99)).toThrow('value out of range');
    expect([reading(golomb(199, 0)).signed(0, 100), reading(golomb(200, 0)).signed(0, 100)]).toEqual([-100, 100]);
    for (const value of [201, 202]) {
      expect(() => reading(golomb(value, 0)).signed(0, 100)).toThrow('value out of range');
    }
  });

  test('padding that is not zeros, or is a byte and more', () => {
    for (let count = 1; count <= 8; count++) {
      const reader = reading('1'.repeat(count));
      reader.get(count);
      expect(() => reader.checkEnd()).not.toThrow();
    }
    for (const text of ['10000001', '11', '1'.padEnd(9, '0'), '1'.padEnd(16, '0')]) {
      const reader = reading(text);
      reader.get(1);
      expect(() => reader.checkEnd()).toThrow('body has more than it says');
    }
  });
});
