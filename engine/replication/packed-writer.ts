/** Writes the packed body; its layout stands in `packed-codec.ts`. */
import type { Kind } from '../state/schema.ts';
import { BitWriter } from '../wire/bits.ts';
import type { Writer } from '../wire/writer.ts';
import { checksumPlan } from './checksum.ts';
import { HELD } from './known-kind.ts';
import type { Lane } from './lane.ts';
import type { LaneField } from './lane-field.ts';
import type { LaneGroup, LaneKind } from './lane-kind.ts';
import type { KindPlan, MessagePlan } from './message-plan.ts';
import { putRefresh, wordsOf } from './packed-words.ts';
import { grownInts, type SlotList } from './slot-list.ts';
import type { KindWords, WordStore } from './word-store.ts';

/** A rank gap in a list, at most, in bits of a guess that a limit of bytes can rest on. */
const GAP_BITS = 24;
/** A group with a word for fewer than one in so many entities is looked up, not walked. */
const FEW = 16;

// One body is written at a time: what it needs on the way is kept here.
const bits = new BitWriter(4096);
let changedRanks: Int32Array = new Int32Array(256);
let changedCount = 0;
let toggleRanks: Int32Array = new Int32Array(256);
let toggleCount = 0;

/** See `BodyWriter.write`. */
export function writePacked(writer: Writer, lane: Lane, plan: MessagePlan): void {
  const hasLeaves = plan.has('removed') || plan.has('outOfScope');
  const hasHolds = plan.has('holds');
  const hasRefreshes = plan.has('refreshes');
  bits.reset();
  putFlag(plan.isGap);
  putFlag(plan.isReset);
  putFlag(hasLeaves);
  putFlag(hasHolds);
  putFlag(hasRefreshes);
  putFlag(plan.hasChecksum);
  if (plan.isGap || plan.isReset) putHeader(plan);
  if (hasLeaves) putLeaves(plan);
  if (hasHolds) putHolds(plan);
  for (let i = 0; i < plan.kinds.length; i++) {
    const kind = plan.kinds[i] as KindPlan;
    if (kind.words.count > 0) putKindWords(kind, wordsOf(kind.lane, lane.tick));
  }
  if (hasRefreshes) putRefreshes(plan, lane.tick);
  if (plan.hasChecksum) bits.putWide(checksumPlan(plan, 1), 32);
  bits.finish();
  writer.bin(bits.bytes, 0, bits.length);
}

function putFlag(flag: boolean): void {
  bits.put(flag ? 1 : 0, 1);
}

function putHeader(plan: MessagePlan): void {
  bits.putWide(plan.tick, 32);
  bits.putWide(Math.max(plan.since, 0), 32);
  bits.putWide(plan.ack, 32);
  if (!plan.isReset) return;
  for (let i = 0; i < plan.kinds.length; i++) {
    const { slots, count } = (plan.kinds[i] as KindPlan).kept;
    bits.expGolomb(count, 1);
    for (let j = 0, next = 0; j < count; j++) {
      const slot = slots[j] as number;
      bits.expGolomb(slot - next, 8);
      next = slot + 1;
    }
  }
}

function putLeaves(plan: MessagePlan): void {
  const hasScope = plan.has('outOfScope');
  putFlag(hasScope);
  for (let i = 0; i < plan.kinds.length; i++) {
    const kind = plan.kinds[i] as KindPlan;
    putTrackedLeaves(kind, hasScope);
    putHeldLeaves(kind, hasScope);
  }
}

/** The ranks of tracked leaves in the list as it was: what came before them is tracked still, is held now, or leaves too. */
function putTrackedLeaves({ removed, outOfScope, leftHeld, holds, words }: KindPlan, hasScope: boolean): void {
  const count = removed.count + outOfScope.count - leftHeld.count;
  bits.expGolomb(count, 1);
  let r = 0;
  let o = 0;
  let held = 0;
  let w = 0;
  let h = 0;
  for (let left = 0, next = 0; left < count; ) {
    const isRemoved =
      o === outOfScope.count || (r < removed.count && (removed.slots[r] as number) < (outOfScope.slots[o] as number));
    const slot = (isRemoved ? removed.slots[r++] : outOfScope.slots[o++]) as number;
    if (held < leftHeld.count && leftHeld.slots[held] === slot) {
      held++;
      continue;
    }
    w = countBelow(words, slot, w);
    h = countBelow(holds, slot, h);
    const rank = w + h + left;
    bits.expGolomb(rank - next, 5);
    if (hasScope) putFlag(!isRemoved);
    next = rank + 1;
    left++;
  }
}

function putHeldLeaves({ outOfScope, leftHeld }: KindPlan, hasScope: boolean): void {
  bits.expGolomb(leftHeld.count, 1);
  let o = 0;
  for (let i = 0, next = 0; i < leftHeld.count; i++) {
    const slot = leftHeld.slots[i] as number;
    o = countBelow(outOfScope, slot, o);
    bits.expGolomb(slot - next, 8);
    if (hasScope) putFlag(o < outOfScope.count && outOfScope.slots[o] === slot);
    next = slot + 1;
  }
}

function putHolds(plan: MessagePlan): void {
  for (let i = 0; i < plan.kinds.length; i++) {
    const { removed, outOfScope, leftHeld, holds, words } = plan.kinds[i] as KindPlan;
    bits.expGolomb(holds.count, 1);
    let w = 0;
    let r = 0;
    let o = 0;
    let held = 0;
    for (let j = 0, next = 0; j < holds.count; j++) {
      const slot = holds.slots[j] as number;
      w = countBelow(words, slot, w);
      r = countBelow(removed, slot, r);
      o = countBelow(outOfScope, slot, o);
      held = countBelow(leftHeld, slot, held);
      const rank = w + r + o - held + j;
      bits.expGolomb(rank - next, 5);
      next = rank + 1;
    }
  }
}

/** How many of an ascending list are below `slot`, of which the first `from` are known to be. */
function countBelow({ slots, count }: SlotList, slot: number, from: number): number {
  let at = from;
  while (at < count && (slots[at] as number) < slot) at++;
  return at;
}

function putKindWords({ lane, words }: KindPlan, kindWords: KindWords): void {
  for (let i = 0; i < lane.groups.length; i++) {
    const group = lane.groups[i] as LaneGroup;
    const { fields } = group.group;
    for (let j = 0; j < fields.length; j++) {
      const { model, predictor } = lane.fields[fields[j] as number] as LaneField;
      if (model !== undefined) bits.put(predictor, 2);
    }
    collectRanks(group, words, kindWords.marks[i] as Uint8Array);
    putFlag(changedCount > 0);
    if (changedCount > 0) putGroupWords(lane, fields, words, kindWords.groups[i] as WordStore);
  }
}

/** Ranks of the entities that have a word into `changedRanks`, of those whose flag differs from before into `toggleRanks`. */
function collectRanks(group: LaneGroup, tracked: SlotList, marks: Uint8Array): void {
  changedCount = 0;
  toggleCount = 0;
  if (group.words === 0) return;
  const { slots, count } = tracked;
  if (changedRanks.length < count) {
    changedRanks = grownInts(changedRanks, 2 * count);
    toggleRanks = grownInts(toggleRanks, 2 * count);
  }
  if (group.words * FEW < count) {
    collectFew(group.changedSlots, tracked);
    return;
  }
  const changed = changedRanks;
  const toggles = toggleRanks;
  let changes = 0;
  let flips = 0;
  for (let rank = 0; rank < count; rank++) {
    const mark = marks[slots[rank] as number] as number;
    changed[changes] = rank;
    changes += mark & 1;
    toggles[flips] = rank;
    flips += mark >> 1;
  }
  changedCount = changes;
  toggleCount = flips;
}

/** Few have a word: each is looked for in the list, and written sparse. */
function collectFew(changedSlots: SlotList, { slots, count }: SlotList): void {
  let from = 0;
  for (let i = 0; i < changedSlots.count; i++) {
    const slot = changedSlots.slots[i] as number;
    let to = count;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((slots[middle] as number) < slot) from = middle + 1;
      else to = middle;
    }
    if (from === count) break;
    if (slots[from] !== slot) continue;
    changedRanks[changedCount++] = from;
  }
  toggleCount = count;
}

function putGroupWords(lane: LaneKind, fields: readonly number[], { slots, count }: SlotList, store: WordStore): void {
  const p = riceParameter(toggleCount, count);
  // Guesses of the two lists' bits, near enough to take the shorter one.
  const isDense = 8 + toggleCount * (p + 2) < changedCount * 6.5;
  putFlag(isDense);
  for (let j = 0; j < fields.length; j++) bits.put((lane.fields[fields[j] as number] as LaneField).scale, 3);
  if (isDense) putToggles(p);
  else putChanged();
  for (let i = 0; i < changedCount; i++) store.copyTo(bits, slots[changedRanks[i] as number] as number);
}

function putToggles(p: number): void {
  bits.expGolomb(toggleCount, 3);
  bits.put(p, 4);
  for (let i = 0, next = 0; i < toggleCount; i++) {
    const rank = toggleRanks[i] as number;
    bits.rice(rank - next, p);
    next = rank + 1;
  }
}

function putChanged(): void {
  bits.expGolomb(changedCount, 1);
  for (let i = 0, next = 0; i < changedCount; i++) {
    const rank = changedRanks[i] as number;
    bits.expGolomb(rank - next, 5);
    next = rank + 1;
  }
}

/** The best for gaps whose mean is that of `count` of `ranks` ranks. */
function riceParameter(count: number, ranks: number): number {
  const mean = (0.7 * ranks) / Math.max(1, count);
  return mean < 2 ? 0 : Math.min(15, 31 - Math.clz32(mean));
}

function putRefreshes(plan: MessagePlan, tick: number): void {
  for (let i = 0; i < plan.kinds.length; i++) {
    const { lane, known, refreshes } = plan.kinds[i] as KindPlan;
    bits.expGolomb(refreshes.count, 1);
    if (refreshes.count === 0) continue;
    const words = wordsOf(lane, tick);
    for (let j = 0, next = 0; j < refreshes.count; j++) {
      const slot = refreshes.slots[j] as number;
      const staysHeld = known.status[slot] === HELD;
      bits.expGolomb(slot - next, 8);
      putFlag(staysHeld);
      putRefresh(bits, lane, words, slot, staysHeld);
      next = slot + 1;
    }
  }
}

/** See `BodyWriter.wordBytes`. */
export function packedWordBytes(kind: Kind): number {
  let count = 0;
  for (const group of kind.groups) {
    count += GAP_BITS;
    // The longest code of a field's residual: a prefix and as many bits, and those of the largest scale.
    for (const column of group.fields) count += 2 * ((kind.packed[column]?.bits ?? 0) + 1) + 7;
  }
  return Math.ceil(count / 8);
}

/** See `BodyWriter.measureWords`. */
export function measurePackedWords(lane: LaneKind, slot: number): number {
  const { groups } = wordsOf(lane, lane.tick);
  let count = 0;
  for (let i = 0; i < groups.length; i++) {
    if ((lane.groups[i] as LaneGroup).changed[slot] === 1)
      count += GAP_BITS + ((groups[i] as WordStore).bitCount[slot] as number);
  }
  return (count + 7) >> 3;
}

/** See `BodyWriter.refreshBytes`. */
export function packedRefreshBytes(kind: Kind): number {
  let count = GAP_BITS + 1 + kind.groups.length;
  for (const column of kind.bodyFields) {
    const field = kind.packed[column];
    if (field === undefined) continue;
    count += field.bits;
    if (field.kernel !== 'snap') count += 1 + 2 * (field.bits + 1) + 8;
  }
  return Math.ceil(count / 8);
}
