/** One client of the load generator: a TCP socket that speaks just enough WebSocket, read by hand so that it costs little. */
import { connect, type Socket } from 'node:net';

/** How a client of one system behaves. It reads messages where they lie, and keeps none of them. */
export interface Speaker {
  /** The WebSocket is open. */
  open(client: LoadClient): void;
  /** A message from `start` to `end`. */
  message(client: LoadClient, bytes: Buffer, start: number, end: number): void;
  /** Time to send an input, the one of number `seq`. */
  input(client: LoadClient, seq: number): void;
  /** Time for a sign of life where no inputs are sent, a few times a second. */
  alive(client: LoadClient): void;
}

const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;
const EMPTY = Buffer.alloc(0);
const PONG = 10;

export class LoadClient {
  /** Payload bytes and messages received. */
  bytes = 0;
  messages = 0;
  /** Of Tickwire: low bits of the newest STATE's tick; -1 before the first. */
  heldLow = -1;
  /** Plays: is sent ticks. */
  isIn = false;
  isClosed = false;
  readonly #socket: Socket;
  readonly #speaker: Speaker;
  #isOpen = false;
  #rest: Buffer = EMPTY;

  constructor(port: number, path: string, speaker: Speaker) {
    this.#speaker = speaker;
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setNoDelay();
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      this.isClosed = true;
    });
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
  }

  /** Sends one message, masked, of at most 65,535 bytes; `opcode` 1 is text, 2 binary. */
  send(payload: Uint8Array, opcode = 2): void {
    const { length } = payload;
    const head = length < 126 ? 6 : 8;
    const frame = Buffer.allocUnsafe(head + length);
    frame[0] = 0x80 | opcode;
    frame[1] = 0x80 | (length < 126 ? length : 126);
    if (length >= 126) frame.writeUInt16BE(length, 2);
    for (let i = 0; i < 4; i++) frame[head - 4 + i] = MASK[i]!;
    for (let i = 0; i < length; i++) frame[head + i] = payload[i]! ^ MASK[i & 3]!;
    this.#socket.write(frame);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = EMPTY;
    if (!this.#isOpen) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) {
        this.#rest = bytes;
        return;
      }
      if (!bytes.toString('latin1', 0, 12).startsWith('HTTP/1.1 101'))
        throw new Error(bytes.toString('latin1', 0, 100));
      this.#isOpen = true;
      bytes = bytes.subarray(end + 4);
      this.#speaker.open(this);
    }
    const at = this.#readFrames(bytes);
    if (at < bytes.length) this.#rest = bytes.subarray(at);
  }

  /** Reads whole frames, which servers never mask, and returns where the first that is not whole starts. */
  #readFrames(bytes: Buffer): number {
    let at = 0;
    while (at + 2 <= bytes.length) {
      let length = bytes[at + 1]!;
      let start = at + 2;
      if (length === 126) {
        if (at + 4 > bytes.length) break;
        length = bytes.readUInt16BE(at + 2);
        start = at + 4;
      } else if (length === 127) {
        if (at + 10 > bytes.length) break;
        length = bytes.readUInt32BE(at + 6);
        start = at + 10;
      }
      const end = start + length;
      if (end > bytes.length) break;
      const opcode = bytes[at]! & 0x0f;
      if (opcode <= 2) {
        this.bytes += length;
        this.messages++;
        this.#speaker.message(this, bytes, start, end);
      } else if (opcode === 9) {
        this.send(bytes.subarray(start, end), PONG);
      }
      at = end;
    }
    return at;
  }
}
