// A million hostile messages through every reader: a message, or a WireError in our own words. Nothing else gets out.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { WireError } from '../../engine/core/errors.ts';
import { Random } from '../../engine/core/random.ts';
import { decodeBye } from '../../engine/wire/bye.ts';
import { decodeCommand } from '../../engine/wire/command.ts';
import { decodeError } from '../../engine/wire/error.ts';
import { readEventHead, readEventMessage } from '../../engine/wire/event.ts';
import { decodeHello } from '../../engine/wire/hello.ts';
import { createInputView, readInput } from '../../engine/wire/input.ts';
import { messageType } from '../../engine/wire/message.ts';
import { createMsgpackrCodec } from '../../engine/wire/msgpackr.node.ts';
import { readPing } from '../../engine/wire/ping.ts';
import { readPong } from '../../engine/wire/pong.ts';
import { Reader } from '../../engine/wire/reader.ts';
import { decodeReady } from '../../engine/wire/ready.ts';
import { decodeReply } from '../../engine/wire/reply.ts';
import { decodeResync } from '../../engine/wire/resync.ts';
import { createStateView, readRareHead, readState } from '../../engine/wire/state.ts';
import { readValue } from '../../engine/wire/value-codec.ts';
import { decodeWelcome } from '../../engine/wire/welcome.ts';
import { GOLDEN } from '../golden/messages.ts';
import { isPlain, mutate, randomValue } from './bytes.ts';

const wireFolder = new URL('../../engine/wire/', import.meta.url);
/** Every reason that the source spells out. An error that is not among them was made from something else. */
const knownReasons = new Set(
  readdirSync(wireFolder)
    .map((name) => readFileSync(new URL(name, wireFolder), 'utf8'))
    .flatMap((source) => [...source.matchAll(/new WireError\('([^']+)'\)/g)].map((match) => match[1])),
);

const codec = createMsgpackrCodec();
const reader = new Reader();
const part = new Reader();
const state = createStateView();
const input = createInputView();
const event = { ticksBack: 0, event: 0, isNow: false, argCount: 0 };
const eventMessage = { tick: 0, eventsStart: 0, eventsEnd: 0 };
const rare = { kind: 0, slot: 0, field: 0 };
const ping = { nonce: 0, t1: 0, t2: 0 };

function readEvents(bytes: Uint8Array, start: number, end: number): unknown[] {
  const values: unknown[] = [];
  part.open(bytes, start, end);
  for (let left = part.arrayHeader(256); left > 0; left--) {
    readEventHead(part, event);
    values.push({ ...event });
    for (let i = 0; i < event.argCount; i++) values.push(readValue(part, codec));
  }
  part.checkEnd();
  return values;
}

function readRares(bytes: Uint8Array, start: number, end: number): unknown[] {
  const values: unknown[] = [];
  part.open(bytes, start, end);
  for (let left = part.arrayHeader(65_535); left > 0; left--) {
    readRareHead(part, rare);
    values.push({ ...rare }, readValue(part, codec));
  }
  part.checkEnd();
  return values;
}

function readWholeState(bytes: Uint8Array): unknown {
  readState(reader.open(bytes), state);
  const values = [state.eventsStart < 0 ? null : readEvents(bytes, state.eventsStart, state.eventsEnd)];
  if (state.rareStart >= 0) values.push(readRares(bytes, state.rareStart, state.rareEnd));
  const { ownRow, ...rest } = state;
  return [values, rest, [...ownRow.subarray(0, state.ownRowLength)]];
}

function readWholeEvent(bytes: Uint8Array): unknown {
  readEventMessage(reader.open(bytes), eventMessage);
  return readEvents(bytes, eventMessage.eventsStart, eventMessage.eventsEnd);
}

/** By type: reads a whole message to values. */
const readers: readonly ((bytes: Uint8Array) => unknown)[] = [
  (bytes) => messageType(bytes),
  (bytes) => decodeHello(codec, bytes),
  (bytes) => decodeWelcome(bytes),
  (bytes) => decodeReady(bytes) ?? null,
  readWholeState,
  (bytes) => readInput(reader.open(bytes), input, 1) ?? { ...input },
  (bytes) => decodeCommand(codec, bytes),
  (bytes) => decodeReply(codec, bytes),
  readWholeEvent,
  (bytes) => readPing(reader.open(bytes), ping) ?? { ...ping },
  (bytes) => readPong(reader.open(bytes), ping) ?? { ...ping },
  (bytes) => decodeResync(bytes),
  (bytes) => decodeError(bytes),
  (bytes) => decodeBye(bytes),
];

interface Tally {
  taken: number;
  readonly reasons: Set<string>;
}

/** Undefined means "absent" in a message that was read; it never comes out of a peer's value. */
const isMessage = (value: unknown): boolean => isPlain(JSON.parse(JSON.stringify(value ?? null)));

/** Has one reader read the bytes; returns whether it took them. */
function offer(bytes: Uint8Array, type: number, tally: Tally): boolean {
  try {
    const value = (readers[type] as (bytes: Uint8Array) => unknown)(bytes);
    tally.taken++;
    if ((tally.taken & 15) === 0 && !isMessage(value)) throw new Error('a message that is not plain');
    return true;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    tally.reasons.add(error.reason);
    return false;
  }
}

/** A good message of each type, golden ones and such with random values of a game in them. */
function createSeeds(random: Random): Uint8Array[] {
  const seeds = GOLDEN.map((message) => message.write());
  for (let i = 0; i < 40; i++) {
    seeds.push(codec.encode([1, 1, new Uint8Array(8), 3, 'arena', randomValue(random, 4)]).slice());
    seeds.push(codec.encode([6, i, 2, [randomValue(random, 3), randomValue(random, 3)]]).slice());
    seeds.push(codec.encode([4, 1, 2, null, [[0, 1, 2, randomValue(random, 3)]]]).slice());
    seeds.push(codec.encode([8, 70_000, [[0, 3, randomValue(random, 3)]]]).slice());
  }
  return seeds;
}

const randomBytes = (random: Random): Uint8Array =>
  Uint8Array.from({ length: random.int(0, 40) }, (_, i) =>
    i === 0 ? 0x90 + random.int(0, 9) : i === 1 ? random.int(0, 15) : random.uint32(),
  );

/** Leaves the array's head and the type alone: most of what they break is found in the first byte. */
function mutateBehindHead(random: Random, bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes.subarray(0, 2), ...mutate(random, bytes.subarray(2))]);
}

function typeOf(bytes: Uint8Array): number {
  const type = bytes[1] ?? 0;
  return type < readers.length ? type : 0;
}

// Ten parts, so that a failure names its seed and no part is long.
test.each(Array.from({ length: 10 }, (_, i) => i + 1))('part %i of a million', (seed) => {
  const random = new Random(seed);
  const seeds = createSeeds(random);
  const tally: Tally = { taken: 0, reasons: new Set() };
  const traceLimit = Error.stackTraceLimit;
  // A stack a message would be most of the time that this takes.
  Error.stackTraceLimit = 0;
  try {
    let base = seeds[0] as Uint8Array;
    for (let i = 0; i < 100_000; i++) {
      if (random.int(0, 7) === 0) base = seeds[random.int(0, seeds.length - 1)] as Uint8Array;
      const isNoise = i % 8 === 7;
      let bytes = isNoise ? randomBytes(random) : mutateBehindHead(random, base);
      while (random.int(0, 3) === 0) bytes = mutate(random, bytes);
      const type = typeOf(bytes);
      const isTaken = offer(bytes, type, tally);
      // What was taken is changed further, so that the mutations lead away from the seeds.
      if (isTaken && type > 0) base = bytes;
      if (i % 16 === 0) offer(bytes, random.int(0, readers.length - 1), tally);
    }
  } finally {
    Error.stackTraceLimit = traceLimit;
  }
  expect([...tally.reasons].filter((reason) => !knownReasons.has(reason))).toEqual([]);
  // Both ways out are well trodden, else the generator tests nothing.
  expect(tally.taken).toBeGreaterThan(5_000);
  expect(tally.reasons.size).toBeGreaterThan(20);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test('the words of an error are the same whatever the payload holds', () => {
  const secret = 'hunter2-hunter2';
  const text = Buffer.from(secret).toString('hex');
  const secretHex = (0xa0 + secret.length).toString(16) + text;
  const messages = [
    `920b${secretHex}00`,
    `920b81${secretHex}`,
    `94060101${secretHex}`,
    `940601 0191d40041${text}`.replace(' ', ''),
  ];
  for (const hex of messages) {
    const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
    for (const read of readers.slice(1)) {
      try {
        read(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
        expect(String(error)).not.toContain('hunter');
        expect(knownReasons).toContain((error as WireError).reason);
      }
    }
  }
});
