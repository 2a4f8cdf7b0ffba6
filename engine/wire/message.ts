/**
 * What all messages share: one MessagePack array, its type first, known positions behind it.
 *
 *     9N TT element element ...      N elements with the type; TT 01..0e
 *
 * Trailing nils are left off by writers. Readers take a missing element for nil, skip elements that they do not know,
 * and refuse bytes behind the array.
 */
import { TickwireError, WireError } from '../core/errors.ts';
import { checkMessage, type GateLimits, MESSAGE_LIMITS } from './gate.ts';
import { CLIENT_MESSAGE_BYTES, MESSAGE_ELEMENTS, SERVER_MESSAGE_BYTES } from './limits.ts';
import { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** The type numbers, by the message's name. */
export const MESSAGE = {
  hello: 1,
  welcome: 2,
  ready: 3,
  state: 4,
  input: 5,
  command: 6,
  reply: 7,
  event: 8,
  ping: 9,
  pong: 10,
  resync: 12,
  error: 13,
  bye: 14,
} as const;

const LAST_TYPE = MESSAGE.bye;
const head = new Reader();

/** The type of a message, read from its first bytes. Throws a WireError for one that this version does not know. */
export function messageType(bytes: Uint8Array): number {
  head.open(bytes);
  head.arrayHeader(MESSAGE_ELEMENTS);
  const type = head.uint();
  if (type === 0 || type > LAST_TYPE) throw new WireError('unknown message type');
  return type;
}

/** Reads the head of a message of `type`; returns how many elements follow. Fewer than `required` are refused. */
export function openMessage(reader: Reader, type: number, required: number, maxBytes: number): number {
  if (reader.end - reader.offset > maxBytes) throw new WireError('message too long');
  const count = reader.arrayHeader(MESSAGE_ELEMENTS);
  if (reader.uint() !== type) throw new WireError('another message type');
  if (count - 1 < required) throw new WireError('elements missing');
  return count - 1;
}

/** Skips elements behind the `known` ones, after which the message must end. */
export function closeMessage(reader: Reader, elements: number, known: number): void {
  if (elements > known) reader.skip(elements - known);
  reader.checkEnd();
}

/** Opens a message that came whole through the gate. */
export function openGated(
  bytes: Uint8Array,
  limits: GateLimits,
  type: number,
  required: number,
): { reader: Reader; elements: number } {
  if (bytes.length > SERVER_MESSAGE_BYTES) throw new WireError('message too long');
  checkMessage(bytes, limits);
  const reader = new Reader().open(bytes);
  return { reader, elements: openMessage(reader, type, required, SERVER_MESSAGE_BYTES) };
}

/** Whether the element at `position` (the first behind the type is 1) is there; passes it if it is nil. */
export function hasElement(reader: Reader, elements: number, position: number): boolean {
  return position <= elements && !reader.takeNil();
}

/** Copies a message with values of a game out of `writer`, or says why the other side would refuse it. */
export function finishGated(writer: Writer, limits: GateLimits, what: string): Uint8Array {
  const bytes = writer.finish();
  if (bytes.length > CLIENT_MESSAGE_BYTES) {
    throw new TickwireError(`${what} is ${bytes.length} bytes long; at most ${CLIENT_MESSAGE_BYTES} travel.`);
  }
  try {
    checkMessage(bytes, limits);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new TickwireError(`${what} cannot be sent: ${error.reason}.`);
  }
  return bytes;
}

/** The gate's limits for a message whose texts may hold `textBytes`. */
export function limitsWithText(textBytes: number): GateLimits {
  return textBytes <= MESSAGE_LIMITS.textBytes ? MESSAGE_LIMITS : { ...MESSAGE_LIMITS, textBytes };
}
