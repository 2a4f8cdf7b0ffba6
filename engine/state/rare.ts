/** Rare values: checked when they are set, and their form on the wire. */
import { TickwireError, WireError } from '../core/errors.ts';
import { utf8Length } from '../wire/utf8.ts';
import { assertEncodable } from '../wire/value-codec.ts';
import { SLOTS_PER_GENERATION } from './limits.ts';
import { codeOf, columnValueOf, isInRange, valueOfCode } from './quantize.ts';
import type { PackedField, RareField } from './schema.ts';
import type { StandardSchema } from './standard-schema.ts';

/** Where refs of a kind lead: its table. */
export interface RefTarget {
  /** Slot of the living entity with that id, else -1. */
  slotOf(id: number): number;
}

/** What an author assigned, as it is kept: a ref as its target's id (0 for none), others as they are. Throws a TickwireError. */
export function rareToStore(
  field: RareField,
  value: unknown,
  owner: string,
  worldTables: readonly RefTarget[],
): unknown {
  const where = `${owner}.${field.name}`;
  switch (field.type) {
    case 'text':
      return checkedText(field, value, where);
    case 'ref':
      return checkedRef(field, value, where, worldTables);
    case 'float64':
    case 'uint32':
      return checkedNumber(field, value, where);
    case 'packed':
      return columnToCode(field.spec as PackedField, value, where, true);
    case 'value':
      return checkedValue(field, value, where);
  }
}

/** Ids are counted per room, so a handle of another room may have an id that lives here too. */
function isOfAnotherWorld(value: unknown, worldTables: readonly RefTarget[]): boolean {
  const home = (value as { readonly $source?: { readonly worldTables?: unknown } }).$source?.worldTables;
  return home !== undefined && home !== worldTables;
}

function checkedRef(field: RareField, value: unknown, where: string, worldTables: readonly RefTarget[]): number {
  if (value === undefined || value === null) return 0;
  const { id, kind } = value as { readonly id?: unknown; readonly kind?: unknown };
  if (typeof id !== 'number')
    throw new TickwireError(`${where} is a ref: it takes an entity or undefined, not ${show(value)}`);
  if (kind !== field.refTo) {
    throw new TickwireError(`${where} refers to a ${field.refTo}, and was given a ${String(kind)}`);
  }
  const target = worldTables[field.refKind];
  if (target !== undefined && (target.slotOf(id) < 0 || isOfAnotherWorld(value, worldTables))) {
    throw new TickwireError(`${where} was given a ${kind} that is not in this world (any more)`);
  }
  return id;
}

function checkedText(field: RareField, value: unknown, where: string): string {
  if (typeof value !== 'string') throw new TickwireError(`${where} takes a text, not ${show(value)}`);
  const length = utf8Length(value);
  if (length > field.maxBytes) {
    throw new TickwireError(
      `${where} holds ${field.maxBytes} bytes, and this text takes ${length}; shorten it, or declare text(${length})`,
    );
  }
  return value;
}

function checkedNumber(field: RareField, value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new TickwireError(`${where} takes a finite number, not ${show(value)}`);
  }
  if (field.type === 'uint32' && value !== value >>> 0) {
    throw new TickwireError(`${where} takes a whole number of 0..4294967295, not ${value}`);
  }
  return value;
}

function checkedValue(field: RareField, value: unknown, where: string): unknown {
  // nil stands for one of the two: undefined where there is no default, null where there is one.
  const isOptional = field.default === undefined;
  if (value === (isOptional ? null : undefined)) {
    throw new TickwireError(
      `${where} takes ${isOptional ? 'undefined for nothing, not null' : 'null for nothing, not undefined'}`,
    );
  }
  const refusal = field.standardSchema && validate(field.standardSchema, value, where).message;
  if (refusal !== undefined) throw new TickwireError(`${where}: ${refusal}`);
  assertEncodable(value, where);
  return value;
}

/** What a validator said. */
export interface Validated {
  readonly value: unknown;
  /** Why it does not fit; undefined when it does. */
  readonly message: string | undefined;
}

/** Runs an author's validator, which must answer at once. */
export function validate(schema: StandardSchema, value: unknown, where: string): Validated {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) {
    // Nobody waits for it, and what it rejects with may hold a peer's value.
    result.catch(() => undefined);
    throw new TickwireError(`${where}: its schema validates asynchronously; take one that answers at once`);
  }
  if (result.issues !== undefined) {
    return { value: undefined, message: result.issues[0]?.message ?? 'its schema refuses the value' };
  }
  return { value: result.value, message: undefined };
}

/**
 * The code of what an author wrote into a packed field of a payload or state. Throws a TickwireError for another type and, if
 * `isStrict`, for what is out of range; clamps otherwise.
 */
export function columnToCode(field: PackedField, value: unknown, where: string, isStrict: boolean): number {
  const wanted = field.type === 'bool' ? 'boolean' : field.type === 'oneOf' ? 'string' : 'number';
  if (typeof value !== wanted || Number.isNaN(value)) {
    throw new TickwireError(`${where} takes a ${wanted}, not ${show(value)}`);
  }
  const number = columnValueOf(field, value);
  if (!isInRange(field, number) && (isStrict || field.type === 'oneOf')) {
    const range = field.type === 'oneOf' ? field.choices.join(', ') : `${field.min}..${field.max}`;
    throw new TickwireError(`${where} takes ${range}, not ${show(value)}`);
  }
  return codeOf(field, number);
}

/** A value for a sentence, short. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}

/** A stored ref as it travels. */
export function refToWire(id: number): number | null {
  return id === 0 ? null : id % SLOTS_PER_GENERATION;
}

/**
 * A rare value from the wire as a replica keeps it: packed as a column's number, a ref as the target's slot + 1 (0 for none),
 * the others as they are. Throws a WireError if it cannot be one of the field's.
 */
export function rareFromWire(field: RareField, value: unknown): unknown {
  switch (field.type) {
    case 'packed': {
      const spec = field.spec as PackedField;
      return valueOfCode(spec, checkCode(spec, value));
    }
    case 'text':
      if (typeof value !== 'string' || utf8Length(value) > field.maxBytes) throw new WireError('rare text');
      return value;
    case 'ref':
      if (value === null) return 0;
      if (!isSlot(value)) throw new WireError('rare ref');
      return value + 1;
    case 'float64':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw new WireError('rare float64');
      return value;
    case 'uint32':
      if (typeof value !== 'number' || value !== value >>> 0) throw new WireError('rare uint32');
      return value;
    case 'value':
      return value === null && field.default === undefined ? undefined : value;
  }
}

/** A code from the wire. Throws a WireError if it is none of the field's. */
export function checkCode(field: PackedField, value: unknown): number {
  if (typeof value !== 'number' || value !== value >>> 0 || value >= field.levels)
    throw new WireError('code out of range');
  return value;
}

/** Whether a value from the wire can be a slot. */
export function isSlot(value: unknown): value is number {
  return typeof value === 'number' && value === value >>> 0 && value < SLOTS_PER_GENERATION;
}
