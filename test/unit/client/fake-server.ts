// The server's end of a client's connections, driven by hand: no network, no server, virtual time.

import { type ClientPlatform, type ConnectOptions, connectClient, type Net } from '../../../engine/client/client.ts';
import { createValueCodec } from '../../../engine/client/value-codec.ts';
import { CODES, type Code } from '../../../engine/core/errors.ts';
import { plainReader } from '../../../engine/replication/plain-reader.ts';
import type { Schema } from '../../../engine/state/schema.ts';
import type { AnyGame } from '../../../engine/state/types.ts';
import type { Connection, ConnectionListener } from '../../../engine/transport/transport.ts';
import { VirtualClock } from '../../../engine/transport/virtual-clock.ts';
import { type Bye, encodeBye } from '../../../engine/wire/bye.ts';
import { MESSAGE, messageType } from '../../../engine/wire/message.ts';
import { writeStateHead } from '../../../engine/wire/state.ts';
import { encodeWelcome, type Welcome } from '../../../engine/wire/welcome.ts';
import { Writer } from '../../../engine/wire/writer.ts';

/** One connection of the client. */
export class FakeConnection implements Connection {
  readonly sent: Uint8Array[] = [];
  readonly bufferedBytes = 0;
  readonly remoteAddress = '';
  closedWith: number | undefined = undefined;
  readonly handlers: ConnectionListener & { open(): void };

  constructor(handlers: ConnectionListener & { open(): void }) {
    this.handlers = handlers;
  }

  send(message: Uint8Array): void {
    if (this.closedWith === undefined) this.sent.push(message);
  }

  close(code: number): void {
    this.closedWith ??= code;
  }

  terminate(): void {
    this.closedWith ??= 1006;
  }

  /** Messages of one type that the client sent. */
  of(type: keyof typeof MESSAGE): Uint8Array[] {
    return this.sent.filter((bytes) => messageType(bytes) === MESSAGE[type]);
  }

  /** The server's message reaches the client. */
  say(bytes: Uint8Array): void {
    this.handlers.message(bytes);
  }

  sayBye(code: Code, more: Partial<Bye> = {}): void {
    const { number } = CODES[code];
    this.say(encodeBye({ code: number, reason: '', retryAfterMs: undefined, lineHashes: undefined, ...more }));
  }
}

/** A client and whatever it dials. */
export class FakeServer<G extends AnyGame> {
  readonly clock = new VirtualClock({ startMs: 1_000 });
  readonly connections: FakeConnection[] = [];
  readonly schema: Schema;
  readonly joining: Promise<Net<G>>;
  net!: Net<G>;
  /** How the promise of `connect` ended. */
  failure: unknown = undefined;

  constructor(game: G, options: Partial<ConnectOptions> = {}) {
    this.schema = game.schema;
    const platform: ClientPlatform = {
      clock: this.clock,
      transport: {
        connect: (_url, handlers) => {
          const connection = new FakeConnection(handlers);
          this.connections.push(connection);
          return connection;
        },
      },
      values: createValueCodec(),
      codec: plainReader,
    };
    this.joining = connectClient(game, 'ws://fake?ticket=secret', { room: 'arena', ...options }, platform);
    this.joining.then(
      (net) => {
        this.net = net;
      },
      (error) => {
        this.failure = error;
      },
    );
  }

  get last(): FakeConnection {
    return this.connections[this.connections.length - 1] as FakeConnection;
  }

  welcome(more: Partial<Welcome> = {}): void {
    this.last.say(
      encodeWelcome({
        protocol: 1,
        schemaHash: this.schema.hash,
        codec: 0,
        tickRate: this.schema.tickRate,
        sendEvery: 1,
        tick: 0,
        playerId: 1,
        epoch: 1,
        resumeToken: undefined,
        limits: {
          maxPayloadBytes: 16_384,
          inputsPerMessage: 64,
          commandsPerSecond: 10,
          messagesPerSecond: 75,
          bytesPerSecond: 32_768,
          pingIntervalMs: 5_000,
          silentAfterMs: 15_000,
          resumeTtlMs: 0,
        },
        isStrict: true,
        roomId: 'room',
        ...more,
      }),
    );
  }

  /** A STATE whose body `body` writes, with the parts behind it. */
  state(tick: number, ack: number, body: (writer: Writer) => void, ...parts: ((writer: Writer) => void)[]): void {
    const writer = new Writer();
    writeStateHead(writer, 1 + parts.length, tick, ack);
    body(writer);
    for (const part of parts) part(writer);
    this.last.say(writer.finish());
  }

  /** A STATE that resets to an empty world. */
  reset(tick: number, ack = 0, ...parts: ((writer: Writer) => void)[]): void {
    this.state(
      tick,
      ack,
      (writer) => {
        writer.array(1);
        writer.array(5);
        writer.uint(1);
        writer.uint(tick);
        writer.uint(0);
        writer.uint(ack);
        writer.array(0);
      },
      ...parts,
    );
  }

  /** A STATE in which nothing changed. */
  nothing(tick: number, ack = 0): void {
    this.state(tick, ack, (writer) => writer.array(0));
  }

  /** Opens the newest connection and takes the client into an empty world at tick 100. */
  async play(): Promise<Net<G>> {
    this.last.handlers.open();
    this.welcome();
    this.reset(100);
    await this.settle();
    return this.net;
  }

  /** Lets promise jobs run, and time pass. */
  async settle(ms = 0): Promise<void> {
    await this.clock.advance(ms);
  }
}
