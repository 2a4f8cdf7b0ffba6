/** One WebSocket of the server: its messages past `ws` where that is safe, its beginning and end by `ws`. */
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { FrameReader, frameOf, MAX_FRAMED_BYTES } from './frames.node.ts';
import { cutReason, MAX_CONTROL_FRAMES, MAX_MESSAGES_AFTER_CLOSE, serverCloseCode } from './limits.ts';
import type { Accept, Connection, ConnectionListener } from './transport.ts';

/** What has messages to write. */
interface Flushable {
  flush(): void;
}

/**
 * Writes what was sent in one go when the code that sends has returned: a tick sends to everybody, and writes that follow each
 * other at once cost the kernel a fifth less than writes with a message made in between.
 */
export class WriteBatch {
  readonly #waiting: Flushable[] = [];
  #message: Uint8Array | undefined;
  #frame: Buffer | undefined;

  add(connection: Flushable): void {
    if (this.#waiting.length === 0) process.nextTick(this.#flush);
    this.#waiting.push(connection);
  }

  /** The frame of a message; of one that many are sent, made once. */
  frameOf(message: Uint8Array): Buffer {
    if (message !== this.#message) {
      this.#message = message;
      this.#frame = frameOf(message);
    }
    return this.#frame as Buffer;
  }

  readonly #flush = (): void => {
    const waiting = this.#waiting;
    for (let i = 0; i < waiting.length; i++) (waiting[i] as Flushable).flush();
    waiting.length = 0;
    this.#message = undefined;
    this.#frame = undefined;
  };
}

/** What a connection is made of. */
export interface WsConnectionParts {
  readonly ws: WebSocket;
  /** The socket under `ws`. */
  readonly socket: Duplex;
  /** The listener with which `ws` hears that socket. */
  readonly toWs: (chunk: Buffer) => void;
  readonly batch: WriteBatch;
  readonly maxPayloadBytes: number;
  readonly remoteAddress: string;
  /** Told of an exception in the code that hears this connection. */
  readonly onFault: (error: unknown) => void;
  /** Told once, when the socket is gone. */
  readonly onEnd: () => void;
}

/** One end of an open WebSocket. */
export class WsConnection implements Connection {
  readonly remoteAddress: string;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #frames: FrameReader;
  readonly #batch: WriteBatch;
  readonly #onFault: (error: unknown) => void;
  readonly #onEnd: () => void;
  #handlers: ConnectionListener | undefined;
  /** Frames that were sent and not yet written. */
  #unwritten: Buffer | undefined;
  /** Set by close and terminate: `ws` goes on to emit what it has buffered. */
  #isDead = false;
  #ownClose: { code: number; reason: string } | undefined;
  #messagesAfterClose = 0;
  #controlFrames = 0;

  constructor(parts: WsConnectionParts) {
    const { ws, socket, toWs, batch, maxPayloadBytes, remoteAddress, onFault, onEnd } = parts;
    this.#ws = ws;
    this.#socket = socket;
    this.#frames = new FrameReader(socket, toWs, maxPayloadBytes, (message) => this.#onMessage(message));
    this.#batch = batch;
    this.remoteAddress = remoteAddress;
    this.#onFault = onFault;
    this.#onEnd = onEnd;
  }

  start(accept: Accept): void {
    const ws = this.#ws;
    // Protocol errors: `ws` itself answers with the right code and closes; without a listener the process would end.
    ws.on('error', () => {
      this.#isDead = true;
      this.#frames.stop();
    });
    ws.on('message', (message, isBinary) => this.#onWsMessage(message, isBinary));
    ws.on('ping', () => this.#onControlFrame());
    ws.on('pong', () => this.#onControlFrame());
    ws.on('close', (code, reason) => this.#onClose(code, reason));
    try {
      this.#handlers = accept(this);
    } catch (error) {
      this.#fail(error);
    }
  }

  get bufferedBytes(): number {
    // `ws` holds nothing back of its own: nothing is compressed.
    return this.#socket.writableLength + (this.#unwritten?.length ?? 0);
  }

  send(message: Uint8Array): void {
    if (this.#isDead || this.#ws.readyState !== this.#ws.OPEN) return;
    if (message.length > MAX_FRAMED_BYTES) {
      this.flush();
      this.#ws.send(message, ignoreSendError);
      return;
    }
    const frame = this.#batch.frameOf(message);
    if (this.#unwritten !== undefined && this.#unwritten.length + frame.length <= MAX_FRAMED_BYTES) {
      this.#unwritten = Buffer.concat([this.#unwritten, frame]);
      return;
    }
    this.flush();
    this.#unwritten = frame;
    this.#batch.add(this);
  }

  /** Writes what was sent. `ws` writes its own frames whole and at once, too, as nothing is compressed: none are torn. */
  flush(): void {
    const frames = this.#unwritten;
    if (frames === undefined) return;
    this.#unwritten = undefined;
    if (this.#ws.readyState === this.#ws.OPEN) this.#socket.write(frames);
  }

  close(code: number, reason: string): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#ownClose = { code: serverCloseCode(code), reason: cutReason(reason) };
    this.flush();
    this.#ws.close(this.#ownClose.code, this.#ownClose.reason);
  }

  terminate(): void {
    this.#isDead = true;
    this.#unwritten = undefined;
    this.#frames.stop();
    this.#ws.terminate();
  }

  /** Pings and pongs are no messages, so the limits of messages do not see them. */
  #onControlFrame(): void {
    this.#controlFrames++;
    if (this.#controlFrames > MAX_CONTROL_FRAMES) this.terminate();
  }

  /** A message that came in fragments, or is no binary one. */
  #onWsMessage(message: RawData, isBinary: boolean): void {
    const { buffer, byteOffset, byteLength } = message as Buffer;
    if (isBinary || this.#isDead) this.#onMessage(new Uint8Array(buffer, byteOffset, byteLength));
    else this.close(1003, 'binary messages only');
  }

  #onMessage(message: Uint8Array): void {
    this.#controlFrames = 0;
    if (this.#isDead) {
      this.#messagesAfterClose++;
      if (this.#messagesAfterClose === MAX_MESSAGES_AFTER_CLOSE) this.terminate();
      return;
    }
    try {
      this.#handlers?.message(message);
    } catch (error) {
      this.#fail(error);
    }
  }

  #onClose(code: number, reason: Buffer): void {
    this.#isDead = true;
    this.#onEnd();
    const own = this.#ownClose;
    try {
      if (own !== undefined) this.#handlers?.close(own.code, own.reason);
      else this.#handlers?.close(code, reason.toString('utf8'));
    } catch (error) {
      this.#onFault(error);
    }
  }

  #fail(error: unknown): void {
    this.close(1011, '');
    this.#onFault(error);
  }
}

/** The `close` event tells it. */
function ignoreSendError(): void {
  return;
}
