/**
 * READY, client to server: the scene is built, so STATEs may come.
 *
 *     [3]
 */
import { MESSAGE_LIMITS } from './gate.ts';
import { closeMessage, MESSAGE, openGated } from './message.ts';
import { Writer } from './writer.ts';

/** Bytes of READY. */
export function encodeReady(): Uint8Array {
  const writer = new Writer(2);
  writer.array(1);
  writer.uint(MESSAGE.ready);
  return writer.finish();
}

/** Reads READY, which says nothing but its type. Throws a WireError. */
export function decodeReady(bytes: Uint8Array): void {
  const { reader, elements } = openGated(bytes, MESSAGE_LIMITS, MESSAGE.ready, 0);
  closeMessage(reader, elements, 0);
}
