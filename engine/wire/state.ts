/**
 * STATE, server to client: what changed in one tick.
 *
 *     [4, tick & 127, ack & 127, body, rare, events, own, timing]
 *     body     a bin (packed) or an array (plain); see replication/
 *     rare     [[kind, slot, field, value], ...]
 *     events   [[ticksBack, event << 1 | isNow, arg, ...], ...]
 *     own      [] control ended, or [kind, slot, seq, teleport, [number, ...]] the exact row after input `seq`
 *     timing   [t3, t2, depthLow, sendEvery]
 *
 * Body, rare and events are read as ranges of bytes: whoever applies them reads them with a Reader over the range.
 */
import { WireError } from '../core/errors.ts';
import { TICK_MASK } from '../core/tick.ts';
import { EVENTS_PER_MESSAGE, RARE_PER_MESSAGE, ROW_FIELDS, SERVER_MESSAGE_BYTES } from './limits.ts';
import { closeMessage, hasElement, MESSAGE, openMessage } from './message.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** What STATE says; made once and read into. A range holds its array's or bin's head; start -1 where there is none. */
export interface StateView {
  tickLow: number;
  /** Newest input seq applied, low 7 bits. */
  ackLow: number;
  bodyStart: number;
  bodyEnd: number;
  rareStart: number;
  rareEnd: number;
  eventsStart: number;
  eventsEnd: number;
  hasOwn: boolean;
  /** Control ended: the rest of `own` means nothing. */
  isOwnEnded: boolean;
  ownKind: number;
  ownSlot: number;
  /** The row is the one after the input with this seq. */
  ownSeq: number;
  ownTeleport: number;
  /** The fields of the step row, in order; the first `ownRowLength` mean something. */
  ownRow: Float64Array;
  ownRowLength: number;
  hasTiming: boolean;
  /** When this STATE was sent, ms on the server's clock. */
  t3: number;
  /** When the input came that `ack` names, ms on the server's clock; 0 before the first. */
  t2: number;
  /** Low mark of the player's input queue. */
  depthLow: number;
  /** Ticks from one STATE to the next. */
  sendEvery: number;
}

/** One entry of `rare`; made once and read into. */
export interface RareView {
  kind: number;
  slot: number;
  field: number;
}

const KNOWN = 7;

/** A view to read STATEs into. */
export function createStateView(): StateView {
  return {
    tickLow: 0,
    ackLow: 0,
    bodyStart: -1,
    bodyEnd: -1,
    rareStart: -1,
    rareEnd: -1,
    eventsStart: -1,
    eventsEnd: -1,
    hasOwn: false,
    isOwnEnded: false,
    ownKind: 0,
    ownSlot: 0,
    ownSeq: 0,
    ownTeleport: 0,
    ownRow: new Float64Array(ROW_FIELDS),
    ownRowLength: 0,
    hasTiming: false,
    t3: 0,
    t2: 0,
    depthLow: 0,
    sendEvery: 0,
  };
}

/** Writes the head of STATE; `partCount` of body, rare, events, own, timing come next, nil for one that is absent. */
export function writeStateHead(writer: Writer, partCount: number, tick: number, ack: number): void {
  writer.array(3 + partCount);
  writer.uint(MESSAGE.state);
  writer.uint(tick & TICK_MASK);
  writer.uint(ack & TICK_MASK);
}

/** Reads STATE into `view`. Throws a WireError. */
export function readState(reader: Reader, view: StateView): void {
  const elements = openMessage(reader, MESSAGE.state, 2, SERVER_MESSAGE_BYTES);
  view.tickLow = reader.uint(TICK_MASK);
  view.ackLow = reader.uint(TICK_MASK);
  view.bodyStart = hasElement(reader, elements, 3) ? reader.offset : -1;
  if (view.bodyStart >= 0) reader.skip();
  view.bodyEnd = view.bodyStart < 0 ? -1 : reader.offset;
  view.rareStart = hasElement(reader, elements, 4) ? passArray(reader, RARE_PER_MESSAGE) : -1;
  view.rareEnd = view.rareStart < 0 ? -1 : reader.offset;
  view.eventsStart = hasElement(reader, elements, 5) ? passArray(reader, EVENTS_PER_MESSAGE) : -1;
  view.eventsEnd = view.eventsStart < 0 ? -1 : reader.offset;
  view.hasOwn = hasElement(reader, elements, 6);
  if (view.hasOwn) readOwn(reader, view);
  view.hasTiming = hasElement(reader, elements, 7);
  if (view.hasTiming) readTiming(reader, view);
  closeMessage(reader, elements, KNOWN);
}

/** Passes an array of at most `maxCount` and returns where it starts. */
function passArray(reader: Reader, maxCount: number): number {
  const start = reader.offset;
  reader.skip(reader.arrayHeader(maxCount));
  return start;
}

/** Writes the head of one rare value; the value comes next, with `writeValue` or `raw`. */
export function writeRareHead(writer: Writer, kind: number, slot: number, field: number): void {
  writer.array(4);
  writer.uint(kind);
  writer.uint(slot);
  writer.uint(field);
}

/** Reads the head of one rare value into `view`; the value comes next. Throws a WireError. */
export function readRareHead(reader: Reader, view: RareView): void {
  if (reader.arrayHeader(4) !== 4) throw new WireError('elements missing');
  view.kind = reader.uint();
  view.slot = reader.uint();
  view.field = reader.uint();
}

/** Writes `own` of a player that controls nothing any more. */
export function writeOwnEnded(writer: Writer): void {
  writer.array(0);
}

/** Writes `own`: the first `rowLength` numbers of `row` are the exact step row after input `seq`. */
export function writeOwn(
  writer: Writer,
  kind: number,
  slot: number,
  seq: number,
  teleport: number,
  row: Float64Array,
  rowLength = row.length,
): void {
  writer.array(5);
  writer.uint(kind);
  writer.uint(slot);
  writer.uint(seq);
  writer.uint(teleport);
  writer.array(rowLength);
  for (let i = 0; i < rowLength; i++) writer.number(row[i] as number);
}

function readOwn(reader: Reader, view: StateView): void {
  const count = reader.arrayHeader(5);
  view.isOwnEnded = count === 0;
  view.ownRowLength = 0;
  if (view.isOwnEnded) return;
  if (count !== 5) throw new WireError('elements missing');
  view.ownKind = reader.uint();
  view.ownSlot = reader.uint();
  view.ownSeq = reader.uint();
  view.ownTeleport = reader.uint();
  view.ownRowLength = reader.arrayHeader(ROW_FIELDS);
  for (let i = 0; i < view.ownRowLength; i++) view.ownRow[i] = reader.number();
}

/** Writes `timing`: see StateView for the four. */
export function writeTiming(writer: Writer, t3: number, t2: number, depthLow: number, sendEvery: number): void {
  writer.array(4);
  writer.number(t3);
  writer.number(t2);
  writer.number(depthLow);
  writer.uint(sendEvery);
}

function readTiming(reader: Reader, view: StateView): void {
  if (reader.arrayHeader(4) !== 4) throw new WireError('elements missing');
  view.t3 = reader.number();
  view.t2 = reader.number();
  view.depthLow = reader.number();
  view.sendEvery = reader.uint();
}
