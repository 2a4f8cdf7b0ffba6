/**
 * The gate: what stands before every MessagePack decoder, on both sides.
 *
 * One pass over the bytes, without recursion, refuses what a general decoder could be hurt by and Tickwire never
 * sends: depth, count, ext types (c7 c8 c9 d4..d8), 64-bit integers (cf d3), 32-bit lengths (c6 db dd df), c1, floats
 * that are not finite, bad UTF-8, keys that are no short text, name Object's own machinery or come twice, and bytes
 * behind the value.
 */
import { WireError } from '../core/errors.ts';
import { fold32 } from '../core/hash.ts';
import { KEY_BYTES, MESSAGE_DEPTH, MESSAGE_NODES, TEXT_BYTES, VALUE_BIN_BYTES } from './limits.ts';
import { isUtf8 } from './utf8.ts';

/** What one value may be made of. */
export interface GateLimits {
  /** Containers inside each other. */
  readonly depth: number;
  /** Values in all: containers, elements, keys. */
  readonly nodes: number;
  /** UTF-8 bytes of each text that is not a key. */
  readonly textBytes: number;
  /** Bytes of each bin. */
  readonly binBytes: number;
}

/** The limits of a message whose type sets no others. */
export const MESSAGE_LIMITS: GateLimits = {
  depth: MESSAGE_DEPTH,
  nodes: MESSAGE_NODES,
  textBytes: TEXT_BYTES,
  binBytes: VALUE_BIN_BYTES,
};

/** Keys that reach into an object's own machinery. */
export const FORBIDDEN_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype', 'toJSON'];

const FORBIDDEN_KEY_BYTES = FORBIDDEN_KEYS.map((key) => Uint8Array.from(key, (letter) => letter.charCodeAt(0)));

// State of the one check that runs: checking is synchronous, so these are made once.
/** By depth: how many values the container there still holds. */
let pending = new Int32Array(MESSAGE_DEPTH + 1);
/** By depth: index of the newest key of the map there, -1 in a map without keys yet, -2 in an array. */
let newestKey = new Int32Array(MESSAGE_DEPTH + 1);
/** By key: where its bytes start and end, its hash, and the key before it in the same map. */
let keyStart = new Int32Array(MESSAGE_NODES);
let keyEnd = new Int32Array(MESSAGE_NODES);
let keyHash = new Int32Array(MESSAGE_NODES);
let previousKey = new Int32Array(MESSAGE_NODES);
let keyCount = 0;
/** How many values the head that was just passed announces, and whether they are a map's. */
let headCount = 0;
let headIsMap = false;

const IN_ARRAY = -2;

/** Checks that `bytes` are one array that may be decoded. Throws a WireError. */
export function checkMessage(bytes: Uint8Array, limits: GateLimits = MESSAGE_LIMITS): void {
  const type = bytes[0];
  if (type === undefined || (type !== 0xdc && (type & 0xf0) !== 0x90)) throw new WireError('not an array');
  checkValue(bytes, 0, bytes.length, limits);
}

/** Checks that bytes `start` to `end` are one value that may be decoded. Throws a WireError. */
export function checkValue(bytes: Uint8Array, start: number, end: number, limits: GateLimits): void {
  reserve(limits);
  keyCount = 0;
  let at = start;
  let nodes = 0;
  let depth = 0;
  pending[0] = 1;
  newestKey[0] = IN_ARRAY;
  for (;;) {
    while (pending[depth] === 0) {
      if (depth === 0) {
        if (at !== end) throw new WireError('bytes behind the message');
        return;
      }
      depth--;
    }
    if (at >= end) throw new WireError('message cut short');
    if (++nodes > limits.nodes) throw new WireError('too many values');
    const left = (pending[depth] as number) - 1;
    pending[depth] = left;
    // A map counts keys and values alike: an odd number left behind this one means that it is a key.
    if (newestKey[depth] !== IN_ARRAY && (left & 1) === 1) {
      at = passKey(bytes, at, end, depth);
      continue;
    }
    at = passHead(bytes, at, end, limits);
    if (headCount < 0) continue;
    if (depth === limits.depth) throw new WireError('nested too deeply');
    // Every value takes a byte: a lying head is refused before anything is counted by it.
    if (headCount > end - at) throw new WireError('message cut short');
    depth++;
    pending[depth] = headCount;
    newestKey[depth] = headIsMap ? -1 : IN_ARRAY;
  }
}

/** Passes one value that is no key, but of a container only the head, and sets `headCount` (-1: no container). */
function passHead(bytes: Uint8Array, at: number, end: number, limits: GateLimits): number {
  const type = bytes[at] as number;
  headCount = -1;
  headIsMap = false;
  if (type < 0x80 || type >= 0xe0) return at + 1;
  if (type < 0x90) return passContainer(at + 1, type & 0x0f, true);
  if (type < 0xa0) return passContainer(at + 1, type & 0x0f, false);
  if (type < 0xc0) return passText(bytes, at + 1, type & 0x1f, end, limits);
  switch (type) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return at + 1;
    case 0xcc:
    case 0xd0:
      return passBytes(at, 2, end);
    case 0xcd:
    case 0xd1:
      return passBytes(at, 3, end);
    case 0xce:
    case 0xd2:
      return passBytes(at, 5, end);
    case 0xca:
    case 0xcb:
      return passFloat(bytes, at, end);
    case 0xc4:
      return passBin(at + 2, lengthAt(bytes, at, 1, end), end, limits);
    case 0xc5:
      return passBin(at + 3, lengthAt(bytes, at, 2, end), end, limits);
    case 0xd9:
      return passText(bytes, at + 2, lengthAt(bytes, at, 1, end), end, limits);
    case 0xda:
      return passText(bytes, at + 3, lengthAt(bytes, at, 2, end), end, limits);
    case 0xdc:
      return passContainer(at + 3, lengthAt(bytes, at, 2, end), false);
    case 0xde:
      return passContainer(at + 3, lengthAt(bytes, at, 2, end), true);
    default:
      throw new WireError('a type that is not allowed');
  }
}

function passBytes(at: number, count: number, end: number): number {
  if (count > end - at) throw new WireError('message cut short');
  return at + count;
}

function lengthAt(bytes: Uint8Array, at: number, size: 1 | 2, end: number): number {
  passBytes(at, 1 + size, end);
  const first = bytes[at + 1] as number;
  return size === 1 ? first : (first << 8) | (bytes[at + 2] as number);
}

function passContainer(at: number, count: number, isMap: boolean): number {
  headCount = isMap ? count * 2 : count;
  headIsMap = isMap;
  return at;
}

function passFloat(bytes: Uint8Array, at: number, end: number): number {
  const isDouble = bytes[at] === 0xcb;
  const next = passBytes(at, isDouble ? 9 : 5, end);
  // An exponent of all ones is an infinity or no number.
  const high = (((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)) & 0x7fff;
  if (isDouble ? high >= 0x7ff0 : high >= 0x7f80) throw new WireError('number is not finite');
  return next;
}

function passBin(at: number, length: number, end: number, limits: GateLimits): number {
  if (length > limits.binBytes) throw new WireError('bin too long');
  return passBytes(at, length, end);
}

function passText(bytes: Uint8Array, at: number, length: number, end: number, limits: GateLimits): number {
  if (length > limits.textBytes) throw new WireError('text too long');
  const next = passBytes(at, length, end);
  if (!isUtf8(bytes, at, next)) throw new WireError('text is not UTF-8');
  return next;
}

/** Passes a key of the map at `depth` and remembers it. */
function passKey(bytes: Uint8Array, at: number, end: number, depth: number): number {
  const type = bytes[at] as number;
  let from = at + 1;
  let length = type & 0x1f;
  if (type === 0xd9) {
    from = at + 2;
    length = lengthAt(bytes, at, 1, end);
  } else if (type < 0xa0 || type > 0xbf) {
    throw new WireError('key is no short text');
  }
  if (length > KEY_BYTES) throw new WireError('key too long');
  const next = passBytes(from, length, end);
  if (!isUtf8(bytes, from, next)) throw new WireError('text is not UTF-8');
  for (const key of FORBIDDEN_KEY_BYTES) {
    if (key.length === length && isSame(bytes, from, key, 0, length)) throw new WireError('key is not allowed');
  }
  let hash = length;
  for (let i = from; i < next; i++) hash = fold32(hash, bytes[i] as number);
  for (let k = newestKey[depth] as number; k >= 0; k = previousKey[k] as number) {
    if (keyHash[k] !== hash || (keyEnd[k] as number) - (keyStart[k] as number) !== length) continue;
    if (isSame(bytes, from, bytes, keyStart[k] as number, length)) throw new WireError('key comes twice');
  }
  keyStart[keyCount] = from;
  keyEnd[keyCount] = next;
  keyHash[keyCount] = hash;
  previousKey[keyCount] = newestKey[depth] as number;
  newestKey[depth] = keyCount++;
  return next;
}

function isSame(a: Uint8Array, from: number, b: Uint8Array, other: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[from + i] !== b[other + i]) return false;
  return true;
}

function reserve(limits: GateLimits): void {
  if (limits.depth >= pending.length) {
    pending = new Int32Array(limits.depth + 1);
    newestKey = new Int32Array(limits.depth + 1);
  }
  if (limits.nodes > keyStart.length) {
    keyStart = new Int32Array(limits.nodes);
    keyEnd = new Int32Array(limits.nodes);
    keyHash = new Int32Array(limits.nodes);
    previousKey = new Int32Array(limits.nodes);
  }
}
