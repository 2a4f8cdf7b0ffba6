/** The one place that decides which refreshes ride in a message: own entity first, then near or urgent, then the rest, while they fit. */
import { HELD, TRACKED, UNKNOWN } from './known-kind.ts';
import type { KindPlan, MessageBudget, MessagePlan } from './message-plan.ts';
import type { SlotList } from './slot-list.ts';

/**
 * Adds refreshes in the order of sight, and sets `plan.isPending` when some must wait. `refreshBytes`: bytes of one, by
 * kind, at most.
 */
export function chooseRefreshes(plan: MessagePlan, refreshBytes: Int32Array): void {
  const { visible } = plan;
  refreshOwn(plan, refreshBytes);
  for (let kind = 0; kind < plan.kinds.length; kind++) {
    const { lane, known } = plan.kinds[kind] as KindPlan;
    const bytes = refreshBytes[kind] as number;
    // Of a list that only grows by births, or by who comes into sight, whoever else is known is tracked.
    const near = visible.everyone ? (plan.isFull ? undefined : lane.births) : newInSight(plan, kind);
    if (near !== undefined) {
      for (let i = 0; i < near.count; i++) {
        const slot = near.slots[i] as number;
        if (waits(plan, kind, slot)) refresh(plan, kind, slot, bytes, false);
      }
      continue;
    }
    for (let slot = 0; slot < lane.high; slot++) {
      if (lane.isAlive[slot] === 0 || known.status[slot] === TRACKED || !plan.canSee(kind, slot)) continue;
      if (waits(plan, kind, slot)) refresh(plan, kind, slot, bytes, false);
    }
  }
}

function newInSight({ visible, isFull }: MessagePlan, kind: number): SlotList | undefined {
  return isFull ? visible.near?.(kind) : visible.entered?.(kind);
}

/**
 * Adds the most urgent refreshes, as `budget` ranks them. The first that does not fit ends the message: what is less urgent
 * must not pass it for ever.
 */
export function rankRefreshes(plan: MessagePlan, refreshBytes: Int32Array, budget: MessageBudget): void {
  const { visible, ranking } = plan;
  refreshOwn(plan, refreshBytes);
  // Whoever is held, or is left out here, is looked at again in the next message.
  plan.isPending = true;
  ranking.clear();
  for (let kind = 0; kind < plan.kinds.length; kind++) {
    const { lane } = plan.kinds[kind] as KindPlan;
    const near = visible.everyone ? undefined : visible.near?.(kind);
    const count = near === undefined ? lane.high : near.count;
    for (let i = 0; i < count; i++) {
      const slot = near === undefined ? i : (near.slots[i] as number);
      if (lane.isAlive[slot] !== 1 || !waits(plan, kind, slot)) continue;
      if (near === undefined && !plan.canSee(kind, slot)) continue;
      const urgency = budget.urgency(kind, slot);
      if (urgency > 0) ranking.push(kind, slot, urgency);
    }
  }
  ranking.build();
  while (ranking.pop()) {
    const { kind, slot } = ranking;
    const bytes = refreshBytes[kind] as number;
    if (!fits(plan, bytes)) {
      plan.deferred += ranking.count + 1;
      return;
    }
    if (!budget.take(kind, slot, bytes)) {
      plan.deferred++;
      continue;
    }
    const isKnown = (plan.kinds[kind] as KindPlan).known.status[slot] !== UNKNOWN;
    refresh(plan, kind, slot, bytes, isKnown && budget.isHeld(kind, slot));
  }
}

/** The own entity waits for nobody. */
function refreshOwn(plan: MessagePlan, refreshBytes: Int32Array): void {
  const { kind, slot } = plan.own;
  if (kind < 0 || !waits(plan, kind, slot)) return;
  const left = plan.refreshLeft;
  plan.refreshLeft = Number.POSITIVE_INFINITY;
  const bytes = refreshBytes[kind] as number;
  refresh(plan, kind, slot, bytes, false);
  plan.refreshLeft = left - bytes * plan.refreshScale;
}

/** Whether an entity is one to refresh: it lives, is not tracked, is not the own one that is held, and was not refreshed yet. */
function waits(plan: MessagePlan, kind: number, slot: number): boolean {
  const { known, lane } = plan.kinds[kind] as KindPlan;
  const status = known.status[slot];
  if (lane.isAlive[slot] !== 1 || status === TRACKED) return false;
  if (status !== HELD) return true;
  return !(plan.own.isHeld && plan.isOwn(kind, slot)) && known.refreshTick[slot] !== plan.tick;
}

function fits(plan: MessagePlan, bytes: number): boolean {
  return bytes <= plan.bytesLeft && bytes * plan.refreshScale <= plan.refreshLeft;
}

function refresh(plan: MessagePlan, kind: number, slot: number, bytes: number, staysHeld: boolean): void {
  if (!fits(plan, bytes)) {
    plan.isPending = true;
    plan.deferred++;
    return;
  }
  const { known, lane, refreshes } = plan.kinds[kind] as KindPlan;
  plan.bytesLeft -= bytes;
  plan.refreshLeft -= bytes * plan.refreshScale;
  plan.refreshBytes += bytes;
  known.refresh(slot, lane.generation[slot] as number, plan.tick, staysHeld);
  refreshes.push(slot);
}
