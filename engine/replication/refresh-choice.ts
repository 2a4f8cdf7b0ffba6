/** The one place that decides which refreshes ride in a message: own entity first, then near, then the rest, while they fit. */
import { HELD, TRACKED, UNKNOWN } from './known-kind.ts';
import type { KindPlan, MessagePlan, RefreshBudget } from './message-plan.ts';

/**
 * Adds refreshes within `plan.bytesLeft`, and sets `plan.isPending` when some must wait. `refreshBytes`: bytes of one, by
 * kind, at most.
 */
export function chooseRefreshes(plan: MessagePlan, refreshBytes: Int32Array, budget: RefreshBudget | undefined): void {
  const { own, visible } = plan;
  if (own.kind >= 0) consider(plan, own.kind, own.slot, refreshBytes, budget);
  for (let kind = 0; kind < plan.kinds.length; kind++) {
    const { lane, known } = plan.kinds[kind] as KindPlan;
    // Of a list that only grows by births, whoever else is known is tracked.
    const near = plan.isFull ? (visible.everyone ? undefined : visible.near?.(kind)) : lane.births;
    if (near !== undefined) {
      for (let i = 0; i < near.count; i++) consider(plan, kind, near.slots[i] as number, refreshBytes, budget);
      continue;
    }
    for (let slot = 0; slot < lane.high; slot++) {
      if (lane.isAlive[slot] === 0 || known.status[slot] === TRACKED || !plan.canSee(kind, slot)) continue;
      consider(plan, kind, slot, refreshBytes, budget);
    }
  }
}

function consider(
  plan: MessagePlan,
  kind: number,
  slot: number,
  refreshBytes: Int32Array,
  budget: RefreshBudget | undefined,
): void {
  const kindPlan = plan.kinds[kind] as KindPlan;
  const { known, lane, refreshes } = kindPlan;
  const status = known.status[slot];
  if (lane.isAlive[slot] !== 1 || status === TRACKED) return;
  const isHeld = status === HELD;
  if (isHeld && plan.own.isHeld && plan.isOwn(kind, slot)) return;
  if (isHeld && known.refreshTick[slot] === plan.tick) return;
  if (budget !== undefined && !budget.isDue(kind, slot)) {
    plan.isPending = true;
    return;
  }
  const bytes = refreshBytes[kind] as number;
  if (bytes > plan.bytesLeft) {
    plan.isPending = true;
    return;
  }
  plan.bytesLeft -= bytes;
  const staysHeld = status !== UNKNOWN && (budget?.isHeld(kind, slot) ?? false);
  known.refresh(slot, lane.generation[slot] as number, plan.tick, staysHeld);
  refreshes.push(slot);
}
