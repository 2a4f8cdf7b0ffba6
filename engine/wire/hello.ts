/**
 * HELLO, client to server, first on every connection: who speaks, and what for.
 *
 *     [1, protocol, schemaHash bin(8), codecs, room, options, token, resume, gameVersion]
 *     codecs: bit 0 plain, bit 1 packed     room: type, or [type, id]     resume: nil, or [token bin, epoch, lastTick]
 *
 * Type, protocol and schemaHash keep their place in every version, so that any two can refuse each other.
 */
import { TickwireError, WireError } from '../core/errors.ts';
import { RESUME_TOKEN_BYTES, SCHEMA_HASH_BYTES, TEXT_BYTES, TOKEN_BYTES } from './limits.ts';
import { closeMessage, finishGated, hasElement, limitsWithText, MESSAGE, openGated } from './message.ts';
import type { Reader } from './reader.ts';
import { utf8Length } from './utf8.ts';
import { readValue, type ValueCodec, writeValue } from './value-codec.ts';
import { PROTOCOL_VERSION } from './version.ts';
import { Writer } from './writer.ts';

/** A player's earlier life, which the client wants to go on with. */
export interface Resume {
  readonly token: Uint8Array;
  readonly epoch: number;
  /** Tick of the last STATE that was applied. */
  readonly lastTick: number;
}

/** What HELLO says. */
export interface Hello {
  readonly protocol: number;
  readonly schemaHash: Uint8Array;
  readonly codecs: number;
  readonly roomType: string;
  /** One instance of the type; undefined takes the first with a free seat. */
  readonly roomId: string | undefined;
  /** Join options, as the game's author shaped them. Null when none were given. */
  readonly options: unknown;
  readonly token: string | undefined;
  readonly resume: Resume | undefined;
  /** `defineGame({ version })`: for messages to people, never compared. */
  readonly gameVersion: string;
}

const KNOWN = 8;
const LIMITS = limitsWithText(TOKEN_BYTES);
const NOT_READ = {
  codecs: 0,
  roomType: '',
  roomId: undefined,
  options: null,
  token: undefined,
  resume: undefined,
  gameVersion: '',
};

/** Bytes of HELLO. Throws a TickwireError for what is too long. */
export function encodeHello(codec: ValueCodec, hello: Hello): Uint8Array {
  assertShort('room type', hello.roomType);
  assertShort('room id', hello.roomId ?? '');
  assertShort('game version', hello.gameVersion);
  const last = countElements(hello);
  const writer = new Writer(256);
  writer.array(1 + last);
  writer.uint(MESSAGE.hello);
  writer.uint(hello.protocol);
  writer.bin(hello.schemaHash);
  writer.uint(hello.codecs);
  if (hello.roomId !== undefined) {
    writer.array(2);
    writer.text(hello.roomType);
    writer.text(hello.roomId);
  } else {
    writer.text(hello.roomType);
  }
  if (last >= 5) writeValue(writer, codec, hello.options);
  if (last >= 6) writeValue(writer, codec, hello.token);
  if (last >= 7) writeResume(writer, hello.resume);
  if (last >= 8) writer.text(hello.gameVersion);
  return finishGated(writer, LIMITS, 'The join request (token and options)');
}

function assertShort(what: string, text: string): void {
  if (utf8Length(text) > TEXT_BYTES) throw new TickwireError(`The ${what} is longer than ${TEXT_BYTES} UTF-8 bytes.`);
}

/** How many elements are left when those at the end that say nothing are left off. */
function countElements(hello: Hello): number {
  if (hello.gameVersion !== '') return 8;
  if (hello.resume !== undefined) return 7;
  if (hello.token !== undefined) return 6;
  return hello.options !== null && hello.options !== undefined ? 5 : 4;
}

/**
 * Reads HELLO. Throws a WireError. Look at `protocol` first: unless it is PROTOCOL_VERSION, only it and the schema's
 * hash were read.
 */
export function decodeHello(codec: ValueCodec, bytes: Uint8Array): Hello {
  const { reader, elements } = openGated(bytes, LIMITS, MESSAGE.hello, 2);
  const protocol = reader.uint();
  const schemaHash = readSchemaHash(reader);
  if (protocol !== PROTOCOL_VERSION) return { ...NOT_READ, protocol, schemaHash };
  if (elements < 4) throw new WireError('elements missing');
  const hello: Hello = {
    protocol,
    schemaHash,
    codecs: reader.uint(),
    ...readRoom(reader),
    options: hasElement(reader, elements, 5) ? readValue(reader, codec) : null,
    token: hasElement(reader, elements, 6) ? reader.text(TOKEN_BYTES) : undefined,
    resume: hasElement(reader, elements, 7) ? readResume(reader) : undefined,
    gameVersion: hasElement(reader, elements, 8) ? reader.text(TEXT_BYTES) : '',
  };
  closeMessage(reader, elements, KNOWN);
  return hello;
}

/** Reads the hash of a schema. Throws a WireError. */
export function readSchemaHash(reader: Reader): Uint8Array {
  const hash = reader.bin(SCHEMA_HASH_BYTES);
  if (hash.length !== SCHEMA_HASH_BYTES) throw new WireError('schema hash is not 8 bytes');
  return hash.slice();
}

function readRoom(reader: Reader): { roomType: string; roomId: string | undefined } {
  if (reader.peekArray()) {
    if (reader.arrayHeader(2) !== 2) throw new WireError('room is not [type, id]');
    return { roomType: reader.text(TEXT_BYTES), roomId: reader.text(TEXT_BYTES) };
  }
  return { roomType: reader.text(TEXT_BYTES), roomId: undefined };
}

function writeResume(writer: Writer, resume: Resume | undefined): void {
  if (resume === undefined) {
    writer.nil();
    return;
  }
  writer.array(3);
  writer.bin(resume.token);
  writer.uint(resume.epoch);
  writer.uint(resume.lastTick);
}

function readResume(reader: Reader): Resume {
  if (reader.arrayHeader(3) !== 3) throw new WireError('resume is not [token, epoch, lastTick]');
  return { token: reader.bin(RESUME_TOKEN_BYTES).slice(), epoch: reader.uint(), lastTick: reader.uint() };
}
