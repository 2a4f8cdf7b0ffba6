/** The server: sockets in, rooms behind them. Several can run in one process; nothing is shared between them. */
import type { BodyCodec } from '../replication/body-codec.ts';
import { packedCodec } from '../replication/packed-codec.ts';
import { plainCodec } from '../replication/plain-codec.ts';
import type { AnyGame } from '../state/types.ts';
import type { Connection, ConnectionListener } from '../transport/transport.ts';
import { Admission } from './admission.ts';
import { ClientConnection, type ConnectionContext } from './connection.ts';
import { Matchmaking } from './matchmaking.ts';
import {
  checkNumber,
  type ResolvedOptions,
  type ResolvedRoomType,
  resolveOptions,
  type ServerOptions,
} from './options.ts';
import { randomId, randomUint32 } from './random-id.ts';
import { Room } from './room.ts';
import { createStats, type ServerStats } from './stats.ts';
import { Phases } from './tick-loop.ts';
import type { ErrorPlace, Platform, ServerRoom } from './types.ts';
import { hearRejection } from './unheard.ts';

/** A running server. */
export interface GameServer<G extends AnyGame = AnyGame, U = unknown> {
  /** Opens a port of its own. Default: any free one, on all addresses. Resolves with the port. */
  listen(port?: number, host?: string): Promise<{ port: number }>;
  /** Takes the WebSocket upgrades to `path` of an HTTP server of the author's. Default '/'. */
  attach(httpServer: object, options?: { readonly path?: string }): void;
  /** Ends all rooms and connections ('shutting_down') and resolves when they are gone. */
  close(): Promise<void>;
  readonly rooms: Iterable<ServerRoom<G, U>>;
  /** Counters since the server was made; the same object at all times. */
  readonly stats: Readonly<ServerStats>;
}

/** How often connections are looked at for deadlines; the clock may run on by twice as much between two looks. */
const SWEEP_MS = 500;
/** Players of a server that goes down may come back, to another one, after this. */
const RETRY_AFTER_MS = 1_000;
/** 96 bits: knowing a room's id is the right to ask for a seat in it. */
const ROOM_ID_LENGTH = 16;
/** Bodies that this server writes, best first. */
const CODECS: readonly BodyCodec[] = [packedCodec, plainCodec];

/** Makes a server from what its surroundings give. */
export function createGameServer<G extends AnyGame, U, Rooms>(
  game: G,
  options: ServerOptions<G, U, Rooms>,
  platform: Platform,
): GameServer<G, U> {
  return new Server(game, resolveOptions(game, options), platform) as unknown as GameServer<G, U>;
}

class Server {
  readonly stats: ServerStats;
  readonly #game: AnyGame;
  readonly #options: ResolvedOptions;
  readonly #platform: Platform;
  readonly #matchmaking: Matchmaking<Room>;
  readonly #admission: Admission;
  readonly #phases: Phases;
  readonly #connections: Set<ClientConnection>;
  readonly #connectionContext: ConnectionContext;
  #cancelSweep: (() => void) | undefined;
  #sweptMs: number;
  #closing: Promise<void> | undefined;

  constructor(game: AnyGame, options: ResolvedOptions, platform: Platform) {
    const { schema } = game;
    this.stats = createStats();
    this.#game = game;
    this.#options = options;
    this.#platform = platform;
    this.#matchmaking = new Matchmaking(options.maxRooms);
    this.#phases = new Phases();
    this.#connections = new Set();
    this.#admission = new Admission({
      schema,
      options,
      platform,
      stats: this.stats,
      matchmaking: this.#matchmaking,
      codecs: CODECS,
      createRoom: (roomType, joinOptions) => this.#createRoom(roomType, joinOptions),
      report: (error, place) => this.#report(error, place),
    });
    this.#connectionContext = {
      schema,
      limits: options,
      platform,
      stats: this.stats,
      admit: (hello, connection) => this.#admission.admit(hello, connection),
      forget: (connection) => this.#forget(connection),
    };
    this.#cancelSweep = undefined;
    this.#sweptMs = 0;
    this.#closing = undefined;
  }

  get rooms(): Iterable<Room> {
    return this.#matchmaking.rooms;
  }

  listen(port = 0, host = '0.0.0.0'): Promise<{ port: number }> {
    checkNumber("listen's port", port, { min: 0, max: 65_535 });
    return this.#platform.transport.listen(port, host, (connection) => this.#accept(connection));
  }

  attach(httpServer: object, { path = '/' }: { readonly path?: string } = {}): void {
    this.#platform.transport.attach(httpServer, path, (connection) => this.#accept(connection));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #close(): Promise<void> {
    for (const room of [...this.#matchmaking.rooms]) room.end('shutting_down');
    for (const connection of [...this.#connections]) connection.end('shutting_down', '', RETRY_AFTER_MS);
    return this.#platform.transport.close();
  }

  #accept(connection: Connection): ConnectionListener {
    this.stats.connections++;
    this.stats.connectionsTotal++;
    const client = new ClientConnection(this.stats.connectionsTotal, connection, this.#connectionContext);
    this.#connections.add(client);
    this.#platform.logger.info('connection opened', { connection: client.id, address: connection.remoteAddress });
    if (this.#closing !== undefined) client.end('shutting_down', '', RETRY_AFTER_MS);
    else if (this.#connections.size > this.#options.maxConnections) client.end('server_full', '', RETRY_AFTER_MS);
    if (this.#cancelSweep === undefined) this.#scheduleSweep();
    return {
      message: (bytes) => client.receive(bytes),
      close: () => client.noteClosed(),
    };
  }

  #forget(connection: ClientConnection): void {
    this.stats.connections--;
    this.#connections.delete(connection);
    this.#admission.forget(connection);
  }

  #scheduleSweep(): void {
    const { clock } = this.#platform;
    this.#sweptMs = clock.now();
    this.#cancelSweep = clock.schedule(() => this.#sweep(), SWEEP_MS);
  }

  #sweep(): void {
    const elapsedMs = this.#platform.clock.now() - this.#sweptMs;
    // After a stall of this process nobody is taken for silent: what clients said meanwhile has yet to be read.
    for (const connection of this.#connections) connection.sweep(Math.min(elapsedMs, 2 * SWEEP_MS));
    this.#cancelSweep = undefined;
    if (this.#connections.size > 0) this.#scheduleSweep();
  }

  #createRoom(roomType: ResolvedRoomType, joinOptions: unknown): Room {
    const id = randomId(this.#platform, ROOM_ID_LENGTH);
    return new Room(id, roomType, joinOptions, randomUint32(this.#platform), {
      game: this.#game,
      options: this.#options,
      platform: this.#platform,
      stats: this.stats,
      phases: this.#phases,
      report: (error, place) => this.#report(error, place),
      forget: (room) => this.#matchmaking.remove(room),
    });
  }

  #report(error: unknown, place: ErrorPlace): void {
    this.stats.gameErrors++;
    const { logger } = this.#platform;
    logger.error(`${place.hook} of room type '${place.roomType}' failed`, { ...place, error });
    const noteSecond = (second: unknown) => logger.error('onError itself failed', { error: second });
    try {
      hearRejection(this.#options.onError?.(error, place), noteSecond);
    } catch (second) {
      noteSecond(second);
    }
  }
}
