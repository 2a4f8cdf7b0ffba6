/** The server's transport: WebSockets by `ws`, on a port of their own or beside other routes of an HTTP server. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { TickwireError } from '../core/errors.ts';
import {
  CLOSE_TIMEOUT_MS,
  CONNECTIONS_CHECK_MS,
  cutReason,
  HEADERS_TIMEOUT_MS,
  MAX_BUFFERED_CHUNKS,
  MAX_CONNECTIONS,
  MAX_CONTROL_FRAMES,
  MAX_FRAGMENTS,
  MAX_HEADER_BYTES,
  MAX_MESSAGES_AFTER_CLOSE,
  MAX_PAYLOAD_BYTES,
  MAX_PENDING_PONGS,
  serverCloseCode,
} from './limits.ts';
import type { Accept, Connection, ConnectionListener, ServerTransport } from './transport.ts';
import { Doorkeeper, refuseUpgrade, type UpgradeOptions } from './upgrade.node.ts';

/** How the WebSockets of a server behave; every default is safe for the open internet. */
export interface WsTransportOptions extends UpgradeOptions {
  /** The longest message a client may send, bytes. Default 16,384. */
  readonly maxPayloadBytes?: number;
  /** How long a peer may take to answer a close before its socket is cut, ms. Default 5,000. */
  readonly closeTimeoutMs?: number;
  /** Told of an exception in the code that hears a connection; that connection alone is closed with 1011. */
  readonly onFault?: (error: unknown) => void;
}

/** Options of ws 8.23 that its published types do not have yet. */
interface SafeServerOptions extends ServerOptions {
  maxFragments: number;
  maxBufferedChunks: number;
  maxPendingAutoPongs: number;
  closeTimeout: number;
}

interface HttpServerLike {
  on(event: 'upgrade', listener: UpgradeListener): unknown;
  off(event: 'upgrade', listener: UpgradeListener): unknown;
  listenerCount(event: 'upgrade'): number;
}

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Makes the transport of a server. */
export function createWsTransport(options: WsTransportOptions = {}): ServerTransport {
  return new WsTransport(options);
}

class WsTransport implements ServerTransport {
  readonly #doorkeeper: Doorkeeper;
  readonly #webSockets: WebSocketServer;
  readonly #onFault: (error: unknown) => void;
  readonly #connections = new Set<WsConnection>();
  readonly #servers: Server[] = [];
  readonly #detach: (() => void)[] = [];
  readonly #maxConnections: number;
  #isClosing = false;
  #whenEmpty: (() => void)[] = [];

  constructor(options: WsTransportOptions) {
    this.#doorkeeper = new Doorkeeper(options);
    this.#maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
    this.#onFault = options.onFault ?? warn;
    const safe: SafeServerOptions = {
      noServer: true,
      clientTracking: false,
      maxPayload: options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_BUFFERED_CHUNKS,
      maxPendingAutoPongs: MAX_PENDING_PONGS,
      perMessageDeflate: false,
      // One message per turn of the event loop and socket: a flood must not hold the tick up.
      allowSynchronousEvents: false,
      closeTimeout: options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS,
      // Echoes the game's own name only, so that a token in the list of protocols does not come back.
      handleProtocols: (protocols) => (protocols.has('tickwire') ? 'tickwire' : false),
    };
    this.#webSockets = new WebSocketServer(safe);
    this.#webSockets.on('error', this.#onFault);
  }

  async listen(port: number, host: string, accept: Accept): Promise<{ port: number }> {
    this.#checkOpen();
    const server = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: HEADERS_TIMEOUT_MS,
        connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
        maxHeaderSize: MAX_HEADER_BYTES,
      },
      (_request, response) => {
        response.writeHead(426, { 'Content-Type': 'text/plain', Connection: 'close', Upgrade: 'websocket' });
        response.end('Upgrade Required');
      },
    );
    // Sockets that never become WebSockets count too; the margin lets refusals be answered.
    server.maxConnections = this.#maxConnections + 256;
    server.on('connection', (socket) => this.#doorkeeper.receive(socket));
    server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head, accept));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        server.on('error', this.#onFault);
        resolve();
      });
    });
    // Closed while the name of the host was looked up: nobody else would close this port.
    if (this.#isClosing) server.close();
    this.#checkOpen();
    this.#servers.push(server);
    return { port: (server.address() as AddressInfo).port };
  }

  attach(httpServer: unknown, path: string, accept: Accept): void {
    this.#checkOpen();
    const server = httpServer as HttpServerLike | null;
    if (typeof server?.on !== 'function' || typeof server.listenerCount !== 'function') {
      throw new TickwireError('attach needs an http.Server (with Express or Fastify: the server behind the app)');
    }
    if (!path.startsWith('/')) throw new TickwireError(`attach: path '${path}' must start with '/'`);
    const listener: UpgradeListener = (request, socket, head) => {
      if (pathOf(request) === path) this.#onUpgrade(request, socket, head, accept);
      // Another listener may know the path; alone, silence would leave the socket open for ever.
      else if (server.listenerCount('upgrade') === 1) {
        socket.on('error', () => socket.destroy());
        refuseUpgrade(socket, { status: 404, text: 'Not Found' });
      }
    };
    server.on('upgrade', listener);
    this.#detach.push(() => server.off('upgrade', listener));
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const detach of this.#detach.splice(0)) detach();
    const servers = this.#servers.splice(0).map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    for (const connection of this.#connections) connection.close(1012, '');
    if (this.#connections.size > 0) await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
    await Promise.all(servers);
  }

  #checkOpen(): void {
    if (this.#isClosing) throw new TickwireError('this server was closed, and does not open again; make another one');
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, accept: Accept): void {
    // Before anything else: a reset at this point would end the process.
    socket.on('error', () => socket.destroy());
    if (this.#isClosing) {
      refuseUpgrade(socket, { status: 503, text: 'Service Unavailable', retryAfterSeconds: 1 });
      return;
    }
    const address = this.#doorkeeper.addressOf(request);
    const refusal = this.#doorkeeper.refusalOf(request, address);
    if (refusal !== undefined) {
      refuseUpgrade(socket, refusal);
      return;
    }
    // handleUpgrade may refuse without calling back: the socket's own end gives the place free.
    socket.once('close', this.#doorkeeper.enter(address));
    try {
      this.#webSockets.handleUpgrade(request, socket, head, (ws) => this.#onOpen(ws, address, accept));
    } catch (error) {
      // Somebody else has upgraded this socket too: two listeners claim the same path.
      socket.destroy();
      this.#onFault(error);
    }
  }

  #onOpen(ws: WebSocket, address: string, accept: Accept): void {
    const connection = new WsConnection(ws, address, this.#onFault, () => {
      this.#connections.delete(connection);
      if (this.#connections.size > 0) return;
      for (const resolve of this.#whenEmpty.splice(0)) resolve();
    });
    this.#connections.add(connection);
    connection.start(accept);
  }
}

class WsConnection implements Connection {
  readonly remoteAddress: string;
  readonly #ws: WebSocket;
  readonly #onFault: (error: unknown) => void;
  readonly #onEnd: () => void;
  #handlers: ConnectionListener | undefined;
  /** Set by close and terminate: `ws` goes on to emit what it has buffered. */
  #isDead = false;
  #ownClose: { code: number; reason: string } | undefined;
  #messagesAfterClose = 0;
  #controlFrames = 0;

  constructor(ws: WebSocket, remoteAddress: string, onFault: (error: unknown) => void, onEnd: () => void) {
    this.#ws = ws;
    this.remoteAddress = remoteAddress;
    this.#onFault = onFault;
    this.#onEnd = onEnd;
  }

  start(accept: Accept): void {
    const ws = this.#ws;
    // Protocol errors: `ws` itself answers with the right code and closes; without a listener the process would end.
    ws.on('error', () => {
      this.#isDead = true;
    });
    ws.on('message', (message, isBinary) => this.#onMessage(message, isBinary));
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
    return this.#ws.bufferedAmount;
  }

  send(message: Uint8Array): void {
    if (!this.#isDead && this.#ws.readyState === this.#ws.OPEN) this.#ws.send(message, ignoreSendError);
  }

  close(code: number, reason: string): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#ownClose = { code: serverCloseCode(code), reason: cutReason(reason) };
    this.#ws.close(this.#ownClose.code, this.#ownClose.reason);
  }

  terminate(): void {
    this.#isDead = true;
    this.#ws.terminate();
  }

  /** Pings and pongs are no messages, so the limits of messages do not see them. */
  #onControlFrame(): void {
    this.#controlFrames++;
    if (this.#controlFrames > MAX_CONTROL_FRAMES) this.terminate();
  }

  #onMessage(message: RawData, isBinary: boolean): void {
    this.#controlFrames = 0;
    if (this.#isDead) {
      this.#messagesAfterClose++;
      if (this.#messagesAfterClose === MAX_MESSAGES_AFTER_CLOSE) this.#ws.terminate();
      return;
    }
    if (!isBinary) {
      this.close(1003, 'binary messages only');
      return;
    }
    const buffer = message as Buffer;
    try {
      // A plain Uint8Array: Buffer's own `slice` would give views where a copy is meant.
      this.#handlers?.message(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength));
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

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
