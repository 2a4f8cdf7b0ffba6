/** Writes the plain body; its layout stands in `plain-codec.ts`. */
import type { Kind } from '../state/schema.ts';
import type { Writer } from '../wire/writer.ts';
import { checksumPlan } from './checksum.ts';
import { HELD } from './known-kind.ts';
import type { Lane } from './lane.ts';
import type { LaneField } from './lane-field.ts';
import type { LaneGroup, LaneKind } from './lane-kind.ts';
import type { KindPlan, MessagePlan } from './message-plan.ts';
import { roundP } from './predictor.ts';
import type { SlotList } from './slot-list.ts';

const SLOT_BYTES = 3;

/** See `BodyWriter.write`. */
export function writePlain(writer: Writer, lane: Lane, plan: MessagePlan): void {
  const wordCount = countWordLists(plan);
  const hasHeader = plan.isGap || plan.isReset;
  const hasLeaves = plan.has('removed') || plan.has('outOfScope');
  const hasHolds = plan.has('holds');
  const hasRefreshes = plan.has('refreshes');
  let parts = 0;
  if (hasHeader) parts = 1;
  if (hasLeaves) parts = 2;
  if (hasHolds) parts = 3;
  if (wordCount > 0) parts = 4;
  if (hasRefreshes) parts = 5;
  if (plan.hasChecksum) parts = 6;
  writer.array(parts);
  if (parts > 0) hasHeader ? writeHeader(writer, plan) : writer.nil();
  if (parts > 1) hasLeaves ? writeLeaves(writer, plan) : writer.nil();
  if (parts > 2) hasHolds ? writeSlotLists(writer, plan, 'holds') : writer.nil();
  if (parts > 3) wordCount > 0 ? writeWords(writer, plan, wordCount) : writer.nil();
  if (parts > 4) hasRefreshes ? writeRefreshes(writer, plan) : writer.nil();
  if (parts > 5) writer.uint(checksumPlan(plan, 0));
}

function writeHeader(writer: Writer, plan: MessagePlan): void {
  writer.array(plan.isReset ? 5 : 4);
  writer.uint(plan.isReset ? 1 : 0);
  writer.uint(plan.tick);
  writer.uint(Math.max(plan.since, 0));
  writer.uint(plan.ack);
  if (plan.isReset) writeSlotLists(writer, plan, 'kept');
}

/** [[kind, slot gaps...]...] of the kinds whose list holds anything. */
function writeSlotLists(writer: Writer, plan: MessagePlan, name: 'kept' | 'holds'): void {
  let count = 0;
  for (let i = 0; i < plan.kinds.length; i++) if ((plan.kinds[i] as KindPlan)[name].count > 0) count++;
  writer.array(count);
  for (let i = 0; i < plan.kinds.length; i++) {
    const list = (plan.kinds[i] as KindPlan)[name];
    if (list.count === 0) continue;
    writer.array(1 + list.count);
    writer.uint(i);
    writeGaps(writer, list);
  }
}

function writeLeaves(writer: Writer, plan: MessagePlan): void {
  let count = 0;
  for (let i = 0; i < plan.kinds.length; i++) {
    const { removed, outOfScope } = plan.kinds[i] as KindPlan;
    if (removed.count + outOfScope.count > 0) count++;
  }
  writer.array(count);
  for (let i = 0; i < plan.kinds.length; i++) {
    const { removed, outOfScope } = plan.kinds[i] as KindPlan;
    if (removed.count + outOfScope.count === 0) continue;
    writer.array(3);
    writer.uint(i);
    writer.array(removed.count);
    writeGaps(writer, removed);
    writer.array(outOfScope.count);
    writeGaps(writer, outOfScope);
  }
}

function writeGaps(writer: Writer, { slots, count }: SlotList): void {
  let next = 0;
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    writer.uint(slot - next);
    next = slot + 1;
  }
}

/** How many pairs of kind and group have an entity in the client's list that moved. */
function countWordLists(plan: MessagePlan): number {
  let lists = 0;
  for (let i = 0; i < plan.kinds.length; i++) {
    const { lane, words } = plan.kinds[i] as KindPlan;
    for (let j = 0; j < lane.groups.length; j++) {
      if (hasMoved(lane.groups[j] as LaneGroup, words)) lists++;
    }
  }
  return lists;
}

function hasMoved({ moved }: LaneGroup, { slots, count }: SlotList): boolean {
  for (let i = 0; i < count; i++) if (moved[slots[i] as number] === 1) return true;
  return false;
}

function countMoved({ moved }: LaneGroup, { slots, count }: SlotList): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += moved[slots[i] as number] as number;
  return sum;
}

function writeWords(writer: Writer, plan: MessagePlan, lists: number): void {
  writer.array(lists);
  for (let i = 0; i < plan.kinds.length; i++) {
    const { lane, words } = plan.kinds[i] as KindPlan;
    for (let j = 0; j < lane.groups.length; j++) {
      const group = lane.groups[j] as LaneGroup;
      const count = countMoved(group, words);
      if (count === 0) continue;
      const { fields } = group.group;
      writer.array(3 + fields.length);
      writer.uint(i);
      writer.uint(j);
      writer.array(count);
      writeMovedGaps(writer, group.moved, words);
      for (let k = 0; k < fields.length; k++) {
        writeDeltas(writer, group.moved, words, count, (lane.fields[fields[k] as number] as LaneField).delta);
      }
    }
  }
}

function writeMovedGaps(writer: Writer, moved: Uint8Array, { slots, count }: SlotList): void {
  let next = 0;
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    if (moved[slot] === 0) continue;
    writer.uint(slot - next);
    next = slot + 1;
  }
}

function writeDeltas(
  writer: Writer,
  moved: Uint8Array,
  { slots, count }: SlotList,
  movedCount: number,
  delta: Int32Array,
): void {
  // What did not move has deltas of 0, so the first other one is one of ours.
  let first = 0;
  while (first < count && delta[slots[first] as number] === 0) first++;
  if (first === count) {
    writer.nil();
    return;
  }
  writer.array(movedCount);
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    if (moved[slot] === 1) writer.int(delta[slot] as number);
  }
}

function writeRefreshes(writer: Writer, plan: MessagePlan): void {
  let count = 0;
  for (let i = 0; i < plan.kinds.length; i++) if ((plan.kinds[i] as KindPlan).refreshes.count > 0) count++;
  writer.array(count);
  for (let i = 0; i < plan.kinds.length; i++) {
    const { lane, known, refreshes } = plan.kinds[i] as KindPlan;
    if (refreshes.count === 0) continue;
    writer.array(3 + lane.bodyFields.length);
    writer.uint(i);
    writer.array(refreshes.count);
    writeGaps(writer, refreshes);
    writeKeepsHeld(writer, refreshes, known.status);
    for (let j = 0; j < lane.bodyFields.length; j++) {
      writer.array(refreshes.count);
      writeCodes(writer, refreshes, lane.bodyFields[j] as LaneField);
    }
  }
}

/** One flag a slot, or none at all when no slot stays held. */
function writeKeepsHeld(writer: Writer, { slots, count }: SlotList, status: Uint8Array): void {
  let any = false;
  for (let i = 0; i < count; i++) if (status[slots[i] as number] === HELD) any = true;
  writer.array(any ? count : 0);
  for (let i = 0; any && i < count; i++) writer.uint(status[slots[i] as number] === HELD ? 1 : 0);
}

function writeCodes(writer: Writer, { slots, count }: SlotList, { p, model }: LaneField): void {
  for (let i = 0; i < count; i++) {
    const value = p[slots[i] as number] as number;
    writer.uint(model === undefined ? value : roundP(value, model.levels, model.wraps));
  }
}

/** See `BodyWriter.wordBytes`. */
export function plainWordBytes(kind: Kind): number {
  let bytes = 0;
  for (const group of kind.groups) {
    bytes += SLOT_BYTES;
    for (const column of group.fields) {
      const levels = kind.packed[column]?.levels ?? 0;
      bytes += levels <= 32 ? 1 : levels <= 128 ? 2 : levels <= 32_768 ? 3 : 5;
    }
  }
  return bytes;
}

/** See `BodyWriter.measureWords`. */
export function measurePlainWords(lane: LaneKind, slot: number): number {
  let bytes = 0;
  for (let i = 0; i < lane.groups.length; i++) {
    const group = lane.groups[i] as LaneGroup;
    if (group.moved[slot] !== 1) continue;
    bytes += SLOT_BYTES;
    const { fields } = group.group;
    for (let j = 0; j < fields.length; j++) {
      const delta = (lane.fields[fields[j] as number] as LaneField).delta[slot] as number;
      bytes +=
        delta >= -32 && delta < 128 ? 1 : delta >= -128 && delta < 256 ? 2 : delta >= -32_768 && delta < 65_536 ? 3 : 5;
    }
  }
  return bytes;
}

/** See `BodyWriter.refreshBytes`. */
export function plainRefreshBytes(kind: Kind): number {
  let bytes = SLOT_BYTES + 1;
  for (const column of kind.bodyFields) {
    const levels = kind.packed[column]?.levels ?? 0;
    bytes += levels <= 128 ? 1 : levels <= 256 ? 2 : levels <= 65_536 ? 3 : 5;
  }
  return bytes;
}
