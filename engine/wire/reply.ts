/**
 * REPLY, server to client: the answer to the COMMAND with the same id.
 *
 *     [7, id, code, [field, ...]|nil]      code: 0 when it went well, else a number of the table of codes
 */
import { LONGEST_TEXT_BYTES } from './limits.ts';
import { closeMessage, finishGated, hasElement, limitsWithText, MESSAGE, openGated } from './message.ts';
import { readPayload, type ValueCodec, writePayload } from './value-codec.ts';
import { Writer } from './writer.ts';

/** What REPLY says. */
export interface Reply {
  readonly id: number;
  /** 0, or why the request was refused: a number of CODES. */
  readonly code: number;
  /** One value a field; undefined without fields. Not yet checked against the declaration. */
  readonly payload: readonly unknown[] | undefined;
}

const KNOWN = 3;
const LIMITS = limitsWithText(LONGEST_TEXT_BYTES);

/** Bytes of REPLY. Throws a TickwireError if the payload is too large. */
export function encodeReply(codec: ValueCodec, reply: Reply): Uint8Array {
  const writer = new Writer(64);
  writer.array(reply.payload === undefined ? KNOWN : 1 + KNOWN);
  writer.uint(MESSAGE.reply);
  writer.uint(reply.id);
  writer.uint(reply.code);
  if (reply.payload !== undefined) writePayload(writer, codec, reply.payload);
  return finishGated(writer, LIMITS, 'The reply');
}

/** Reads REPLY. Throws a WireError. */
export function decodeReply(codec: ValueCodec, bytes: Uint8Array): Reply {
  const { reader, elements } = openGated(bytes, LIMITS, MESSAGE.reply, 2);
  const reply = {
    id: reader.uint(),
    code: reader.uint(),
    payload: hasElement(reader, elements, 3) ? readPayload(reader, codec, LONGEST_TEXT_BYTES) : undefined,
  };
  closeMessage(reader, elements, KNOWN);
  return reply;
}
