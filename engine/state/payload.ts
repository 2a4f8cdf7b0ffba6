/** Payloads of events, commands and replies: between an author's object and the array of values that travels. */
import { TickwireError, WireError } from '../core/errors.ts';
import { isEncodable } from '../wire/value-codec.ts';
import { naturalValueOf, valueOfCode } from './quantize.ts';
import { checkCode, columnToCode, rareFromWire, rareToStore, refToWire, show, validate } from './rare.ts';
import { isPacked, type PayloadSpec, type RareField } from './schema.ts';

/** Finds what a reference from the other side means here: a handle, or undefined for what is not known (any more). */
export type RefResolver = (kindIndex: number, slot: number) => object | undefined;

const KNOWS_NONE: RefResolver = () => undefined;

/**
 * What travels, in declaration order: packed fields as codes, refs as slot or null, the rest as it is. Throws a TickwireError
 * for a field that is missing or wrong. A number out of range throws too if `isStrict`, else it is clamped.
 */
export function encodePayload(spec: PayloadSpec, payload: object | undefined, isStrict = true): unknown[] {
  if (typeof payload !== 'object' || payload === null) {
    if (spec.fields.length === 0) return [];
    throw new TickwireError(
      `${spec.name} takes an object with ${spec.fields.map(({ name }) => name).join(', ')}, not ${show(payload)}`,
    );
  }
  const values = payload as { readonly [name: string]: unknown };
  return spec.fields.map((field) => {
    const value = values[field.name];
    if (isPacked(field)) return columnToCode(field, value, `${spec.name}.${field.name}`, isStrict);
    const stored = rareToStore(field, value, spec.name, []);
    return field.type === 'ref' ? refToWire(stored as number) : (stored ?? null);
  });
}

/** The author's object for what a peer sent. Throws a WireError if it does not fit the declaration. */
export function decodePayload(spec: PayloadSpec, values: unknown, resolveRef: RefResolver = KNOWS_NONE): object {
  if (!Array.isArray(values) || values.length !== spec.fields.length)
    throw new WireError('payload does not fit its declaration');
  const payload: { [name: string]: unknown } = {};
  for (const field of spec.fields) {
    const value: unknown = values[field.index];
    payload[field.name] = isPacked(field)
      ? naturalValueOf(field, valueOfCode(field, checkCode(field, value)))
      : decodeRare(field, value, resolveRef);
  }
  return payload;
}

function decodeRare(field: RareField, value: unknown, resolveRef: RefResolver): unknown {
  const stored = rareFromWire(field, value);
  if (field.type === 'ref') return stored === 0 ? undefined : resolveRef(field.refKind, (stored as number) - 1);
  // Whatever a peer sends, a game may send on: what `encodePayload` would throw at ends no room.
  if (field.type === 'value' && !isEncodable(stored)) throw new WireError('value that does not travel on');
  if (field.standardSchema === undefined) return stored;
  const validated = validate(field.standardSchema, stored, field.name);
  if (validated.message !== undefined) throw new WireError('value refused by its schema');
  return validated.value;
}
