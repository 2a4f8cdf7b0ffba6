/** What one client's next body says, before a codec writes it, and what it was planned from. One plan serves a whole room. */
import { KnownKind } from './known-kind.ts';
import type { Lane } from './lane.ts';
import type { LaneKind } from './lane-kind.ts';
import { Ranking } from './ranking.ts';
import { SlotList } from './slot-list.ts';

/** What a client may see. */
export interface VisibleSet {
  /** Everything: the rest of the interface is not asked. */
  readonly everyone: boolean;
  has(kind: number, slot: number): boolean;
  /** The slots of a kind in sight, in the order in which they should be refreshed. Without it every living slot is asked for. */
  near?(kind: number): SlotList;
  /**
   * Who came into sight and who went out of it, or ended, since `sinceTick`, the tick of the message before. With these a message
   * need not look at all that is in sight.
   */
  readonly sinceTick?: number;
  entered?(kind: number): SlotList;
  left?(kind: number): SlotList;
  /** Whether an entity in sight is too far to be tracked: it is held, and refreshed by its priority. Without it nothing is. */
  isFar?(kind: number, slot: number): boolean;
  /** The square of an entity's distance from the viewpoint, in world units; for entities in sight. NaN where there is none. */
  distanceSquared?(kind: number, slot: number): number;
}

/** The entity that the client controls. */
export interface OwnEntity {
  /** -1 where it controls none. */
  readonly kind: number;
  readonly slot: number;
  /** Keep it held: its client predicts it and reads no words of it. For rooms where lists differ per client. */
  readonly isHeld: boolean;
}

/** Bounds one client's messages: what a message may hold of refreshes, who is held, and who is refreshed first. */
export interface MessageBudget {
  /**
   * Whether entities are ranked in this message. If not, refreshes come in the order of sight and all they refresh is tracked,
   * and of the rest of this interface only `open` and `allow` are called.
   */
  readonly isRanking: boolean;
  /** What waits for its refresh goes on waiting in this message, and only births are looked for where nothing else changed. */
  readonly isPostponing?: boolean;
  /** A message is planned; its lane, sight and own entity are known. Settles `isRanking`. */
  open(plan: MessagePlan): void;
  /** Leaves are known: settles who is held. */
  choose(plan: MessagePlan): void;
  /** Whether this entity gets refreshes only. */
  isHeld(kind: number, slot: number): boolean;
  /** Words and lists are known: sets `plan.refreshLeft` and `plan.refreshScale`. */
  allow(plan: MessagePlan): void;
  /** How much an entity that is unknown or held needs its refresh; 0: not in this message. Asked once a message. */
  urgency(kind: number, slot: number): number;
  /** Its turn has come, and `bytes` fit. False: it has to wait all the same. */
  take(kind: number, slot: number, bytes: number): boolean;
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
  /** Bytes of refreshes that still fit the body, as the codec bounds them. */
  bytesLeft: number;
  /** Bytes of refreshes that the client's budget still has; a refresh is taken to cost `refreshScale` of the codec's bound. */
  refreshLeft: number;
  refreshScale: number;
  /** Bytes of the refreshes in this message, as the codec bounds them, and how many more had to wait for lack of bytes. */
  refreshBytes: number;
  deferred: number;
  /** Something waits for the next message. */
  isPending: boolean;
  /** By kind index. */
  readonly kinds: readonly KindPlan[];
  /** For whoever puts entities in an order while the message is planned. */
  readonly ranking: Ranking;

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
    this.refreshLeft = 0;
    this.refreshScale = 1;
    this.refreshBytes = 0;
    this.deferred = 0;
    this.isPending = false;
    this.kinds = lane.kinds.map((kind) => new KindPlan(kind));
    this.ranking = new Ranking();
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
