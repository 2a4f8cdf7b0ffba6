/**
 * The compiled shape of a game: what every other module reads. `defineGame` makes it, nothing changes it afterwards.
 *
 * A packed field's *code* is an integer 0..levels-1, its value is min + code * precision. *fine* is the code in 1/256 of a
 * step, an Int32. Only fields with a kernel (lerp, hermite) are kept fine; other packed fields are plain codes everywhere.
 */
import type { StandardSchema } from './standard-schema.ts';

/** How a field moves between two snapshots. */
export type Kernel = 'lerp' | 'hermite' | 'snap';

/** How the packed codec guesses a field's next value; 'auto' takes in each tick what fits the world best. */
export type Predictor = 'auto' | 'previous' | 'linear' | 'velocity';

/** Who asks to see a field: a player, as a visibility rule gets it. */
export interface Viewer {
  readonly id: number;
  readonly user: unknown;
  readonly entity: { readonly id: number; readonly kind: string } | undefined;
}

/** A rule of the game's own: may `viewer` see this field of `entity`? Called on the server only. */
export type VisibilityRule = (
  viewer: Viewer,
  entity: { readonly id: number; readonly kind: string; readonly [field: string]: unknown },
) => boolean;

/** Who gets a field: everyone who sees the entity, who controls it, nobody, or those whom the rule admits. */
export type Visibility = 'all' | 'owner' | 'server' | VisibilityRule;

/** A field of at most 23 bits: a column of numbers in the table, a code on the wire. */
export interface PackedField {
  /** '#teleport' for the hidden one. */
  readonly name: string;
  /** Column: position in `kind.packed`, `input.fields`, or the payload's or state's declaration. */
  readonly index: number;
  readonly type: 'num' | 'int' | 'angle' | 'bool' | 'oneOf' | 'teleport';
  readonly bits: number;
  readonly levels: number;
  readonly min: number;
  /** The author's bound: values above it are out of range. One precision above the highest code's value for `num`. */
  readonly max: number;
  readonly precision: number;
  /** Codes are modulo `levels`: angle and teleport. */
  readonly wraps: boolean;
  /** A kernel field is one whose kernel is not 'snap'. */
  readonly kernel: Kernel;
  /** Column of the field that `hermite` names (units per second), else -1. */
  readonly velocity: number;
  /** Index into `kind.groups`; -1 when the field is not in the body. */
  readonly group: number;
  /** How long it is continued beyond the newest snapshot; 0 holds. */
  readonly extrapolateMs: number;
  /** Kernel fields only. Not in the schema's hash: each message tells what was taken. */
  readonly predictor: Predictor;
  /** Only 'all' is in the body. */
  readonly visibleTo: Visibility;
  /** A value (not a code), in range. bool: 0 or 1; oneOf: position of the choice. */
  readonly default: number;
  /** oneOf's, in order. */
  readonly choices: readonly string[];
  /** Input fields only: a tap is never lost nor doubled. */
  readonly isPulse: boolean;
}

/** A value that travels as MessagePack when it changes. */
export interface RareField {
  readonly name: string;
  /** Position in `kind.rare`, `roomState`, `playerState`, or the payload's declaration. */
  readonly index: number;
  readonly type: 'text' | 'ref' | 'float64' | 'uint32' | 'value' | 'packed';
  /** text: of UTF-8, at most. Else 0. */
  readonly maxBytes: number;
  /** ref: index of the kind it points to, else -1. */
  readonly refKind: number;
  /** ref: name of that kind, else ''. */
  readonly refTo: string;
  readonly standardSchema: StandardSchema | undefined;
  readonly visibleTo: Visibility;
  /** text: string; ref: 0 (nothing); float64, uint32: number; value: any, or undefined; packed: a value, as PackedField.default. */
  readonly default: unknown;
  /** type 'packed' of an entity: column in `kind.packed`; the value that travels is the code. Else -1. */
  readonly packed: number;
  /** type 'packed': how its code is made, in entities and in room and player state alike. */
  readonly spec: PackedField | undefined;
}

/** Fields that move together: one code word for all of them. Within a group a velocity stands before the fields that use it. */
export interface Group {
  readonly index: number;
  /** Columns in `kind.packed`. */
  readonly fields: readonly number[];
  readonly isTeleport: boolean;
}

/** One kind of entity. */
export interface Kind {
  readonly name: string;
  readonly index: number;
  /** Declaration order; '#teleport' last, if any field has a kernel. */
  readonly packed: readonly PackedField[];
  /** Declaration order; packed fields that not everyone may see are among them, as type 'packed'. */
  readonly rare: readonly RareField[];
  /** Those that hold a velocity first, the teleport group last. */
  readonly groups: readonly Group[];
  /** Columns of fields visible to all, the teleport counter included, ascending. */
  readonly bodyFields: readonly number[];
  /** Columns of a `step` row: packed fields that the entity's owner always sees ('all', 'owner'), no teleport; ascending. */
  readonly stepFields: readonly number[];
  /** Column of the teleport counter, else -1. */
  readonly teleport: number;
  /** Slots 0..capacity-1. */
  readonly capacity: number;
}

/** A field of an event's, command's or reply's payload. `isPacked` tells the two apart. */
export type PayloadField = PackedField | RareField;

/** Whether a payload's field is packed: it travels as its code. */
export function isPacked(field: PayloadField): field is PackedField {
  return 'bits' in field;
}

/** An event, a command, or a command's reply. */
export interface PayloadSpec {
  readonly name: string;
  /** Position among the events or commands; a reply has its command's. */
  readonly index: number;
  readonly fields: readonly PayloadField[];
  readonly reply: PayloadSpec | undefined;
}

/** What a player holds during one tick, as bits. */
export interface InputSpec {
  readonly fields: readonly PackedField[];
  /** Bytes of one input on the wire: ceil(sum of bits / 8). */
  readonly byteLength: number;
}

/** A whole game, compiled. */
export interface Schema {
  readonly kinds: readonly Kind[];
  readonly input: InputSpec;
  readonly events: readonly PayloadSpec[];
  readonly commands: readonly PayloadSpec[];
  /** Packed ones travel as codes: type 'packed', with `spec`. */
  readonly roomState: readonly RareField[];
  readonly playerState: readonly RareField[];
  /** Index of the kind that a player steers, else -1. */
  readonly controls: number;
  /** Ticks per second. */
  readonly tickRate: number;
  /** 8 bytes over `lines`. */
  readonly hash: Uint8Array;
  /** Canonical description, one line a thing, in order. */
  readonly lines: readonly string[];
  /** uint32 of each line. */
  readonly lineHashes: readonly number[];
  /** The author's `version`, '' when not given. Not in the hash. */
  readonly version: string;
}

/** A step with its types erased: (row, input, ctx) for the kind that players control, (row, ctx) for the others. */
export type StepFunction = (row: object, inputOrContext: object, context?: object) => void;

declare const TYPES: unique symbol;

/** What `defineGame` returns: the schema and the steps, and for the compiler every type (`GameTypes` in types.ts). */
export interface Game<out Types = unknown> {
  readonly schema: Schema;
  /** By kind index. */
  readonly steps: readonly (StepFunction | undefined)[];
  /** Never there at run time. */
  readonly [TYPES]?: Types;
}
