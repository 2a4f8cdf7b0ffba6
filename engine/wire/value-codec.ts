/**
 * Values of a game - join options, payload fields, rare values - as MessagePack.
 *
 * Their containers go through a library that the platform hands in; numbers, texts and the like go through our own
 * writer and reader, which agree with every library.
 */
import { TickwireError } from '../core/errors.ts';
import { checkValue, FORBIDDEN_KEYS, type GateLimits } from './gate.ts';
import {
  KEY_BYTES,
  PAYLOAD_FIELDS,
  TEXT_BYTES,
  VALUE_BIN_BYTES,
  VALUE_BYTES,
  VALUE_DEPTH,
  VALUE_NODES,
} from './limits.ts';
import type { Reader } from './reader.ts';
import { isWellFormed, utf8Length } from './utf8.ts';
import type { Writer } from './writer.ts';

/** A MessagePack library with safe settings. */
export interface ValueCodec {
  /** Encodes what passed `assertEncodable`. The bytes may be a view that the next call overwrites. */
  encode(value: unknown): Uint8Array;
  /** Decodes bytes that passed the gate. */
  decode(bytes: Uint8Array): unknown;
}

const VALUE_LIMITS: GateLimits = {
  depth: VALUE_DEPTH,
  nodes: VALUE_NODES,
  textBytes: TEXT_BYTES,
  binBytes: VALUE_BIN_BYTES,
};

/** Writes one value that passed `assertEncodable`; `undefined` becomes nil. */
export function writeValue(writer: Writer, codec: ValueCodec, value: unknown): void {
  if (value === undefined || value === null) writer.nil();
  else if (typeof value === 'number') writer.number(value);
  else if (typeof value === 'string') writer.text(value);
  else if (typeof value === 'boolean') writer.bool(value);
  else if (value instanceof Uint8Array) writer.bin(value);
  else writer.raw(codec.encode(value));
}

/** Reads one value; a text may hold `textBytes`. Containers pass the gate, then the codec. Throws a WireError. */
export function readValue(reader: Reader, codec: ValueCodec, textBytes = TEXT_BYTES): unknown {
  const { bytes, offset } = reader;
  const type = offset < reader.end ? (bytes[offset] as number) : 0xc1;
  if (type < 0x80 || type >= 0xe0 || (type >= 0xca && type <= 0xd3)) return reader.number();
  if (type === 0xc2 || type === 0xc3) return reader.bool();
  if ((type >= 0xa0 && type <= 0xbf) || type === 0xd9 || type === 0xda) return reader.text(textBytes);
  if (type === 0xc4 || type === 0xc5) return reader.bin(VALUE_BIN_BYTES).slice();
  if (reader.takeNil()) return null;
  reader.skip();
  checkValue(bytes, offset, reader.offset, VALUE_LIMITS);
  return codec.decode(bytes.subarray(offset, reader.offset));
}

/** Writes the fields of a payload as one array. */
export function writePayload(writer: Writer, codec: ValueCodec, payload: readonly unknown[]): void {
  writer.array(payload.length);
  for (const value of payload) writeValue(writer, codec, value);
}

/** Reads what `writePayload` wrote: at most PAYLOAD_FIELDS values, of whatever types. Throws a WireError. */
export function readPayload(reader: Reader, codec: ValueCodec, textBytes: number): unknown[] {
  const payload = new Array<unknown>(reader.arrayHeader(PAYLOAD_FIELDS));
  for (let i = 0; i < payload.length; i++) payload[i] = readValue(reader, codec, textBytes);
  return payload;
}

/** Numbers take so many bytes at most, and no text, bin or container has a longer head. */
const HEAD_BYTES = 9;
/** Bytes of the one value that is checked now, at most. */
let byteCount = 0;

/** Checks that the other side will get `value` as it is; `where` names it in the TickwireError. */
export function assertEncodable(value: unknown, where: string): void {
  byteCount = 0;
  const nodes = countNodes(value, where, 0);
  if (nodes > VALUE_NODES) refuse(where, `holds ${nodes} values; at most ${VALUE_NODES} travel. Split it up`);
  if (byteCount > VALUE_BYTES) {
    refuse(where, `takes about ${byteCount} bytes; at most ${VALUE_BYTES} travel. Split it up`);
  }
}

/** A copy of what passed `assertEncodable`: it still would when it is encoded, whatever became of the original. */
export function copyValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  // Not slice: a Buffer's is a view.
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return Array.from(value, copyValue);
  const copy: { [key: string]: unknown } = {};
  for (const [key, part] of Object.entries(value)) copy[key] = copyValue(part);
  return copy;
}

/** Whether `assertEncodable` lets a value pass. */
export function isEncodable(value: unknown): boolean {
  try {
    assertEncodable(value, '');
    return true;
  } catch (error) {
    if (!(error instanceof TickwireError)) throw error;
    return false;
  }
}

function refuse(where: string, problem: string): never {
  throw new TickwireError(`${where} ${problem}.`);
}

function countNodes(value: unknown, where: string, depth: number): number {
  byteCount += HEAD_BYTES;
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
      return 1;
    case 'number':
      assertNumber(value, where);
      return 1;
    case 'string':
      assertText(value, where);
      return 1;
    case 'object':
      return value === null ? 1 : countObject(value, where, depth);
    default:
      return refuse(where, `is a ${typeof value}, which MessagePack does not hold`);
  }
}

function countObject(value: object, where: string, depth: number): number {
  if (value instanceof Uint8Array) {
    if (value.length > VALUE_BIN_BYTES) refuse(where, `holds ${value.length} bytes; at most ${VALUE_BIN_BYTES} travel`);
    byteCount += value.length;
    return 1;
  }
  // A cycle is infinitely deep, so this finds it too.
  if (depth === VALUE_DEPTH) refuse(where, `nests deeper than ${VALUE_DEPTH} arrays and objects`);
  let nodes = 1;
  if (Array.isArray(value)) {
    assertCount(value.length, where);
    for (let i = 0; i < value.length; i++) nodes += countNodes(value[i], `${where}[${i}]`, depth + 1);
    return nodes;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    refuse(where, 'is not a plain object. Send its fields, or an array');
  }
  const entries = Object.entries(value);
  assertCount(entries.length, where);
  for (const [key, part] of entries) {
    assertKey(key, where);
    nodes += 1 + countNodes(part, `${where}.${key}`, depth + 1);
  }
  return nodes;
}

function assertCount(count: number, where: string): void {
  // Before the walk: a sparse array of a billion would take it long.
  if (count > VALUE_NODES) refuse(where, `holds ${count} values; at most ${VALUE_NODES} travel. Split it up`);
}

function assertNumber(value: number, where: string): void {
  if (!Number.isFinite(value)) refuse(where, `is ${value}; only finite numbers travel`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    refuse(where, 'is a whole number beyond 2^53, which loses digits. Send it as text');
  }
}

function assertText(value: string, where: string): void {
  if (!isWellFormed(value)) refuse(where, 'is a text that was cut inside a character. Cut it with Array.from(text)');
  const length = utf8Length(value);
  if (length > TEXT_BYTES) refuse(where, `is a text of ${length} UTF-8 bytes; at most ${TEXT_BYTES} travel`);
  byteCount += length;
}

function assertKey(key: string, where: string): void {
  if (FORBIDDEN_KEYS.includes(key)) refuse(where, `has a key named ${key}, which no side accepts`);
  if (!isWellFormed(key) || utf8Length(key) > KEY_BYTES) {
    refuse(where, `has a key that is no text of at most ${KEY_BYTES} UTF-8 bytes`);
  }
  byteCount += HEAD_BYTES + utf8Length(key);
}
