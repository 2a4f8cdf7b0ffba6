// STATE and EVENT: their parts in every combination, as ranges and as values.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../../../engine/core/errors.ts';
import { readEventHead, readEventMessage, writeEventHead, writeEventMessageHead } from '../../../engine/wire/event.ts';
import { createMsgpackrCodec } from '../../../engine/wire/msgpackr.node.ts';
import { Reader } from '../../../engine/wire/reader.ts';
import {
  createStateView,
  readRareHead,
  readState,
  writeOwn,
  writeOwnEnded,
  writeRareHead,
  writeStateHead,
  writeTiming,
} from '../../../engine/wire/state.ts';
import { readValue, writeValue } from '../../../engine/wire/value-codec.ts';
import { Writer } from '../../../engine/wire/writer.ts';
import { encodable, finite, payload, uint32, withPlainBins } from './arbitraries.ts';

const codec = createMsgpackrCodec();
const small = fc.integer({ min: 0, max: 65_535 });
const rare = fc.record({ kind: small, slot: small, field: small, value: encodable });
const event = fc.record({
  ticksBack: uint32,
  event: fc.integer({ min: 0, max: 127 }),
  isNow: fc.boolean(),
  args: payload,
});
const own = fc.record({
  kind: small,
  slot: small,
  seq: uint32,
  teleport: small,
  row: fc.array(finite, { maxLength: 128 }),
});
const timing = fc.record({ t3: finite, t2: finite, depthLow: finite, sendEvery: uint32 });

type Rare = typeof rare extends fc.Arbitrary<infer T> ? T : never;
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

function writeRares(writer: Writer, rares: readonly Rare[]): void {
  writer.array(rares.length);
  for (const { kind, slot, field, value } of rares) {
    writeRareHead(writer, kind, slot, field);
    writeValue(writer, codec, value);
  }
}

function readRares(reader: Reader): Rare[] {
  return Array.from({ length: reader.arrayHeader(65_535) }, () => {
    const view = { kind: 0, slot: 0, field: 0 };
    readRareHead(reader, view);
    return { ...view, value: withPlainBins(readValue(reader, codec)) };
  });
}

function writeEvents(writer: Writer, events: readonly Event[]): void {
  for (const { ticksBack, event: index, isNow, args } of events) {
    writeEventHead(writer, args.length, ticksBack, index, isNow);
    for (const arg of args) writeValue(writer, codec, arg);
  }
}

function readEvents(reader: Reader): Event[] {
  return Array.from({ length: reader.arrayHeader(256) }, () => {
    const { argCount, ...view } = readEventInto(reader);
    return { ...view, args: Array.from({ length: argCount }, () => withPlainBins(readValue(reader, codec))) };
  });
}

function readEventInto(reader: Reader): { ticksBack: number; event: number; isNow: boolean; argCount: number } {
  const view = { ticksBack: 0, event: 0, isNow: false, argCount: 0 };
  readEventHead(reader, view);
  return view;
}

const absent = { nil: undefined };
const state = fc.record({
  tick: uint32,
  ack: uint32,
  body: fc.option(fc.uint8Array({ maxLength: 70 }), absent),
  rares: fc.option(fc.array(rare, { maxLength: 4 }), absent),
  events: fc.option(fc.array(event, { maxLength: 4 }), absent),
  own: fc.option(fc.oneof(own, fc.constant('ended' as const)), absent),
  timing: fc.option(timing, absent),
});
type State = typeof state extends fc.Arbitrary<infer T> ? T : never;

function bytesOf(value: State, later = 0): Uint8Array {
  const writer = new Writer();
  const parts = [
    value.body && (() => writer.bin(value.body as Uint8Array)),
    value.rares && (() => writeRares(writer, value.rares as Rare[])),
    value.events &&
      (() => {
        writer.array((value.events as Event[]).length);
        writeEvents(writer, value.events as Event[]);
      }),
    value.own && (() => writeOwnPart(writer, value.own)),
    value.timing && (() => writeTimingPart(writer, value.timing)),
  ];
  const count = later > 0 ? 5 : parts.findLastIndex((part) => part !== undefined) + 1;
  writeStateHead(writer, count + later, value.tick, value.ack);
  for (const part of parts.slice(0, count)) part ? part() : writer.nil();
  for (let i = 0; i < later; i++) writer.array(0);
  return writer.finish();
}

function writeOwnPart(writer: Writer, part: State['own']): void {
  if (part === 'ended' || part === undefined) writeOwnEnded(writer);
  else writeOwn(writer, part.kind, part.slot, part.seq, part.teleport, Float64Array.from(part.row));
}

function writeTimingPart(writer: Writer, part: State['timing']): void {
  if (part) writeTiming(writer, part.t3, part.t2, part.depthLow, part.sendEvery);
}

test('STATE comes back, with every subset of its parts', () => {
  const view = createStateView();
  const reader = new Reader();
  fc.assert(
    fc.property(state, fc.integer({ min: 0, max: 2 }), (value, later) => {
      const bytes = bytesOf(value, later);
      readState(reader.open(bytes), view);
      expect([view.tickLow, view.ackLow]).toEqual([value.tick & 127, value.ack & 127]);
      const at = (start: number, end: number): Reader => new Reader().open(bytes, start, end);
      expect(view.bodyStart >= 0 ? at(view.bodyStart, view.bodyEnd).bin(70) : undefined).toEqual(value.body);
      expect(view.rareStart >= 0 ? readRares(at(view.rareStart, view.rareEnd)) : undefined).toEqual(value.rares);
      expect(view.eventsStart >= 0 ? readEvents(at(view.eventsStart, view.eventsEnd)) : undefined).toEqual(
        value.events,
      );
      expect(view.hasOwn).toBe(value.own !== undefined);
      if (view.hasOwn) expect(view.isOwnEnded).toBe(value.own === 'ended');
      if (value.own !== undefined && value.own !== 'ended') {
        expect([view.ownKind, view.ownSlot, view.ownSeq, view.ownTeleport]).toEqual([
          value.own.kind,
          value.own.slot,
          value.own.seq,
          value.own.teleport,
        ]);
        expect([...view.ownRow.subarray(0, view.ownRowLength)]).toEqual(value.own.row);
      }
      expect(view.hasTiming).toBe(value.timing !== undefined);
      if (value.timing) expect(view).toMatchObject(value.timing);
      expect(() => readState(reader.open(bytes.subarray(0, bytes.length - 1)), view)).toThrow(WireError);
    }),
    { seed: 10, numRuns: 1000 },
  );
});

test('a STATE in which nothing happened takes four bytes', () => {
  const nothing = { body: undefined, rares: undefined, events: undefined, own: undefined, timing: undefined };
  expect([...bytesOf({ tick: 130, ack: 129, ...nothing })]).toEqual([0x93, 4, 2, 1]);
});

test('EVENT comes back', () => {
  fc.assert(
    fc.property(uint32, fc.array(event, { maxLength: 5 }), (tick, events) => {
      const writer = new Writer();
      writeEventMessageHead(writer, tick, events.length);
      writeEvents(writer, events);
      const bytes = writer.finish();
      const view = { tick: 0, eventsStart: 0, eventsEnd: 0 };
      readEventMessage(new Reader().open(bytes), view);
      expect(view.tick).toBe(tick);
      expect(readEvents(new Reader().open(bytes, view.eventsStart, view.eventsEnd))).toEqual(events);
    }),
    { seed: 11, numRuns: 300 },
  );
});

test.each([
  ['a tick of 8 bits', '9304cc8000'],
  ['no ack', '920401'],
  ['rare that is no array', '95040000c001'],
  ['257 events', `96040000c0c0dc0101${'c0'.repeat(257)}`],
  ['own of four', '97040000c0c0c09401020304'],
  ['own with a text', '97040000c0c0c0950102030491a141'],
  ['an own row of 129', `97040000c0c0c09501020304dc0081${'00'.repeat(129)}`],
  ['own row with infinity', '97040000c0c0c0950102030491cb7ff0000000000000'],
  ['timing of three', '98040000c0c0c0c093010203'],
  ['a body with an ext', '94040000d40000'],
  ['a body that lies about its length', '94040000c4ff00'],
])('refused: %s', (_, hex) => {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
  expect(() => readState(new Reader().open(bytes), createStateView())).toThrow(WireError);
});
