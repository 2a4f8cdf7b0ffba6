/** Types that flow from a game's definition to both sides. */
import type { Field, Fields, Traits } from './fields.ts';
import type { Game } from './schema.ts';

// ---------------------------------------------------------------------------------------------- what a game is made of

/** A kind of entity, made by `entity`. */
export interface Entity<out F extends Fields = Fields> {
  readonly fields: F;
  /** Most entities of the kind that live at once. */
  readonly max: number | undefined;
}
/** A player's input, made by `input`. */
export interface Input<out F extends Fields = Fields> {
  readonly fields: F;
}
/** A notice from the server, made by `event`. */
export interface Event<out F extends Fields = Fields> {
  readonly fields: F;
}
/** A request from a client, made by `command`; R are its reply's fields, undefined when it has none. */
export interface Command<out F extends Fields = Fields, out R extends Fields | undefined = Fields | undefined> {
  readonly fields: F;
  readonly reply: R;
}

/** Everything the compiler knows of a game. */
export interface GameTypes {
  readonly entities: { readonly [kind: string]: Entity };
  readonly input: Fields;
  readonly events: { readonly [name: string]: Event };
  readonly commands: { readonly [name: string]: Command };
  readonly roomState: Fields;
  readonly playerState: Fields;
  readonly controls: string;
}

/** Any game. */
export type AnyGame = Game<GameTypes>;
/** A game's types. */
export type TypesOf<G> = G extends Game<infer T> ? (T extends GameTypes ? T : never) : never;
/** Names of a game's kinds. */
export type KindNames<G> = keyof TypesOf<G>['entities'] & string;
/** The kind that players steer; never when there is none. */
export type ControlledKind<G> = TypesOf<G>['controls'] & KindNames<G>;
type FieldsOf<G, K extends KindNames<G>> = TypesOf<G>['entities'][K]['fields'];

// ------------------------------------------------------------------------------------------------------ values of fields

type TraitsOf<F> = F extends Field<infer T> ? T : never;
type Value<T extends Traits, Refs> = T['type'] extends 'ref'
  ? (T['value'] extends keyof Refs ? Refs[T['value']] : never) | undefined
  : T['value'];
/** Values of fields by name; `Refs` maps a kind to what a reference to it reads as. */
export type Values<F, Refs> = { -readonly [P in keyof F]: Value<TraitsOf<F[P]>, Refs> };

type PackedType = 'num' | 'int' | 'angle' | 'bool' | 'oneOf';
/** Names of the fields whose traits fit `Wanted`. */
type Names<F, Wanted> = { [P in keyof F]: TraitsOf<F[P]> extends Wanted ? P : never }[keyof F];
type PackedNames<F> = Names<F, { type: PackedType }>;
type MovingNames<F> = Exclude<PackedNames<F>, Names<F, { motion: 'snap' }>>;
type StepNames<F> = Names<F, { type: PackedType; sight: 'all' | 'owner' }>;
type ServerOnlyNames<F> = Names<F, { sight: 'server' }>;

/** Refuses `.hermite` of anything but a `num` of the same entity. */
export type Checked<F> = {
  readonly [P in keyof F]: TraitsOf<F[P]>['motion'] extends { velocity: infer V }
    ? V extends Names<F, { type: 'num' }>
      ? unknown
      : `.hermite() takes a sibling that is a num: '${V & string}' is none`
    : unknown;
};

// --------------------------------------------------------------------------------------------------------------- handles

interface ServerHead<K> {
  readonly id: number;
  readonly kind: K;
  /** Takes the entity out of the world. Using the handle afterwards throws. */
  despawn(): void;
}
/** An entity on the server. */
export type ServerHandle<G, K extends KindNames<G>> = ServerHead<K> & {
  /** Moves it without anyone seeing it slide there; fields left out stay. */
  teleport(to?: Partial<Pick<Values<FieldsOf<G, K>, object>, MovingNames<FieldsOf<G, K>>>>): void;
} & Values<FieldsOf<G, K>, ServerRefs<G>>;
type ServerRefs<G> = { [K in KindNames<G>]: ServerHandle<G, K> };

/** An entity without the means to change it: a client's view of it, and what `ctx.seen` holds. */
export type SeenHandle<E, K extends keyof E> =
  E[K] extends Entity<infer F>
    ? { readonly id: number; readonly kind: K } & Readonly<Omit<Values<F, SeenRefs<E>>, ServerOnlyNames<F>>>
    : never;
type SeenRefs<E> = { [K in keyof E]: SeenHandle<E, K> };

interface ClientHead<K, F> {
  readonly id: number;
  readonly kind: K;
  /** This player steers it. */
  readonly isOwn: boolean;
  /** It is drawn where it was last known to be: no news of it are sent for now. */
  readonly isHeld: boolean;
  /** Since news of it last came, in ms. */
  readonly ageMs: number;
  /** The newest values received, as they came: neither interpolated nor predicted. */
  readonly received: Readonly<Pick<Values<F, object>, Exclude<PackedNames<F>, ServerOnlyNames<F>>>>;
}
/** An entity as a client draws it. Once it left, using the handle throws. */
export type ClientHandle<G, K extends KindNames<G>> = ClientHead<K, FieldsOf<G, K>> &
  Readonly<Omit<Values<FieldsOf<G, K>, ClientRefs<G>>, ServerOnlyNames<FieldsOf<G, K>>>>;
type ClientRefs<G> = { [K in KindNames<G>]: ClientHandle<G, K> };

// ---------------------------------------------------------------------------------------------------------------- worlds

interface KindHead<H, Columns extends PropertyKey> {
  /** The entity of that id, if it lives. */
  get(id: number): H | undefined;
  /** How many live. */
  readonly count: number;
  /** Values by slot (bool: 0 or 1, oneOf: position of the choice), for loops over many; slot = id % 65536. */
  readonly columns: { readonly [P in Columns]: Float64Array };
  /** In ascending order of slots. Spawning and despawning meanwhile is safe. */
  [Symbol.iterator](): IterableIterator<H>;
}
/** Values to spawn an entity with; those left out get their defaults. */
export type SpawnInit<G, K extends KindNames<G>> = Partial<Values<FieldsOf<G, K>, ServerRefs<G>>>;
/** All entities of a kind, on the server. */
export interface ServerKind<G, K extends KindNames<G>>
  extends KindHead<ServerHandle<G, K>, PackedNames<FieldsOf<G, K>>> {
  /** Brings an entity into the world. Throws when `max` of the kind live. */
  spawn(init?: SpawnInit<G, K>): ServerHandle<G, K>;
  /** 1 where an entity lives, by slot: for loops over columns. */
  readonly isAlive: Uint8Array;
  /** One past the highest slot ever used. */
  readonly high: number;
}
/** The server's world: `world.ship`. */
export type ServerWorld<G> = { readonly [K in KindNames<G>]: ServerKind<G, K> };

/**
 * Why an entity is no longer drawn: it was removed from the world, or went out of this player's sight. What a new start of the
 * snapshots (after a broken connection, or a repair) does not bring again within half a second counts as out of sight.
 */
export type LeaveReason = 'removed' | 'scope';
/** All entities of a kind that a client draws. */
export interface ClientKind<G, K extends KindNames<G>>
  extends KindHead<ClientHandle<G, K>, Exclude<PackedNames<FieldsOf<G, K>>, ServerOnlyNames<FieldsOf<G, K>>>> {
  /** Called when one appears in the picture. The function returned takes the listener off. */
  onEnter(listener: (entity: ClientHandle<G, K>) => void): () => void;
  /** Called when one leaves the picture, with its last pose. The function returned takes the listener off. */
  onLeave(listener: (entity: ClientHandle<G, K>, reason: LeaveReason) => void): () => void;
}
/** A client's world, as drawn at playout time. */
export type ClientWorld<G> = { readonly [K in KindNames<G>]: ClientKind<G, K> };

/** A world to look at. */
export type SeenWorld<E> = {
  readonly [K in keyof E]: {
    get(id: number): SeenHandle<E, K> | undefined;
    readonly count: number;
    [Symbol.iterator](): IterableIterator<SeenHandle<E, K>>;
  };
};

// ----------------------------------------------------------------------------------------------------------------- steps

/** A row of a kind as `step` gets it: the packed fields that its owner always sees. For a step in a file of its own: `StepRow<typeof Ship>`. */
export type StepRow<E> = E extends Entity<infer F> ? Pick<Values<F, object>, StepNames<F>> : never;

/** What `step` may know and do besides its row. For a step in a file of its own: `StepContext<typeof entities, typeof events>`. */
export interface StepContext<E = object, V = object> {
  /** Seconds to step by: one tick, or the part of it that a partial step covers. */
  readonly dt: number;
  /** Count of this player's inputs, the same on both sides; for kinds that nobody steers the server's tick. */
  readonly tick: number;
  /** The client runs this step again after a correction. */
  readonly replay: boolean;
  /** The client runs this step on a copy, for the picture between two ticks. */
  readonly partial: boolean;
  /** The next number in [0, 1); the same on both sides. */
  random(): number;
  /** The world: on the server as it is, on a client as it is drawn, a little older. A step that reads it may be corrected. */
  readonly seen: SeenWorld<E>;
  /** Tells clients, from the server: on a client it does nothing. */
  emit<N extends keyof V & string>(name: N, payload: PayloadOf<V[N], SeenRefs<E>>): void;
  /** Spawns, on the server: on a client it does nothing, and the entity is shown when the server tells of it. */
  spawn<K extends keyof E & string>(
    kind: K,
    init?: E[K] extends Entity<infer F> ? Partial<Values<F, SeenRefs<E>>> : never,
  ): void;
}

/** `step`, by kind: (row, input, ctx) for the kind that players steer, (row, ctx) for the others. */
export type Steps<E, I, V, C> = {
  // One mapped type: an intersection of two would lose the type of `ctx`.
  readonly [P in keyof E]?: P extends C
    ? (row: StepRow<E[P]>, input: Readonly<Values<I, object>>, ctx: StepContext<E, V>) => void
    : (row: StepRow<E[P]>, ctx: StepContext<E, V>) => void;
};

// --------------------------------------------------------------------------------------- input, events, commands, state

/** Which side's handles stand for references. */
export type Side = 'server' | 'client';
type Refs<G, S extends Side> = S extends 'server' ? ServerRefs<G> : ClientRefs<G>;
type PayloadOf<P, R> = P extends { readonly fields: infer F } ? Readonly<Values<F, R>> : never;

/** A player's input, as `sampleInput` writes it. */
export type InputOf<G> = Values<TypesOf<G>['input'], object>;
/** Names of a game's events. */
export type EventNames<G> = keyof TypesOf<G>['events'] & string;
/** An event's payload: on the side 'client' as `on` gets it, on the side 'server' as `emit` takes it. */
export type EventPayload<G, N extends EventNames<G>, S extends Side = 'client'> = PayloadOf<
  TypesOf<G>['events'][N],
  Refs<G, S>
>;
/** Names of a game's commands. */
export type CommandNames<G> = keyof TypesOf<G>['commands'] & string;
/** A command's payload: on the side 'server' as `onCommand` gets it, on the side 'client' as `send` takes it. */
export type CommandPayload<G, N extends CommandNames<G>, S extends Side = 'server'> = PayloadOf<
  TypesOf<G>['commands'][N],
  Refs<G, S>
>;
/** A command's reply; undefined for a command without one. */
export type ReplyOf<
  G,
  N extends CommandNames<G>,
  S extends Side = 'client',
> = TypesOf<G>['commands'][N]['reply'] extends infer F extends Fields ? Readonly<Values<F, Refs<G, S>>> : undefined;
/** State of the room that everybody in it has. The server's is writable. */
export type RoomStateOf<G, S extends Side = 'server'> = StateOf<Values<TypesOf<G>['roomState'], Refs<G, S>>, S>;
/** State of one player that everybody in the room has. The server's is writable. */
export type PlayerStateOf<G, S extends Side = 'server'> = StateOf<Values<TypesOf<G>['playerState'], Refs<G, S>>, S>;
type StateOf<V, S extends Side> = S extends 'server' ? V : Readonly<V>;
