/**
 * Codec 1, what is played with: the body as one `bin`, a stream of bits (`wire/bits.ts` has the codes).
 *
 *     flags      gap, reset, leaves, holds, refreshes, checksum: a bit each; after gap or reset: tick, L, ack, 32 bits each;
 *                reset: per kind EG1(count), slot gaps EG8 of what stays tracked
 *     leaves     a bit: some are out of sight; per kind: EG1(count), rank gaps EG5 of tracked ones; EG1(count), slot gaps EG8 of
 *                held ones; behind each gap, if some are out of sight, a bit: this one is
 *     holds      per kind: EG1(count), rank gaps EG5
 *     words      per kind with tracked entities, per group:
 *                    predictor of each kernel field, 2 bits; a bit *any*; if set a bit *dense*, k of each field, 3 bits
 *                    dense: EG3(count), p in 4 bits, Rice p gaps between ranks whose changed flag is not that of the tick before
 *                    sparse: EG1(count), rank gaps EG5 of those that changed
 *                    per changed entity, in rank order, per field of the group: zigzag EGk of the residual
 *     refreshes  per kind: EG1(count); per entity: slot gap EG8, a bit *stays held*, the code of each body field at full width;
 *                unless it stays held, per group the changed flag, per kernel field a bit *moving* and, if set, D as zigzag EG6
 *                (angles EG3), and of a field that a velocity can predict the 8 low bits of P
 *     checksum   32 bits
 *
 * A rank is an index into the client's tracked list of that kind, sorted by slot: for leaves and holds the list before this
 * message (after a reset: what it keeps), for words the list without them. A list's first gap is the index itself, later ones are
 * the difference to the one before, minus 1. A word's bits do not depend on who reads it, so they are made once a tick for all.
 */
import type { BodyCodec } from './body-codec.ts';
import { packedReader } from './packed-reader.ts';
import { measurePackedWords, packedRefreshBytes, packedWordBytes, writePacked } from './packed-writer.ts';

/** The packed codec. It keeps no state of a client. */
export const packedCodec: BodyCodec = {
  ...packedReader,
  write: writePacked,
  wordBytes: packedWordBytes,
  measureWords: measurePackedWords,
  refreshBytes: packedRefreshBytes,
};
