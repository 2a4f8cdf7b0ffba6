/**
 * The way of a client from HELLO to its seat, in this order:
 *
 *     room type known → authenticate → connections of the user → join options → onAuth → room made (onCreate) → seat → WELCOME
 */
import { RefusedError, TickwireError } from '../core/errors.ts';
import type { BodyCodec } from '../replication/body-codec.ts';
import type { Schema } from '../state/schema.ts';
import type { Hello } from '../wire/hello.ts';
import { INPUTS_PER_MESSAGE, type WelcomeLimits } from '../wire/limits.ts';
import { PROTOCOL_VERSION } from '../wire/version.ts';
import { encodeWelcome } from '../wire/welcome.ts';
import type { ClientConnection } from './connection.ts';
import type { Matchmaking } from './matchmaking.ts';
import type { ResolvedOptions, ResolvedRoomType } from './options.ts';
import { randomId, randomUint32 } from './random-id.ts';
import type { Room } from './room.ts';
import { RoomAllowance } from './room-allowance.ts';
import type { ServerStats } from './stats.ts';
import type { ErrorPlace, Platform, User } from './types.ts';
import { hearRejection } from './unheard.ts';

/** What admission needs of the server. */
export interface AdmissionParts {
  readonly schema: Schema;
  readonly options: ResolvedOptions;
  readonly platform: Platform;
  readonly stats: ServerStats;
  readonly matchmaking: Matchmaking<Room>;
  /** Best first. */
  readonly codecs: readonly BodyCodec[];
  createRoom(roomType: ResolvedRoomType, joinOptions: unknown): Room;
  report(error: unknown, place: ErrorPlace): void;
}

const GUEST_ID_LENGTH = 10;
/** A user with too many connections may come back after this. */
const USER_RETRY_MS = 5_000;

/** Lets clients in. */
export class Admission {
  readonly #parts: AdmissionParts;
  readonly #limits: WelcomeLimits;
  /** Connections by user id. */
  readonly #users: Map<string | number, number>;
  readonly #newRooms: RoomAllowance;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
    this.#limits = welcomeLimits(parts.options);
    this.#users = new Map();
    this.#newRooms = new RoomAllowance(parts.options.roomsPerMinutePerAddress, parts.stats);
  }

  /** Brings the client to its seat, or rejects with a RefusedError. */
  async admit(hello: Hello, connection: ClientConnection): Promise<void> {
    const { options, codecs } = this.#parts;
    const roomType = options.roomTypes.get(hello.roomType);
    if (roomType === undefined) throw new RefusedError('room_not_found');
    const codec = codecs.find(({ id }) => (hello.codecs & (1 << id)) !== 0);
    if (codec === undefined) throw new RefusedError('version_mismatch');
    const user = await this.#identify(hello, connection);
    if (connection.isDead) return;
    this.#countUser(user, connection);
    const joinOptions = this.#readJoinOptions(roomType, hello.options);
    await this.#askRoomType(roomType, user, joinOptions);
    if (connection.isDead) return;
    const room = this.#takeSeat(roomType, hello, joinOptions, connection.remoteAddress);
    await room.open();
    if (connection.isDead || room.isClosed) {
      room.releaseSeat();
      throw new RefusedError('room_failed');
    }
    const player = room.seat(connection, user, joinOptions, codec);
    connection.seat(player, this.#welcome(room, player.id, codec.id));
  }

  /** The connection is gone: its user may open another one. */
  forget(connection: ClientConnection): void {
    const { userId } = connection;
    if (userId === undefined) return;
    connection.userId = undefined;
    const left = (this.#users.get(userId) ?? 1) - 1;
    if (left === 0) this.#users.delete(userId);
    else this.#users.set(userId, left);
  }

  async #identify(hello: Hello, connection: ClientConnection): Promise<User> {
    const { options, platform } = this.#parts;
    const { authenticate } = options;
    if (authenticate === undefined) return { id: `guest-${randomId(platform, GUEST_ID_LENGTH)}` };
    const { token, roomType, options: joinOptions } = hello;
    const { remoteAddress } = connection;
    const answer = await this.#ask(roomType, 'authenticate', () =>
      authenticate({ token, roomType, joinOptions, remoteAddress }),
    );
    if (answer instanceof RefusedError) throw answer;
    if (!answer) throw new RefusedError('unauthorized');
    const { id } = answer as User;
    if (typeof id === 'string' || typeof id === 'number') return answer as User;
    const mistake = new TickwireError('authenticate must return a user with an id, a text or a number: { id, … }.');
    this.#parts.report(mistake, { roomId: undefined, roomType, hook: 'authenticate' });
    throw new RefusedError('internal');
  }

  #countUser(user: User, connection: ClientConnection): void {
    const connections = this.#users.get(user.id) ?? 0;
    if (connections >= this.#parts.options.maxConnectionsPerUser) {
      // No final code: after a broken link the user's own dead connections are counted until they are found silent.
      throw new RefusedError('server_full', undefined, USER_RETRY_MS);
    }
    this.#users.set(user.id, connections + 1);
    connection.userId = user.id;
  }

  #readJoinOptions(roomType: ResolvedRoomType, value: unknown): unknown {
    const { hooks, name } = roomType;
    let options = value;
    try {
      if (hooks.joinOptions !== undefined) options = hooks.joinOptions(value);
    } catch (error) {
      // The author's function says no by throwing: what it throws may hold the client's values, so the client is not told.
      if (error instanceof RefusedError) throw error;
      this.#parts.platform.logger.warn(`joinOptions of room type '${name}' refused a client`, { error });
      throw new RefusedError('bad_payload');
    }
    if (!hearRejection(options, () => undefined)) return options;
    const mistake = new TickwireError(`joinOptions of room type '${name}' must answer at once: ask others in onAuth.`);
    this.#parts.report(mistake, { roomId: undefined, roomType: name, hook: 'joinOptions' });
    throw new RefusedError('internal');
  }

  async #askRoomType(roomType: ResolvedRoomType, user: User, joinOptions: unknown): Promise<void> {
    const { hooks, name } = roomType;
    if (hooks.onAuth === undefined) return;
    const answer = await this.#ask(name, 'onAuth', () => hooks.onAuth?.(user, joinOptions));
    if (answer instanceof RefusedError) throw answer;
    if (answer === false) throw new RefusedError('forbidden');
  }

  /** Calls a hook that decides about a client; no room is there yet that could end with it. */
  async #ask(roomType: string, hook: string, run: () => unknown): Promise<unknown> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof RefusedError) throw error;
      this.#parts.report(error, { roomId: undefined, roomType, hook });
      throw new RefusedError('internal');
    }
  }

  #takeSeat(roomType: ResolvedRoomType, hello: Hello, joinOptions: unknown, address: string): Room {
    const { matchmaking, platform, createRoom } = this.#parts;
    if (hello.roomId !== undefined) return matchmaking.joinById(roomType.name, hello.roomId);
    return matchmaking.joinOrCreate(roomType.name, joinOptions, () => {
      this.#newRooms.spend(address, platform.clock.now());
      return createRoom(roomType, joinOptions);
    });
  }

  #welcome(room: Room, playerId: number, codec: number): Uint8Array {
    const { schema, platform, options } = this.#parts;
    return encodeWelcome({
      protocol: PROTOCOL_VERSION,
      schemaHash: schema.hash,
      codec,
      tickRate: schema.tickRate,
      sendEvery: room.sendEvery,
      tick: room.tick,
      playerId,
      epoch: randomUint32(platform),
      resumeToken: undefined,
      limits: this.#limits,
      isStrict: options.strict,
      roomId: room.id,
    });
  }
}

function welcomeLimits(options: ResolvedOptions): WelcomeLimits {
  return {
    maxPayloadBytes: options.maxPayloadBytes,
    inputsPerMessage: INPUTS_PER_MESSAGE,
    commandsPerSecond: options.commandsPerSecond,
    messagesPerSecond: options.messagesPerSecond,
    bytesPerSecond: options.bytesPerSecond,
    pingIntervalMs: options.pingIntervalMs,
    silentAfterMs: options.silentAfterMs,
    resumeTtlMs: 0,
  };
}
