// A server on a virtual clock, and a client without any logic: it sends what a test says and keeps what comes.
import { type Code, codeOfNumber } from '../../../engine/core/errors.ts';
import { Random } from '../../../engine/core/random.ts';
import { applyBody } from '../../../engine/replication/body-codec.ts';
import { plainCodec } from '../../../engine/replication/plain-codec.ts';
import { Replica } from '../../../engine/replication/replica.ts';
import type { ServerOptions } from '../../../engine/server/options.ts';
import { createGameServer, type GameServer } from '../../../engine/server/server.ts';
import type { AnyGame } from '../../../engine/state/types.ts';
import { createMemoryTransport, type MemoryTransport } from '../../../engine/transport/memory.ts';
import type { Connection, ServerTransport } from '../../../engine/transport/transport.ts';
import { VirtualClock } from '../../../engine/transport/virtual-clock.ts';
import { type Bye, decodeBye } from '../../../engine/wire/bye.ts';
import { encodeCommand } from '../../../engine/wire/command.ts';
import { decodeError } from '../../../engine/wire/error.ts';
import { readEventMessage } from '../../../engine/wire/event.ts';
import { encodeHello, type Hello } from '../../../engine/wire/hello.ts';
import { createInputView, InputRuns, writeInput } from '../../../engine/wire/input.ts';
import { MESSAGE, messageType } from '../../../engine/wire/message.ts';
import { createMsgpackrCodec } from '../../../engine/wire/msgpackr.node.ts';
import { Reader } from '../../../engine/wire/reader.ts';
import { encodeReady } from '../../../engine/wire/ready.ts';
import { decodeReply, type Reply } from '../../../engine/wire/reply.ts';
import { createStateView, readRareHead, readState, type StateView } from '../../../engine/wire/state.ts';
import { readValue } from '../../../engine/wire/value-codec.ts';
import { PROTOCOL_VERSION } from '../../../engine/wire/version.ts';
import { decodeWelcome, type Welcome } from '../../../engine/wire/welcome.ts';
import { Writer } from '../../../engine/wire/writer.ts';

export const codec = createMsgpackrCodec();

/** What the server wrote to its log. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: object | undefined;
}

/** A server and the world around it. */
export interface Stage<G extends AnyGame> {
  readonly clock: VirtualClock;
  readonly transport: MemoryTransport;
  readonly server: GameServer<G>;
  readonly log: LogLine[];
  /** A client that has connected and said nothing. */
  connect(): RawClient;
  /** A client that plays. */
  join(hello?: Partial<Hello>): Promise<RawClient>;
}

/** `transport`, but as if its connections came from elsewhere. */
function from(addressOf: () => string, transport: ServerTransport): ServerTransport {
  const moved = (connection: Connection): Connection => ({
    remoteAddress: addressOf(),
    get bufferedBytes() {
      return connection.bufferedBytes;
    },
    send: (bytes) => connection.send(bytes),
    close: (code, reason) => connection.close(code, reason),
    terminate: () => connection.terminate(),
  });
  return {
    listen: (port, host, accept) => transport.listen(port, host, (connection) => accept(moved(connection))),
    attach: (httpServer, path, accept) => transport.attach(httpServer, path, accept),
    close: () => transport.close(),
  };
}

/** Starts a server for `game`, over links without delay. `addressOf` names the address of the next connection. */
export async function createStage<G extends AnyGame>(
  game: G,
  options: object,
  addressOf?: () => string,
): Promise<Stage<G>> {
  const clock = new VirtualClock();
  const transport = createMemoryTransport(clock);
  const random = new Random(1);
  const log: LogLine[] = [];
  const write = (level: LogLine['level']) => (message: string, fields?: object) => log.push({ level, message, fields });
  const server = createGameServer(game, options as ServerOptions<G>, {
    clock,
    transport: addressOf === undefined ? transport.server : from(addressOf, transport.server),
    values: codec,
    randomBytes: (length) => Uint8Array.from({ length }, () => random.int(0, 255)),
    logger: { info: write('info'), warn: write('warn'), error: write('error') },
  });
  const { port } = await server.listen();
  const connect = () => new RawClient(game, transport, `ws://test:${port}`);
  const join = async (hello: Partial<Hello> = {}) => {
    const client = connect();
    await clock.advance(1);
    client.hello(hello);
    await clock.advance(1);
    client.send(encodeReady());
    await clock.advance(3 * (1000 / game.schema.tickRate));
    return client;
  };
  return { clock, transport, server: server as GameServer<G>, log, connect, join };
}

/** The raw client. Applies bodies, so that a test can look at what the server told it. */
export class RawClient {
  welcome: Welcome | undefined;
  bye: Bye | undefined;
  /** Code with which the socket closed. */
  closeCode: number | undefined;
  readonly replies: Reply[] = [];
  readonly errors: Code[] = [];
  /** Messages by type number. */
  readonly counts = new Map<number, number>();
  /** The newest STATE, and all exact rows that came. */
  readonly state: StateView = createStateView();
  readonly rows: { readonly seq: number; readonly row: readonly number[] }[] = [];
  controlEnds = 0;
  /** Events as [index, is now, ticks back]. */
  readonly events: (readonly [number, boolean, number])[] = [];
  /** Rare values as [kind, slot, field, value]. */
  readonly rare: unknown[][] = [];
  /** Args of the events. */
  readonly eventArgs: unknown[][] = [];
  /** When those happened; and of those that came in a message of their own, that message's tick. */
  readonly eventTicks: number[] = [];
  readonly eventMessageTicks: number[] = [];
  /** Ticks of all STATEs; and of those with a timing element, the send interval that it told. */
  readonly ticks: number[] = [];
  readonly intervals = new Map<number, number>();
  readonly replica: Replica;
  /** Acknowledge every STATE at once. */
  acknowledges = true;
  readonly #game: AnyGame;
  readonly #connection: Connection;
  readonly #reader = new Reader();
  readonly #writer = new Writer();

  constructor(game: AnyGame, transport: MemoryTransport, url: string) {
    this.#game = game;
    this.replica = new Replica(game.schema);
    this.#connection = transport.client.connect(url, {
      open: () => undefined,
      message: (bytes) => this.#receive(bytes),
      close: (code) => {
        this.closeCode = code;
      },
    });
  }

  get byeCode(): Code | undefined {
    return this.bye === undefined ? undefined : codeOfNumber(this.bye.code);
  }

  send(bytes: Uint8Array): void {
    this.#connection.send(bytes);
  }

  hello(hello: Partial<Hello> = {}): void {
    const { schema } = this.#game;
    this.send(
      encodeHello(codec, {
        protocol: PROTOCOL_VERSION,
        schemaHash: schema.hash,
        codecs: 1,
        roomType: 'yard',
        roomId: undefined,
        options: null,
        token: undefined,
        resume: undefined,
        gameVersion: '',
        ...hello,
      }),
    );
  }

  command(id: number, command: number, payload: readonly unknown[]): void {
    this.send(encodeCommand(codec, { id, command, payload }));
  }

  /** Sends inputs `firstSeq`, `firstSeq` + 1, … */
  input(firstSeq: number, inputs: readonly Uint8Array[], digest = 0, adopted = 0): void {
    const runs = new InputRuns(this.#game.schema.input.byteLength);
    for (const bytes of inputs) runs.append(bytes);
    this.#writer.reset();
    writeInput(this.#writer, { ...createInputView(), firstSeq, digest, adopted, heldLow: this.#heldLow }, runs);
    this.send(this.#writer.finish());
  }

  close(): void {
    this.#connection.close(1000, '');
  }

  drop(): void {
    this.#connection.terminate();
  }

  get #heldLow(): number {
    return (this.counts.get(MESSAGE.state) ?? 0) === 0 ? -1 : this.state.tickLow;
  }

  #receive(bytes: Uint8Array): void {
    const type = messageType(bytes);
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
    if (type === MESSAGE.welcome) this.welcome = decodeWelcome(bytes);
    else if (type === MESSAGE.bye) this.bye = decodeBye(bytes);
    else if (type === MESSAGE.error) this.errors.push(codeOfNumber(decodeError(bytes).code));
    else if (type === MESSAGE.reply) this.replies.push(decodeReply(codec, bytes));
    else if (type === MESSAGE.event) this.#receiveEvents(bytes);
    else if (type === MESSAGE.state) this.#applyState(bytes);
  }

  #applyState(bytes: Uint8Array): void {
    const { state } = this;
    readState(this.#reader.open(bytes), state);
    if (state.bodyStart >= 0) {
      applyBody(plainCodec, this.#reader.open(bytes, state.bodyStart, state.bodyEnd), this.replica, state.tickLow);
    }
    this.ticks.push(this.replica.newestTick);
    if (state.hasTiming) this.intervals.set(this.replica.newestTick, state.sendEvery);
    if (state.hasOwn && state.isOwnEnded) this.controlEnds++;
    if (state.hasOwn && !state.isOwnEnded) {
      this.rows.push({ seq: state.ownSeq, row: [...state.ownRow.subarray(0, state.ownRowLength)] });
    }
    if (state.rareStart >= 0) this.#readRare(bytes, state.rareStart, state.rareEnd);
    if (state.eventsStart >= 0) this.#readEvents(bytes, state.eventsStart, state.eventsEnd, this.replica.newestTick);
    if (this.acknowledges) this.acknowledge();
  }

  /** Acknowledges the newest STATE, or the one with these low bits of its tick. */
  acknowledge(heldLow = this.#heldLow): void {
    this.#writer.reset();
    writeInput(this.#writer, { ...createInputView(), firstSeq: -1, heldLow }, new InputRuns(0));
    this.send(this.#writer.finish());
  }

  #receiveEvents(bytes: Uint8Array): void {
    const view = { tick: 0, eventsStart: 0, eventsEnd: 0 };
    readEventMessage(this.#reader.open(bytes), view);
    this.eventMessageTicks.push(view.tick);
    this.#readEvents(bytes, view.eventsStart, view.eventsEnd, view.tick);
  }

  #readRare(bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader.open(bytes, start, end);
    const head = { kind: 0, slot: 0, field: 0 };
    for (let left = reader.arrayHeader(65_535); left > 0; left--) {
      readRareHead(reader, head);
      this.rare.push([head.kind, head.slot, head.field, readValue(reader, codec, 65_536)]);
    }
  }

  #readEvents(bytes: Uint8Array, start: number, end: number, tick: number): void {
    const reader = this.#reader.open(bytes, start, end);
    for (let left = reader.arrayHeader(256); left > 0; left--) {
      const args = reader.arrayHeader(66) - 2;
      const ticksBack = reader.uint();
      const event = reader.uint();
      this.eventArgs.push(Array.from({ length: args }, () => readValue(reader, codec, 65_536)));
      this.events.push([event >> 1, (event & 1) === 1, ticksBack]);
      this.eventTicks.push(tick - ticksBack);
    }
  }
}
