/**
 * Codec 0: the body as MessagePack arrays of small integers, for foreign clients, debugging and differential tests.
 *
 *     body       [header, leaves, holds, words, refreshes, checksum]   absent ones nil, trailing nils left off
 *     header     [0, tick, L, ack] gap     [1, tick, L, ack, [[kind, slot gaps...]...] that stay tracked] reset
 *     leaves     [[kind, [gaps of removed slots...], [gaps of slots out of sight...]]...]
 *     holds      [[kind, slot gaps...]...]
 *     words      [[kind, group, [slot gaps...], [deltas of its first field...], [of its second...]...]...]
 *     refreshes  [[kind, [slot gaps...], [1 for a slot that stays held, else 0...], [codes of the first body field...]...]...]
 *     checksum   uint32, see `checksum.ts`
 *
 * Slots ascend: the first gap is the slot itself, later ones are the difference to the slot before, minus 1. Kinds ascend,
 * and a kind's groups. Where no slot stays held, the flags are an empty array. A delta is round(P(T)) - round(P(T-1)) of
 * the sent state, wrapped for angles: an entity that moves by prediction has one too. A field whose deltas are all 0 has
 * nil for them. Columns follow `kind.groups` for words and `kind.bodyFields` for refreshes. It needs no predictors, D or
 * fractions, and knows nothing of them.
 */
import type { BodyCodec } from './body-codec.ts';
import { plainReader } from './plain-reader.ts';
import { measurePlainWords, plainRefreshBytes, plainWordBytes, writePlain } from './plain-writer.ts';

/** The plain codec. It keeps no state. */
export const plainCodec: BodyCodec = {
  ...plainReader,
  write: writePlain,
  wordBytes: plainWordBytes,
  measureWords: measurePlainWords,
  refreshBytes: plainRefreshBytes,
};
