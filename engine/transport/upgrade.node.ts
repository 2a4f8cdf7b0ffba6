/** Who may open a WebSocket: Origin, caps per process and per address, and the answer to those who may not. */
import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isLoopback, networkOf } from './address.ts';
import { MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS, RETRY_AFTER_SECONDS, UPGRADE_DEADLINE_MS } from './limits.ts';

/** Who may connect. */
export interface UpgradeOptions {
  /**
   * Origins of pages that may connect, such as `https://play.example.org`, beside the server's own host and localhost;
   * `'any'` for all. Programs that send no Origin are not browsers and may connect.
   */
  readonly origins?: readonly string[] | 'any';
  /** Connections of this process at most. Default 10,000. */
  readonly maxConnections?: number;
  /** Connections of one address at most (of one /64 with IPv6); loopback is exempt. Default 64. */
  readonly maxConnectionsPerAddress?: number;
  /** Addresses of reverse proxies whose X-Forwarded-For is believed. Default none. */
  readonly trustedProxies?: readonly string[];
}

/** Why an upgrade is refused: an HTTP status, with Retry-After for those that may come back. */
export interface UpgradeRefusal {
  readonly status: number;
  readonly text: string;
  readonly retryAfterSeconds?: number;
}

/** Sockets of one address for each connection that it may have: room for those that are refused, answered and closed. */
const SOCKETS_PER_CONNECTION = 2;
const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Counts the connections and decides on each upgrade. */
export class Doorkeeper {
  readonly #origins: ReadonlySet<string> | 'any';
  readonly #maxConnections: number;
  readonly #maxPerAddress: number;
  readonly #trustedProxies: ReadonlySet<string>;
  readonly #byAddress = new Map<string, number>();
  readonly #socketsByAddress = new Map<string, number>();
  #connections = 0;

  constructor(options: UpgradeOptions) {
    const { origins = [] } = options;
    this.#origins = origins === 'any' ? 'any' : new Set(origins.map((origin) => new URL(origin).origin));
    this.#maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
    this.#maxPerAddress = options.maxConnectionsPerAddress ?? MAX_CONNECTIONS_PER_ADDRESS;
    this.#trustedProxies = new Set(options.trustedProxies ?? []);
  }

  /** Connections that are counted now. */
  get connections(): number {
    return this.#connections;
  }

  /** The address that a request comes from; what a client writes about itself counts only behind a listed proxy. */
  addressOf(request: IncomingMessage): string {
    const peer = withoutMapping(request.socket.remoteAddress ?? '');
    if (!this.#trustedProxies.has(peer)) return peer;
    const hops = String(request.headers['x-forwarded-for'] ?? '').split(',');
    for (let i = hops.length - 1; i >= 0; i--) {
      const hop = withoutMapping(hops[i]!.trim());
      if (isIP(hop) === 0) break;
      if (!this.#trustedProxies.has(hop)) return hop;
    }
    return peer;
  }

  /** Why the request is refused, or undefined when it may pass. */
  refusalOf(request: IncomingMessage, address: string): UpgradeRefusal | undefined {
    if (!this.#isOriginAllowed(request)) return { status: 403, text: 'Forbidden' };
    if (this.#connections >= this.#maxConnections) {
      return { status: 503, text: 'Service Unavailable', retryAfterSeconds: RETRY_AFTER_SECONDS };
    }
    const isCounted = !isLoopback(address);
    if (isCounted && (this.#byAddress.get(networkOf(address)) ?? 0) >= this.#maxPerAddress) {
      return { status: 429, text: 'Too Many Requests', retryAfterSeconds: RETRY_AFTER_SECONDS };
    }
    return undefined;
  }

  /** Counts a connection; the function returned, called once, ends the count. */
  enter(address: string): () => void {
    const network = networkOf(address);
    this.#connections++;
    countUp(this.#byAddress, network);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.#connections--;
      countDown(this.#byAddress, network);
    };
  }

  /**
   * Counts a socket from its first moment, and destroys it if its address has too many: sockets that never ask for anything
   * take the places of those who would. Loopback and listed proxies, behind which many come, are exempt.
   */
  receive(socket: Pick<Socket, 'remoteAddress' | 'destroy' | 'once'>): void {
    const address = withoutMapping(socket.remoteAddress ?? '');
    if (isLoopback(address) || this.#trustedProxies.has(address)) return;
    const network = networkOf(address);
    const most = SOCKETS_PER_CONNECTION * this.#maxPerAddress;
    if ((this.#socketsByAddress.get(network) ?? 0) >= most) {
      socket.destroy();
      return;
    }
    countUp(this.#socketsByAddress, network);
    socket.once('close', () => countDown(this.#socketsByAddress, network));
  }

  #isOriginAllowed(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    if (this.#origins === 'any' || origin === undefined) return true;
    if (!URL.canParse(origin)) return false;
    const url = new URL(origin);
    // An origin that is more than scheme, host and port, or opaque ("null"), is no browser's.
    if (url.origin !== origin.toLowerCase()) return false;
    if (this.#origins.has(url.origin)) return true;
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return false;
    if (LOCAL_HOSTS.has(url.hostname)) return true;
    const isEncrypted = 'encrypted' in request.socket && request.socket.encrypted === true;
    if (isEncrypted && url.protocol !== 'https:') return false;
    const host = `${url.protocol}//${request.headers.host ?? ''}`;
    return URL.canParse(host) && new URL(host).host === url.host;
  }
}

/** Answers an upgrade with an HTTP status and ends the socket, whether or not the peer reads. */
export function refuseUpgrade(socket: Duplex, refusal: UpgradeRefusal): void {
  const { status, text, retryAfterSeconds } = refusal;
  const retry = retryAfterSeconds === undefined ? '' : `Retry-After: ${retryAfterSeconds}\r\n`;
  const deadline = setTimeout(() => socket.destroy(), UPGRADE_DEADLINE_MS).unref();
  socket.once('close', () => clearTimeout(deadline));
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\n${retry}Content-Type: text/plain\r\n` +
      `Content-Length: ${text.length}\r\n\r\n${text}`,
  );
}

function countUp(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function countDown(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}

function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
