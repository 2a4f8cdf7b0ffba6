import { expect, test } from 'vitest';
import { createValueCodec } from '../../../engine/client/value-codec.ts';
import { WireError } from '../../../engine/core/errors.ts';
import { createMsgpackrCodec } from '../../../engine/wire/msgpackr.node.ts';

const client = createValueCodec();
const server = createMsgpackrCodec();

const samples: unknown[] = [
  {},
  [],
  { a: 1, b: [true, null, 'ä😀', -7.25], c: { d: { e: [] } } },
  { big: 2 ** 32, bigger: 2 ** 53 - 1, negative: -(2 ** 31) - 1, edge: [2 ** 32 - 1, -(2 ** 31)] },
  { long: 'x'.repeat(1_000) },
  Array.from({ length: 300 }, (_, i) => i),
];

test.each(samples.map((value) => [value]))('both sides read what the other wrote: %j', (value) => {
  expect(server.decode(client.encode(value).slice())).toEqual(value);
  expect(client.decode(server.encode(value).slice())).toEqual(value);
  expect(client.decode(client.encode(value).slice())).toEqual(value);
});

test('bytes stay bytes', () => {
  const decoded = client.decode(server.encode({ bytes: new Uint8Array([1, 2, 3]) }).slice()) as { bytes: Uint8Array };
  expect([...decoded.bytes]).toEqual([1, 2, 3]);
});

test('no 64-bit integer is written', () => {
  for (const value of [{ n: 2 ** 40 }, [-(2 ** 40)], [[2 ** 32]]]) {
    const bytes = client.encode(value);
    expect(bytes.includes(0xcf) || bytes.includes(0xd3)).toBe(false);
  }
});

test('what the gate would stop is refused here too, without a word of it', () => {
  const hostile = [
    [0xdd, 0xff, 0xff, 0xff, 0xff],
    [0xdf, 0xff, 0xff, 0xff, 0xff],
    [0xc6, 0xff, 0xff, 0xff, 0xff],
    [0xc7, 0x01, 0x01, 0x00],
    [0xdc, 0x7f, 0xff],
    [0xc1],
    [0x91],
  ];
  for (const bytes of hostile) expect(() => client.decode(new Uint8Array(bytes))).toThrow(WireError);
});
