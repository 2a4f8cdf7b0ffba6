/**
 * PING, both ways: answer at once with a PONG.
 *
 *     [9, nonce, t1]      t1: the sender's clock, ms
 */
import { CLIENT_MESSAGE_BYTES } from './limits.ts';
import { closeMessage, MESSAGE, openMessage } from './message.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** What PING says; made once and read into. */
export interface PingView {
  nonce: number;
  /** When it was sent, ms on the sender's clock. */
  t1: number;
}

/** Writes PING. */
export function writePing(writer: Writer, nonce: number, t1: number): void {
  writer.array(3);
  writer.uint(MESSAGE.ping);
  writer.uint(nonce);
  writer.number(t1);
}

/** Reads PING into `view`. Throws a WireError. */
export function readPing(reader: Reader, view: PingView): void {
  const elements = openMessage(reader, MESSAGE.ping, 2, CLIENT_MESSAGE_BYTES);
  view.nonce = reader.uint();
  view.t1 = reader.number();
  closeMessage(reader, elements, 2);
}
