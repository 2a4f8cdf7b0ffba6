/**
 * ERROR, server to client: something that the client sent was not done; the connection goes on.
 *
 *     [13, code, ref|nil]      ref: id of the request it is about. Never a text, and never the payload's
 */
import { MESSAGE_LIMITS } from './gate.ts';
import { closeMessage, hasElement, MESSAGE, openGated } from './message.ts';
import { Writer } from './writer.ts';

/** What ERROR says. */
export interface ErrorNotice {
  /** A number of CODES. */
  readonly code: number;
  readonly ref: number | undefined;
}

const KNOWN = 2;

/** Bytes of ERROR. */
export function encodeError(notice: ErrorNotice): Uint8Array {
  const writer = new Writer(16);
  writer.array(notice.ref === undefined ? KNOWN : 1 + KNOWN);
  writer.uint(MESSAGE.error);
  writer.uint(notice.code);
  if (notice.ref !== undefined) writer.uint(notice.ref);
  return writer.finish();
}

/** Reads ERROR. Throws a WireError. */
export function decodeError(bytes: Uint8Array): ErrorNotice {
  const { reader, elements } = openGated(bytes, MESSAGE_LIMITS, MESSAGE.error, 1);
  const notice = { code: reader.uint(), ref: hasElement(reader, elements, 2) ? reader.uint() : undefined };
  closeMessage(reader, elements, KNOWN);
  return notice;
}
