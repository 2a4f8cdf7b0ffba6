/** The steps of planning a message that take entities off a client's tracked list, in the order in which they are taken. */
import type { BodyWriter } from './body-codec.ts';
import { HELD, type KnownKind, TRACKED, UNKNOWN } from './known-kind.ts';
import { isAtRest } from './lane.ts';
import type { KindPlan, MessageBudget, MessagePlan } from './message-plan.ts';
import type { SlotList } from './slot-list.ts';

/** Shares of a body: lists of slots, and words. Refreshes get what they leave. */
export const LIST_BYTES = 20_000;
const WORD_BYTES = 28_000;
/** One slot in a list, at most. */
const SLOT_BYTES = 3;

/** Reset: forgets all but what the client tracked at `plan.since`, tracks without a break, and what rested since. */
export function keepOrForget(plan: MessagePlan): void {
  let bytes = 0;
  for (let kind = 0; kind < plan.kinds.length; kind++) {
    const { known, lane, kept } = plan.kinds[kind] as KindPlan;
    const { slots, count } = known.tracked;
    for (let i = 0; plan.since >= 0 && i < count && bytes < LIST_BYTES / 2; i++) {
      const slot = slots[i] as number;
      if ((known.trackedTick[slot] as number) > plan.since || !known.isSame(lane, slot)) continue;
      if (!isAtRest(lane, slot, plan.since, plan.lane) || !plan.canSee(kind, slot)) continue;
      kept.push(slot);
      bytes += SLOT_BYTES;
    }
    known.clear();
    for (let i = 0; i < kept.count; i++) {
      const slot = kept.slots[i] as number;
      known.status[slot] = TRACKED;
      known.tracked.push(slot);
    }
  }
}

/** Takes off what is gone from the world, another entity's slot by now, or out of sight. */
export function collectLeaves(plan: MessagePlan): void {
  for (let kind = 0; kind < plan.kinds.length; kind++) {
    const kindPlan = plan.kinds[kind] as KindPlan;
    const { known, removed, outOfScope, leftHeld } = kindPlan;
    if (plan.isFull) {
      leaveFrom(known.tracked, plan, kind, kindPlan);
      leaveFrom(known.held, plan, kind, kindPlan);
    } else {
      const { slots, count } = kindPlan.lane.deaths;
      for (let i = 0; i < count; i++) {
        const slot = slots[i] as number;
        if (known.status[slot] !== UNKNOWN) removed.push(slot);
      }
      const left = plan.visible.left?.(kind);
      if (left !== undefined) leaveSight(left, plan, kind, kindPlan);
    }
    noteHeld(known, removed, leftHeld);
    noteHeld(known, outOfScope, leftHeld);
    leftHeld.sort();
    removed.sort();
    outOfScope.sort();
    forget(known, removed);
    forget(known, outOfScope);
  }
}

function leaveFrom(list: SlotList, plan: MessagePlan, kind: number, kindPlan: KindPlan): void {
  const { known, lane } = kindPlan;
  for (let i = 0; i < list.count; i++) {
    const slot = list.slots[i] as number;
    if (!known.isSame(lane, slot)) kindPlan.removed.push(slot);
    else if (!plan.canSee(kind, slot)) kindPlan.outOfScope.push(slot);
  }
}

/** Of those that ended, `deaths` tells; and one may be in sight again. */
function leaveSight(
  { slots, count }: SlotList,
  plan: MessagePlan,
  kind: number,
  { known, lane, outOfScope }: KindPlan,
): void {
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    if (known.status[slot] === UNKNOWN || !known.isSame(lane, slot) || plan.canSee(kind, slot)) continue;
    outOfScope.push(slot);
  }
}

function noteHeld(known: KnownKind, leaves: SlotList, leftHeld: SlotList): void {
  for (let i = 0; i < leaves.count; i++) {
    const slot = leaves.slots[i] as number;
    if (known.status[slot] === HELD) leftHeld.push(slot);
  }
}

function forget(known: KnownKind, leaves: SlotList): void {
  for (let i = 0; i < leaves.count; i++) known.status[leaves.slots[i] as number] = UNKNOWN;
}

/**
 * Puts on hold what did not rest over a gap, the own entity where it is wanted so, and what `budget` says, if one ranks.
 * `restsCount` is false when the client comes from another lane, whose sent state differs from this one's.
 */
export function collectHolds(
  plan: MessagePlan,
  lastTick: number,
  restsCount: boolean,
  budget: MessageBudget | undefined,
): void {
  for (let kind = 0; kind < plan.kinds.length; kind++) {
    const { known, lane, holds } = plan.kinds[kind] as KindPlan;
    const { slots, count } = known.tracked;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (known.status[slot] !== TRACKED) continue;
      const isBroken = plan.isGap && !(restsCount && isAtRest(lane, slot, plan.since, plan.lane));
      const isUnwanted = (plan.own.isHeld && plan.isOwn(kind, slot)) || (budget?.isHeld(kind, slot) ?? false);
      if (!isBroken && !isUnwanted) continue;
      known.hold(slot, lastTick);
      holds.push(slot);
    }
  }
}

/** Puts on hold whose words do not fit the body. Returns how many bytes the words of the rest take, at most. */
export function limitWords(plan: MessagePlan, lastTick: number, codec: BodyWriter, wordBytes: Int32Array): number {
  let bytes = 0;
  for (let kind = 0; kind < plan.kinds.length; kind++) {
    bytes += (plan.kinds[kind] as KindPlan).known.tracked.count * (wordBytes[kind] as number);
  }
  if (bytes <= WORD_BYTES) return bytes;
  bytes = 0;
  for (let kind = 0; kind < plan.kinds.length; kind++) {
    const { known, lane, holds } = plan.kinds[kind] as KindPlan;
    const { slots, count } = known.tracked;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (known.status[slot] !== TRACKED) continue;
      const size = codec.measureWords(lane, slot);
      if (bytes + size <= WORD_BYTES) {
        bytes += size;
      } else {
        known.hold(slot, lastTick);
        holds.push(slot);
        // They wait for refreshes, which are looked for in a full walk only.
        plan.isFull = true;
      }
    }
    holds.sort();
  }
  return bytes;
}

/** Bytes that the message's lists of slots take, at most. */
export function measureLists(plan: MessagePlan): number {
  let count = 0;
  for (let i = 0; i < plan.kinds.length; i++) {
    const { kept, removed, outOfScope, holds } = plan.kinds[i] as KindPlan;
    count += kept.count + removed.count + outOfScope.count + holds.count;
  }
  return count * SLOT_BYTES;
}
