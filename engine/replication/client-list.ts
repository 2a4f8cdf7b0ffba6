/**
 * What one client has been told, and what its next message says: wire's rule of tracked, held and refresh.
 *
 * There is no copy of state here, only lists: a message is made from the lane as it is when the client can take one.
 */
import type { Schema } from '../state/schema.ts';
import { BODY_BYTES } from '../wire/limits.ts';
import type { BodyWriter } from './body-codec.ts';
import { KnownKind, TRACKED } from './known-kind.ts';
import type { Lane } from './lane.ts';
import type { LaneKind } from './lane-kind.ts';
import { collectHolds, collectLeaves, keepOrForget, LIST_BYTES, limitWords, measureLists } from './list-walk.ts';
import type { KindPlan, MessageBudget, MessagePlan, OwnEntity, VisibleSet } from './message-plan.ts';
import { chooseRefreshes, rankRefreshes } from './refresh-choice.ts';

export type { MessageBudget, OwnEntity, VisibleSet } from './message-plan.ts';

/** A checksum rides in the first message at or after each multiple of so many ticks. */
export const CHECKSUM_TICKS = 64;
/** Header and checksum, and the heads of the arrays of each kind: a generous guess. */
const FRAME_BYTES = 64;
const KIND_BYTES = 128;

/** One client's entries. */
export class ClientList {
  /** L: the tick of the last message, -1 before the first. */
  lastTick: number;
  /** By kind index. */
  readonly kinds: readonly KnownKind[];
  /** How many entities are held. */
  heldCount: number;
  readonly #codec: BodyWriter;
  /** By kind: bytes of one entity's words and of its refresh, at most. */
  readonly #wordBytes: Int32Array;
  readonly #refreshBytes: Int32Array;
  readonly #budget: MessageBudget | undefined;
  #lane: Lane | undefined;
  #needsReset: boolean;
  /** The tick that a resuming client holds; -1: it holds nothing. */
  #resumeTick: number;
  #isPending: boolean;
  #sawEveryone: boolean;
  #sight: VisibleSet | undefined;
  #own: { kind: number; slot: number; isHeld: boolean };

  /** `codec` is asked for sizes only; whoever sends lets it write. */
  constructor(schema: Schema, codec: BodyWriter, budget?: MessageBudget) {
    this.lastTick = -1;
    this.kinds = schema.kinds.map((kind) => new KnownKind(kind.capacity));
    this.heldCount = 0;
    this.#codec = codec;
    this.#wordBytes = Int32Array.from(schema.kinds, (kind) => codec.wordBytes(kind));
    this.#refreshBytes = Int32Array.from(schema.kinds, (kind) => codec.refreshBytes(kind));
    this.#budget = budget;
    this.#lane = undefined;
    this.#needsReset = true;
    this.#resumeTick = -1;
    this.#isPending = true;
    this.#sawEveryone = false;
    this.#sight = undefined;
    this.#own = { kind: -1, slot: -1, isHeld: false };
  }

  /**
   * Makes the next message a reset: at the start of a connection and in answer to RESYNC. `resumeTick` is the tick that
   * a client resuming in this epoch says it holds; what it tracked then, still tracks and what rested since is kept.
   */
  requestReset(resumeTick = -1): void {
    this.#needsReset = true;
    this.#resumeTick = resumeTick <= this.lastTick ? resumeTick : -1;
  }

  /**
   * Plans the message of the lane's tick and takes it for sent: call it only when the message really is, and at most once
   * a tick. `ack`: the newest input applied.
   */
  prepare(plan: MessagePlan, lane: Lane, visible: VisibleSet, own: OwnEntity, ack: number): void {
    if (lane.tick <= this.lastTick) throw new RangeError('a message of this tick was made already');
    const isOtherLane = this.#lane !== lane;
    this.#open(plan, lane, visible, own, isOtherLane);
    plan.ack = ack;
    if (plan.isReset) keepOrForget(plan);
    collectLeaves(plan);
    const ranker = this.#budget?.isRanking === true ? this.#budget : undefined;
    ranker?.choose(plan);
    if (plan.isFull) collectHolds(plan, this.lastTick, !isOtherLane, ranker);
    compactTracked(plan);
    let wordBytes = limitWords(plan, this.lastTick, this.#codec, this.#wordBytes);
    if (measureLists(plan) > LIST_BYTES) {
      // So much changed at once that starting anew is less than telling it.
      this.#startAnew(plan);
      wordBytes = 0;
    }
    if (plan.isFull) compactTracked(plan);
    plan.bytesLeft = BODY_BYTES - FRAME_BYTES - KIND_BYTES * this.kinds.length - wordBytes - measureLists(plan);
    this.#budget?.allow(plan);
    if (ranker === undefined) chooseRefreshes(plan, this.#refreshBytes);
    else rankRefreshes(plan, this.#refreshBytes, ranker);
    this.#close(plan);
  }

  /** Whether the client knows every living entity of the lane, tracks all of them, and nothing waits. */
  knowsAll(lane: Lane): boolean {
    if (this.#isPending || this.heldCount > 0 || this.#lane !== lane || this.lastTick !== lane.tick) return false;
    for (let i = 0; i < this.kinds.length; i++) {
      const { live, births } = lane.kinds[i] as LaneKind;
      if ((this.kinds[i] as KnownKind).tracked.count !== live.count + births.count) return false;
    }
    return true;
  }

  /** Takes over what another client knows, whose last message was of the same lane and tick; it is known since `sinceTick`. */
  copyFrom(from: ClientList, sinceTick: number): void {
    for (let i = 0; i < this.kinds.length; i++)
      (this.kinds[i] as KnownKind).copyFrom(from.kinds[i] as KnownKind, sinceTick);
    this.lastTick = from.lastTick;
    this.heldCount = from.heldCount;
    this.#lane = from.#lane;
    this.#needsReset = false;
    this.#resumeTick = -1;
    this.#isPending = from.#isPending;
    this.#sawEveryone = from.#sawEveryone;
  }

  #open(plan: MessagePlan, lane: Lane, visible: VisibleSet, own: OwnEntity, isOtherLane: boolean): void {
    plan.lane = lane;
    plan.visible = visible;
    plan.own = own;
    plan.tick = lane.tick;
    plan.isReset = this.#needsReset;
    plan.isGap = !plan.isReset && (isOtherLane || lane.tick - lane.sendEvery !== this.lastTick);
    plan.since = this.lastTick;
    if (plan.isReset) plan.since = isOtherLane ? -1 : this.#resumeTick;
    plan.hasChecksum = Math.floor(lane.tick / CHECKSUM_TICKS) !== Math.floor(this.lastTick / CHECKSUM_TICKS);
    const isPostponed = this.#isPending && this.#budget?.isPostponing === true;
    plan.isPending = isPostponed;
    plan.refreshLeft = Number.POSITIVE_INFINITY;
    plan.refreshScale = 1;
    plan.refreshBytes = 0;
    plan.deferred = 0;
    this.#budget?.open(plan);
    const last = this.#own;
    const isSameOwn = own.kind === last.kind && own.slot === last.slot && own.isHeld === last.isHeld;
    const isSameSight = visible.everyone
      ? this.#sawEveryone
      : this.#sight === visible && visible.sinceTick === this.lastTick;
    const isQuiet = !plan.isReset && !plan.isGap && this.#isPending === isPostponed && this.#budget?.isRanking !== true;
    plan.isFull = !(isQuiet && isSameOwn && isSameSight);
    for (let i = 0; i < plan.kinds.length; i++) {
      const kind = plan.kinds[i] as KindPlan;
      kind.clear();
      kind.lane = lane.kinds[i] as LaneKind;
      kind.known = this.kinds[i] as KnownKind;
      kind.known.grow(kind.lane.high);
    }
  }

  #startAnew(plan: MessagePlan): void {
    plan.isReset = true;
    plan.isGap = false;
    plan.isFull = true;
    plan.since = -1;
    for (const kind of plan.kinds) {
      kind.clear();
      kind.known.clear();
    }
  }

  #close(plan: MessagePlan): void {
    const { own } = plan;
    this.heldCount = 0;
    for (let i = 0; i < plan.kinds.length; i++) {
      const kind = plan.kinds[i] as KindPlan;
      const { known, holds, refreshes } = kind;
      refreshes.sort();
      known.compactHeld(holds);
      this.heldCount += known.held.count;
      kind.words = known.tracked;
      if (refreshes.count > 0) known.mergeTracked(refreshes);
    }
    // A client learns of its own entity by a refresh, which tracks it; the hold follows in the next message.
    if (own.isHeld && own.kind >= 0 && this.kinds[own.kind]?.status[own.slot] === TRACKED) plan.isPending = true;
    this.#isPending = plan.isPending;
    this.#lane = plan.lane;
    this.#needsReset = false;
    this.#resumeTick = -1;
    this.#sawEveryone = plan.visible.everyone;
    this.#sight = plan.visible;
    this.#own.kind = own.kind;
    this.#own.slot = own.slot;
    this.#own.isHeld = own.isHeld;
    this.lastTick = plan.tick;
  }
}

function compactTracked({ kinds }: MessagePlan): void {
  for (let i = 0; i < kinds.length; i++) {
    const { known, removed, outOfScope, holds } = kinds[i] as KindPlan;
    if (removed.count + outOfScope.count + holds.count > 0) known.compactTracked();
  }
}
