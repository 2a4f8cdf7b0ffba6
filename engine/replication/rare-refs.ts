/**
 * References in rare values, and who steers what: a client is told of an entity only while it knows it, for a slot alone would tell
 * of one that may be hidden. Until then it is told nothing, and anew when it learns of the entity.
 */
import { SLOTS_PER_GENERATION } from '../state/limits.ts';
import type { RareField, VisibilityRule } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import { UNKNOWN } from './known-kind.ts';
import type { KindPlan, MessagePlan } from './message-plan.ts';
import { PLAYER_FIELDS, type RareLog, STEERED } from './rare-log.ts';
import type { SlotList } from './slot-list.ts';

/** What a `visibleTo` function says for this client. */
export type Admits = (rule: VisibilityRule, kind: number, slot: number) => boolean;

type AddCell = (kind: number, slot: number, field: number) => void;

/** Whether this client may see the field, by a standing that changes with control alone. */
export function isPlain(plan: MessagePlan, field: RareField, kind: number, slot: number): boolean {
  return field.visibleTo === 'all' || (field.visibleTo === 'owner' && plan.isOwn(kind, slot));
}

/** Whether a value of an entity that the client knew before is one for this client. */
export function mayTell(
  plan: MessagePlan,
  log: RareLog,
  admits: Admits,
  kind: number,
  slot: number,
  index: number,
): boolean {
  const { known } = plan.kinds[kind] as KindPlan;
  // Of an entity that enters, in the place of another one perhaps, everything is told anew.
  if (known.status[slot] === UNKNOWN || known.enteredTick[slot] === plan.tick) return false;
  const field = (log.tables[kind] as Table).kind.rare[index] as RareField;
  const rule = field.visibleTo;
  return typeof rule === 'function' ? admits(rule, kind, slot) : isPlain(plan, field, kind, slot);
}

/** Whether the client knows the entity with that id, once the planned message is applied. */
export function knows(plan: MessagePlan, kind: number, id: number): boolean {
  const { known } = plan.kinds[kind] as KindPlan;
  const slot = id % SLOTS_PER_GENERATION;
  return (
    (known.status[slot] ?? UNKNOWN) !== UNKNOWN && known.generation[slot] === Math.floor(id / SLOTS_PER_GENERATION)
  );
}

/** Calls `add` for what refers to an entity that this message makes known, and is not told by it already. */
export function collectRefs(plan: MessagePlan, log: RareLog, admits: Admits, add: AddCell): void {
  for (let target = 0; target < plan.kinds.length; target++) {
    if (!hasEntries(plan, log, target)) continue;
    for (let kind = 0; kind < plan.kinds.length; kind++) {
      const { rare } = (log.tables[kind] as Table).kind;
      for (let i = 0; i < rare.length; i++) {
        const field = rare[i] as RareField;
        if (field.refKind === target) collectEntities(plan, log, admits, kind, field, add);
      }
    }
    // A reset tells all of the room and its players anyway.
    if (plan.isReset) continue;
    collectRecords(plan, log, target, add);
    collectSteered(plan, log, target, add);
  }
}

/** Whether an entity enters that was there before: what refers to one born since then is news itself, and told as that. */
function hasEntries(plan: MessagePlan, log: RareLog, kind: number): boolean {
  const { known, refreshes } = plan.kinds[kind] as KindPlan;
  const { spawnTick } = log.tables[kind] as Table;
  for (let i = 0; i < refreshes.count; i++) {
    const slot = refreshes.slots[i] as number;
    if (known.enteredTick[slot] === plan.tick && (spawnTick[slot] as number) <= plan.since) return true;
  }
  return false;
}

/** Whether this message makes the entity with that id known. */
function enters(plan: MessagePlan, kind: number, id: number): boolean {
  const { known } = plan.kinds[kind] as KindPlan;
  return known.enteredTick[id % SLOTS_PER_GENERATION] === plan.tick && knows(plan, kind, id);
}

function collectEntities(
  plan: MessagePlan,
  log: RareLog,
  admits: Admits,
  kind: number,
  field: RareField,
  add: AddCell,
): void {
  const { known } = plan.kinds[kind] as KindPlan;
  const { rare, rareTick } = log.tables[kind] as Table;
  const ids = rare[field.index] as number[];
  const ticks = rareTick[field.index] as Int32Array;
  const collect = ({ slots, count }: SlotList): void => {
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const id = ids[slot] as number;
      if (id === 0 || !enters(plan, field.refKind, id)) continue;
      // What changed is told anyway, and all of a newcomer.
      if ((ticks[slot] as number) > plan.since || !mayTell(plan, log, admits, kind, slot, field.index)) continue;
      add(kind, slot, field.index);
    }
  };
  collect(known.tracked);
  collect(known.held);
}

function collectRecords(plan: MessagePlan, log: RareLog, target: number, add: AddCell): void {
  const { roomState, playerState } = log.schema;
  for (const { refKind, index } of roomState) {
    if (refKind !== target || (log.roomTicks[index] as number) > plan.since) continue;
    if (enters(plan, target, log.room.refId(index))) add(log.roomKind, 0, index);
  }
  for (const { refKind, index } of playerState) {
    if (refKind !== target) continue;
    for (const { id, state, addedTick, ticks } of log.players.values()) {
      if (addedTick > plan.since || (ticks[index] as number) > plan.since) continue;
      if (enters(plan, target, state.refId(index))) add(log.roomKind + 1, id, PLAYER_FIELDS + index);
    }
  }
}

function collectSteered(plan: MessagePlan, log: RareLog, target: number, add: AddCell): void {
  const { known, refreshes } = plan.kinds[target] as KindPlan;
  for (let i = 0; i < refreshes.count; i++) {
    const slot = refreshes.slots[i] as number;
    if (known.enteredTick[slot] !== plan.tick) continue;
    const steerer = log.steerers.get(slot);
    if (steerer?.own.kind !== target || steerer.addedTick > plan.since || steerer.controlTick > plan.since) continue;
    add(log.roomKind + 1, steerer.id, STEERED);
  }
}
