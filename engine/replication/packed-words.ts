/**
 * The code words of one kind in one tick, made once and copied into every client's body: those of changed groups all at
 * once, those of refreshes when the first client needs one.
 */
import { type BitWriter, zigzag } from '../wire/bits.ts';
import type { LaneField } from './lane-field.ts';
import type { LaneGroup, LaneKind } from './lane-kind.ts';
import { roundP, scaleOfD } from './predictor.ts';
import type { KindWords, WordStore } from './word-store.ts';

/** The words of a lane's kind at the lane's tick. */
export function wordsOf(lane: LaneKind, tick: number): KindWords {
  const { words } = lane;
  if (words.tick === tick) return words;
  words.tick = tick;
  const length = lane.isAlive.length;
  words.refreshes.grow(length);
  words.heldRefreshes.grow(length);
  words.refreshes.bitCount.fill(0);
  words.heldRefreshes.bitCount.fill(0);
  words.refreshes.bits.reset();
  words.heldRefreshes.bits.reset();
  for (let i = 0; i < lane.groups.length; i++) {
    if ((words.marks[i] as Uint8Array).length < length) words.marks[i] = new Uint8Array(length);
    encodeGroup(lane, lane.groups[i] as LaneGroup, words.groups[i] as WordStore, words.marks[i] as Uint8Array);
  }
  return words;
}

function encodeGroup(lane: LaneKind, group: LaneGroup, store: WordStore, marks: Uint8Array): void {
  const { changed, changedBefore } = group;
  const { slots, count } = lane.live;
  store.grow(lane.isAlive.length);
  store.bits.reset();
  marks.fill(0);
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    const isChanged = changed[slot] as number;
    marks[slot] = isChanged | ((isChanged ^ (changedBefore[slot] as number)) << 1);
    if (isChanged === 0) continue;
    store.open(slot);
    encodeWord(lane, group.group.fields, slot, store.bits);
    store.close(slot);
  }
}

function encodeWord(lane: LaneKind, columns: readonly number[], slot: number, bits: BitWriter): void {
  for (let i = 0; i < columns.length; i++) {
    const { residual, scale } = lane.fields[columns[i] as number] as LaneField;
    bits.expGolomb(zigzag(residual[slot] as number), scale);
  }
}

/** Copies the refresh of an entity, behind its slot and flag; makes it if nobody needed it in this tick before. */
export function putRefresh(out: BitWriter, lane: LaneKind, words: KindWords, slot: number, staysHeld: boolean): void {
  const store = staysHeld ? words.heldRefreshes : words.refreshes;
  if (store.bitCount[slot] === 0) {
    store.open(slot);
    encodeCodes(lane, slot, store.bits);
    if (!staysHeld) encodeMotion(lane, slot, store.bits);
    store.close(slot);
  }
  store.copyTo(out, slot);
}

function encodeCodes(lane: LaneKind, slot: number, bits: BitWriter): void {
  for (let i = 0; i < lane.bodyFields.length; i++) {
    const { p, model, field } = lane.bodyFields[i] as LaneField;
    const value = p[slot] as number;
    bits.putWide(model === undefined ? value : roundP(value, model.levels, model.wraps), field.bits);
  }
}

function encodeMotion(lane: LaneKind, slot: number, bits: BitWriter): void {
  for (let i = 0; i < lane.groups.length; i++) bits.put((lane.groups[i] as LaneGroup).changed[slot] as number, 1);
  for (let i = 0; i < lane.bodyFields.length; i++) {
    const { p, d, model, field } = lane.bodyFields[i] as LaneField;
    if (model === undefined) continue;
    const step = d[slot] as number;
    bits.put(step === 0 ? 0 : 1, 1);
    if (step !== 0) bits.expGolomb(zigzag(step), scaleOfD(field));
    if (model.velocity !== -1) bits.put((p[slot] as number) & 0xff, 8);
  }
}
