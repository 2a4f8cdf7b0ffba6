/** What a codec is: the place where `plain` stands and `packed` will. Neither keeps any state of a client. */
import type { Kind } from '../state/schema.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import type { Lane } from './lane.ts';
import type { LaneKind } from './lane-kind.ts';
import type { MessagePlan } from './message-plan.ts';
import type { Replica } from './replica.ts';

/** The server's half of a codec. */
export interface BodyWriter {
  /** As in WELCOME: 0 `plain`, 1 `packed`. */
  readonly id: 0 | 1;
  /** Writes the body as one MessagePack value. */
  write(writer: Writer, lane: Lane, plan: MessagePlan): void;
  /** At most as many bytes take one entity's words. */
  wordBytes(kind: Kind): number;
  /** At most as many bytes take the words that this entity has in this tick. */
  measureWords(kind: LaneKind, slot: number): number;
  /** At most as many bytes takes one entity's refresh. */
  refreshBytes(kind: Kind): number;
}

/** The client's half of a codec. */
export interface BodyReader {
  readonly id: 0 | 1;
  /**
   * Reads a body and applies it. False when the replica awaits a reset and this is none: then only the header was read.
   * Throws a WireError and leaves the replica half changed; see `applyBody`.
   */
  read(reader: Reader, replica: Replica): boolean;
  /** The checksum of what a replica holds: for RESYNC, and to compare with a body's. */
  checksum(replica: Replica): number;
}

/** Both halves. */
export interface BodyCodec extends BodyWriter, BodyReader {}

/**
 * Applies a body: `reader` stands over its bytes alone. 'skipped': the replica awaits a reset and this was none.
 * After a WireError, or a checksum that does not agree (a WireError too), the replica awaits a reset: send RESYNC, once.
 */
export function applyBody(codec: BodyReader, reader: Reader, replica: Replica, tickLow: number): 'applied' | 'skipped' {
  replica.start(tickLow);
  if (!codec.read(reader, replica)) return 'skipped';
  reader.checkEnd();
  replica.finish();
  return 'applied';
}
