// Values of a game: what may travel, the sentence for what may not, and the way there and back.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createValueCodec } from '../../../engine/client/value-codec.ts';
import { TickwireError, WireError } from '../../../engine/core/errors.ts';
import { checkValue, MESSAGE_LIMITS } from '../../../engine/wire/gate.ts';
import { createMsgpackrCodec } from '../../../engine/wire/msgpackr.node.ts';
import { Reader } from '../../../engine/wire/reader.ts';
import {
  assertEncodable,
  readPayload,
  readValue,
  type ValueCodec,
  writePayload,
  writeValue,
} from '../../../engine/wire/value-codec.ts';
import { Writer } from '../../../engine/wire/writer.ts';
import { encodable, payload, withPlainBins } from './arbitraries.ts';

const codec = createMsgpackrCodec();
const clientCodec = createValueCodec();
const pairs: readonly [string, ValueCodec, ValueCodec][] = [
  ['server to client', codec, clientCodec],
  ['client to server', clientCodec, codec],
  ['server to server', codec, codec],
];

function bytesOf(value: unknown, encoder = codec): Uint8Array {
  const writer = new Writer();
  writeValue(writer, encoder, value);
  return writer.finish();
}

function readBack(value: unknown, textBytes?: number): unknown {
  const reader = new Reader().open(bytesOf(value));
  const back = readValue(reader, codec, textBytes);
  reader.checkEnd();
  return back;
}

test.each(pairs)('whatever passes assertEncodable passes the gate and comes back: %s', (_, encoder, decoder) => {
  fc.assert(
    fc.property(encodable, (value) => {
      assertEncodable(value, 'value');
      const bytes = bytesOf(value, encoder);
      checkValue(bytes, 0, bytes.length, MESSAGE_LIMITS);
      const reader = new Reader().open(bytes);
      expect(withPlainBins(readValue(reader, decoder))).toEqual(value);
      reader.checkEnd();
    }),
    { seed: 6, numRuns: 1000 },
  );
});

test.each(pairs)('payloads come back: %s', (_, encoder, decoder) => {
  fc.assert(
    fc.property(payload, (fields) => {
      const writer = new Writer();
      writePayload(writer, encoder, fields);
      const reader = new Reader().open(writer.finish());
      expect(withPlainBins(readPayload(reader, decoder, 256))).toEqual(fields);
      reader.checkEnd();
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('undefined travels as nil, -0 as 0, whole numbers of 2^32 and more as float64', () => {
  expect(readBack(undefined)).toBeNull();
  expect(readBack({ a: undefined, b: [undefined] })).toEqual({ a: null, b: [null] });
  expect(Object.is(readBack([-0]), -0)).toBe(false);
  expect(readBack([2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1])).toEqual([2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1]);
  expect(bytesOf([2 ** 32])).toEqual(Uint8Array.from([0x91, 0xcb, 0x41, 0xf0, 0, 0, 0, 0, 0, 0]));
});

test('a decoded bin does not hold on to the message', () => {
  const bytes = bytesOf([new Uint8Array(3)]);
  const array = readValue(new Reader().open(bytes), codec) as Uint8Array[];
  expect(array[0]?.buffer).not.toBe(bytes.buffer);
  const bin = readValue(new Reader().open(bytesOf(new Uint8Array(3))), codec) as Uint8Array;
  expect(bin.buffer.byteLength).toBe(3);
});

test('a text field has its own limit, texts inside containers the common one', () => {
  const text = 'x'.repeat(300);
  expect(readBack(text, 300)).toBe(text);
  expect(() => readBack(text)).toThrow(WireError);
  expect(() => readBack([text], 300)).toThrow(WireError);
});

const cycle: unknown[] = [];
cycle.push(cycle);

test.each([
  ['NaN', { speed: Number.NaN }, 'a.speed is NaN; only finite numbers travel.'],
  ['infinity', Number.POSITIVE_INFINITY, 'a is Infinity; only finite numbers travel.'],
  ['a whole number beyond 2^53', [2 ** 53], 'a[0] is a whole number beyond 2^53, which loses digits. Send it as text.'],
  ['a bigint', { id: 1n }, 'a.id is a bigint, which MessagePack does not hold.'],
  ['a function', { run: String }, 'a.run is a function, which MessagePack does not hold.'],
  ['a symbol', Symbol('s'), 'a is a symbol, which MessagePack does not hold.'],
  ['a Map', new Map(), 'a is not a plain object. Send its fields, or an array.'],
  ['a Date', { at: new Date(0) }, 'a.at is not a plain object. Send its fields, or an array.'],
  ['a typed array', new Float64Array(1), 'a is not a plain object. Send its fields, or an array.'],
  ['a cycle', cycle, 'a[0][0][0][0] nests deeper than 4 arrays and objects.'],
  ['depth 5', [[[[[]]]]], 'a[0][0][0][0] nests deeper than 4 arrays and objects.'],
  ['too many', new Array(449), 'a holds 449 values; at most 448 travel. Split it up.'],
  [
    'too many in all',
    [new Array(224).fill(0), new Array(224).fill(0)],
    'a holds 451 values; at most 448 travel. Split it up.',
  ],
  ['a long text', ['é'.repeat(129)], 'a[0] is a text of 258 UTF-8 bytes; at most 256 travel.'],
  ['half a character', ['\ud83d'], 'a[0] is a text that was cut inside a character. Cut it with Array.from(text).'],
  ['a long bin', new Uint8Array(4097), 'a holds 4097 bytes; at most 4096 travel.'],
  ['a long key', { ['k'.repeat(65)]: 1 }, 'a has a key that is no text of at most 64 UTF-8 bytes.'],
  ['the key constructor', { constructor: 1 }, 'a has a key named constructor, which no side accepts.'],
  ['the key __proto__', JSON.parse('{"__proto__":1}'), 'a has a key named __proto__, which no side accepts.'],
])('assertEncodable names what is wrong: %s', (_, value, sentence) => {
  expect(() => assertEncodable(value, 'a')).toThrow(new TickwireError(sentence));
});

test('a value that fills a message is refused where it is written', () => {
  const bins = Array.from({ length: 16 }, () => new Uint8Array(4096));
  expect(() => assertEncodable(bins.slice(1), 'board')).not.toThrow();
  expect(() => assertEncodable(bins, 'board')).toThrow(/^board takes about \d+ bytes; at most 65536 travel/);
  const texts = Array.from({ length: 300 }, () => 'x'.repeat(256));
  expect(() => assertEncodable({ texts }, 'board')).toThrow('at most 65536 travel');
  // The count begins anew with each value.
  expect(() => assertEncodable('short', 'board')).not.toThrow();
});

test('values that look odd and are not', () => {
  const bare = Object.assign(Object.create(null), { hasOwnProperty: 1, valueOf: null }) as Record<string, unknown>;
  assertEncodable(bare, 'a');
  expect(readBack(bare)).toEqual({ hasOwnProperty: 1, valueOf: null });
  const twice = { x: 1 };
  assertEncodable([twice, twice], 'a');
  expect(readBack([twice, twice])).toEqual([{ x: 1 }, { x: 1 }]);
});
