/** Reads the packed body; its layout stands in `packed-codec.ts`. Every count, rank, slot and value is checked before it is used. */
import { WireError } from '../core/errors.ts';
import type { PackedField } from '../state/schema.ts';
import { BitReader } from '../wire/bits.ts';
import { BODY_BYTES } from '../wire/limits.ts';
import type { Reader } from '../wire/reader.ts';
import type { BodyReader } from './body-codec.ts';
import { checksumReplica } from './checksum.ts';
import { TRACKED } from './known-kind.ts';
import { type FieldModel, PREVIOUS, predictColumn, roundP, scaleOfD, VELOCITY, wrapDifference } from './predictor.ts';
import { OUT_OF_SCOPE, REMOVED, type Replica, type ReplicaKind } from './replica.ts';
import { grownInts, type SlotList } from './slot-list.ts';

// One body is read at a time: what it needs on the way is kept here.
const bits = new BitReader();
/** Slots that have a word. */
let changedSlots = new Int32Array(64);
let changedCount = 0;
/** Residuals of one group: those of its first field, of its second, ... */
let residuals: Int32Array = new Int32Array(256);
/** By field of a group: what its predictions are made with, k, and the largest residual. */
const predictors: number[] = [];
const scales: number[] = [];
const limits: number[] = [];
/** By slot: P without a word, and a velocity's codes. */
let predicted = new Int32Array(64);
let velocities = new Int32Array(64);

/** The client's half of the packed codec. */
export const packedReader: BodyReader = {
  id: 1,
  read: readPacked,
  checksum: (replica) => checksumReplica(replica, 1),
};

function readPacked(reader: Reader, replica: Replica): boolean {
  const length = reader.binHeader(BODY_BYTES);
  bits.open(reader.bytes, reader.offset, reader.offset + length);
  reader.offset += length;
  const isGap = bits.flag();
  const isReset = bits.flag();
  const hasLeaves = bits.flag();
  const hasHolds = bits.flag();
  const hasRefreshes = bits.flag();
  const hasChecksum = bits.flag();
  if (isGap && isReset) throw new WireError('gap and reset in one body');
  if (!(isGap || isReset ? readHeader(replica, isReset) : replica.continueTick())) return false;
  // Ranks of leaves and holds are in the lists as they are now, which stay so until words ask for them anew.
  for (let i = 0; i < replica.kinds.length; i++) (replica.kinds[i] as ReplicaKind).listTracked();
  if (hasLeaves) readLeaves(replica);
  if (hasHolds) readHolds(replica);
  for (let i = 0; i < replica.kinds.length; i++) readWords(replica.kinds[i] as ReplicaKind, replica.tick);
  if (hasRefreshes) readRefreshes(replica);
  if (hasChecksum && bits.getWide(32) !== checksumReplica(replica, 1)) throw new WireError('checksum does not agree');
  bits.checkEnd();
  return true;
}

function readHeader(replica: Replica, isReset: boolean): boolean {
  const tick = bits.getWide(32);
  const since = bits.getWide(32);
  const ack = bits.getWide(32);
  if (!isReset) return replica.startGap(tick, since, ack);
  replica.startReset(tick, ack);
  for (let i = 0; i < replica.kinds.length; i++) {
    const kind = replica.kinds[i] as ReplicaKind;
    const count = bits.expGolomb(1, kind.kind.capacity);
    for (let j = 0, slot = -1; j < count; j++) {
      slot = readSlot(kind, slot);
      if (slot >= kind.high) throw new WireError('reset keeps an unknown slot');
      replica.keep(kind, slot, since);
    }
  }
  replica.finishReset();
  return true;
}

/** The next slot of an ascending list. */
function readSlot(kind: ReplicaKind, last: number): number {
  const slot = last + 1 + bits.expGolomb(8, kind.kind.capacity);
  if (slot >= kind.kind.capacity) throw new WireError('slot out of range');
  return slot;
}

/** The next rank of an ascending list. */
function readRank(count: number, last: number): number {
  const rank = last + 1 + bits.expGolomb(5, count);
  if (rank >= count) throw new WireError('rank out of range');
  return rank;
}

function readLeaves(replica: Replica): void {
  const hasScope = bits.flag();
  for (let i = 0; i < replica.kinds.length; i++) {
    const kind = replica.kinds[i] as ReplicaKind;
    const { slots, count } = kind.tracked;
    for (let left = bits.expGolomb(1, count), rank = -1; left > 0; left--) {
      rank = readRank(count, rank);
      replica.leave(i, slots[rank] as number, hasScope && bits.flag() ? OUT_OF_SCOPE : REMOVED);
    }
    for (let left = bits.expGolomb(1, kind.high), slot = -1; left > 0; left--) {
      slot = readSlot(kind, slot);
      if (slot < kind.high && kind.status[slot] === TRACKED) throw new WireError('held leave of a tracked slot');
      replica.leave(i, slot, hasScope && bits.flag() ? OUT_OF_SCOPE : REMOVED);
    }
  }
}

function readHolds(replica: Replica): void {
  for (let i = 0; i < replica.kinds.length; i++) {
    const kind = replica.kinds[i] as ReplicaKind;
    const { slots, count } = kind.tracked;
    for (let left = bits.expGolomb(1, count), rank = -1; left > 0; left--) {
      rank = readRank(count, rank);
      replica.hold(kind, slots[rank] as number);
    }
  }
}

function readWords(kind: ReplicaKind, tick: number): void {
  const tracked = kind.listTracked();
  if (tracked.count === 0) return;
  const { groups } = kind.kind;
  if (predicted.length < kind.high) {
    predicted = new Int32Array(kind.status.length);
    velocities = new Int32Array(kind.status.length);
  }
  for (let i = 0; i < groups.length; i++) {
    const { fields, isTeleport } = groups[i] as ReplicaKind['kind']['groups'][number];
    readPredictors(kind, fields);
    readChanged(kind, fields.length, kind.changed[i] as Uint8Array, tracked);
    readResiduals(kind, fields);
    for (let j = 0; j < changedCount; j++) kind.touched[changedSlots[j] as number] = tick;
    for (let j = 0; j < fields.length; j++) applyField(kind, fields[j] as number, j, tracked);
    if (isTeleport) stopTeleported(kind);
  }
}

function readPredictors({ models }: ReplicaKind, fields: readonly number[]): void {
  for (let j = 0; j < fields.length; j++) {
    const model = models[fields[j] as number];
    const predictor = model === undefined ? PREVIOUS : bits.get(2);
    if (predictor > VELOCITY || (predictor === VELOCITY && model?.velocity === -1))
      throw new WireError('wrong predictor');
    predictors[j] = predictor;
  }
}

/** Sets `changedSlots` and flags; reads k of each field if there are any. */
function readChanged(kind: ReplicaKind, fieldCount: number, flags: Uint8Array, { slots, count }: SlotList): void {
  changedCount = 0;
  if (!bits.flag()) {
    flags.fill(0);
    return;
  }
  const isDense = bits.flag();
  for (let j = 0; j < fieldCount; j++) scales[j] = bits.get(3);
  if (changedSlots.length < count) changedSlots = new Int32Array(kind.status.length);
  if (isDense) {
    const toggles = bits.expGolomb(3, count);
    const p = bits.get(4);
    for (let left = toggles, rank = -1; left > 0; left--) {
      rank += 1 + bits.rice(p, count);
      if (rank >= count) throw new WireError('rank out of range');
      const slot = slots[rank] as number;
      flags[slot] = 1 - (flags[slot] as number);
    }
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (flags[slot] === 1) changedSlots[changedCount++] = slot;
    }
    return;
  }
  flags.fill(0);
  for (let left = bits.expGolomb(1, count), rank = -1; left > 0; left--) {
    rank = readRank(count, rank);
    const slot = slots[rank] as number;
    flags[slot] = 1;
    changedSlots[changedCount++] = slot;
  }
}

function readResiduals({ kind }: ReplicaKind, fields: readonly number[]): void {
  const count = changedCount;
  if (residuals.length < count * fields.length) residuals = grownInts(residuals, 2 * count * fields.length);
  const into = residuals;
  for (let j = 0; j < fields.length; j++) limits[j] = (kind.packed[fields[j] as number] as PackedField).levels;
  for (let i = 0; i < count; i++) {
    for (let j = 0, at = i; j < fields.length; j++, at += count) {
      into[at] = bits.signed(scales[j] as number, limits[j] as number);
    }
  }
}

/** Moves one column by prediction, and where there is a word by that. `position`: the field's in its group. */
function applyField(kind: ReplicaKind, column: number, position: number, tracked: SlotList): void {
  const model = kind.models[column];
  if (model === undefined) applyCodes(kind, column, position);
  else applyKernel(kind, model, column, position, tracked);
}

function applyCodes({ kind, columns }: ReplicaKind, column: number, position: number): void {
  const { levels, wraps } = kind.packed[column] as PackedField;
  const codes = columns[column] as Int32Array;
  for (let i = 0; i < changedCount; i++) {
    const slot = changedSlots[i] as number;
    codes[slot] = addResidual(codes[slot] as number, residuals[position * changedCount + i] as number, levels, wraps);
  }
}

function applyKernel(
  kind: ReplicaKind,
  model: FieldModel,
  column: number,
  position: number,
  { slots, count }: SlotList,
): void {
  const { levels, wraps } = model;
  const p = kind.columns[column] as Int32Array;
  const d = kind.steps[column] as Int32Array;
  const predictor = predictors[position] as number;
  const into = predicted;
  if (predictor === PREVIOUS) {
    applyPrevious(p, d, position, levels, wraps);
    return;
  }
  if (predictor === VELOCITY) readVelocities(kind, model.velocity, slots, count);
  predictColumn(model, predictor, slots, count, p, d, velocities, into);
  const changed = changedSlots;
  const words = residuals;
  for (let i = 0, at = position * changedCount; i < changedCount; i++, at++) {
    const slot = changed[i] as number;
    const code = roundP(into[slot] as number, levels, wraps);
    into[slot] = addResidual(code, words[at] as number, levels, wraps) << 8;
  }
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    const before = p[slot] as number;
    const next = into[slot] as number;
    if (next === before) {
      d[slot] = 0;
      continue;
    }
    const step = roundP(next, levels, wraps) - roundP(before, levels, wraps);
    p[slot] = next;
    d[slot] = wraps ? wrapDifference(step, levels) : step;
  }
}

/** What has no word stays where it is: nothing else need be looked at. */
function applyPrevious(p: Int32Array, d: Int32Array, position: number, levels: number, wraps: boolean): void {
  d.fill(0);
  for (let i = 0, at = position * changedCount; i < changedCount; i++, at++) {
    const slot = changedSlots[i] as number;
    const before = roundP(p[slot] as number, levels, wraps);
    const code = addResidual(before, residuals[at] as number, levels, wraps);
    p[slot] = code << 8;
    d[slot] = wraps ? wrapDifference(code - before, levels) : code - before;
  }
}

function readVelocities({ columns, models }: ReplicaKind, column: number, slots: Int32Array, count: number): void {
  const values = columns[column] as Int32Array;
  const model = models[column];
  const into = velocities;
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    const value = values[slot] as number;
    into[slot] = model === undefined ? value : roundP(value, model.levels, model.wraps);
  }
}

function addResidual(code: number, residual: number, levels: number, wraps: boolean): number {
  let sum = code + residual;
  if (wraps) sum = sum < 0 ? sum + levels : sum >= levels ? sum - levels : sum;
  if (sum < 0 || sum >= levels) throw new WireError('value out of range');
  return sum;
}

/** Whoever jumped is not expected to go on as it came. */
function stopTeleported({ steps }: ReplicaKind): void {
  for (let i = 0; i < steps.length; i++) {
    const d = steps[i] as Int32Array;
    if (d.length === 0) continue;
    for (let j = 0; j < changedCount; j++) d[changedSlots[j] as number] = 0;
  }
}

function readRefreshes(replica: Replica): void {
  for (let i = 0; i < replica.kinds.length; i++) {
    const kind = replica.kinds[i] as ReplicaKind;
    for (let left = bits.expGolomb(1, kind.kind.capacity), slot = -1; left > 0; left--) {
      slot = readSlot(kind, slot);
      const staysHeld = bits.flag();
      replica.refresh(i, slot, staysHeld);
      readCodes(kind, slot);
      if (!staysHeld) readMotion(kind, slot);
    }
  }
}

function readCodes({ kind, columns }: ReplicaKind, slot: number): void {
  for (let i = 0; i < kind.bodyFields.length; i++) {
    const column = kind.bodyFields[i] as number;
    const field = kind.packed[column] as PackedField;
    const code = bits.getWide(field.bits);
    if (code >= field.levels) throw new WireError('value out of range');
    (columns[column] as Int32Array)[slot] = field.kernel === 'snap' ? code : code << 8;
  }
}

function readMotion({ kind, columns, steps, changed, models }: ReplicaKind, slot: number): void {
  for (let i = 0; i < changed.length; i++) (changed[i] as Uint8Array)[slot] = bits.get(1);
  for (let i = 0; i < kind.bodyFields.length; i++) {
    const column = kind.bodyFields[i] as number;
    const model = models[column];
    if (model === undefined) continue;
    const field = kind.packed[column] as PackedField;
    (steps[column] as Int32Array)[slot] = bits.flag() ? bits.signed(scaleOfD(field), field.levels) : 0;
    if (model.velocity === -1) continue;
    const p = columns[column] as Int32Array;
    const fraction = bits.get(8);
    let value = (p[slot] as number) + (fraction < 128 ? fraction : fraction - 256);
    if (value < 0 && model.wraps) value += model.levels * 256;
    if (value < 0 || value > model.levels * 256 - (model.wraps ? 1 : 256)) throw new WireError('value out of range');
    p[slot] = value;
  }
}
