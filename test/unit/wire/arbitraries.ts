/** Generators of values and messages for the tests of the wire. */
import fc from 'fast-check';
import { WELCOME_LIMIT_NAMES, type WelcomeLimits } from '../../../engine/wire/limits.ts';

/** A uint32. */
export const uint32 = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 300 }));
/** A finite number without -0, as it comes back from the wire. */
export const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
/** A text of at most 256 UTF-8 bytes. */
export const shortText = fc.string({ unit: 'binary', maxLength: 60 });
/** A whole number that float64 holds. */
export const safeInt = fc.maxSafeInteger();

const preciseNumber = finite.filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value));
const key = fc
  .string({ unit: 'binary', maxLength: 15 })
  .filter((text) => !['__proto__', 'constructor', 'prototype', 'toJSON'].includes(text));
const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  preciseNumber,
  safeInt,
  shortText,
  fc.uint8Array({ maxLength: 40 }),
);

function nested(depth: number): fc.Arbitrary<unknown> {
  if (depth === 0) return scalar;
  const part = nested(depth - 1);
  return fc.oneof(
    { weight: 3, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(part, { maxLength: 5 }) },
    { weight: 1, arbitrary: fc.dictionary(key, part, { maxKeys: 5, noNullPrototype: true }) },
  );
}

/** Whatever a game may send as one value. */
export const encodable = nested(4);
/** Fields of a payload. */
export const payload = fc.array(nested(3), { maxLength: 4 });

/** Limits as WELCOME tells them. */
export const welcomeLimits = fc
  .tuple(...WELCOME_LIMIT_NAMES.map(() => uint32))
  .map((values) => Object.fromEntries(WELCOME_LIMIT_NAMES.map((name, i) => [name, values[i]])) as WelcomeLimits);

/** Bins as plain Uint8Arrays: libraries hand out Buffers and the like. */
export function withPlainBins(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(withPlainBins);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withPlainBins(part)]));
}
