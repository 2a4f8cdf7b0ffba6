/**
 * The checksum of what a client holds, so that a difference is found and healed.
 *
 *     checksum = (sum over tracked entities of hash(entity) + count of held ones) mod 2^32
 *     hash(entity) = mix32(h), h = fold32(... fold32(fold32(SEED, kind), slot) ..., values of each body field in order)
 *     values   plain: round(P)      packed: P, then D, of a kernel field; the code of another
 *
 * It does not depend on the order, so that one pass over a lane's entities serves every client.
 */
import { fold32, mix32 } from '../core/hash.ts';
import { TRACKED, UNKNOWN } from './known-kind.ts';
import type { LaneField } from './lane-field.ts';
import type { LaneHashes, LaneKind } from './lane-kind.ts';
import type { KindPlan, MessagePlan } from './message-plan.ts';
import { roundP } from './predictor.ts';
import type { Replica, ReplicaKind } from './replica.ts';

const SEED = 0x54774331;

/** The checksum of what the client holds after a message of this codec. */
export function checksumPlan(plan: MessagePlan, codec: 0 | 1): number {
  let sum = 0;
  for (let i = 0; i < plan.kinds.length; i++) {
    const { known, lane } = plan.kinds[i] as KindPlan;
    const hashes = lane.hashes[codec] as LaneHashes;
    if (hashes.tick !== plan.tick) hashLane(lane, hashes, codec, plan.tick);
    const { values } = hashes;
    const { slots, count } = known.tracked;
    for (let j = 0; j < count; j++) sum = (sum + (values[slots[j] as number] as number)) | 0;
    sum = (sum + known.held.count) | 0;
  }
  return sum >>> 0;
}

/** The checksum of what a replica holds that is fed by this codec. */
export function checksumReplica(replica: Replica, codec: 0 | 1): number {
  let sum = 0;
  for (let i = 0; i < replica.kinds.length; i++) {
    const kind = replica.kinds[i] as ReplicaKind;
    for (let slot = 0; slot < kind.high; slot++) {
      const status = kind.status[slot];
      if (status === UNKNOWN) continue;
      sum = (sum + (status === TRACKED ? hashReceived(kind, slot, codec) : 1)) | 0;
    }
  }
  return sum >>> 0;
}

function hashLane(lane: LaneKind, hashes: LaneHashes, codec: 0 | 1, tick: number): void {
  const { bodyFields, high, isAlive } = lane;
  if (hashes.values.length < high) hashes.values = new Int32Array(isAlive.length);
  const { values } = hashes;
  for (let slot = 0; slot < high; slot++) {
    if (isAlive[slot] === 1) values[slot] = fold32(fold32(SEED, lane.kind.index), slot);
  }
  for (let i = 0; i < bodyFields.length; i++) foldColumn(values, high, bodyFields[i] as LaneField, codec);
  for (let slot = 0; slot < high; slot++) values[slot] = mix32(values[slot] as number);
  hashes.tick = tick;
}

function foldColumn(values: Int32Array, high: number, { p, d, model }: LaneField, codec: 0 | 1): void {
  const rounds = model !== undefined && codec === 0;
  const hasD = model !== undefined && codec === 1;
  for (let slot = 0; slot < high; slot++) {
    const value = p[slot] as number;
    const hash = fold32(values[slot] as number, rounds ? roundP(value, model.levels, model.wraps) : value);
    values[slot] = hasD ? fold32(hash, d[slot] as number) : hash;
  }
}

function hashReceived({ kind, columns, steps }: ReplicaKind, slot: number, codec: 0 | 1): number {
  let hash = fold32(fold32(SEED, kind.index), slot);
  for (let i = 0; i < kind.bodyFields.length; i++) {
    const column = kind.bodyFields[i] as number;
    const field = kind.packed[column] as ReplicaKind['kind']['packed'][number];
    const value = (columns[column] as Int32Array)[slot] as number;
    const isKernel = field.kernel !== 'snap';
    hash = fold32(hash, isKernel && codec === 0 ? roundP(value, field.levels, field.wraps) : value);
    if (isKernel && codec === 1) hash = fold32(hash, (steps[column] as Int32Array)[slot] as number);
  }
  return mix32(hash);
}
