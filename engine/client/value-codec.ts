/** The client's MessagePack library, for what our own reader and writer leave to one: objects and arrays of a game. */
import { Decoder, Encoder } from '@msgpack/msgpack';
import { WireError } from '../core/errors.ts';
import { LONGEST_TEXT_BYTES, VALUE_BIN_BYTES, VALUE_NODES } from '../wire/limits.ts';
import type { ValueCodec } from '../wire/value-codec.ts';

/** A codec over @msgpack/msgpack, with every limit of its decoder set. Only bytes that passed the gate reach it. */
export function createValueCodec(): ValueCodec {
  const encoder = new Encoder();
  // Left alone, the library writes integers beyond 32 bits as 64-bit ones, which the gate refuses.
  const floatEncoder = new Encoder({ forceIntegerToFloat: true });
  const decoder = new Decoder({
    maxStrLength: LONGEST_TEXT_BYTES,
    maxBinLength: VALUE_BIN_BYTES,
    maxArrayLength: VALUE_NODES,
    maxMapLength: VALUE_NODES,
    maxExtLength: 0,
  });
  return {
    encode: (value) => (holdsLong(value) ? floatEncoder : encoder).encodeSharedRef(value),
    decode(bytes) {
      try {
        return decoder.decode(bytes);
      } catch {
        throw new WireError('value does not decode');
      }
    },
  };
}

/** Whether a value, already known to be shallow and small, has an integer of more than 32 bits in it. */
function holdsLong(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && (value >= 2 ** 32 || value < -(2 ** 31));
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
    ? Object.values(value).some(holdsLong)
    : false;
}
