/** A WebSocket of a client's over TCP whose owner decides how fast it reads; what it does not read stays in the kernel's buffers. */
import { connect, type Socket } from 'node:net';
import { unpack } from 'msgpackr';

const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;
const LOOK_MS = 20;
/** What Node reads from the kernel before anybody asks: the less, the more of the line is the kernel's. */
const AHEAD_BYTES = 1_024;

/** A STATE that has arrived: its tick, when its last byte was read, and its size. */
export type OnState = (tick: number, atMs: number, bytes: number) => void;

/** Time that all processes of this machine share, ms. */
export const sharedNow = (): number => performance.timeOrigin + performance.now();

/** As much of a browser's WebSocket as Tickwire's client takes. */
export class RateSocket {
  binaryType = 'arraybuffer';
  readyState = 0;
  readonly bufferedAmount = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onState: OnState | undefined;
  /** Bytes a second that are read; Infinity: all. */
  bytesPerSecond = Number.POSITIVE_INFINITY;
  /** The newest STATE's tick; -1 before WELCOME. */
  tick = -1;
  /** Bytes read. */
  bytesRead = 0;
  readonly #socket: Socket;
  readonly #timer: ReturnType<typeof setInterval>;
  #credit = 0;
  #lookedMs = performance.now();
  #rest: Buffer = Buffer.alloc(0);

  constructor(url: string) {
    const port = Number(new URL(url).port);
    this.#socket = connect({ port, host: '127.0.0.1', highWaterMark: AHEAD_BYTES } as never);
    this.#socket.setNoDelay();
    this.#socket.on('readable', () => this.#read());
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => this.#end());
    this.#timer = setInterval(() => this.#read(), LOOK_MS);
    this.#socket.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
  }

  /** Sends one binary message of at most 65,535 bytes. */
  send(payload: Uint8Array): void {
    this.#write(0x82, payload);
  }

  close(): void {
    this.#socket.destroy();
  }

  #write(opcode: number, payload: Uint8Array): void {
    const { length } = payload;
    const head = length < 126 ? 6 : 8;
    const frame = Buffer.allocUnsafe(head + length);
    frame[0] = opcode;
    frame[1] = 0x80 | (length < 126 ? length : 126);
    if (length >= 126) frame.writeUInt16BE(length, 2);
    for (let i = 0; i < 4; i++) frame[head - 4 + i] = MASK[i]!;
    for (let i = 0; i < length; i++) frame[head + i] = payload[i]! ^ MASK[i & 3]!;
    this.#socket.write(frame);
  }

  #end(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    clearInterval(this.#timer);
    this.onclose?.({ code: 1006, reason: '' } as never);
  }

  #read(): void {
    const now = performance.now();
    const elapsedMs = now - this.#lookedMs;
    this.#lookedMs = now;
    if (this.bytesPerSecond === Number.POSITIVE_INFINITY) {
      this.#credit = 0;
      for (let chunk = this.#socket.read(); chunk !== null; chunk = this.#socket.read()) this.#take(chunk as Buffer);
      return;
    }
    // What was not used stays for a moment, not for later.
    this.#credit = Math.min(this.#credit + (this.bytesPerSecond * elapsedMs) / 1000, this.bytesPerSecond / 10);
    const count = Math.min(Math.floor(this.#credit), this.#socket.readableLength);
    if (count === 0) return;
    const chunk = this.#socket.read(count) as Buffer | null;
    if (chunk === null) return;
    this.#credit -= chunk.length;
    this.#take(chunk);
  }

  #take(chunk: Buffer): void {
    this.bytesRead += chunk.length;
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.readyState === 0) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end >= 0) {
        this.readyState = 1;
        bytes = bytes.subarray(end + 4);
        this.onopen?.({} as never);
      }
    }
    this.#rest = this.readyState === 1 ? bytes.subarray(this.#readFrames(bytes)) : bytes;
  }

  /** Returns where the first frame that is not whole starts. */
  #readFrames(bytes: Buffer): number {
    let at = 0;
    while (at + 2 <= bytes.length) {
      let length = bytes[at + 1]!;
      let start = at + 2;
      if (length === 126 && at + 4 <= bytes.length) length = bytes.readUInt16BE(at + 2);
      else if (length === 127 && at + 10 <= bytes.length) length = bytes.readUInt32BE(at + 6);
      if (bytes[at + 1]! >= 126) start += bytes[at + 1] === 126 ? 2 : 8;
      const end = start + length;
      if (start > bytes.length || end > bytes.length) break;
      const opcode = bytes[at]! & 0x0f;
      if (opcode === 2) this.#receive(bytes.subarray(start, end));
      else if (opcode === 9) this.#write(0x8a, bytes.subarray(start, end));
      at = end;
    }
    return at;
  }

  #receive(message: Buffer): void {
    const type = message[1];
    // WELCOME's sixth element is the tick; STATEs go up from there, 120 ticks apart at most.
    if (type === 2) this.tick = (unpack(message) as number[])[6]!;
    if (type === 4) {
      this.tick += (message[2]! - this.tick) & 127;
      this.onState?.(this.tick, sharedNow(), message.length);
    }
    const copy = new Uint8Array(message).buffer;
    this.onmessage?.({ data: copy } as never);
  }
}
