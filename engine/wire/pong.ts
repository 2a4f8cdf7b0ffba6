/**
 * PONG, both ways: the answer to a PING.
 *
 *     [10, nonce, t1, t2]      t1: as in the PING     t2: the answerer's clock when the PING came, ms
 */
import { CLIENT_MESSAGE_BYTES } from './limits.ts';
import { closeMessage, MESSAGE, openMessage } from './message.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** What PONG says; made once and read into. */
export interface PongView {
  nonce: number;
  /** When the PING was sent, ms on its sender's clock. */
  t1: number;
  /** When the PING came, ms on the answerer's clock. */
  t2: number;
}

/** Writes PONG. */
export function writePong(writer: Writer, nonce: number, t1: number, t2: number): void {
  writer.array(4);
  writer.uint(MESSAGE.pong);
  writer.uint(nonce);
  writer.number(t1);
  writer.number(t2);
}

/** Reads PONG into `view`. Throws a WireError. */
export function readPong(reader: Reader, view: PongView): void {
  const elements = openMessage(reader, MESSAGE.pong, 3, CLIENT_MESSAGE_BYTES);
  view.nonce = reader.uint();
  view.t1 = reader.number();
  view.t2 = reader.number();
  closeMessage(reader, elements, 3);
}
