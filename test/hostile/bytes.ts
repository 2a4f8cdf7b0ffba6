/** Hostile bytes: random values, mutations of good messages, and what may come out of them. */
import type { Random } from '../../engine/core/random.ts';

/** Any JavaScript value that MessagePack holds, of at most `depth` levels, with NaN, infinities and odd keys among it. */
export function randomValue(random: Random, depth: number): unknown {
  switch (random.int(0, depth > 0 ? 11 : 8)) {
    case 0:
      return null;
    case 1:
      return random.next() < 0.5;
    case 2:
      return random.int(-40, 140);
    case 3:
      return random.int(-(2 ** 31), 2 ** 32 - 1);
    case 4:
      return (random.next() - 0.5) * 2 ** random.int(-30, 80);
    case 5:
      return randomNumberAtEdge(random);
    case 6:
      return randomText(random);
    case 7:
      return Uint8Array.from({ length: random.int(0, 40) }, () => random.int(0, 255));
    case 8:
      return random.int(0, 40) === 0 ? 'x'.repeat(300) : 'name';
    case 9:
      return Array.from({ length: random.int(0, 6) }, () => randomValue(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.int(0, 5) }, () => [randomKey(random), randomValue(random, depth - 1)]),
      );
  }
}

function randomNumberAtEdge(random: Random): number {
  const edges = [
    0,
    -0,
    1,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    1e308,
    5e-324,
  ];
  const others = [Number.NaN, Number.POSITIVE_INFINITY];
  const edge =
    (random.int(0, 30) === 0 ? others : edges)[random.int(0, 1e6) % (random.int(0, 1) ? 2 : edges.length)] ?? 7;
  return random.next() < 0.5 ? edge : -edge;
}

function randomText(random: Random): string {
  const points = [
    0x00, 0x41, 0x7f, 0x80, 0x7ff, 0x800, 0x202e, 0xd7ff, 0xe000, 0xfeff, 0xffff, 0x1_0000, 0x1_f600, 0x10_ffff,
  ];
  const count = random.int(0, 20);
  return String.fromCodePoint(
    ...Array.from({ length: count }, () => points[random.int(0, points.length - 1)] as number),
  );
}

function randomKey(random: Random): string {
  const keys = [
    'a',
    'b',
    'c',
    '',
    '0',
    'length',
    'valueOf',
    'hasOwnProperty',
    '__lookupGetter__',
    'then',
    'é',
    'constructor',
  ];
  return keys[random.int(0, random.int(0, 10) === 0 ? keys.length - 1 : keys.length - 2)] as string;
}

/** `bytes` with one thing wrong: bits, a byte, a run cut out, doubled or taken from elsewhere in it. */
export function mutate(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(random.int(0, 255));
  const at = random.int(0, bytes.length - 1);
  const end = random.int(at, Math.min(bytes.length, at + 16));
  const copy = bytes.slice();
  switch (random.int(0, 12)) {
    case 0:
      copy[at] = (copy[at] as number) ^ (1 << random.int(0, 7));
      return copy;
    case 1:
      copy[at] = random.int(0, 255);
      return copy;
    case 2:
      return joined(bytes.subarray(0, at), bytes.subarray(end));
    case 3:
      return joined(bytes.subarray(0, end), bytes.subarray(at));
    case 4:
      return joined(
        bytes.subarray(0, at),
        Uint8Array.of(HEADS[random.int(0, HEADS.length - 1)] as number),
        bytes.subarray(at),
      );
    case 5:
      return bytes.slice(0, at);
    case 6:
      copy.copyWithin(random.int(0, bytes.length - 1), at, end);
      return copy;
    default:
      // A small number or a letter becomes another: the shape stays good more often than not.
      if ((copy[at] as number) < 0x80) copy[at] = random.int(0, 0x7f);
      return copy;
  }
}

// Heads that change the meaning of what follows.
const HEADS = [
  0x80, 0x81, 0x90, 0x91, 0x9f, 0xa0, 0xa5, 0xbf, 0xc0, 0xc1, 0xc4, 0xc5, 0xc6, 0xc7, 0xca, 0xcb, 0xcf, 0xd0, 0xd3,
  0xd4, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff,
];

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Whether `value` is made of nothing but null, bools, finite numbers, texts, bytes, arrays and plain objects. */
export function isPlain(value: unknown): boolean {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.values(value).every(isPlain);
}
