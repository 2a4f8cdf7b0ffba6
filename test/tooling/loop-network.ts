// A network without links: what a side sends is a call of the other, or waits until the test takes it. Nothing is kept.
import { pack } from 'msgpackr';
import type { Game } from 'tickwire';
import type { Accept, ClientTransport, Connection, ConnectionListener, ServerTransport } from 'tickwire/testing';

const WELCOME = 2;
const STATE = 4;
const READY = Uint8Array.of(0x91, 3);

/** Time that stands still until it is told to advance, without promises: timers run inside of `advance`. */
export class LoopClock {
  #nowMs = 0;
  readonly #timers: { dueMs: number; run: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  schedule(run: () => void, delayMs: number): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }

  /** Moves on, and runs what falls due on the way in the order in which it does. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#findNext(endMs);
      if (next < 0) break;
      const { dueMs, run } = this.#timers[next]!;
      this.#timers[next] = this.#timers.at(-1)!;
      this.#timers.pop();
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      run();
    }
    this.#nowMs = endMs;
  }

  #findNext(endMs: number): number {
    let next = -1;
    for (let i = 0; i < this.#timers.length; i++) {
      const { dueMs } = this.#timers[i]!;
      if (dueMs <= endMs && (next < 0 || dueMs < this.#timers[next]!.dueMs)) next = i;
    }
    return next;
  }
}

/** A client that takes everything and says no more than it must to be sent more. */
class Sink {
  readonly #ack = Uint8Array.of(0x94, 5, 0xc0, 0xc0, 0);
  #hasNews = false;
  #isSeated = false;
  #listener: ConnectionListener | undefined;

  attach(listener: ConnectionListener): void {
    this.#listener = listener;
  }

  take(bytes: Uint8Array): void {
    if (bytes[1] === WELCOME) this.#isSeated = true;
    if (bytes[1] !== STATE) return;
    this.#ack[4] = bytes[2]!;
    this.#hasNews = true;
  }

  /** Sends what it has to say. */
  speak(): void {
    if (this.#isSeated) this.#listener?.message(READY);
    this.#isSeated = false;
    if (this.#hasNews) this.#listener?.message(this.#ack);
    this.#hasNews = false;
  }
}

/** Messages on their way in one direction. */
class Queue {
  #messages: (Uint8Array | undefined)[] = [];
  #head = 0;

  put(message: Uint8Array): void {
    this.#messages.push(message);
  }

  take(): Uint8Array | undefined {
    const message = this.#messages[this.#head];
    if (message === undefined) {
      this.#messages.length = this.#head = 0;
      return undefined;
    }
    this.#messages[this.#head++] = undefined;
    return message;
  }
}

/** One server, sinks, and one real client whose messages wait in both directions. */
export class LoopNetwork implements ServerTransport {
  readonly #sinks: Sink[] = [];
  readonly #up = new Queue();
  readonly #down = new Queue();
  #accept: Accept | undefined;
  #server: ConnectionListener | undefined;
  #client: (ConnectionListener & { open(): void }) | undefined;

  listen(_port: number, _host: string, accept: Accept): Promise<{ port: number }> {
    this.#accept = accept;
    return Promise.resolve({ port: 1 });
  }

  attach(): void {
    throw new Error('there is no HTTP server');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The real client's way in; it is opened by the first `deliverUp`. */
  readonly client: ClientTransport = {
    connect: (_url, handlers) => {
      this.#client = handlers;
      return endOf((bytes) => this.#up.put(bytes));
    },
  };

  /** Joins a sink to a room of that type. */
  join(game: Game, roomType: string): void {
    const sink = new Sink();
    const listener = this.#accept!(endOf((bytes) => sink.take(bytes)));
    sink.attach(listener);
    listener.message(Uint8Array.from(pack([1, 1, game.schema.hash, 1, roomType])));
    this.#sinks.push(sink);
  }

  /** The server hears what clients said. */
  deliverUp(): void {
    if (this.#server === undefined && this.#client !== undefined) {
      this.#server = this.#accept!(endOf((bytes) => this.#down.put(bytes)));
      this.#client.open();
    }
    for (const sink of this.#sinks) sink.speak();
    for (let bytes = this.#up.take(); bytes !== undefined; bytes = this.#up.take()) this.#server!.message(bytes);
  }

  /** The real client hears what the server said. */
  deliverDown(): void {
    for (let bytes = this.#down.take(); bytes !== undefined; bytes = this.#down.take()) this.#client!.message(bytes);
  }
}

function endOf(send: (bytes: Uint8Array) => void): Connection {
  return {
    send,
    close: () => undefined,
    terminate: () => undefined,
    bufferedBytes: 0,
    remoteAddress: '127.0.0.1',
  };
}
