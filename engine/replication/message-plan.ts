/** What one client's next body says, before a codec writes it, and what it was planned from. One plan serves a whole room. */
import { KnownKind } from './known-kind.ts';
import type { Lane } from './lane.ts';
import type { LaneKind } from './lane-kind.ts';
import { SlotList } from './slot-list.ts';

/** What a client may see. */
export interface VisibleSet {
  /** Everything: the rest of the interface is not asked. */
  readonly everyone: boolean;
  has(kind: number, slot: number): boolean;
  /** The slots of a kind in sight, in the order in which they should be refreshed. Without it every living slot is asked for. */
  near?(kind: number): SlotList;
}

/** The entity that the client controls. */
export interface OwnEntity {
  /** -1 where it controls none. */
  readonly kind: number;
  readonly slot: number;
  /** Keep it held: its client predicts it and reads no words of it. For rooms where lists differ per client. */
  readonly isHeld: boolean;
}

/** Says which entities a client over its byte budget gets as refreshes only, and which of those are due. */
export interface RefreshBudget {
  /** Whether this known entity is held. The answer stays the same during one message. */
  isHeld(kind: number, slot: number): boolean;
  /** Whether this entity, which waits for its first or its next refresh, gets it now. */
  isDue(kind: number, slot: number): boolean;
}

/** The message's part of one kind. All lists ascend. */
export class KindPlan {
  lane: LaneKind;
  /** The client's entries; once `prepare` has returned, as they are after this message. */
  known: KnownKind;
  /** Reset only: slots that stay tracked. */
  readonly kept: SlotList;
  /** Known slots whose entity is gone from the world. */
  readonly removed: SlotList;
  /** Known slots that the client may not see any more. */
  readonly outOfScope: SlotList;
  /** Those of `removed` and `outOfScope` that were held. */
  readonly leftHeld: SlotList;
  /** Tracked slots that are held from now on. */
  readonly holds: SlotList;
  /** The tracked slots that this tick's words are for. */
  words: SlotList;
  /** Slots that are refreshed, after the words. `known.status` tells which of them stay held. */
  readonly refreshes: SlotList;

  constructor(lane: LaneKind) {
    this.lane = lane;
    this.known = new KnownKind(lane.kind.capacity);
    this.kept = new SlotList();
    this.removed = new SlotList();
    this.outOfScope = new SlotList();
    this.leftHeld = new SlotList();
    this.holds = new SlotList();
    this.words = this.known.tracked;
    this.refreshes = new SlotList();
  }

  /** Empties all lists. */
  clear(): void {
    this.kept.clear();
    this.removed.clear();
    this.outOfScope.clear();
    this.leftHeld.clear();
    this.holds.clear();
    this.refreshes.clear();
  }
}

/** One message's body. */
export class MessagePlan {
  lane: Lane;
  visible: VisibleSet;
  own: OwnEntity;
  /** The send tick T. */
  tick: number;
  /** L: the client's tick before this message; of a reset the one that `kept` counts from, -1 when nothing is kept. */
  since: number;
  /** The newest input applied, in full. */
  ack: number;
  isGap: boolean;
  isReset: boolean;
  hasChecksum: boolean;
  /** Every list is walked: more than births and deaths can have changed it. */
  isFull: boolean;
  /** Bytes of refreshes that still fit. */
  bytesLeft: number;
  /** Something waits for the next message. */
  isPending: boolean;
  /** By kind index. */
  readonly kinds: readonly KindPlan[];

  /** `lane`: any lane of the room. */
  constructor(lane: Lane) {
    this.lane = lane;
    this.visible = { everyone: true, has: () => true };
    this.own = { kind: -1, slot: -1, isHeld: false };
    this.tick = -1;
    this.since = -1;
    this.ack = 0;
    this.isGap = false;
    this.isReset = false;
    this.hasChecksum = false;
    this.isFull = true;
    this.bytesLeft = 0;
    this.isPending = false;
    this.kinds = lane.kinds.map((kind) => new KindPlan(kind));
  }

  /** Whether the client may see an entity; the one that it controls, always. */
  canSee(kind: number, slot: number): boolean {
    return this.visible.everyone || this.isOwn(kind, slot) || this.visible.has(kind, slot);
  }

  /** Whether the client controls this entity. */
  isOwn(kind: number, slot: number): boolean {
    return this.own.slot === slot && this.own.kind === kind;
  }
  /** Whether any kind has something in this list. */
  has(name: 'removed' | 'outOfScope' | 'holds' | 'refreshes'): boolean {
    for (let i = 0; i < this.kinds.length; i++) if ((this.kinds[i] as KindPlan)[name].count > 0) return true;
    return false;
  }
}
