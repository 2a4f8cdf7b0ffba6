/**
 * WELCOME, server to client, the answer to a HELLO that got a seat.
 *
 *     [2, protocol, schemaHash bin(8), codec, tickRate, sendEvery, tick, playerId, epoch, resumeToken bin|nil,
 *      [limit, ...], isStrict, roomId]
 *
 * The limits come in the order of WELCOME_LIMIT_NAMES.
 */
import { WireError } from '../core/errors.ts';
import { MESSAGE_LIMITS } from './gate.ts';
import { readSchemaHash } from './hello.ts';
import { MESSAGE_ELEMENTS, RESUME_TOKEN_BYTES, TEXT_BYTES, WELCOME_LIMIT_NAMES, type WelcomeLimits } from './limits.ts';
import { closeMessage, hasElement, MESSAGE, openGated } from './message.ts';
import type { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** What WELCOME says. */
export interface Welcome {
  readonly protocol: number;
  readonly schemaHash: Uint8Array;
  /** The body that the server chose: 0 plain, 1 packed. */
  readonly codec: number;
  /** Ticks in a second. */
  readonly tickRate: number;
  /** Ticks from one STATE to the next. */
  readonly sendEvery: number;
  /** The server's tick when this was written. */
  readonly tick: number;
  readonly playerId: number;
  /** Number of this life of the room's state: another one means that nothing kept is worth anything. */
  readonly epoch: number;
  /** Undefined where the server lets nobody resume. */
  readonly resumeToken: Uint8Array | undefined;
  readonly limits: WelcomeLimits;
  /** Whether the server throws at its author's bad values. */
  readonly isStrict: boolean;
  readonly roomId: string;
}

const KNOWN = 12;

/** Bytes of WELCOME. */
export function encodeWelcome(welcome: Welcome): Uint8Array {
  const writer = new Writer(256);
  writer.array(1 + KNOWN);
  writer.uint(MESSAGE.welcome);
  writer.uint(welcome.protocol);
  writer.bin(welcome.schemaHash);
  writer.uint(welcome.codec);
  writer.uint(welcome.tickRate);
  writer.uint(welcome.sendEvery);
  writer.uint(welcome.tick);
  writer.uint(welcome.playerId);
  writer.uint(welcome.epoch);
  if (welcome.resumeToken === undefined) writer.nil();
  else writer.bin(welcome.resumeToken);
  writer.array(WELCOME_LIMIT_NAMES.length);
  for (const name of WELCOME_LIMIT_NAMES) writer.uint(welcome.limits[name]);
  writer.bool(welcome.isStrict);
  writer.text(welcome.roomId);
  return writer.finish();
}

/** Reads WELCOME. Throws a WireError. */
export function decodeWelcome(bytes: Uint8Array): Welcome {
  const { reader, elements } = openGated(bytes, MESSAGE_LIMITS, MESSAGE.welcome, KNOWN);
  const welcome: Welcome = {
    protocol: reader.uint(),
    schemaHash: readSchemaHash(reader),
    codec: reader.uint(1),
    tickRate: readPositive(reader, 1000),
    sendEvery: readPositive(reader, 255),
    tick: reader.uint(),
    playerId: reader.uint(),
    epoch: reader.uint(),
    resumeToken: hasElement(reader, elements, 9) ? reader.bin(RESUME_TOKEN_BYTES).slice() : undefined,
    limits: readLimits(reader),
    isStrict: reader.bool(),
    roomId: reader.text(TEXT_BYTES),
  };
  closeMessage(reader, elements, KNOWN);
  return welcome;
}

function readPositive(reader: Reader, max: number): number {
  const value = reader.uint(max);
  if (value === 0) throw new WireError('integer out of range');
  return value;
}

function readLimits(reader: Reader): WelcomeLimits {
  const count = reader.arrayHeader(MESSAGE_ELEMENTS);
  if (count < WELCOME_LIMIT_NAMES.length) throw new WireError('elements missing');
  const limits: Record<string, number> = {};
  for (const name of WELCOME_LIMIT_NAMES) limits[name] = reader.uint();
  reader.skip(count - WELCOME_LIMIT_NAMES.length);
  return limits as WelcomeLimits;
}
