// Every message there and back: any content, elements that this version does not know, and what is missing.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TickwireError, WireError } from '../../../engine/core/errors.ts';
import { decodeBye, encodeBye } from '../../../engine/wire/bye.ts';
import { decodeCommand, encodeCommand } from '../../../engine/wire/command.ts';
import { decodeError, encodeError } from '../../../engine/wire/error.ts';
import { decodeHello, encodeHello, type Hello } from '../../../engine/wire/hello.ts';
import { MESSAGE, messageType } from '../../../engine/wire/message.ts';
import { createMsgpackrCodec } from '../../../engine/wire/msgpackr.node.ts';
import { readPing, writePing } from '../../../engine/wire/ping.ts';
import { readPong, writePong } from '../../../engine/wire/pong.ts';
import { Reader } from '../../../engine/wire/reader.ts';
import { decodeReady, encodeReady } from '../../../engine/wire/ready.ts';
import { decodeReply, encodeReply } from '../../../engine/wire/reply.ts';
import { decodeResync, encodeResync } from '../../../engine/wire/resync.ts';
import { PROTOCOL_VERSION } from '../../../engine/wire/version.ts';
import { decodeWelcome, encodeWelcome } from '../../../engine/wire/welcome.ts';
import { Writer } from '../../../engine/wire/writer.ts';
import { encodable, finite, payload, shortText, uint32, welcomeLimits, withPlainBins } from './arbitraries.ts';

const codec = createMsgpackrCodec();
const hash = fc.uint8Array({ minLength: 8, maxLength: 8 });
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

function written(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  write(writer);
  return writer.finish();
}

/** The same message with two more elements behind, as a later version might write it. */
function extended(bytes: Uint8Array, known: number): Uint8Array {
  const count = (bytes[0] as number) & 0x0f;
  return written((writer) => {
    writer.array(1 + known + 2);
    writer.raw(bytes, 1);
    for (let i = count; i < 1 + known; i++) writer.nil();
    writer.array(1);
    writer.text('later');
    writer.uint(70_000);
  });
}

function checkRoundTrip<T>(
  type: number,
  known: number,
  values: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): void {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = encode(value);
      expect(messageType(bytes)).toBe(type);
      expect(withPlainBins(decode(bytes))).toEqual(value);
      expect(withPlainBins(decode(extended(bytes, known)))).toEqual(value);
      expect(() => decode(Uint8Array.from([...bytes, 0xc0]))).toThrow(WireError);
      expect(() => decode(bytes.subarray(0, bytes.length - 1))).toThrow(WireError);
    }),
    { seed: 8, numRuns: 300 },
  );
}

test('HELLO', () => {
  const resume = fc.record({ token: fc.uint8Array({ maxLength: 64 }), epoch: uint32, lastTick: uint32 });
  const hello = fc.record({
    protocol: fc.constant(PROTOCOL_VERSION),
    schemaHash: hash,
    codecs: uint32,
    roomType: shortText,
    roomId: optional(shortText),
    options: encodable,
    token: optional(fc.string({ maxLength: 4096 })),
    resume: optional(resume),
    gameVersion: shortText,
  });
  checkRoundTrip(
    MESSAGE.hello,
    8,
    hello,
    (value) => encodeHello(codec, value),
    (bytes) => decodeHello(codec, bytes),
  );
});

test('HELLO of another protocol tells its version and nothing else', () => {
  const later = written((writer) => {
    writer.array(4);
    writer.uint(MESSAGE.hello);
    writer.uint(PROTOCOL_VERSION + 1);
    writer.bin(new Uint8Array(8).fill(7));
    writer.bool(true);
  });
  const hello: Hello = decodeHello(codec, later);
  expect([hello.protocol, hello.schemaHash[0], hello.roomType]).toEqual([PROTOCOL_VERSION + 1, 7, '']);
});

test('HELLO that the server would refuse is the author’s to know', () => {
  const hello: Hello = {
    protocol: PROTOCOL_VERSION,
    schemaHash: new Uint8Array(8),
    codecs: 1,
    roomType: 'arena',
    roomId: undefined,
    options: null,
    token: undefined,
    resume: undefined,
    gameVersion: '',
  };
  const long = 'x'.repeat(257);
  const wrong = [{ token: long.repeat(16) }, { roomType: long }, { roomId: long }, { gameVersion: long }];
  for (const part of wrong) expect(() => encodeHello(codec, { ...hello, ...part })).toThrow(TickwireError);
});

test('WELCOME', () => {
  const welcome = fc.record({
    protocol: uint32,
    schemaHash: hash,
    codec: fc.constantFrom(0, 1),
    tickRate: fc.integer({ min: 1, max: 128 }),
    sendEvery: fc.integer({ min: 1, max: 4 }),
    tick: uint32,
    playerId: uint32,
    epoch: uint32,
    resumeToken: optional(fc.uint8Array({ maxLength: 64 })),
    limits: welcomeLimits,
    isStrict: fc.boolean(),
    roomId: shortText,
  });
  checkRoundTrip(MESSAGE.welcome, 12, welcome, encodeWelcome, decodeWelcome);
});

test('WELCOME with more limits than this version knows', () => {
  const limits = Array.from({ length: 10 }, (_, i) => i + 1);
  const bytes = written((writer) => {
    writer.array(13);
    for (const value of [MESSAGE.welcome, 1]) writer.uint(value);
    writer.bin(new Uint8Array(8));
    for (const value of [1, 30, 1, 5, 1, 1]) writer.uint(value);
    writer.nil();
    writer.array(limits.length);
    for (const limit of limits) writer.uint(limit);
    writer.bool(false);
    writer.text('arena-1');
  });
  expect(decodeWelcome(bytes).limits.resumeTtlMs).toBe(8);
  expect(decodeWelcome(bytes).roomId).toBe('arena-1');
});

test('READY', () => {
  checkRoundTrip(MESSAGE.ready, 0, fc.constant(undefined), encodeReady, decodeReady);
});

test('COMMAND', () => {
  const command = fc.record({ id: uint32, command: uint32, payload });
  checkRoundTrip(
    MESSAGE.command,
    3,
    command,
    (value) => encodeCommand(codec, value),
    (bytes) => decodeCommand(codec, bytes),
  );
});

test('COMMAND holds texts of the length that the schema allows, and no longer', () => {
  const bytes = encodeCommand(codec, { id: 1, command: 0, payload: ['x'.repeat(2000)] });
  expect(decodeCommand(codec, bytes, 2000).payload).toEqual(['x'.repeat(2000)]);
  expect(() => decodeCommand(codec, bytes, 1999)).toThrow(WireError);
  const tooLong = new Array(5).fill('x'.repeat(4000));
  expect(() => encodeCommand(codec, { id: 1, command: 0, payload: tooLong })).toThrow(TickwireError);
  const tooMany = [new Array(300).fill(0), new Array(300).fill(0)];
  expect(() => encodeCommand(codec, { id: 1, command: 0, payload: tooMany })).toThrow(TickwireError);
});

test('REPLY', () => {
  const reply = fc.record({ id: uint32, code: uint32, payload: optional(payload) });
  checkRoundTrip(
    MESSAGE.reply,
    3,
    reply,
    (value) => encodeReply(codec, value),
    (bytes) => decodeReply(codec, bytes),
  );
});

test('RESYNC', () => {
  const resync = fc.record({ reason: uint32, tick: uint32, checksum: uint32 });
  checkRoundTrip(MESSAGE.resync, 3, resync, encodeResync, decodeResync);
});

test('ERROR', () => {
  checkRoundTrip(MESSAGE.error, 2, fc.record({ code: uint32, ref: optional(uint32) }), encodeError, decodeError);
});

test('BYE', () => {
  const bye = fc.record({
    code: uint32,
    reason: shortText,
    retryAfterMs: optional(uint32),
    lineHashes: optional(fc.array(uint32, { maxLength: 40 })),
  });
  checkRoundTrip(MESSAGE.bye, 4, bye, encodeBye, decodeBye);
});

test('BYE always fits: a reason or a schema that is too long is cut', () => {
  const lineHashes = Array.from({ length: 10_000 }, (_, i) => i);
  const bye = decodeBye(encodeBye({ code: 4406, reason: 'x'.repeat(257), retryAfterMs: undefined, lineHashes }));
  expect(bye.reason).toBe('');
  expect(bye.lineHashes).toEqual(lineHashes.slice(0, 8192));
});

test.each([
  [1234.5, 1235],
  [-1, 0],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, 0xffff_ffff],
  [2 ** 40, 0xffff_ffff],
])('a BYE after which one may come back in %s ms says %s', (retryAfterMs, said) => {
  const bye = decodeBye(encodeBye({ code: 4503, reason: '', retryAfterMs, lineHashes: undefined }));
  expect(bye.retryAfterMs).toBe(said);
});

test('PING and PONG', () => {
  const ping = fc.record({ nonce: uint32, t1: finite });
  checkRoundTrip(
    MESSAGE.ping,
    2,
    ping,
    ({ nonce, t1 }) => written((writer) => writePing(writer, nonce, t1)),
    (bytes) => {
      const view = { nonce: 0, t1: 0 };
      readPing(new Reader().open(bytes), view);
      return view;
    },
  );
  const pong = fc.record({ nonce: uint32, t1: finite, t2: finite });
  checkRoundTrip(
    MESSAGE.pong,
    3,
    pong,
    ({ nonce, t1, t2 }) => written((writer) => writePong(writer, nonce, t1, t2)),
    (bytes) => {
      const view = { nonce: 0, t1: 0, t2: 0 };
      readPong(new Reader().open(bytes), view);
      return view;
    },
  );
});

test('a reader refuses every type but its own, and messageType what nobody knows', () => {
  for (let type = 0; type < 128; type++) {
    const bytes = Uint8Array.from([0x91, type]);
    const isKnown = type >= 1 && type <= 14;
    if (isKnown) expect(messageType(bytes)).toBe(type);
    else expect(() => messageType(bytes)).toThrow(WireError);
    if (type !== MESSAGE.ready) expect(() => decodeReady(bytes)).toThrow(WireError);
  }
  for (const bytes of [[], [0x90], [0x80], [0x01], [0x91, 0xff], [0x91, 0xa1, 0x41]]) {
    expect(() => messageType(Uint8Array.from(bytes))).toThrow(WireError);
  }
});
