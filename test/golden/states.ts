/**
 * Six STATEs and an EVENT that tell one story with the plain body: two ships join, fly, meet a third, and a gap; and the same
 * with the packed body. Every number of it is explained in PROTOCOL.md.
 */
import { fold32, mix32 } from '../../engine/core/hash.ts';
import { readEventHead, readEventMessage, writeEventHead, writeEventMessageHead } from '../../engine/wire/event.ts';
import { createMsgpackrCodec } from '../../engine/wire/msgpackr.node.ts';
import { Reader } from '../../engine/wire/reader.ts';
import {
  createStateView,
  readRareHead,
  readState,
  writeOwn,
  writeOwnEnded,
  writeRareHead,
  writeStateHead,
  writeTiming,
} from '../../engine/wire/state.ts';
import { readValue, writeValue } from '../../engine/wire/value-codec.ts';
import { Writer } from '../../engine/wire/writer.ts';
import type { GoldenMessage } from './golden-message.ts';
import { playStory } from './packed-story.ts';

interface Event {
  readonly ticksBack: number;
  readonly event: number;
  readonly isNow: boolean;
  readonly args: readonly unknown[];
}

interface State {
  readonly tick: number;
  readonly ack: number;
  readonly body?: readonly unknown[] | Uint8Array;
  /** [kind, slot, field, value]. */
  readonly rare?: readonly (readonly [number, number, number, unknown])[];
  readonly events?: readonly Event[];
  readonly own?: { kind: number; slot: number; seq: number; teleport: number; row: readonly number[] } | 'ended';
  readonly timing?: { t3: number; t2: number; depthLow: number; sendEvery: number };
}

const codec = createMsgpackrCodec();

/** hash(entity) of PROTOCOL.md. */
function hashOf(kind: number, slot: number, codes: readonly number[]): number {
  let hash = 0x5477_4331;
  for (const value of [kind, slot, ...codes]) hash = fold32(hash, value);
  return mix32(hash);
}

/** The checksum of PROTOCOL.md over tracked ships [slot, codes of the body fields] and a count of held ones. */
export function checksumOf(ships: readonly (readonly [number, readonly number[]])[], held: number): number {
  return ships.reduce((sum, [slot, codes]) => (sum + hashOf(0, slot, codes)) | 0, held) >>> 0;
}

const reset: State = {
  tick: 1020,
  ack: 0,
  body: [
    [1, 1020, 0, 0, []],
    null,
    null,
    null,
    [[0, [0, 1], [], [1600, 3200], [800, 800], [100, 80], [0, 0]]],
    checksumOf(
      [
        [0, [1600, 800, 100, 0]],
        [2, [3200, 800, 80, 0]],
      ],
      0,
    ),
  ],
  rare: [
    [0, 0, 0, 'Ada'],
    [0, 2, 0, 'Bo'],
    [1, 0, 0, 180_000],
    [2, 3, 0, true],
    [2, 3, 1, [0, 0]],
    [2, 3, 2, 12],
  ],
  own: { kind: 0, slot: 0, seq: 0, teleport: 0, row: [100, 50, 100] },
  timing: { t3: 91_000.5, t2: 0, depthLow: 0, sendEvery: 1 },
};

const words: State = {
  tick: 1021,
  ack: 200,
  body: [
    null,
    null,
    null,
    [
      [0, 0, [0, 1], [24, -3], [0, 16]],
      [0, 1, [2], [-10]],
    ],
  ],
  events: [{ ticksBack: 0, event: 0, isNow: false, args: [3197, 816] }],
};

const hold: State = {
  tick: 1022,
  ack: 201,
  body: [null, null, [[0, 2]], [[0, 0, [0], [24], null]], [[0, [5], [], [4000], [4000], [100], [0]]]],
};

const leave: State = {
  tick: 1023,
  ack: 202,
  body: [
    null,
    [[0, [5], []]],
    null,
    [
      [0, 0, [0], [2000], null],
      [0, 2, [0], [1]],
    ],
    [[0, [2], [1], [3100], [900], [60], [0]]],
  ],
};

const gap: State = {
  tick: 1026,
  ack: 203,
  body: [
    [0, 1026, 1023, 203],
    null,
    [[0, 0]],
    null,
    [[0, [0, 1], [], [3720, 3050], [800, 950], [100, 55], [1, 0]]],
    checksumOf(
      [
        [0, [3720, 800, 100, 1]],
        [2, [3050, 950, 55, 0]],
      ],
      0,
    ),
  ],
};

const ended: State = { tick: 1027, ack: 203, own: 'ended' };

const late = {
  tick: 1028,
  events: [
    { ticksBack: 1, event: 0, isNow: false, args: [1600, 800] },
    { ticksBack: 0, event: 0, isNow: true, args: [3720, 800] },
  ] satisfies Event[],
};

/** The bodies of the story with the ticks of their STATEs, in order. */
export const STORY: readonly { readonly tick: number; readonly body: readonly unknown[] }[] = [
  reset,
  words,
  hold,
  leave,
  gap,
].map(({ tick, body }) => ({ tick, body: body as readonly unknown[] }));

/** Writes a tree of arrays and scalars with our own writer: the plain body, as its codec writes it. */
export function writeTree(writer: Writer, tree: unknown): void {
  if (!Array.isArray(tree)) {
    writeValue(writer, codec, tree);
    return;
  }
  writer.array(tree.length);
  for (const part of tree) writeTree(writer, part);
}

function writeEvent(writer: Writer, { ticksBack, event, isNow, args }: Event): void {
  writeEventHead(writer, args.length, ticksBack, event, isNow);
  for (const arg of args) writeValue(writer, codec, arg);
}

function writeParts(state: State): ((writer: Writer) => void)[] {
  const { body, rare, events, own, timing } = state;
  const parts: (((writer: Writer) => void) | undefined)[] = [
    body && ((writer) => writeTree(writer, body)),
    rare && ((writer) => writeRares(writer, rare)),
    events && ((writer) => writeEvents(writer, events)),
    own && ((writer) => writeOwnPart(writer, own)),
    timing && ((writer) => writeTiming(writer, timing.t3, timing.t2, timing.depthLow, timing.sendEvery)),
  ];
  const count = parts.findLastIndex((part) => part !== undefined) + 1;
  return parts.slice(0, count).map((part) => part ?? ((writer) => writer.nil()));
}

function writeRares(writer: Writer, rares: NonNullable<State['rare']>): void {
  writer.array(rares.length);
  for (const [kind, slot, field, value] of rares) {
    writeRareHead(writer, kind, slot, field);
    writeValue(writer, codec, value);
  }
}

function writeEvents(writer: Writer, events: readonly Event[]): void {
  writer.array(events.length);
  for (const event of events) writeEvent(writer, event);
}

function writeOwnPart(writer: Writer, own: NonNullable<State['own']>): void {
  if (own === 'ended') writeOwnEnded(writer);
  else writeOwn(writer, own.kind, own.slot, own.seq, own.teleport, Float64Array.from(own.row));
}

function writeState(state: State): Uint8Array {
  const writer = new Writer();
  const parts = writeParts(state);
  writeStateHead(writer, parts.length, state.tick, state.ack);
  for (const write of parts) write(writer);
  return writer.finish();
}

function readEvents(reader: Reader): Event[] {
  return Array.from({ length: reader.arrayHeader(256) }, () => {
    const view = { ticksBack: 0, event: 0, isNow: false, argCount: 0 };
    readEventHead(reader, view);
    const { argCount, ...head } = view;
    return { ...head, args: Array.from({ length: argCount }, () => readValue(reader, codec)) };
  });
}

function readRares(reader: Reader): unknown[] {
  return Array.from({ length: reader.arrayHeader(256) }, () => {
    const view = { kind: 0, slot: 0, field: 0 };
    readRareHead(reader, view);
    return [view.kind, view.slot, view.field, readValue(reader, codec)];
  });
}

function readStateParts(bytes: Uint8Array): unknown {
  const view = createStateView();
  readState(new Reader().open(bytes), view);
  const at = (start: number, end: number): Reader => new Reader().open(bytes, start, end);
  const { ownKind: kind, ownSlot: slot, ownSeq: seq, ownTeleport: teleport, t3, t2, depthLow, sendEvery } = view;
  const row = [...view.ownRow.subarray(0, view.ownRowLength)];
  return {
    tick: view.tickLow,
    ack: view.ackLow,
    ...(view.bodyStart >= 0 && { body: codec.decode(bytes.subarray(view.bodyStart, view.bodyEnd)) }),
    ...(view.rareStart >= 0 && { rare: readRares(at(view.rareStart, view.rareEnd)) }),
    ...(view.eventsStart >= 0 && { events: readEvents(at(view.eventsStart, view.eventsEnd)) }),
    ...(view.hasOwn && { own: view.isOwnEnded ? 'ended' : { kind, slot, seq, teleport, row } }),
    ...(view.hasTiming && { timing: { t3, t2, depthLow, sendEvery } }),
  };
}

function golden(name: string, state: State): GoldenMessage {
  const expected = { ...state, tick: state.tick & 127, ack: state.ack & 127 };
  return { name, expected, write: () => writeState(state), read: readStateParts };
}

function writeLate(): Uint8Array {
  const writer = new Writer();
  writeEventMessageHead(writer, late.tick, late.events.length);
  for (const event of late.events) writeEvent(writer, event);
  return writer.finish();
}

function readLate(bytes: Uint8Array): unknown {
  const view = { tick: 0, eventsStart: 0, eventsEnd: 0 };
  readEventMessage(new Reader().open(bytes), view);
  return { tick: view.tick, events: readEvents(new Reader().open(bytes, view.eventsStart, view.eventsEnd)) };
}

/** The same STATEs to a client that reads packed bodies. */
const [packedReset, packedWords, packedHold, packedLeave, packedGap] = playStory().map(({ packed }, i) => ({
  ...([reset, words, hold, leave, gap][i] as State),
  body: packed,
})) as [State, State, State, State, State];

/** The story's messages. */
export const STATES: readonly GoldenMessage[] = [
  golden('state-1-reset', reset),
  golden('state-2-words', words),
  golden('state-3-hold', hold),
  golden('state-4-leave', leave),
  golden('state-5-gap', gap),
  golden('state-6-own-ended', ended),
  golden('state-1-reset-packed', packedReset),
  golden('state-2-words-packed', packedWords),
  golden('state-3-hold-packed', packedHold),
  golden('state-4-leave-packed', packedLeave),
  golden('state-5-gap-packed', packedGap),
  { name: 'event', expected: late, write: writeLate, read: readLate },
];
