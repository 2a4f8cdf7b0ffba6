/** What a game's author sees of the server: rooms, players, hooks. The classes behind them have more. */
import type { Clock } from '../core/clock.ts';
import type { Code, RefusedError } from '../core/errors.ts';
import type {
  AnyGame,
  CommandNames,
  CommandPayload,
  ControlledKind,
  EventNames,
  EventPayload,
  KindNames,
  PlayerStateOf,
  ReplyOf,
  RoomStateOf,
  ServerHandle,
  ServerWorld,
} from '../state/types.ts';
import type { ServerTransport } from '../transport/transport.ts';
import type { ValueCodec } from '../wire/value-codec.ts';

/** Who a player is, as `authenticate` tells; only `id` is asked for. */
export interface User {
  /** One account, whatever number of devices: connections are counted by it. */
  readonly id: string | number;
}

/** The user of a server without `authenticate`: somebody, and somebody else each time. */
export interface Guest {
  readonly id: string;
}

/** Why someone is not let in: a falsy value says 'unauthorized', a RefusedError says its own code. */
export type Refusal = RefusedError | false | null | undefined;

/** What is known of a client when `authenticate` is asked. */
export interface AuthenticateRequest {
  /** From `connect`'s options. At most 4 KiB. */
  readonly token: string | undefined;
  /** Room type that the client wants to join. */
  readonly roomType: string;
  /** Not of the author's own making: check it before use. */
  readonly joinOptions: unknown;
  /** IP address as far as the transport knows it, else ''. */
  readonly remoteAddress: string;
}

/** A place in the world, in the units of the fields `x` and `y`. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How a player's connection and prediction do; for games that adapt, and for support. */
export interface Quality {
  /** Round trip, ms; 0 until measured. */
  readonly rttMs: number;
  /** Times that the server's digest differed from the player's prediction. */
  readonly mispredictions: number;
  /** Ticks in which no input was there for the controlled entity. */
  readonly ticksStarved: number;
  /** Inputs that wait for their tick. */
  readonly inputsQueued: number;
  /** Snapshots that were left out because the client had not taken earlier ones. */
  readonly snapshotsSkipped: number;
  /** Ticks from one snapshot to the next: the room's `sendEvery`, or 2 or 4 times that while the client cannot keep up. */
  readonly sendEvery: number;
  /** Bytes in the server's send buffer. */
  readonly bufferedBytes: number;
}

/** An entity of any kind; `kind` tells which. */
export type AnyServerHandle<G extends AnyGame = AnyGame> = { [K in KindNames<G>]: ServerHandle<G, K> }[KindNames<G>];

/** One user's life in a room. */
export interface ServerPlayer<G extends AnyGame = AnyGame, U = unknown> {
  /** Number within the room; never given to another. */
  readonly id: number;
  /** What `authenticate` returned. */
  readonly user: U;
  /** The entity that this player steers. */
  readonly entity: ServerHandle<G, ControlledKind<G>> | undefined;
  /** Typed values of the player that everybody in the room gets. */
  readonly state: PlayerStateOf<G>;
  readonly quality: Quality;
  /** From where the player looks, for `interest: { radius }`. By default the controlled entity; undefined goes back to it. */
  viewpoint: Point | undefined;
  /**
   * Has the player see this entity wherever it is, or 'never', until it ends or `unwatch`. It overrules `interest`, and not the room
   * type's `visible`.
   */
  watch(entity: AnyServerHandle<G>, how?: 'always' | 'never'): void;
  /** The player sees this entity again as `interest` says. */
  unwatch(entity: AnyServerHandle<G>): void;
  /** Lets the player steer `entity`, which is despawned when the player leaves. Ends the control of another one. */
  control(entity: ServerHandle<G, ControlledKind<G>>): void;
  /** Ends the control. The entity stays in the world, also after the player left. */
  release(): void;
  /** Removes the player from the room; `onLeave` gets the reason 'kicked'. */
  kick(): void;
}

/** Who gets an event, and when it is shown. */
export interface EmitOptions<G extends AnyGame = AnyGame, U = unknown> {
  /** Only these. Default: everybody in the room. */
  readonly to?: ServerPlayer<G, U> | Iterable<ServerPlayer<G, U>>;
  /** Only those whose viewpoint is within `radius` of the point. */
  readonly near?: { readonly x: number; readonly y: number; readonly radius: number };
  /** 'playout' (default): when the picture reaches this tick. 'now': when it arrives. */
  readonly at?: 'playout' | 'now';
}

/** An event without fields needs no payload. */
type EmitArguments<P, O> = Record<never, never> extends P ? [payload?: P, options?: O] : [payload: P, options?: O];

/** The players of a room. */
export interface Players<P> extends Iterable<P> {
  readonly count: number;
  get(id: number): P | undefined;
}

/** One running instance of a room type. */
export interface ServerRoom<G extends AnyGame = AnyGame, U = unknown> {
  /** Not to be guessed: who knows it may ask to join by it. */
  readonly id: string;
  readonly type: string;
  /** The join options of the player for whom the room was made. */
  readonly options: unknown;
  readonly world: ServerWorld<G>;
  /** Those who are in the game: from `onJoin` to `onLeave`. */
  readonly players: Players<ServerPlayer<G, U>>;
  /** Typed values that everybody in the room gets. */
  readonly state: RoomStateOf<G>;
  /** Number of the tick that runs, or of the last one. */
  readonly tick: number;
  /** Tells players of something that happened in this tick. */
  emit<N extends EventNames<G>>(
    name: N,
    ...payload: EmitArguments<EventPayload<G, N, 'server'>, EmitOptions<G, U>>
  ): void;
  /** Sends everybody away and ends the room, after the tick that runs. */
  close(): void;
  /** The next of the room's own random numbers, in [0, 1). */
  random(): number;
  /**
   * What a player is told of each entity, and what its messages take. Bytes by entity are counted for five seconds after each
   * call, which costs a walk over all that the player tracks with each of its messages: before that they are 0.
   */
  explain(player: ServerPlayer<G, U>): Explanation;
}

/** What a player is told of one entity. */
export interface ExplainedEntity {
  readonly kind: string;
  readonly id: number;
  /**
   * 'tracked': it moves with each snapshot; 'held': only refreshes come; 'waiting': it is in sight, and its first refresh did not
   * fit yet; 'hidden': it went out of sight, and the client hears of it with the next snapshot.
   */
  readonly state: 'tracked' | 'held' | 'waiting' | 'hidden';
  /** The player steers it. */
  readonly isOwn: boolean;
  /** Held because it is far, or because there are too few bytes. */
  readonly isFar: boolean;
  readonly isHeldByBudget: boolean;
  /** 0.01 to 100: how fast its turn comes among those that wait for a refresh. */
  readonly priority: number;
  /** From the player's viewpoint, in world units; undefined where one of the two has no place. */
  readonly distance: number | undefined;
  /** What its words and refreshes took in the last second, as estimated. */
  readonly bytesPerSecond: number;
}

/** What one player is told, and why; see `ServerRoom.explain`. */
export interface Explanation {
  /** All that the client knows, and all that is in the player's sight. */
  readonly entities: readonly ExplainedEntity[];
  /** Of all snapshots in the last second. */
  readonly bytesPerSecond: number;
  /** What it may be sent; Infinity as long as nothing limits it. */
  readonly maxBytesPerSecond: number;
  /** Its bytes are too few at present; and how many entities are held for that. */
  readonly isLimited: boolean;
  readonly heldByBudget: number;
  /** Sent and not acknowledged, and how much that may be before snapshots are left out. */
  readonly inFlightBytes: number;
  readonly maxInFlightBytes: number;
  /** The most that the client took lately; 0 until measured. */
  readonly takenBytesPerSecond: number;
  /** From a snapshot's sending to its acknowledgement, which waits for a frame of the client's: the last one, and the shortest lately. */
  readonly ackRttMs: number;
  readonly ackRttMinMs: number;
  /** See `Quality`. */
  readonly sendEvery: number;
  readonly snapshotsSkipped: number;
}

/** What `onTick` gets. */
export interface TickContext {
  /** Seconds of one tick. */
  readonly dt: number;
  readonly tick: number;
}

type Answer<R> = R extends undefined ? void | Promise<void> : R | Promise<R>;

/** Functions by command. One that returns a promise answers when that resolves; a RefusedError's code is told to the client, not its message. */
export type CommandHooks<G extends AnyGame, U> = {
  readonly [N in CommandNames<G>]?: (
    room: ServerRoom<G, U>,
    player: ServerPlayer<G, U>,
    payload: CommandPayload<G, N, 'server'>,
  ) => Answer<ReplyOf<G, N, 'server'>>;
};

/** Entities by their distance from a viewpoint. */
interface NearInterest {
  /** They come into sight at this distance, in world units. */
  readonly radius: number;
  /**
   * They come into sight at this distance instead, above the radius. Between the two they are held, and refreshed as the client's
   * bytes allow.
   */
  readonly far?: number;
  /** Part of each distance by which they must be farther to leave it. Default 0.1. */
  readonly hysteresis?: number;
}

/** Who sees the entities of one kind: everybody, nobody (but who steers one, or was told to watch it), or who is near. */
export type KindInterest = 'always' | 'never' | NearInterest;

/**
 * Who sees which entities: everybody all of them, or each player those near its viewpoint. Kinds without `x` and `y` are seen from
 * everywhere. The entity that a player steers is always in its sight.
 */
export type Interest<G extends AnyGame = AnyGame> =
  | 'everyone'
  | (Partial<NearInterest> & {
      /** For so long an entity that came into sight stays there, however far it goes. Default 500. */
      readonly dwellMs?: number;
      /**
       * Ticks from one look around to the next, 1 to 32; players take turns. What ends or is hidden by `visible` leaves at once all
       * the same, and what is spawned nearby comes at once. Default 4.
       */
      readonly lookEveryTicks?: number;
      /** Kinds that are seen in another way. */
      readonly kinds?: { readonly [K in KindNames<G>]?: KindInterest };
    });

/** A type of room: its settings, and what happens in it. Hooks that throw close that room (`joinOptions`, `onAuth`, `matches` refuse the client instead). */
export interface RoomType<G extends AnyGame = AnyGame, U = unknown, JoinOptions = unknown> {
  /** Seats. Default 64. */
  readonly maxPlayers?: number;
  /** Default 'everyone'. */
  readonly interest?: Interest<G>;
  /** Ticks from one snapshot to the next, 1 to 8; the world steps and takes inputs in every tick all the same. Default 1. */
  readonly sendEvery?: number;
  /**
   * What one player is sent at most, 1,024 or more; half a second's worth may come at once. Who would need more has the least
   * important entities held, and refreshed in turn. Default 'adaptive': as much as the client takes, found from what it
   * acknowledges; who keeps up is not limited.
   */
  readonly maxBytesPerSecond?: number | 'adaptive';
  /**
   * How important entities are to a player whose bytes are too few, 0.01 to 100: the more, the longer they are tracked and the
   * sooner they are refreshed. A number is the weight of a kind, which falls with the distance from the player's viewpoint.
   * A function has the last word; it only looks, and is called for everything that moves in the sight of each such player, or is
   * far from any, at most twice in each of its snapshots. Default 1.
   */
  readonly priority?: {
    readonly [K in KindNames<G>]?: number | ((player: ServerPlayer<G, U>, entity: ServerHandle<G, K>) => number);
  };
  /** How long a room is kept after its last player left; one in which nobody ever played is not. Default 12,000. */
  readonly emptyRoomTtlMs?: number;
  /** Checks and types what a client asks for; annotate its argument as `unknown`. What it throws refuses the client. */
  readonly joinOptions?: (value: unknown) => JoinOptions;
  /** Whether a player who asks for `options` may be put into this room. Default: into any with a free seat. Only true says yes. */
  matches?(room: ServerRoom<G, U>, options: JoinOptions): boolean;
  /** Whether this user may join rooms of this type. `false` or a RefusedError says no, undefined yes. */
  onAuth?(user: U, options: JoinOptions): MaybePromise<boolean | RefusedError | undefined>;
  onCreate?(room: ServerRoom<G, U>, options: JoinOptions): MaybePromise<void>;
  /**
   * Whether the player may know of this entity at all; asked about what is in its sight, each time it is sent something. What it may
   * not know of never travels to it. Not asked about the entity that the player steers. Only looks: it is called very often.
   */
  visible?(player: ServerPlayer<G, U>, entity: AnyServerHandle<G>): boolean;
  /** At the start of a tick, once the client is ready. */
  onJoin?(room: ServerRoom<G, U>, player: ServerPlayer<G, U>, options: JoinOptions): MaybePromise<void>;
  /** After the inputs and steps of a tick. */
  onTick?(room: ServerRoom<G, U>, context: TickContext): void;
  readonly onCommand?: CommandHooks<G, U>;
  /** At the start of a tick, while the controlled entity is still there. */
  onLeave?(room: ServerRoom<G, U>, player: ServerPlayer<G, U>, reason: Code): MaybePromise<void>;
  onDispose?(room: ServerRoom<G, U>): MaybePromise<void>;
}
type MaybePromise<T> = T | Promise<T>;

/** Where the server reports. `console` is one, and so is what wraps a logging library. */
export interface Logger {
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Where a game's error came from. */
export interface ErrorPlace {
  readonly roomId: string | undefined;
  readonly roomType: string;
  /** Name of the hook, 'onCommand.<name>' for a command's; or the part of the tick: 'runTick', 'step', 'capture', 'visible', 'visibleTo', 'priority'. */
  readonly hook: string;
}

/** What the server takes from its surroundings. */
export interface Platform {
  readonly clock: Clock;
  readonly transport: ServerTransport;
  readonly values: ValueCodec;
  /** Random bytes that nobody can guess. */
  readonly randomBytes: (length: number) => Uint8Array;
  readonly logger: Logger;
}
