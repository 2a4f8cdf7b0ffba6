// The gate against what MessagePack decoders have fallen to: each attack by name.
import { expect, test } from 'vitest';
import { WireError } from '../../engine/core/errors.ts';
import { checkMessage, MESSAGE_LIMITS } from '../../engine/wire/gate.ts';
import { createMsgpackrCodec } from '../../engine/wire/msgpackr.node.ts';
import { Reader } from '../../engine/wire/reader.ts';
import { readValue } from '../../engine/wire/value-codec.ts';

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const textHex = (text: string): string => Buffer.from(text).toString('hex');
const keyHex = (key: string): string => (0xa0 + key.length).toString(16) + textHex(key);
const hex8 = (value: number): string => value.toString(16).padStart(2, '0');
const hex16 = (value: number): string => value.toString(16).padStart(4, '0');

function reasonOf(bytes: Uint8Array, limits = MESSAGE_LIMITS): string {
  try {
    checkMessage(bytes, limits);
    return 'accepted';
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    return (error as WireError).reason;
  }
}

test.each([
  ['an empty array', '90'],
  [
    'every type that may travel',
    '9f00ffccffcdffffceffffffffd080d18000d280000000ca3fc00000cb3ff8000000000000c0c2c3c400a141',
  ],
  ['the other heads', '96dc000190c50000d90141da000141de0001a1610081d9016101'],
  ['equal keys in different maps', '9281a1610181a16102'],
  ['equal keys in a map and the map in it', '9182a16181a16101a16202'],
  ['six levels', '919191919190'],
  ['512 values', `dc01ff${'00'.repeat(511)}`],
  ['a text of 256 bytes', `91da0100${'41'.repeat(256)}`],
  ['a key of 64 bytes', `9181d940${'41'.repeat(64)}00`],
  ['the largest finite floats', '92ca7f7fffffcb7fefffffffffffff'],
])('taken: %s', (_, hex) => {
  expect(reasonOf(bytesOf(hex))).toBe('accepted');
});

test.each([
  ['nothing', '', 'not an array'],
  ['a map', '80', 'not an array'],
  ['an array with a 32-bit length', 'dd00000000', 'not an array'],
  ['c1', '91c1', 'a type that is not allowed'],
  ['uint64', '91cf0000000000000001', 'a type that is not allowed'],
  ['int64', '91d30000000000000001', 'a type that is not allowed'],
  ['array32 for 20 million', '91dd01312d00', 'a type that is not allowed'],
  ['map32', '91df00000000', 'a type that is not allowed'],
  ['str32', '91db0000000141', 'a type that is not allowed'],
  ['bin32', '91c60000000141', 'a type that is not allowed'],
  ['a byte behind', '9000', 'bytes behind the message'],
  ['a second message behind', '9090', 'bytes behind the message'],
  ['seven levels', '91919191919190', 'nested too deeply'],
  ['seven levels of maps', `91${'81a161'.repeat(6)}00`, 'nested too deeply'],
  ['513 values', `dc0200${'00'.repeat(512)}`, 'too many values'],
  ['many empty maps', `dc0200${'80'.repeat(512)}`, 'too many values'],
  ['many keys', `91de0100${'a0'.repeat(512)}`, 'key comes twice'],
  ['a head that lies', '9300', 'message cut short'],
  ['a map head that lies', '91deffff', 'message cut short'],
  ['an array head that lies', '91dcffff', 'message cut short'],
  ['a head cut short', '91dc00', 'message cut short'],
  ['a number cut short', '91ce000000', 'message cut short'],
  ['a text cut short', '91a34141', 'message cut short'],
  ['a bin cut short', '91c40541', 'message cut short'],
  ['a key cut short', '9181a541', 'message cut short'],
  ['a map without its value', '9181a141', 'message cut short'],
  ['a text of 257 bytes', `91da0101${'41'.repeat(257)}`, 'text too long'],
  ['a bin of 4097 bytes', `91c51001${'41'.repeat(4097)}`, 'bin too long'],
  ['a key of 65 bytes', `9181d941${'41'.repeat(65)}00`, 'key too long'],
  ['a key with a 16-bit length', '9181da00014100', 'key is no short text'],
  ['a number as key', '91810100', 'key is no short text'],
  ['a negative number as key', '9181ff00', 'key is no short text'],
  ['nil as key', '9181c000', 'key is no short text'],
  ['a bin as key', '9181c4014100', 'key is no short text'],
  ['an array as key', '91819000', 'key is no short text'],
  ['NaN', '91cb7ff8000000000000', 'number is not finite'],
  ['a signalling NaN', '91cbfff0000000000001', 'number is not finite'],
  ['infinity', '91cb7ff0000000000000', 'number is not finite'],
  ['negative float32 infinity', '91caff800000', 'number is not finite'],
  ['float32 NaN', '91ca7fc00000', 'number is not finite'],
  ['a stray continuation byte', '91a180', 'text is not UTF-8'],
  ['an overlong slash', '91a2c0af', 'text is not UTF-8'],
  ['a surrogate', '91a3eda080', 'text is not UTF-8'],
  ['a point above 10FFFF', '91a4f4908080', 'text is not UTF-8'],
  ['a key that is not UTF-8', '9181a1ff00', 'text is not UTF-8'],
  ['the key __proto__', `9181${keyHex('__proto__')}80`, 'key is not allowed'],
  ['the key constructor', `9181${keyHex('constructor')}80`, 'key is not allowed'],
  ['the key prototype', `9181${keyHex('prototype')}80`, 'key is not allowed'],
  ['the key toJSON', `9181${keyHex('toJSON')}80`, 'key is not allowed'],
  ['__proto__ behind an 8-bit length', `9181d909${textHex('__proto__')}80`, 'key is not allowed'],
  ['a key twice', '9182a16101a16102', 'key comes twice'],
  ['a key twice in two forms', '9182a16101d9016102', 'key comes twice'],
  ['a key twice around a map', '9183a16101a16281a16100a16102', 'key comes twice'],
])('refused: %s', (_, hex, reason) => {
  expect(reasonOf(bytesOf(hex))).toBe(reason);
});

test('each of 256 ext types in each of the eight forms', () => {
  for (let type = 0; type < 256; type++) {
    const forms = [
      ...[1, 2, 4, 8, 16].map((size, i) => `d${4 + i}${hex8(type)}${'00'.repeat(size)}`),
      `c703${hex8(type)}000000`,
      `c80003${hex8(type)}000000`,
      `c900000003${hex8(type)}000000`,
    ];
    for (const form of forms) {
      expect(reasonOf(bytesOf(`91${form}`))).toBe('a type that is not allowed');
      expect(() => readValue(new Reader().open(bytesOf(`91${form}`)), createMsgpackrCodec())).toThrow(WireError);
    }
  }
});

test('msgpackr’s records are refused, defined or used', () => {
  // d4 72 40: definition of record 0x40 with the fields of the array behind it.
  expect(reasonOf(bytesOf('91d4724091a16101'))).toBe('a type that is not allowed');
  const codec = createMsgpackrCodec();
  expect(() => readValue(new Reader().open(bytesOf('91d4724091a16101')), codec)).toThrow(WireError);
  // What would be the use of a record is the number 64, before and after.
  expect(readValue(new Reader().open(bytesOf('9140')), codec)).toEqual([64]);
});

test.each([5, 1_000, 1_000_000])('nested %i deep: refused at once or taken, never by recursion', (depth) => {
  const arrays = new Uint8Array(depth + 1).fill(0x91);
  arrays[depth] = 0x90;
  expect(reasonOf(arrays)).toBe(depth === 5 ? 'accepted' : 'nested too deeply');
});

test('limits are parameters, larger than the common ones too', () => {
  const deep = new Uint8Array(40).fill(0x91);
  deep[39] = 0x90;
  expect(reasonOf(deep, { ...MESSAGE_LIMITS, depth: 40 })).toBe('accepted');
  expect(reasonOf(deep, { ...MESSAGE_LIMITS, depth: 39 })).toBe('nested too deeply');
  const keys = Array.from({ length: 1000 }, (_, i) => keyHex(`k${i}`) + hex8(i & 0x7f)).join('');
  const map = bytesOf(`91de${hex16(1000)}${keys}`);
  expect(reasonOf(map, { ...MESSAGE_LIMITS, nodes: 3000 })).toBe('accepted');
  expect(reasonOf(map)).toBe('too many values');
  expect(reasonOf(bytesOf(`91da1000${'41'.repeat(4096)}`), { ...MESSAGE_LIMITS, textBytes: 4096 })).toBe('accepted');
});

test('a check that failed half-way leaves nothing behind for the next', () => {
  expect(reasonOf(bytesOf('9182a16101a161'))).toBe('key comes twice');
  expect(reasonOf(bytesOf('9181a16101'))).toBe('accepted');
  expect(reasonOf(bytesOf('9191919191919190'))).toBe('nested too deeply');
  expect(reasonOf(bytesOf('919191919190'))).toBe('accepted');
});

test('Object.prototype is as it was', () => {
  const codec = createMsgpackrCodec();
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    expect(() => readValue(new Reader().open(bytesOf(`81${keyHex(key)}81a16101`)), codec)).toThrow(WireError);
  }
  expect(({} as Record<string, unknown>).a).toBeUndefined();
});
