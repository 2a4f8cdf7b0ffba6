/** Games that send no objects or arrays of their own need no MessagePack library: it is loaded for the others alone. */
import { TickwireError, WireError } from '../core/errors.ts';
import type { Schema } from '../state/schema.ts';
import type { ValueCodec } from '../wire/value-codec.ts';

/** Whether messages of this game, or the options of this join, may hold what the library is for. */
export function needsLibrary(schema: Schema, joinOptions: unknown): boolean {
  const { kinds, events, commands, roomState, playerState } = schema;
  const replies = commands.flatMap(({ reply }) => reply ?? []);
  const payloads = [...events, ...commands, ...replies].flatMap(({ fields }) => fields);
  const fields = [...kinds.flatMap(({ rare }) => rare), ...payloads, ...roomState, ...playerState];
  const isScalar = typeof joinOptions !== 'object' || joinOptions === null;
  return !isScalar || fields.some(({ type }) => type === 'value');
}

/** The codec of a game without them: our own reader and writer do all the rest. */
export const scalarCodec: ValueCodec = {
  encode() {
    throw new TickwireError('this game sends no objects: declare the field as value()');
  },
  decode() {
    throw new WireError('value does not decode');
  },
};
