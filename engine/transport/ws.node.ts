/** The server's transport: WebSockets by `ws`, on a port of their own or beside other routes of an HTTP server. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { TickwireError } from '../core/errors.ts';
import {
  CLOSE_TIMEOUT_MS,
  CONNECTIONS_CHECK_MS,
  HEADERS_TIMEOUT_MS,
  MAX_BUFFERED_CHUNKS,
  MAX_CONNECTIONS,
  MAX_FRAGMENTS,
  MAX_HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_PENDING_PONGS,
} from './limits.ts';
import type { Accept, ServerTransport } from './transport.ts';
import { Doorkeeper, refuseUpgrade, type UpgradeOptions } from './upgrade.node.ts';
import { WriteBatch, WsConnection } from './ws-connection.node.ts';

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
  readonly #batch = new WriteBatch();
  readonly #servers: Server[] = [];
  readonly #detach: (() => void)[] = [];
  readonly #maxConnections: number;
  readonly #maxPayloadBytes: number;
  #isClosing = false;
  #whenEmpty: (() => void)[] = [];

  constructor(options: WsTransportOptions) {
    this.#doorkeeper = new Doorkeeper(options);
    this.#maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
    this.#maxPayloadBytes = options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES;
    this.#onFault = options.onFault ?? warn;
    const safe: SafeServerOptions = {
      noServer: true,
      clientTracking: false,
      maxPayload: this.#maxPayloadBytes,
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
    const others = socket.listeners('data');
    try {
      this.#webSockets.handleUpgrade(request, socket, head, (ws) => this.#onOpen(ws, socket, others, address, accept));
    } catch (error) {
      // Somebody else has upgraded this socket too: two listeners claim the same path.
      socket.destroy();
      this.#onFault(error);
    }
  }

  /** `others` heard the socket before `ws` did. */
  #onOpen(ws: WebSocket, socket: Duplex, others: readonly unknown[], remoteAddress: string, accept: Accept): void {
    const toWs = socket.listeners('data').filter((listener) => !others.includes(listener));
    const connection = new WsConnection({
      ws,
      socket,
      toWs: toWs[0] as (chunk: Buffer) => void,
      batch: this.#batch,
      maxPayloadBytes: this.#maxPayloadBytes,
      remoteAddress,
      onFault: this.#onFault,
      onEnd: () => {
        this.#connections.delete(connection);
        if (this.#connections.size > 0) return;
        for (const resolve of this.#whenEmpty.splice(0)) resolve();
      },
    });
    this.#connections.add(connection);
    connection.start(accept);
  }
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
