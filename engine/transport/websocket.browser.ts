/** The client's transport: the browser's own WebSocket, or a constructor of the same shape given in (`ws` in Node). */
import { clientCloseCode, cutReason } from './limits.ts';
import type { ClientTransport, Connection, ConnectionListener } from './transport.ts';

/** The part of a WebSocket that is used here; the browser's and that of `ws` both fit. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(message: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** Makes a WebSocket, as `new WebSocket(url)` does. */
export type WebSocketConstructor = new (url: string) => WebSocketLike;

const OPEN = 1;

/** A transport over a WebSocket constructor, by default the global one (Node 20 has none: pass that of `ws`). */
export function createBrowserTransport(webSocket?: WebSocketConstructor): ClientTransport {
  return {
    connect(url, handlers) {
      const make = webSocket ?? (globalThis.WebSocket as WebSocketConstructor | undefined);
      return new BrowserConnection(make, url, handlers);
    },
  };
}

class BrowserConnection implements Connection {
  readonly remoteAddress = '';
  readonly #handlers: ConnectionListener & { open(): void };
  #socket: WebSocketLike | undefined;
  #isDone = false;

  constructor(make: WebSocketConstructor | undefined, url: string, handlers: ConnectionListener & { open(): void }) {
    this.#handlers = handlers;
    try {
      if (make === undefined) throw new Error('there is no global WebSocket: pass a constructor');
      this.#socket = new make(url);
    } catch (error) {
      // A bad URL, mixed content or a missing constructor: the reason helps whoever reads it, the code says "not reached".
      this.#end(1006, cutReason(error instanceof Error ? error.message : String(error)));
      return;
    }
    this.#listen(this.#socket);
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(message: Uint8Array): void {
    // `send` throws before the open event and counts bytes for ever after the close.
    if (!this.#isDone && this.#socket?.readyState === OPEN) this.#socket.send(message as Uint8Array<ArrayBuffer>);
  }

  close(code: number, reason: string): void {
    if (this.#isDone) return;
    const cut = cutReason(reason);
    // On a dead network browsers fire `close` minutes later: the owner is told now, and later events are ignored.
    this.#end(code, cut);
    this.#socket?.close(clientCloseCode(code), cut);
  }

  terminate(): void {
    if (this.#isDone) return;
    this.#end(1006, '');
    const socket = this.#socket as { terminate?: () => void } | undefined;
    if (socket?.terminate === undefined) this.#socket?.close(1000);
    else socket.terminate();
  }

  #listen(socket: WebSocketLike): void {
    // Before the first message, which else would come as a Blob, later than its successors.
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (!this.#isDone) this.#handlers.open();
    };
    socket.onmessage = (event: { data: unknown }) => {
      if (this.#isDone) return;
      if (event.data instanceof ArrayBuffer) this.#handlers.message(new Uint8Array(event.data));
      else this.close(4400, 'text message');
    };
    // Tells nothing that `close` does not tell; but without a listener `ws` throws.
    socket.onerror = () => undefined;
    socket.onclose = (event: { code: number; reason: string }) => {
      if (this.#isDone) return;
      this.#isDone = true;
      this.#handlers.close(event.code, event.reason);
    };
  }

  /** Marks the end at once and tells the owner after the call that caused it. */
  #end(code: number, reason: string): void {
    this.#isDone = true;
    queueMicrotask(() => this.#handlers.close(code, reason));
  }
}
