/**
 * AUTH, client to server: a fresh token before the old one expires.
 * Answered by a REPLY with id 0 (commands count from 1).
 *
 *     [11, token]
 */
import { TOKEN_BYTES } from './limits.ts';
import { closeMessage, finishGated, limitsWithText, MESSAGE, openGated } from './message.ts';
import { Writer } from './writer.ts';

const LIMITS = limitsWithText(TOKEN_BYTES);

/** Bytes of AUTH. Throws a TickwireError if the token is too long. */
export function encodeAuth(token: string): Uint8Array {
  const writer = new Writer(256);
  writer.array(2);
  writer.uint(MESSAGE.auth);
  writer.text(token);
  return finishGated(writer, LIMITS, 'The token');
}

/** Reads AUTH and returns its token. Throws a WireError. */
export function decodeAuth(bytes: Uint8Array): string {
  const { reader, elements } = openGated(bytes, LIMITS, MESSAGE.auth, 1);
  const token = reader.text(TOKEN_BYTES);
  closeMessage(reader, elements, 1);
  return token;
}
