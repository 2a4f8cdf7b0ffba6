/**
 * BYE, both ways: the last message before the socket closes with the same code.
 *
 *     [14, code, reason|nil, retryAfterMs|nil, lineHashes bin|nil]
 *     lineHashes: 4 bytes little-endian for each line of the server's schema, when the schemas differ
 *
 * Its layout is the same in every version, so that a refused client of any version can tell why.
 */
import { WireError } from '../core/errors.ts';
import { type GateLimits, MESSAGE_LIMITS } from './gate.ts';
import { LINE_HASHES_BYTES, TEXT_BYTES } from './limits.ts';
import { closeMessage, hasElement, MESSAGE, openGated } from './message.ts';
import type { Reader } from './reader.ts';
import { utf8Length } from './utf8.ts';
import { Writer } from './writer.ts';

/** What BYE says. */
export interface Bye {
  /** A number of CODES. */
  readonly code: number;
  /** A sentence for people, at most TEXT_BYTES; '' for the code's own. */
  readonly reason: string;
  /** Undefined when coming back makes no sense. Written as a whole number of ms, and left off if it is no number. */
  readonly retryAfterMs: number | undefined;
  /** One uint32 for each line of the sender's schema; undefined unless the schemas differ. */
  readonly lineHashes: readonly number[] | undefined;
}

const KNOWN = 4;
const LIMITS: GateLimits = { ...MESSAGE_LIMITS, binBytes: LINE_HASHES_BYTES };

/** Bytes of BYE; never throws. A reason that is too long is left off, as are more line hashes than travel. */
export function encodeBye(bye: Bye): Uint8Array {
  const reason = utf8Length(bye.reason) > TEXT_BYTES ? '' : bye.reason;
  const retryAfterMs = wholeMs(bye.retryAfterMs);
  const hashes = bye.lineHashes?.slice(0, LINE_HASHES_BYTES / 4);
  const writer = new Writer(64);
  writer.array(2 + (hashes ? 3 : retryAfterMs !== undefined ? 2 : reason !== '' ? 1 : 0));
  writer.uint(MESSAGE.bye);
  writer.uint(bye.code);
  if (reason !== '') writer.text(reason);
  else if (hashes || retryAfterMs !== undefined) writer.nil();
  if (retryAfterMs !== undefined) writer.uint(retryAfterMs);
  else if (hashes) writer.nil();
  if (hashes) writer.bin(bytesOfHashes(hashes));
  return writer.finish();
}

/** Reads BYE. Throws a WireError. */
export function decodeBye(bytes: Uint8Array): Bye {
  const { reader, elements } = openGated(bytes, LIMITS, MESSAGE.bye, 1);
  const bye: Bye = {
    code: reader.uint(),
    reason: hasElement(reader, elements, 2) ? reader.text(TEXT_BYTES) : '',
    retryAfterMs: hasElement(reader, elements, 3) ? reader.uint() : undefined,
    lineHashes: hasElement(reader, elements, 4) ? readHashes(reader) : undefined,
  };
  closeMessage(reader, elements, KNOWN);
  return bye;
}

/** Authors hand in what they computed: fractions of a random wait, or Infinity for never. */
function wholeMs(ms: number | undefined): number | undefined {
  if (ms === undefined || Number.isNaN(ms)) return undefined;
  return Math.min(Math.max(0, Math.ceil(ms)), 0xffff_ffff);
}

function bytesOfHashes(hashes: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(hashes.length * 4));
  hashes.forEach((hash, i) => {
    view.setUint32(i * 4, hash, true);
  });
  return new Uint8Array(view.buffer);
}

function readHashes(reader: Reader): number[] {
  const bytes = reader.bin(LINE_HASHES_BYTES);
  if (bytes.length % 4 !== 0) throw new WireError('line hashes are not whole');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4, true));
}
