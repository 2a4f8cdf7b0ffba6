/** Reads the plain body; its layout stands in `plain-codec.ts`. Every count, slot and value is checked before it is used. */
import { WireError } from '../core/errors.ts';
import type { Group, PackedField } from '../state/schema.ts';
import type { Reader } from '../wire/reader.ts';
import type { BodyReader } from './body-codec.ts';
import { checksumReplica } from './checksum.ts';
import { TRACKED } from './known-kind.ts';
import { roundP } from './predictor.ts';
import { OUT_OF_SCOPE, REMOVED, type Replica, type ReplicaKind } from './replica.ts';
import type { SlotList } from './slot-list.ts';

const KNOWN_ELEMENTS = 6;
/** Those that this version does not know are skipped. */
const BODY_ELEMENTS = 16;

/** The client's half of the plain codec. */
export const plainReader: BodyReader = {
  id: 0,
  read: readPlain,
  checksum: (replica) => checksumReplica(replica, 0),
};

function readPlain(reader: Reader, replica: Replica): boolean {
  const parts = reader.arrayHeader(BODY_ELEMENTS);
  const hasHeader = parts > 0 && !reader.takeNil();
  if (!(hasHeader ? readHeader(reader, replica) : replica.continueTick())) return false;
  if (parts > 1 && !reader.takeNil()) readLeaves(reader, replica);
  if (parts > 2 && !reader.takeNil()) readHolds(reader, replica);
  if (parts > 3 && !reader.takeNil()) readWords(reader, replica);
  if (parts > 4 && !reader.takeNil()) readRefreshes(reader, replica);
  if (parts > 5 && !reader.takeNil() && reader.uint() !== checksumReplica(replica, 0)) {
    throw new WireError('checksum does not agree');
  }
  if (parts > KNOWN_ELEMENTS) reader.skip(parts - KNOWN_ELEMENTS);
  return true;
}

function readHeader(reader: Reader, replica: Replica): boolean {
  const count = reader.arrayHeader(5);
  const isReset = count > 0 && reader.uint(1) === 1;
  if (count !== (isReset ? 5 : 4)) throw new WireError('elements missing');
  const tick = reader.uint();
  const since = reader.uint();
  const ack = reader.uint();
  if (!isReset) return replica.startGap(tick, since, ack);
  replica.startReset(tick, ack);
  let last = -1;
  for (let kinds = reader.arrayHeader(replica.kinds.length); kinds > 0; kinds--) {
    last = readSlotsOfKind(reader, replica, last);
    const { slots, count: slotCount } = replica.scratch;
    for (let i = 0; i < slotCount; i++) replica.keep(replica.kinds[last] as ReplicaKind, slots[i] as number, since);
  }
  replica.finishReset();
  return true;
}

function readLeaves(reader: Reader, replica: Replica): void {
  let last = -1;
  for (let kinds = reader.arrayHeader(replica.kinds.length); kinds > 0; kinds--) {
    checkCount(reader.arrayHeader(3), 3);
    last = readKind(reader, replica, last);
    leaveSlots(reader, replica, last, REMOVED);
    leaveSlots(reader, replica, last, OUT_OF_SCOPE);
  }
}

function leaveSlots(reader: Reader, replica: Replica, kindIndex: number, reason: number): void {
  readSlots(reader, replica, kindIndex);
  const { slots, count } = replica.scratch;
  for (let i = 0; i < count; i++) replica.leave(kindIndex, slots[i] as number, reason);
}

function readHolds(reader: Reader, replica: Replica): void {
  let last = -1;
  for (let kinds = reader.arrayHeader(replica.kinds.length); kinds > 0; kinds--) {
    last = readSlotsOfKind(reader, replica, last);
    const { slots, count } = replica.scratch;
    for (let i = 0; i < count; i++) replica.hold(replica.kinds[last] as ReplicaKind, slots[i] as number);
  }
}

function readWords(reader: Reader, replica: Replica): void {
  let lastKind = 0;
  let lastGroup = -1;
  for (let lists = reader.arrayHeader(0xffff); lists > 0; lists--) {
    const count = reader.arrayHeader(0xffff);
    if (count < 3) throw new WireError('elements missing');
    const kindIndex = readKind(reader, replica, lastKind - 1);
    const kind = replica.kinds[kindIndex] as ReplicaKind;
    const groupIndex = reader.uint();
    const group = kind.kind.groups[groupIndex];
    if (group === undefined || (kindIndex === lastKind && groupIndex <= lastGroup)) throw new WireError('wrong group');
    lastKind = kindIndex;
    lastGroup = groupIndex;
    checkCount(count, 3 + group.fields.length);
    readSlots(reader, replica, kindIndex);
    touchTracked(kind, replica.scratch, replica.tick);
    readDeltas(reader, kind, group, replica.scratch);
  }
}

function touchTracked(kind: ReplicaKind, { slots, count }: SlotList, tick: number): void {
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    if (slot >= kind.high || kind.status[slot] !== TRACKED) throw new WireError('word for an untracked slot');
    kind.touched[slot] = tick;
  }
}

function readDeltas(reader: Reader, { kind, columns }: ReplicaKind, group: Group, { slots, count }: SlotList): void {
  for (let i = 0; i < group.fields.length; i++) {
    if (reader.takeNil()) continue;
    const field = kind.packed[group.fields[i] as number] as PackedField;
    const column = columns[field.index] as Int32Array;
    const { levels, wraps } = field;
    const isKernel = field.kernel !== 'snap';
    checkCount(reader.arrayHeader(0xffff), count);
    for (let j = 0; j < count; j++) {
      const slot = slots[j] as number;
      const value = column[slot] as number;
      let code = (isKernel ? roundP(value, levels, wraps) : value) + reader.int();
      if (wraps) code = code < 0 ? code + levels : code >= levels ? code - levels : code;
      if (code < 0 || code >= levels) throw new WireError('value out of range');
      column[slot] = isKernel ? code << 8 : code;
    }
  }
}

function readRefreshes(reader: Reader, replica: Replica): void {
  let last = -1;
  for (let kinds = reader.arrayHeader(replica.kinds.length); kinds > 0; kinds--) {
    const count = reader.arrayHeader(0xffff);
    last = readKind(reader, replica, last);
    const kind = replica.kinds[last] as ReplicaKind;
    const { bodyFields } = kind.kind;
    checkCount(count, 3 + bodyFields.length);
    readSlots(reader, replica, last);
    const { slots, count: slotCount } = replica.scratch;
    const flags = reader.arrayHeader(slotCount);
    if (flags > 0) checkCount(flags, slotCount);
    for (let i = 0; i < slotCount; i++) {
      replica.refresh(last, slots[i] as number, flags > 0 && reader.uint(1) === 1);
    }
    for (let i = 0; i < bodyFields.length; i++) {
      readCodes(reader, kind, bodyFields[i] as number, replica.scratch);
    }
  }
}

function readCodes(reader: Reader, { kind, columns }: ReplicaKind, index: number, { slots, count }: SlotList): void {
  const field = kind.packed[index] as PackedField;
  const column = columns[index] as Int32Array;
  const shift = field.kernel === 'snap' ? 0 : 8;
  checkCount(reader.arrayHeader(0xffff), count);
  for (let i = 0; i < count; i++) column[slots[i] as number] = reader.uint(field.levels - 1) << shift;
}

/** [kind, slot gaps...]: the slots into `replica.scratch`; returns the kind's index. */
function readSlotsOfKind(reader: Reader, replica: Replica, last: number): number {
  const count = reader.arrayHeader(0xffff);
  if (count === 0) throw new WireError('elements missing');
  const kindIndex = readKind(reader, replica, last);
  readGaps(reader, count - 1, replica, kindIndex);
  return kindIndex;
}

/** [slot gaps...] into `replica.scratch`. */
function readSlots(reader: Reader, replica: Replica, kindIndex: number): void {
  readGaps(reader, reader.arrayHeader(0xffff), replica, kindIndex);
}

function readGaps(reader: Reader, count: number, replica: Replica, kindIndex: number): void {
  const { capacity } = (replica.kinds[kindIndex] as ReplicaKind).kind;
  const list = replica.scratch;
  list.clear();
  let slot = -1;
  for (let i = 0; i < count; i++) {
    slot += reader.uint(capacity) + 1;
    if (slot >= capacity) throw new WireError('slot out of range');
    list.push(slot);
  }
}

/** A kind's index above the last one: each kind comes once. */
function readKind(reader: Reader, replica: Replica, last: number): number {
  const kindIndex = reader.uint();
  if (kindIndex >= replica.kinds.length || kindIndex <= last) throw new WireError('wrong kind');
  return kindIndex;
}

function checkCount(count: number, expected: number): void {
  if (count !== expected) throw new WireError('lists of unequal length');
}
