// A TCP client that speaks WebSocket byte by byte, so that it can also speak it wrongly.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

export interface RawSocket {
  readonly socket: Socket;
  /** All bytes received. */
  received(): Buffer;
  /** Waits until that many bytes, or this text, came, or the socket closed. */
  until(isEnough: (received: Buffer) => boolean): Promise<Buffer>;
  /** Waits for the end of the socket and returns all that came. */
  closed(): Promise<Buffer>;
}

export function openRaw(port: number): RawSocket {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // A reset is an expected answer here; `close` follows.
  socket.on('error', () => socket.destroy());
  const received = () => Buffer.concat(chunks);
  return {
    socket,
    received,
    async until(isEnough) {
      while (!isEnough(received()) && !socket.closed) {
        await Promise.race([once(socket, 'data'), once(socket, 'close')]);
      }
      return received();
    },
    async closed() {
      if (!socket.closed) await once(socket, 'close');
      return received();
    },
  };
}

export function upgradeRequest(headers: Record<string, string> = {}, path = '/'): string {
  const all: Record<string, string> = {
    Host: '127.0.0.1',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export const headEnds = (received: Buffer) => received.includes('\r\n\r\n');

/** Opens a WebSocket by hand and returns it after the server's 101. */
export async function openWebSocket(port: number, headers?: Record<string, string>): Promise<RawSocket> {
  const raw = openRaw(port);
  raw.socket.write(upgradeRequest(headers));
  const answer = await raw.until(headEnds);
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101'))
    throw new Error(`no upgrade: ${answer.toString('latin1')}`);
  return raw;
}

export interface FrameOptions {
  opcode?: number;
  isFinal?: boolean;
  isMasked?: boolean;
  rsv?: number;
  /** Length that the header claims. */
  claimedLength?: number;
  /** Forces the 2- or 8-byte form of the length. */
  lengthBytes?: 0 | 2 | 8;
}

/** One frame as a client sends it, unless the options say otherwise. */
export function frame(payload: Uint8Array | string, options: FrameOptions = {}): Buffer {
  const { opcode = 2, isFinal = true, isMasked = true, rsv = 0 } = options;
  const content = Buffer.from(payload as Uint8Array);
  const length = options.claimedLength ?? content.length;
  const lengthBytes = options.lengthBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const head = Buffer.alloc(2 + lengthBytes);
  head[0] = (isFinal ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (isMasked ? 0x80 : 0) | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) head.writeUInt16BE(length & 0xffff, 2);
  if (lengthBytes === 8) head.writeBigUInt64BE(BigInt(length), 2);
  // A mask of zeros is a valid mask and leaves the payload readable.
  return Buffer.concat([head, isMasked ? Buffer.alloc(4) : Buffer.alloc(0), content]);
}

export function closeFrame(code: number, reason = ''): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return frame(payload, { opcode: 8 });
}

export interface ServerFrame {
  opcode: number;
  payload: Buffer;
}

/** The server's frames after the head of its answer. */
export function serverFrames(received: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = [];
  let at = received.indexOf('\r\n\r\n') + 4;
  while (at + 2 <= received.length) {
    const opcode = received[at]! & 0x0f;
    let length = received[at + 1]! & 0x7f;
    at += 2;
    if (length === 126) {
      length = received.readUInt16BE(at);
      at += 2;
    } else if (length === 127) {
      length = Number(received.readBigUInt64BE(at));
      at += 8;
    }
    frames.push({ opcode, payload: received.subarray(at, at + length) });
    at += length;
  }
  return frames;
}

/** Code of the server's close frame, or undefined when it sent none. */
export function closeCodeOf(received: Buffer): number | undefined {
  const close = serverFrames(received).find(({ opcode }) => opcode === 8);
  return close === undefined || close.payload.length < 2 ? undefined : close.payload.readUInt16BE();
}
