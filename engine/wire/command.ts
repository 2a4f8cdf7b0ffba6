/**
 * COMMAND, client to server: one reliable request. It is answered by a REPLY with the same id.
 *
 *     [6, id, command, [field, ...]]      command: its index in the schema
 */
import { LONGEST_TEXT_BYTES, TEXT_BYTES } from './limits.ts';
import { closeMessage, finishGated, limitsWithText, MESSAGE, openGated } from './message.ts';
import { readPayload, type ValueCodec, writePayload } from './value-codec.ts';
import { Writer } from './writer.ts';

/** What COMMAND says. */
export interface Command {
  /** Counts from 1 on each connection. */
  readonly id: number;
  /** Index of the command in the schema; the reader does not know how many there are. */
  readonly command: number;
  /** One value a field, in the order of the declaration; not yet checked against it. */
  readonly payload: readonly unknown[];
}

const KNOWN = 3;
const LIMITS = limitsWithText(LONGEST_TEXT_BYTES);

/** Bytes of COMMAND. Throws a TickwireError if the payload is too large. */
export function encodeCommand(codec: ValueCodec, command: Command): Uint8Array {
  const writer = new Writer(256);
  writer.array(1 + KNOWN);
  writer.uint(MESSAGE.command);
  writer.uint(command.id);
  writer.uint(command.command);
  writePayload(writer, codec, command.payload);
  return finishGated(writer, LIMITS, 'The command');
}

/** Reads COMMAND, whose text fields hold at most `textBytes`. Throws a WireError. */
export function decodeCommand(codec: ValueCodec, bytes: Uint8Array, textBytes = TEXT_BYTES): Command {
  const { reader, elements } = openGated(bytes, limitsWithText(textBytes), MESSAGE.command, KNOWN);
  const command = { id: reader.uint(), command: reader.uint(), payload: readPayload(reader, codec, textBytes) };
  closeMessage(reader, elements, KNOWN);
  return command;
}
