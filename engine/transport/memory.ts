/** Client and server in one process: the same promises as WebSocket, over simulated links, on whatever clock. */
import type { Clock } from '../core/clock.ts';
import { TickwireError } from '../core/errors.ts';
import { CLOSE_TIMEOUT_MS, clientCloseCode, cutReason, MAX_PAYLOAD_BYTES, serverCloseCode } from './limits.ts';
import { Link, type LinkSetting, PERFECT_LINK } from './link.ts';
import type { Accept, ClientTransport, Connection, ConnectionListener, ServerTransport } from './transport.ts';

/** How the links of a client are made. */
export interface MemoryLinkOptions {
  /** From the client to the server; default: no delay. */
  readonly up?: LinkSetting;
  /** From the server to the client; default: as `up`. */
  readonly down?: LinkSetting;
  /** Seed of both directions. */
  readonly seed?: number;
}

/** A connection seen from outside, to break it on purpose. */
export interface MemoryPair {
  /** Counts the connections of the network, from 0. */
  readonly index: number;
  /** From the client to the server. */
  readonly up: Link;
  /** From the server to the client. */
  readonly down: Link;
  /** Both ends learn at once that the link broke (1006). */
  drop(): void;
}

/** A network inside the process. */
export interface MemoryTransport {
  /** Connects over the link given to `createMemoryTransport`. */
  readonly client: ClientTransport;
  readonly server: ServerTransport;
  /** A client of its own link; `onPair` is told of each connection that it makes. */
  clientVia(link: MemoryLinkOptions, onPair?: (pair: MemoryPair) => void): ClientTransport;
  /** One more server on the same network. */
  addServer(): ServerTransport;
  /** Connections that have not ended, oldest first. */
  readonly pairs: ReadonlySet<MemoryPair>;
  /** Told of each message at the moment when it arrives. */
  observe: ((way: 'up' | 'down', pair: MemoryPair, bytes: Uint8Array) => void) | undefined;
}

/** Bytes that the operating system would hold and `bufferedBytes` does not show. */
const KERNEL_BYTES = 65_536;
/** What the frames around a close and a handshake take, bytes. */
const SMALL_FRAME_BYTES = 8;
const URL_PATTERN = /^(?:[a-z]+:)?\/\/[^/:?#]*(?::(\d+))?(\/[^?#]*)?/i;

/** Makes a network whose messages arrive on `clock`, over `link` unless a client has its own. */
export function createMemoryTransport(clock: Clock, link: MemoryLinkOptions = {}): MemoryTransport {
  return new Network(clock, link);
}

interface Service {
  readonly accept: Accept;
  readonly server: MemoryServer;
}

class Network implements MemoryTransport {
  readonly clock: Clock;
  readonly client: ClientTransport;
  readonly server: ServerTransport;
  readonly pairs = new Set<Pair>();
  observe: MemoryTransport['observe'];
  /** By port, or by path for attached ones. */
  readonly services = new Map<number | string, Service>();
  #nextPort = 49_152;
  #pairsMade = 0;

  constructor(clock: Clock, link: MemoryLinkOptions) {
    this.clock = clock;
    this.client = this.clientVia(link);
    this.server = this.addServer();
  }

  clientVia(link: MemoryLinkOptions, onPair?: (pair: MemoryPair) => void): ClientTransport {
    const { up = PERFECT_LINK, down = up, seed = 1 } = link;
    let pairsMade = 0;
    return {
      connect: (url, handlers) => {
        // Each connection draws from a stream of its own, so that one client's traffic never changes another's luck.
        const pairSeed = (Math.imul(seed, 0x9e37_79b1) + pairsMade++) | 0;
        const links = { up: new Link(this.clock, up, pairSeed), down: new Link(this.clock, down, ~pairSeed) };
        const pair = new Pair(this, this.#pairsMade++, url, handlers, links);
        onPair?.(pair);
        return pair.client;
      },
    };
  }

  addServer(): ServerTransport {
    return new MemoryServer(this);
  }

  find(url: string): Service | undefined {
    const parts = URL_PATTERN.exec(url);
    if (parts === null) return undefined;
    return this.services.get(Number(parts[1] ?? 80)) ?? this.services.get(parts[2] ?? '/');
  }

  takePort(): number {
    while (this.services.has(this.#nextPort)) this.#nextPort++;
    return this.#nextPort++;
  }
}

class MemoryServer implements ServerTransport {
  readonly #network: Network;
  readonly pairs = new Set<Pair>();
  #whenEmpty: (() => void)[] = [];

  constructor(network: Network) {
    this.#network = network;
  }

  listen(port: number, _host: string, accept: Accept): Promise<{ port: number }> {
    const own = port === 0 ? this.#network.takePort() : port;
    if (this.#network.services.has(own)) return Promise.reject(new TickwireError(`port ${own} is taken`));
    this.#network.services.set(own, { accept, server: this });
    return Promise.resolve({ port: own });
  }

  attach(_httpServer: unknown, path: string, accept: Accept): void {
    this.#network.services.set(path, { accept, server: this });
  }

  close(): Promise<void> {
    for (const [key, service] of this.#network.services) {
      if (service.server === this) this.#network.services.delete(key);
    }
    for (const pair of this.pairs) pair.server.close(1012, '');
    if (this.pairs.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  remove(pair: Pair): void {
    this.pairs.delete(pair);
    if (this.pairs.size > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }
}

class Pair implements MemoryPair {
  readonly index: number;
  readonly up: Link;
  readonly down: Link;
  readonly client: End;
  readonly server: End;
  readonly #network: Network;
  #service: Service | undefined;

  constructor(
    network: Network,
    index: number,
    url: string,
    listener: ConnectionListener & { open(): void },
    links: { up: Link; down: Link },
  ) {
    this.#network = network;
    this.index = index;
    this.up = links.up;
    this.down = links.down;
    this.client = new End(this, true);
    this.server = new End(this, false);
    this.client.listener = listener;
    network.pairs.add(this);
    this.up.send(SMALL_FRAME_BYTES, () => this.#arrive(url, listener));
  }

  drop(): void {
    this.up.clear();
    this.down.clear();
    this.client.endSoon(1006, '');
    this.server.endSoon(1006, '');
  }

  get clock(): Clock {
    return this.#network.clock;
  }

  /** A message reaches an end. */
  arrived(way: 'up' | 'down', bytes: Uint8Array): void {
    this.#network.observe?.(way, this, bytes);
  }

  /** An end has heard of the end of the link. */
  forget(): void {
    if (this.server.state === 'ended') this.#service?.server.remove(this);
    if (this.server.state === 'ended' && this.client.state === 'ended') this.#network.pairs.delete(this);
  }

  /** The client's request reaches the server. */
  #arrive(url: string, listener: { open(): void }): void {
    const service = this.#network.find(url);
    if (service === undefined) {
      this.server.endSoon(1006, '');
      this.down.send(SMALL_FRAME_BYTES, () => this.client.endSoon(1006, ''));
      return;
    }
    this.#service = service;
    service.server.pairs.add(this);
    // The answer goes out before anything that `accept` sends.
    this.down.send(SMALL_FRAME_BYTES, () => this.client.open(listener));
    this.server.state = 'open';
    this.server.listener = service.accept(this.server);
  }
}

class End implements Connection {
  readonly remoteAddress = '127.0.0.1';
  listener: ConnectionListener | undefined;
  state: 'new' | 'open' | 'closing' | 'ended' = 'new';
  readonly #pair: Pair;
  readonly #isClient: boolean;
  #cancelTimeout: (() => void) | undefined;
  #isEnding = false;

  constructor(pair: Pair, isClient: boolean) {
    this.#pair = pair;
    this.#isClient = isClient;
  }

  get bufferedBytes(): number {
    return Math.max(0, this.#link.unsentBytes - KERNEL_BYTES);
  }

  send(message: Uint8Array): void {
    if (this.state !== 'open' || this.#isEnding) return;
    const copy = new Uint8Array(message);
    this.#link.send(copy.length, () => this.#peer.receive(copy));
  }

  close(code: number, reason: string): void {
    if (this.state === 'closing' || this.state === 'ended' || this.#isEnding) return;
    const wasOpen = this.state === 'open';
    this.state = 'closing';
    const sent = this.#isClient ? clientCloseCode(code) : serverCloseCode(code);
    const cut = cutReason(reason);
    if (wasOpen) this.#link.send(SMALL_FRAME_BYTES, () => this.#peer.receiveClose(sent, cut));
    else this.#link.send(SMALL_FRAME_BYTES, () => this.#peer.endSoon(1006, ''));
    // A page must not wait for the answer of a network that may be gone; a server holds the seat until it is sure.
    if (this.#isClient) this.endSoon(code, cut);
    else this.#cancelTimeout = this.#pair.clock.schedule(() => this.terminate(), CLOSE_TIMEOUT_MS);
  }

  terminate(): void {
    if (this.state === 'ended' || this.#isEnding) return;
    this.#link.clear();
    this.#link.send(0, () => this.#peer.endSoon(1006, ''));
    this.endSoon(1006, '');
  }

  /** The server's answer reaches the client. */
  open(listener: { open(): void }): void {
    if (this.state !== 'new' || this.#isEnding) return;
    this.state = 'open';
    listener.open();
  }

  receive(bytes: Uint8Array): void {
    if (this.state !== 'open' || this.#isEnding) return;
    this.#pair.arrived(this.#isClient ? 'down' : 'up', bytes);
    if (!this.#isClient && bytes.length > MAX_PAYLOAD_BYTES) this.close(1009, '');
    else this.listener?.message(bytes);
  }

  receiveClose(code: number, reason: string): void {
    if (this.state === 'ended') return;
    this.#link.send(SMALL_FRAME_BYTES, () => this.#peer.endSoon(code, reason));
    this.#end(code, reason);
  }

  /** Ends on the clock's next chance, so that no listener is called inside a call of its owner. */
  endSoon(code: number, reason: string): void {
    if (this.state === 'ended' || this.#isEnding) return;
    this.#isEnding = true;
    this.#pair.clock.schedule(() => this.#end(code, reason), 0);
  }

  get #link(): Link {
    return this.#isClient ? this.#pair.up : this.#pair.down;
  }

  get #peer(): End {
    return this.#isClient ? this.#pair.server : this.#pair.client;
  }

  #end(code: number, reason: string): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.#cancelTimeout?.();
    const { listener } = this;
    this.listener = undefined;
    this.#pair.forget();
    listener?.close(code, reason);
  }
}
