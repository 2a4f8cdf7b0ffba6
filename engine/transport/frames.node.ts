/**
 * WebSocket frames (RFC 6455, 5.2) past `ws`, where they are of the plain kind that play is made of: one whole binary message
 * each. Everything else is `ws`'s: control frames, fragments, text, what is too long, and every mistake.
 *
 *     to a client      82 LL payload                 LL: length, 7e LL LL from 126 bytes on
 *     from a client    82 LL MM MM MM MM payload     LL with bit 7 set; MM: mask of the payload
 */
import type { Duplex } from 'node:stream';

/** FIN and opcode 2. */
const BINARY = 0x82;
const MASKED = 0x80;
const CLOSE = 8;
const EMPTY = Buffer.alloc(0);
/** Longer messages are not worth the copy. */
export const MAX_FRAMED_BYTES = 16_384;
/** `ws` holds back the socket when it is given its stream's high-water mark at once, which would interfere with ours. */
const PIECE_BYTES = 8_192;

/** A message of at most `MAX_FRAMED_BYTES` as a frame, in a buffer of its own. */
export function frameOf(message: Uint8Array): Buffer {
  const { length } = message;
  const head = length < 126 ? 2 : 4;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = BINARY;
  if (head === 2) {
    frame[1] = length;
  } else {
    frame[1] = 126;
    frame[2] = length >> 8;
    frame[3] = length & 0xff;
  }
  frame.set(message, head);
  return frame;
}

/**
 * Reads what a client sends, before `ws` does, from a frame's start to the next: at most one message each turn of the event
 * loop, so that a flood does not hold the tick up. Nothing overtakes anything: `ws` gets its frames in their turn, and has
 * them told before the next is looked at.
 */
export class FrameReader {
  readonly #socket: Duplex;
  readonly #toWs: (chunk: Buffer) => void;
  readonly #maxPayloadBytes: number;
  readonly #deliver: (message: Uint8Array) => void;
  /** What came and was not read yet. */
  #rest: Buffer;
  /** Bytes that the frame which `ws` reads still lacks, and whether it is the one that closes. */
  #foreignBytes: number;
  #isClosing: boolean;
  /** `ws` has the start of a message in fragments. */
  #isFragmented: boolean;
  /** The next frame waits for its turn. */
  #isWaiting: boolean;
  #isPaused: boolean;
  #hasPassed = false;
  #isEnded: boolean;

  /**
   * Takes the place of `toWs`, the listener with which `ws` hears the socket's bytes. `deliver` is called with each message of
   * at most `maxPayloadBytes` that is read here; its bytes hold during the call.
   */
  constructor(
    socket: Duplex,
    toWs: (chunk: Buffer) => void,
    maxPayloadBytes: number,
    deliver: (message: Uint8Array) => void,
  ) {
    this.#socket = socket;
    this.#toWs = toWs;
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#deliver = deliver;
    this.#rest = EMPTY;
    this.#foreignBytes = 0;
    this.#isClosing = false;
    this.#isFragmented = false;
    this.#isWaiting = false;
    this.#isPaused = false;
    this.#isEnded = false;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.off('data', toWs);
    // Before ws hears of the end: it then knows what to tell before that.
    socket.prependListener('end', () => this.#handOver());
    socket.prependListener('close', () => this.#handOver());
  }

  /** Reads nothing any more: the connection broke, or is to end without another word. */
  stop(): void {
    this.#isEnded = true;
    this.#rest = EMPTY;
    if (this.#isPaused) this.#socket.resume();
    this.#isPaused = false;
  }

  #receive(chunk: Buffer): void {
    if (this.#isEnded) return;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = EMPTY;
    if (this.#isWaiting) this.#keep(bytes);
    else this.#read(bytes);
  }

  /** Reads one frame; what is behind it waits for the next turn. */
  #read(bytes: Buffer): void {
    this.#hasPassed = false;
    const at = this.#foreignBytes > 0 ? this.#passForeign(bytes, 0) : this.#readFrame(bytes);
    if (this.#isEnded) return;
    if (at > 0 && (at < bytes.length || this.#hasPassed)) {
      this.#isWaiting = true;
      setImmediate(this.#continue);
    }
    this.#keep(at === 0 ? bytes : bytes.subarray(at));
  }

  readonly #continue = (): void => {
    this.#isWaiting = false;
    if (this.#isEnded) return;
    const bytes = this.#rest;
    this.#rest = EMPTY;
    this.#read(bytes);
  };

  /** Keeps bytes for later; who sends faster than they are read is not heard for a while. */
  #keep(rest: Buffer): void {
    this.#rest = rest;
    const isFull = this.#isWaiting && rest.length > this.#maxPayloadBytes;
    if (isFull) this.#socket.pause();
    else if (this.#isPaused) this.#socket.resume();
    this.#isPaused = isFull;
  }

  /** Reads the frame at the start of `bytes`, or passes it to `ws`. Returns where it ends; 0 if more is needed first. */
  #readFrame(bytes: Buffer): number {
    const first = bytes[0];
    const second = bytes[1];
    if (first === undefined || second === undefined) return 0;
    let length = second & 0x7f;
    let head = 2;
    if (length === 126) {
      if (bytes.length < 4) return 0;
      length = bytes.readUInt16BE(2);
      head = 4;
    } else if (length === 127) {
      if (bytes.length < 10) return 0;
      length = bytes.readUInt32BE(2) * 0x1_0000_0000 + bytes.readUInt32BE(6);
      head = 10;
    }
    const isMasked = (second & MASKED) !== 0;
    if (isMasked) head += 4;
    if (first !== BINARY || !isMasked || this.#isFragmented || length > this.#maxPayloadBytes) {
      this.#foreignBytes = head + length;
      this.#isClosing = (first & 0x0f) === CLOSE;
      if ((first & 0x0f) < CLOSE) this.#isFragmented = (first & 0x80) === 0;
      return this.#passForeign(bytes, 0);
    }
    const end = head + length;
    if (bytes.length < end) return 0;
    unmask(bytes, head - 4, head, end);
    // A plain Uint8Array: Buffer's own `slice` would give views where a copy is meant.
    this.#deliver(new Uint8Array(bytes.buffer, bytes.byteOffset + head, length));
    return end;
  }

  /** Passes what is there of `ws`'s frame, from `start` on; returns where that ends. */
  #passForeign(bytes: Buffer, start: number): number {
    const end = Math.min(bytes.length, start + this.#foreignBytes);
    this.#foreignBytes -= end - start;
    if (this.#isClosing && this.#foreignBytes === 0) {
      this.stop();
    }
    this.#hasPassed = this.#foreignBytes === 0;
    this.#pass(bytes, start, end);
    return end;
  }

  #pass(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at += PIECE_BYTES) {
      this.#toWs.call(this.#socket, bytes.subarray(at, Math.min(end, at + PIECE_BYTES)));
    }
  }

  #handOver(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#pass(this.#rest, 0, this.#rest.length);
    this.#rest = EMPTY;
  }
}

function unmask(bytes: Buffer, mask: number, start: number, end: number): void {
  const a = bytes[mask]!;
  const b = bytes[mask + 1]!;
  const c = bytes[mask + 2]!;
  const d = bytes[mask + 3]!;
  let at = start;
  for (; at + 3 < end; at += 4) {
    bytes[at] = bytes[at]! ^ a;
    bytes[at + 1] = bytes[at + 1]! ^ b;
    bytes[at + 2] = bytes[at + 2]! ^ c;
    bytes[at + 3] = bytes[at + 3]! ^ d;
  }
  if (at < end) bytes[at] = bytes[at]! ^ a;
  if (at + 1 < end) bytes[at + 1] = bytes[at + 1]! ^ b;
  if (at + 2 < end) bytes[at + 2] = bytes[at + 2]! ^ c;
}
