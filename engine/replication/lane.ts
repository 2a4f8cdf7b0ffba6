/**
 * The sent state of a room's world for one send interval: what every receiver of all words holds.
 *
 * It is the one history. Clients show it, lag compensation rewinds it, checksums cover it and refreshes are made from it;
 * never from the captured truth, which differs from it inside the dead band. Once per send tick one pass over the world
 * makes everything that clients' messages are then copied from.
 */
import type { Schema } from '../state/schema.ts';
import { LaneKind, type LivingSlots } from './lane-kind.ts';

/** What the world pass reads of a capture, [kind][packed index][slot]: `state/capture.ts` is one. */
export interface CapturedColumns {
  readonly columns: readonly (readonly Int32Array[])[];
}

/** One send interval's sent state. */
export class Lane {
  /** Ticks from one message to the next. */
  readonly sendEvery: number;
  /** By kind index. */
  readonly kinds: readonly LaneKind[];
  /** The send tick that the sent state is of; -1 before the first. */
  tick: number;

  constructor(schema: Schema, sendEvery: number) {
    this.sendEvery = sendEvery;
    this.kinds = schema.kinds.map((kind) => new LaneKind(kind, schema.tickRate, sendEvery));
    this.tick = -1;
  }

  /** The world pass. `tick` is `sendEvery` after the last one, always: clients predict over exactly that long. */
  advance(tables: readonly LivingSlots[], capture: CapturedColumns, tick: number): void {
    if (this.tick !== -1 && tick !== this.tick + this.sendEvery) throw new RangeError('a send tick was left out');
    for (let i = 0; i < this.kinds.length; i++) {
      const kind = this.kinds[i] as LaneKind;
      kind.advance(tables[i] as LivingSlots, capture.columns[i] as readonly Int32Array[], tick);
    }
    this.tick = tick;
  }
}

/**
 * Whether an entity's sent state did not change in any tick of (`since`, T - 1], T being the lane's tick, and at least
 * one such tick lies before T: then D and changed flags are 0 in the lane, as a receiver sets them in a gap or reset.
 */
export function isAtRest(kind: LaneKind, slot: number, since: number, lane: Lane): boolean {
  const changed = kind.priorChangeTick[slot] as number;
  return changed <= since && changed < lane.tick - lane.sendEvery;
}
