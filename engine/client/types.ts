/** What a game's author sees of the client. */
import type { RefusedError } from '../core/errors.ts';
import type {
  AnyGame,
  ClientHandle,
  ClientWorld,
  CommandNames,
  CommandPayload,
  ControlledKind,
  EventNames,
  EventPayload,
  InputOf,
  PlayerStateOf,
  ReplyOf,
  RoomStateOf,
} from '../state/types.ts';
import type { PlayoutMode } from './playout.ts';

/** How to join. */
export interface ConnectOptions {
  /** A type of room, or one room of that type. */
  readonly room: string | { readonly type: string; readonly id: string };
  /** Reaches the server's `joinOptions` and `onJoin`. */
  readonly joinOptions?: unknown;
  /** Reaches the server's `authenticate`. */
  readonly token?: string;
  /** How snapshots come: 'packed' (default) is the smaller; 'plain' can be read in the browser's network panel. */
  readonly codec?: 'packed' | 'plain';
  /** Default 'adaptive'. */
  readonly playout?: PlayoutMode;
  /** With 'manual', `connect` resolves once there is a seat, and nothing of the game comes before `net.ready()`. */
  readonly ready?: 'manual';
}

/** 'connecting' until the first snapshot; 'closed' is final. */
export type ClientState = 'connecting' | 'playing' | 'reconnecting' | 'closed';

/** Another player, or oneself. */
export interface ClientPlayer<G extends AnyGame> {
  readonly id: number;
  readonly isOwn: boolean;
  /** What the player steers, if it is drawn. */
  readonly entity: ClientHandle<G, ControlledKind<G>> | undefined;
  readonly state: PlayerStateOf<G, 'client'>;
}

/** Everybody in the room. */
export interface ClientPlayers<G extends AnyGame> extends Iterable<ClientPlayer<G>> {
  readonly count: number;
  get(id: number): ClientPlayer<G> | undefined;
}

/** The server's time, estimated. */
export interface ServerClock {
  /** The server's monotonic time, ms. Never runs backward. */
  now(): number;
  /** The tick that is drawn, with its fraction; NaN before the first snapshot. */
  readonly playoutTick: number;
}

/** How the connection and the picture do, now. */
export interface ClientStats {
  /** The fastest way to the server and back within 10 s. */
  readonly rttMs: number;
  /** By how much 95 % of the snapshots are at most later than the fastest. */
  readonly jitterMs: number;
  /** How far the picture of others is behind the server. */
  readonly playoutDelayMs: number;
  readonly bytesInPerSecond: number;
  readonly bytesOutPerSecond: number;
  /** Size of the newest snapshot. */
  readonly snapshotBytes: number;
  readonly snapshots: number;
  /** Entities that are drawn. */
  readonly entities: number;
  /** Times that snapshots did not come in time, so that movement was continued without. */
  readonly underruns: number;
  /** Times that the server corrected the prediction, and by how much it last did, in the fields' units. */
  readonly corrections: number;
  readonly correctionSize: number;
  /** Inputs on their way. */
  readonly ticksAhead: number;
  /** Times that the state had to be sent anew. */
  readonly resyncs: number;
  /** Nothing came for so long that what is drawn has stopped. */
  readonly isStale: boolean;
}

type PayloadArguments<P> = Record<never, never> extends P ? [payload?: P] : [payload: P];

/** A client in a room: what `connect` resolves with. */
export interface Net<G extends AnyGame> {
  /** What is drawn: one's own entity predicted, the rest at playout time. */
  readonly world: ClientWorld<G>;
  /** The entity that this player steers, once it is drawn. */
  readonly own: ClientHandle<G, ControlledKind<G>> | undefined;
  readonly playerId: number;
  readonly roomId: string;
  readonly room: RoomStateOf<G, 'client'>;
  readonly players: ClientPlayers<G>;
  readonly state: ClientState;
  readonly clock: ServerClock;
  readonly stats: ClientStats;
  /** The one call per rendered frame, with the time that `requestAnimationFrame` gives. */
  frame(nowMs: number): void;
  /** `sampler` is called once per frame and writes what the player holds; what it leaves out has its default. */
  sampleInput(sampler: (input: InputOf<G>) => void): void;
  /** Calls `listener` for each event of that name. The function returned takes it off. */
  on<N extends EventNames<G>>(name: N, listener: (payload: EventPayload<G, N>) => void): () => void;
  /** Calls `listener` with each new state, and why the connection was lost. The function returned takes it off. */
  onState(listener: (state: ClientState, reason?: RefusedError) => void): () => void;
  /**
   * Sends a command. Throws a TickwireError at once for a payload that does not fit its declaration. Rejects with a
   * RefusedError; without a connection it waits for one, at most 5 s.
   */
  send<N extends CommandNames<G>>(
    name: N,
    ...payload: PayloadArguments<CommandPayload<G, N, 'client'>>
  ): Promise<ReplyOf<G, N>>;
  /** With `ready: 'manual'`: the scene is built, snapshots may come. */
  ready(): void;
  /** Leaves the room, for good. */
  close(): void;
}
