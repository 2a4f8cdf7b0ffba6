/**
 * RESYNC, client to server: what I hold is not what you sent. Answered by a STATE whose body has a reset.
 *
 *     [12, reason, tick, checksum]      tick: last STATE applied     checksum: what the client holds, 0 if unknown
 */
import { MESSAGE_LIMITS } from './gate.ts';
import { closeMessage, MESSAGE, openGated } from './message.ts';
import { Writer } from './writer.ts';

/** Why a client asks. The server counts them and treats them alike. */
export const RESYNC_REASONS = {
  /** A body did not read. */
  body: 0,
  /** The checksum in a body differs from the client's. */
  checksum: 1,
  /** A gap or a reset builds on a tick that is not the client's last. */
  baseline: 2,
} as const;

/** What RESYNC says. */
export interface Resync {
  /** One of RESYNC_REASONS, or a newer client's. */
  readonly reason: number;
  readonly tick: number;
  readonly checksum: number;
}

const KNOWN = 3;

/** Bytes of RESYNC. */
export function encodeResync(resync: Resync): Uint8Array {
  const writer = new Writer(16);
  writer.array(1 + KNOWN);
  writer.uint(MESSAGE.resync);
  writer.uint(resync.reason);
  writer.uint(resync.tick);
  writer.uint(resync.checksum);
  return writer.finish();
}

/** Reads RESYNC. Throws a WireError. */
export function decodeResync(bytes: Uint8Array): Resync {
  const { reader, elements } = openGated(bytes, MESSAGE_LIMITS, MESSAGE.resync, KNOWN);
  const resync = { reason: reader.uint(), tick: reader.uint(), checksum: reader.uint() };
  closeMessage(reader, elements, KNOWN);
  return resync;
}
