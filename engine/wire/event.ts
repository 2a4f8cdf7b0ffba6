/**
 * Events, in a STATE, or in an EVENT, server to client, when there is no STATE to ride on.
 *
 *     EVENT   [8, tick, events]
 *     events  [[ticksBack, event << 1 | isNow, arg, ...], ...]
 *
 * An event belongs to the tick of its message less `ticksBack`. It is shown when playout reaches that tick, or on
 * arrival if `isNow`. `event` is its index in the schema; one arg a field.
 */
import { WireError } from '../core/errors.ts';
import { EVENTS_PER_MESSAGE, PAYLOAD_FIELDS, SERVER_MESSAGE_BYTES } from './limits.ts';
import { closeMessage, MESSAGE, openMessage } from './message.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** What EVENT says; made once and read into. */
export interface EventMessageView {
  tick: number;
  /** Where the array of events starts and ends, its head included. */
  eventsStart: number;
  eventsEnd: number;
}

/** One entry of an array of events; made once and read into. */
export interface EventView {
  ticksBack: number;
  event: number;
  isNow: boolean;
  /** How many args follow. */
  argCount: number;
}

/** Writes the head of EVENT and of its array; `count` events come next. */
export function writeEventMessageHead(writer: Writer, tick: number, count: number): void {
  writer.array(3);
  writer.uint(MESSAGE.event);
  writer.uint(tick);
  writer.array(count);
}

/** Reads EVENT into `view`, its events only as a range of bytes. Throws a WireError. */
export function readEventMessage(reader: Reader, view: EventMessageView): void {
  const elements = openMessage(reader, MESSAGE.event, 2, SERVER_MESSAGE_BYTES);
  view.tick = reader.uint();
  view.eventsStart = reader.offset;
  reader.skip(reader.arrayHeader(EVENTS_PER_MESSAGE));
  view.eventsEnd = reader.offset;
  closeMessage(reader, elements, 2);
}

/** Writes the head of one event; its `argCount` values come next, each with `writeValue`. */
export function writeEventHead(
  writer: Writer,
  argCount: number,
  ticksBack: number,
  event: number,
  isNow: boolean,
): void {
  writer.array(2 + argCount);
  writer.uint(ticksBack);
  writer.uint((event << 1) | (isNow ? 1 : 0));
}

/** Reads the head of one event into `view`; its `argCount` values come next. Throws a WireError. */
export function readEventHead(reader: Reader, view: EventView): void {
  const count = reader.arrayHeader(2 + PAYLOAD_FIELDS);
  if (count < 2) throw new WireError('elements missing');
  view.ticksBack = reader.uint();
  const event = reader.uint(0x7fff_ffff);
  view.event = event >> 1;
  view.isNow = (event & 1) === 1;
  view.argCount = count - 2;
}
