/** Field types, as a game's author writes them: immutable builders, each modifier returns a new one. `defineGame` checks them. */
import type { Kernel, PackedField, Predictor, RareField, Visibility } from './schema.ts';
import type { StandardSchema } from './standard-schema.ts';

/** Every type of field. The first five are packed: at most 23 bits, quantized. The rest are rare: sent when they change. */
export type FieldType = Exclude<PackedField['type'], 'teleport'> | Exclude<RareField['type'], 'packed'>;

/** What a builder has been told so far; undefined where the default is wanted. */
export interface FieldSpec {
  readonly type: FieldType;
  readonly min: number;
  readonly max: number;
  readonly precision: number;
  readonly bits: number;
  readonly choices: readonly string[];
  readonly maxBytes: number;
  readonly refTo: string;
  readonly standardSchema: StandardSchema | undefined;
  readonly kernel: Kernel | undefined;
  readonly velocity: string | undefined;
  readonly default: unknown;
  readonly group: string | undefined;
  readonly extrapolateMs: number | undefined;
  readonly predictor: Predictor | undefined;
  readonly visibleTo: Visibility | undefined;
  readonly isPulse: boolean;
}

/** Who may read a field, as the compiler knows it. */
export type Sight = 'all' | 'owner' | 'rule' | 'server';
/** How a field moves, as the compiler knows it. */
export type Motion = 'lerp' | 'snap' | { readonly velocity: string };
/** What the compiler knows of a field. */
export interface Traits {
  readonly type: FieldType;
  readonly value: unknown;
  readonly sight: Sight;
  readonly motion: Motion;
}

declare const TRAITS: unique symbol;

/** Any field. */
export interface Field<out T extends Traits = Traits> {
  readonly spec: FieldSpec;
  /** Never there at run time. */
  readonly [TRAITS]?: T;
}

/** Fields by name. */
export type Fields = { readonly [name: string]: Field };

type SightOf<W> = W extends Sight ? W : 'rule';

/** A number in [min, max). */
export interface NumField<M extends Motion = 'lerp', S extends Sight = 'all'>
  extends Field<{ type: 'num'; value: number; sight: S; motion: M }> {
  /** Straight between snapshots; the default. */
  lerp(): NumField<'lerp', S>;
  /** A curve between snapshots that follows the velocity in the sibling named, a `num` in units per second. */
  hermite<const V extends string>(velocity: V): NumField<{ velocity: V }, S>;
  /** Holds until the next snapshot. */
  snap(): NumField<'snap', S>;
  /** How long movement is continued when snapshots fail to come, in ms; 0 holds at once. Default 100. */
  extrapolate(ms: number): this;
  /** How snapshots guess its next value, so that less need be sent. Default 'auto': by what would have fitted last. */
  predictor(predictor: Predictor): this;
  /** The value of an entity spawned without one. Default: 0, or the end of the range nearest to it. */
  default(value: number): this;
  /** Fields that change together share a group, and so a code word. */
  group(name: string): this;
  /** Who gets it. Default 'all'. */
  visibleTo<const W extends Visibility>(who: W): NumField<M, SightOf<W>>;
}

/** An angle in radians; any real number is taken and wrapped to [0, 2 pi). */
export interface AngleField<M extends Motion = 'lerp', S extends Sight = 'all'>
  extends Field<{ type: 'angle'; value: number; sight: S; motion: M }> {
  /** The short way round between snapshots; the default. */
  lerp(): AngleField<'lerp', S>;
  /** As `num`'s, with a sibling `num` in radians per second. */
  hermite<const V extends string>(velocity: V): AngleField<{ velocity: V }, S>;
  /** Holds until the next snapshot. */
  snap(): AngleField<'snap', S>;
  /** As `num`'s. */
  extrapolate(ms: number): this;
  /** As `num`'s. */
  predictor(predictor: Predictor): this;
  /** As `num`'s. */
  default(value: number): this;
  /** As `num`'s. */
  group(name: string): this;
  /** As `num`'s. */
  visibleTo<const W extends Visibility>(who: W): AngleField<M, SightOf<W>>;
}

/** A whole number in [min, max]. */
export interface IntField<M extends Motion = 'snap', S extends Sight = 'all'>
  extends Field<{ type: 'int'; value: number; sight: S; motion: M }> {
  /** Straight between snapshots, with fractions. */
  lerp(): IntField<'lerp', S>;
  /** Holds until the next snapshot; the default. */
  snap(): IntField<'snap', S>;
  /** As `num`'s. */
  extrapolate(ms: number): this;
  /** As `num`'s. */
  predictor(predictor: Predictor): this;
  /** As `num`'s. */
  default(value: number): this;
  /** As `num`'s. */
  group(name: string): this;
  /** As `num`'s. */
  visibleTo<const W extends Visibility>(who: W): IntField<M, SightOf<W>>;
}

/** True or false, in one bit. */
export interface BoolField<S extends Sight = 'all'>
  extends Field<{ type: 'bool'; value: boolean; sight: S; motion: 'snap' }> {
  /** The value of an entity spawned without one. Default false. */
  default(value: boolean): this;
  /** As `num`'s. */
  group(name: string): this;
  /** Input only: a tick gets true if any sample since the last tick was, so that no tap is lost or doubled. */
  pulse(): this;
  /** As `num`'s. */
  visibleTo<const W extends Visibility>(who: W): BoolField<SightOf<W>>;
}

/** One of a few words. */
export interface OneOfField<C extends string = string, S extends Sight = 'all'>
  extends Field<{ type: 'oneOf'; value: C; sight: S; motion: 'snap' }> {
  /** The value of an entity spawned without one. Default: the first choice. */
  default(value: C): this;
  /** As `num`'s. */
  group(name: string): this;
  /** As `num`'s. */
  visibleTo<const W extends Visibility>(who: W): OneOfField<C, SightOf<W>>;
}

/** A rare field with a value of type V, whose default is of type D. */
export interface RareBuilder<T extends FieldType, V, D, S extends Sight = 'all'>
  extends Field<{ type: T; value: V; sight: S; motion: 'snap' }> {
  /** The value of an entity spawned without one. */
  default(value: D): RareBuilder<T, D, D, S>;
  /** Who gets it. Default 'all'. */
  visibleTo<const W extends Visibility>(who: W): RareBuilder<T, V, D, SightOf<W>>;
}

/** A reference to an entity of kind K; undefined when it points to nothing, or to what is not known here. */
export interface RefField<K extends string, S extends Sight = 'all'>
  extends Field<{ type: 'ref'; value: K; sight: S; motion: 'snap' }> {
  /** Who gets it. Default 'all'. */
  visibleTo<const W extends Visibility>(who: W): RefField<K, SightOf<W>>;
}

const BLANK: Omit<FieldSpec, 'type'> = {
  min: 0,
  max: 0,
  precision: 1,
  bits: 0,
  choices: [],
  maxBytes: 0,
  refTo: '',
  standardSchema: undefined,
  kernel: undefined,
  velocity: undefined,
  default: undefined,
  group: undefined,
  extrapolateMs: undefined,
  predictor: undefined,
  visibleTo: undefined,
  isPulse: false,
};

/** The one class behind every builder; which modifiers fit which type is the compiler's and `defineGame`'s business. */
class FieldBuilder {
  readonly spec: FieldSpec;
  constructor(spec: FieldSpec) {
    this.spec = Object.freeze(spec);
    Object.freeze(this);
  }
  lerp(): FieldBuilder {
    return this.#with({ kernel: 'lerp', velocity: undefined });
  }
  hermite(velocity: string): FieldBuilder {
    return this.#with({ kernel: 'hermite', velocity });
  }
  snap(): FieldBuilder {
    return this.#with({ kernel: 'snap', velocity: undefined });
  }
  extrapolate(extrapolateMs: number): FieldBuilder {
    return this.#with({ extrapolateMs });
  }
  predictor(predictor: Predictor): FieldBuilder {
    return this.#with({ predictor });
  }
  default(value: unknown): FieldBuilder {
    return this.#with({ default: value });
  }
  group(group: string): FieldBuilder {
    return this.#with({ group });
  }
  visibleTo(visibleTo: Visibility): FieldBuilder {
    return this.#with({ visibleTo });
  }
  pulse(): FieldBuilder {
    return this.#with({ isPulse: true });
  }
  #with(change: Partial<FieldSpec>): FieldBuilder {
    return new FieldBuilder({ ...this.spec, ...change });
  }
}

function build<F extends Field>(spec: Partial<FieldSpec> & { readonly type: FieldType }): F {
  return new FieldBuilder({ ...BLANK, ...spec }) as Field as F;
}

/** A number in [min, max) in steps of `precision`: (max - min) / precision steps, at most 2^23. */
export function num(range: { readonly min: number; readonly max: number; readonly precision: number }): NumField {
  return build({ type: 'num', min: range?.min, max: range?.max, precision: range?.precision });
}

/** A whole number from `min` to `max`, both included. */
export function int(min: number, max: number): IntField {
  return build({ type: 'int', min, max });
}

/** An angle in radians in 2^bits steps of a full turn; wraps. */
export function angle(bits: number): AngleField {
  return build({ type: 'angle', bits });
}

/** True or false. */
export function bool(): BoolField {
  return build({ type: 'bool' });
}

/** One of the words given, in that order on the wire. */
export function oneOf<const C extends readonly [string, ...string[]]>(...choices: C): OneOfField<C[number]> {
  return build({ type: 'oneOf', choices });
}

/** Text of at most `maxBytes` bytes as UTF-8. Default ''. */
export function text(maxBytes: number): RareBuilder<'text', string, string> {
  return build({ type: 'text', maxBytes });
}

/** A reference to an entity of the kind named. */
export function ref<const K extends string>(kind: K): RefField<K> {
  return build({ type: 'ref', refTo: kind });
}

/** A finite double, exact. Default 0. */
export function float64(): RareBuilder<'float64', number, number> {
  return build({ type: 'float64' });
}

/** A whole number in 0..4294967295. Default 0. */
export function uint32(): RareBuilder<'uint32', number, number> {
  return build({ type: 'uint32' });
}

/**
 * Anything MessagePack holds: finite numbers, text, booleans, null, arrays, plain objects, byte arrays; checked by a Standard
 * Schema validator when one is given, on both sides. Assign a new value to change it: a change inside an object is not seen.
 */
export function value<T>(standardSchema?: StandardSchema<unknown, T>): RareBuilder<'value', T | undefined, T> {
  return build({ type: 'value', standardSchema });
}
