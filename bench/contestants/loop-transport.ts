/** Connections that hand messages over at once, in the same call: what remains is what the engine itself costs. */
import type { Accept, ClientTransport, Connection, ConnectionListener, ServerTransport } from 'tickwire/testing';
import { probe } from './contestant.ts';

const STATE = 4;

/** A client that takes everything and says no more than it must to stay. */
export class SinkClient {
  /** Size of the newest STATE. */
  newestBytes = 0;
  #heldLow = -1;
  #listener: ConnectionListener | undefined;

  attach(listener: ConnectionListener): void {
    this.#listener = listener;
  }

  /** A message from the server. */
  take(bytes: Uint8Array): void {
    const type = bytes[1];
    if (type === 2) queueMicrotask(() => this.#listener?.message(Uint8Array.of(0x91, 3)));
    if (type !== STATE) return;
    this.newestBytes = bytes.length;
    this.#heldLow = bytes[2] ?? -1;
  }

  /** Tells the server which STATE is held. */
  acknowledge(): void {
    if (this.#heldLow >= 0) this.#listener?.message(Uint8Array.of(0x94, 5, 0xc0, 0xc0, this.#heldLow));
  }
}

/** The network of one bench. */
export class LoopTransport implements ServerTransport {
  /** Told what reading a STATE took the real client: ms, or what the probe reads. */
  onRead: ((taken: number) => void) | undefined;
  /** Gets each message to the real client. */
  onMessage: ((bytes: Uint8Array) => void) | undefined;
  /** Size of the real client's newest STATE. */
  firstBytes = 0;
  /** Resolves when the real client connects: the clock must not turn before, for parts of a client are loaded in real time. */
  readonly dialled: Promise<void>;
  #accept: Accept | undefined;
  #dial!: () => void;

  constructor() {
    this.dialled = new Promise((resolve) => {
      this.#dial = resolve;
    });
  }

  async listen(_port: number, _host: string, accept: Accept): Promise<{ port: number }> {
    this.#accept = accept;
    return { port: 1 };
  }

  attach(): void {
    throw new Error('a bench has no HTTP server');
  }

  async close(): Promise<void> {
    this.#accept = undefined;
  }

  /** Joins a sink. */
  join(hello: Uint8Array): SinkClient {
    const sink = new SinkClient();
    const listener = this.#open((bytes) => sink.take(bytes));
    sink.attach(listener);
    listener.message(hello);
    return sink;
  }

  readonly client: ClientTransport = {
    connect: (_url, handlers) => {
      const listener = this.#open((bytes) => {
        this.onMessage?.(bytes);
        if (bytes[1] === STATE) this.firstBytes = bytes.length;
        const start = probe.read();
        handlers.message(bytes);
        if (bytes[1] === STATE) this.onRead?.(probe.read() - start);
      });
      queueMicrotask(() => handlers.open());
      this.#dial();
      return this.#end((bytes) => listener.message(bytes));
    },
  };

  #open(send: (bytes: Uint8Array) => void): ConnectionListener {
    if (this.#accept === undefined) throw new Error('nobody listens');
    return this.#accept(this.#end(send));
  }

  #end(send: (bytes: Uint8Array) => void): Connection {
    let isOpen = true;
    const shut = (): void => {
      isOpen = false;
    };
    return {
      send: (bytes) => {
        if (isOpen) send(bytes);
      },
      close: shut,
      terminate: shut,
      bufferedBytes: 0,
      remoteAddress: '127.0.0.1',
    };
  }
}
