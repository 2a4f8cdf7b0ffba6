/** The server's options: their defaults, all finite and safe for the open internet, and the check of what an author gives. */
import type { Clock } from '../core/clock.ts';
import { TickwireError } from '../core/errors.ts';
import { MAX_SEND_EVERY } from '../state/limits.ts';
import { show } from '../state/rare.ts';
import type { AnyGame } from '../state/types.ts';
import { MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS } from '../transport/limits.ts';
import type { ServerTransport } from '../transport/transport.ts';
import { CLIENT_MESSAGE_BYTES } from '../wire/limits.ts';
import { type ResolvedInterest, resolveInterest } from './interest-options.ts';
import { LANE_STEPS } from './lanes.ts';
import { checkKeys } from './option-names.ts';
import { HIGHEST_PRIORITY, LEAST_PRIORITY } from './priorities.ts';
import type { AuthenticateRequest, ErrorPlace, Logger, Refusal, RoomType, User } from './types.ts';

/** Numbers that bound what clients and games may take. Each has a default. */
export interface ServerLimits {
  /** Sockets of this server. Default 10,000. */
  readonly maxConnections: number;
  /** Sockets of one address; loopback is exempt. Default 64. */
  readonly maxConnectionsPerAddress: number;
  /** Players of one user id, in all rooms of this server. Default 5. */
  readonly maxConnectionsPerUser: number;
  /** Rooms that run at once. Default 1,000. */
  readonly maxRooms: number;
  /** New rooms that clients of one address may ask for, at once or spread over a minute; loopback is exempt. Default 30. */
  readonly roomsPerMinutePerAddress: number;
  /** The longest message from a client. Default 16,384. */
  readonly maxPayloadBytes: number;
  /** Messages of one client; twice as many may come at once. Default 1.5 times the tick rate, and 30. */
  readonly messagesPerSecond: number;
  /** Bytes of one client; twice as many may come at once. Default 32,768. */
  readonly bytesPerSecond: number;
  /** Commands of one client; twice as many may come at once. Default 20. */
  readonly commandsPerSecond: number;
  /** Mistakes within a minute that end a connection. Default 3. */
  readonly strikes: number;
  /** From the open socket to HELLO. Default 5,000. */
  readonly helloDeadlineMs: number;
  /** What `authenticate` and `onAuth` may take together, `onCreate` too. Default 5,000. */
  readonly authenticateDeadlineMs: number;
  /** From WELCOME to READY: how long a seat is kept for a client that builds its scene. Default 10,000. */
  readonly seatReservationMs: number;
  /** How often a client is asked whether it is there. Default 5,000. */
  readonly pingIntervalMs: number;
  /** A client that says nothing for so long is gone. Default 15,000. */
  readonly silentAfterMs: number;
  /** Snapshots, in time, that may be on their way to a client; more are left out until it acknowledges. Default 1,000. */
  readonly unackedMs: number;
  /** A client that acknowledges nothing for so long is cut off. Default 10,000. */
  readonly staleAfterMs: number;
  /** In a client's send buffer: above it snapshots are left out. Default 65,536. */
  readonly softQueueBytes: number;
  /** In a client's send buffer: above it the client is cut off. Default 262,144. */
  readonly hardQueueBytes: number;
}

/** What `createServer` takes. Only `rooms` is asked for. */
export interface ServerOptions<G extends AnyGame = AnyGame, U = unknown, Rooms = Record<string, unknown>>
  extends Partial<ServerLimits> {
  /** Who a client is: first, so that `player.user` has its type. Without it everybody is let in, as a guest. */
  readonly authenticate?: (request: AuthenticateRequest) => (U & User) | Refusal | Promise<(U & User) | Refusal>;
  /** Room types by name. */
  readonly rooms: { readonly [Name in keyof Rooms]: RoomType<G, U, Rooms[Name]> };
  /** Origins of pages that may connect, beside the server's own host and localhost; 'any' for all. */
  readonly origins?: readonly string[] | 'any';
  /** Addresses of reverse proxies whose X-Forwarded-For is believed. Default none. */
  readonly trustedProxies?: readonly string[];
  /**
   * Whether NaN, values out of range and spawns of steps without a free slot end the room instead of being clamped or dropped.
   * Default: unless NODE_ENV is 'production'.
   */
  readonly strict?: boolean;
  /** Told of each error of a hook or step. Its room is closed for it, unless it concerned one client alone. */
  readonly onError?: (error: unknown, place: ErrorPlace) => void;
  /** Default: warnings and errors to the console. */
  readonly logger?: Logger;
  /** For tests: time. */
  readonly clock?: Clock;
  /** For tests: the network. */
  readonly transport?: ServerTransport;
  /** For tests: randomness. */
  readonly randomBytes?: (length: number) => Uint8Array;
}

interface LimitRange {
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

const DAY_MS = 86_400_000;
const GIGABYTE = 1_073_741_824;
const count = (value: number, min = 1): LimitRange => ({ value, min, max: 1_000_000 });
const bytes = (value: number): LimitRange => ({ value, min: 1_024, max: GIGABYTE });
const time = (value: number): LimitRange => ({ value, min: 1, max: DAY_MS });

const LIMITS: { readonly [Name in keyof ServerLimits]: LimitRange } = {
  maxConnections: count(MAX_CONNECTIONS),
  maxConnectionsPerAddress: count(MAX_CONNECTIONS_PER_ADDRESS),
  maxConnectionsPerUser: count(5),
  maxRooms: count(1_000),
  roomsPerMinutePerAddress: count(30),
  maxPayloadBytes: { value: CLIENT_MESSAGE_BYTES, min: 1_024, max: CLIENT_MESSAGE_BYTES },
  messagesPerSecond: count(30),
  bytesPerSecond: bytes(32_768),
  commandsPerSecond: count(20),
  strikes: count(3),
  helloDeadlineMs: time(5_000),
  authenticateDeadlineMs: time(5_000),
  seatReservationMs: time(10_000),
  pingIntervalMs: time(5_000),
  silentAfterMs: time(15_000),
  unackedMs: time(1_000),
  staleAfterMs: time(10_000),
  softQueueBytes: bytes(65_536),
  hardQueueBytes: bytes(262_144),
};

const OTHER_OPTIONS = [
  'authenticate',
  'rooms',
  'origins',
  'trustedProxies',
  'strict',
  'onError',
  'logger',
  'clock',
  'transport',
  'randomBytes',
];

const ROOM_HOOKS = [
  'joinOptions',
  'matches',
  'visible',
  'onAuth',
  'onCreate',
  'onJoin',
  'onTick',
  'onLeave',
  'onDispose',
] as const;
const ROOM_OPTIONS = [
  'maxPlayers',
  'interest',
  'sendEvery',
  'maxBytesPerSecond',
  'priority',
  'emptyRoomTtlMs',
  'onCommand',
  ...ROOM_HOOKS,
];
const MAX_PLAYERS: LimitRange = count(64);
/** In the slowest lane it is MAX_SEND_EVERY. */
const SEND_EVERY: LimitRange = { value: 1, min: 1, max: MAX_SEND_EVERY / Math.max(...LANE_STEPS) };
const MAX_BYTES_PER_SECOND = { min: 1_024, max: GIGABYTE };
const EMPTY_ROOM_TTL_MS: LimitRange = { value: 12_000, min: 0, max: DAY_MS };

/** A room type with everything filled in and its types erased. */
export interface ResolvedRoomType {
  readonly name: string;
  readonly maxPlayers: number;
  readonly emptyRoomTtlMs: number;
  readonly sendEvery: number;
  readonly interest: ResolvedInterest;
  /** Infinity stands for 'adaptive'. */
  readonly maxBytesPerSecond: number;
  /** By kind index. */
  readonly priorities: readonly (number | PriorityHook)[];
  readonly hooks: RoomType<AnyGame, unknown, unknown>;
  /** By command index. */
  readonly commands: readonly (CommandHook | undefined)[];
}
/** A function of `priority`, types erased. */
export type PriorityHook = (player: object, entity: object) => unknown;
/** A function of `onCommand`, types erased. */
export type CommandHook = (room: object, player: object, payload: object) => unknown;

/** The options with everything filled in and types erased. */
export interface ResolvedOptions extends ServerLimits {
  readonly authenticate: ((request: AuthenticateRequest) => unknown) | undefined;
  readonly roomTypes: ReadonlyMap<string, ResolvedRoomType>;
  readonly strict: boolean;
  readonly onError: ((error: unknown, place: ErrorPlace) => void) | undefined;
}

/** The options that the transport sees to: they hold before a connection is one. */
export function resolveTransportOptions<G extends AnyGame, U, Rooms>(
  options: ServerOptions<G, U, Rooms>,
): Pick<ServerLimits, 'maxConnections' | 'maxConnectionsPerAddress' | 'maxPayloadBytes'> & {
  readonly origins: readonly string[] | 'any';
  readonly trustedProxies: readonly string[];
} {
  const { maxConnections, maxConnectionsPerAddress, maxPayloadBytes } = resolveLimits(options, {});
  const { origins = [], trustedProxies = [] } = options;
  return { maxConnections, maxConnectionsPerAddress, maxPayloadBytes, origins, trustedProxies };
}

const isOrigin = (origin: unknown): boolean =>
  typeof origin === 'string' && /^https?:\/\/([^\s/?#@:[\]]+|\[[\da-f:.]+\])(:\d{1,5})?\/?$/i.test(origin);
const isAddress = (address: unknown): boolean => typeof address === 'string' && /^[\da-f:.]+$/i.test(address);

/** Options that are lists: what one of them is not, and what they are. */
const LISTS = [
  ['origins', isOrigin, "'any' or a list such as ['https://play.example.com']"],
  ['trustedProxies', isAddress, "a list of addresses such as ['10.0.0.1']"],
] as const;

/** Checks what is needed before anything can be made of it. Throws a TickwireError. */
export function checkServer(game: unknown, options: unknown): void {
  if ((game as AnyGame | undefined)?.schema === undefined || typeof options !== 'object' || options === null) {
    throw new TickwireError(
      'createServer takes a game, made by defineGame, and options with rooms: createServer(game, { rooms: { arena: {} } }).',
    );
  }
  const given = options as Record<string, unknown>;
  for (const [name, isFine, what] of LISTS) {
    const list = given[name];
    if (list === undefined || (name === 'origins' && list === 'any')) continue;
    const wrong: unknown[] = Array.isArray(list) ? list.filter((part) => !isFine(part)) : [list];
    if (wrong.length > 0) throw new TickwireError(`${name} is ${what}; ${show(wrong[0])} is none.`);
  }
  const { strict, logger } = given as { strict: unknown; logger: Partial<Logger> | null | undefined };
  if (strict !== undefined && typeof strict !== 'boolean') throw new TickwireError('strict is true or false.');
  if (logger === undefined) return;
  const methods = [logger?.info, logger?.warn, logger?.error];
  if (methods.some((method) => typeof method !== 'function')) {
    throw new TickwireError('logger takes an object with the functions info, warn and error, as console is one.');
  }
}

/** Fills in the defaults. Throws a TickwireError for a key that is none, and for a value out of its range. */
export function resolveOptions<G extends AnyGame, U, Rooms>(
  game: G,
  options: ServerOptions<G, U, Rooms>,
): ResolvedOptions {
  checkServer(game, options);
  checkKeys('createServer', options, [...Object.keys(LIMITS), ...OTHER_OPTIONS]);
  checkFunction('createServer', options, 'authenticate');
  checkFunction('createServer', options, 'onError');
  const roomTypes = new Map<string, ResolvedRoomType>();
  if (typeof options.rooms !== 'object' || options.rooms === null || Object.keys(options.rooms).length === 0) {
    throw new TickwireError('createServer needs at least one room type: { rooms: { arena: {} } }.');
  }
  for (const [name, roomType] of Object.entries(options.rooms)) {
    roomTypes.set(name, resolveRoomType(game, name, roomType as RoomType));
  }
  const tickRate = game.schema.tickRate;
  return {
    ...resolveLimits(options, { messagesPerSecond: Math.ceil(1.5 * tickRate) + 30 }),
    authenticate: options.authenticate,
    roomTypes,
    strict: options.strict ?? true,
    onError: options.onError,
  };
}

function resolveLimits(options: Partial<ServerLimits>, derived: Partial<ServerLimits>): ServerLimits {
  const resolved: Record<string, number> = {};
  for (const name of Object.keys(LIMITS) as (keyof ServerLimits)[]) {
    const range = LIMITS[name];
    resolved[name] = checkNumber(`createServer's ${name}`, options[name] ?? derived[name] ?? range.value, range);
  }
  return resolved as unknown as ServerLimits;
}

function resolveRoomType(game: AnyGame, name: string, roomType: RoomType): ResolvedRoomType {
  const where = `room type '${name}'`;
  checkKeys(where, roomType, ROOM_OPTIONS);
  for (const hook of ROOM_HOOKS) checkFunction(where, roomType, hook);
  const { commands } = game.schema;
  const onCommand = (roomType.onCommand ?? {}) as { readonly [name: string]: CommandHook };
  checkKeys(
    `onCommand of ${where}`,
    onCommand,
    commands.map((command) => command.name),
  );
  for (const command of Object.keys(onCommand)) checkFunction(`onCommand of ${where}`, onCommand, command);
  return {
    name,
    maxPlayers: checkNumber(`maxPlayers of ${where}`, roomType.maxPlayers ?? MAX_PLAYERS.value, MAX_PLAYERS),
    emptyRoomTtlMs: checkNumber(
      `emptyRoomTtlMs of ${where}`,
      roomType.emptyRoomTtlMs ?? EMPTY_ROOM_TTL_MS.value,
      EMPTY_ROOM_TTL_MS,
    ),
    sendEvery: checkNumber(`sendEvery of ${where}`, roomType.sendEvery ?? SEND_EVERY.value, SEND_EVERY),
    interest: resolveInterest(game.schema, where, roomType.interest ?? 'everyone'),
    maxBytesPerSecond: resolveMaxBytes(where, roomType.maxBytesPerSecond ?? 'adaptive'),
    priorities: resolvePriorities(game, where, roomType.priority ?? {}),
    hooks: roomType,
    commands: commands.map((command) => onCommand[command.name]),
  };
}

function resolveMaxBytes(where: string, given: number | 'adaptive'): number {
  const name = `maxBytesPerSecond of ${where}`;
  if (given === 'adaptive') return Number.POSITIVE_INFINITY;
  if (typeof given !== 'number') throw new TickwireError(`${name} is 'adaptive' or a number.`);
  return checkNumber(name, given, MAX_BYTES_PER_SECOND);
}

function resolvePriorities(game: AnyGame, where: string, given: object): (number | PriorityHook)[] {
  const { kinds } = game.schema;
  checkKeys(
    `priority of ${where}`,
    given,
    kinds.map(({ name }) => name),
  );
  return kinds.map(({ name }) => {
    const priority = (given as { readonly [kind: string]: number | PriorityHook | undefined })[name] ?? 1;
    if (typeof priority === 'function') return priority;
    if (typeof priority === 'number' && priority >= LEAST_PRIORITY && priority <= HIGHEST_PRIORITY) return priority;
    throw new TickwireError(
      `priority.${name} of ${where} is a function, or a number from ${LEAST_PRIORITY} to ${HIGHEST_PRIORITY}.`,
    );
  });
}

/** Throws unless `value` is a whole number from `min` to `max`; `where` names it. */
export function checkNumber(where: string, value: unknown, { min, max }: Omit<LimitRange, 'value'>): number {
  if (typeof value !== 'number' || !(value >= min && value <= max) || !Number.isInteger(value)) {
    throw new TickwireError(`${where} must be a whole number from ${min} to ${max}.`);
  }
  return value;
}

function checkFunction(where: string, options: object, name: string): void {
  const value = (options as Record<string, unknown>)[name];
  if (value !== undefined && typeof value !== 'function') throw new TickwireError(`${name} of ${where} is a function.`);
}
