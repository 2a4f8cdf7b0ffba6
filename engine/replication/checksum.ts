/**
 * The checksum of what a client holds, so that a difference is found and healed.
 *
 *     checksum = (sum over tracked entities of hash(entity) + count of held ones) mod 2^32
 *     hash(entity) = mix32(h), h = fold32(... fold32(fold32(SEED, kind), slot) ..., round(P) of each body field in order)
 *
 * It does not depend on the order, so that one pass over a lane's entities serves every client. This is `plain`'s; that of
 * `packed` will cover P and D.
 */
import { fold32, mix32 } from '../core/hash.ts';
import { TRACKED, UNKNOWN } from './known-kind.ts';
import type { LaneField } from './lane-field.ts';
import type { LaneKind } from './lane-kind.ts';
import type { KindPlan, MessagePlan } from './message-plan.ts';
import { roundP } from './predictor.ts';
import type { Replica, ReplicaKind } from './replica.ts';

const SEED = 0x54774331;

/** The checksum of what the client holds after a message. */
export function checksumPlan(plan: MessagePlan): number {
  let sum = 0;
  for (let i = 0; i < plan.kinds.length; i++) {
    const { known, lane } = plan.kinds[i] as KindPlan;
    if (lane.hashTick !== plan.tick) hashLane(lane, plan.tick);
    const { slots, count } = known.tracked;
    for (let j = 0; j < count; j++) sum = (sum + (lane.hashes[slots[j] as number] as number)) | 0;
    sum = (sum + known.held.count) | 0;
  }
  return sum >>> 0;
}

/** The checksum of what a replica holds. */
export function checksumReplica(replica: Replica): number {
  let sum = 0;
  for (let i = 0; i < replica.kinds.length; i++) {
    const kind = replica.kinds[i] as ReplicaKind;
    for (let slot = 0; slot < kind.high; slot++) {
      const status = kind.status[slot];
      if (status === UNKNOWN) continue;
      sum = (sum + (status === TRACKED ? hashReceived(kind, slot) : 1)) | 0;
    }
  }
  return sum >>> 0;
}

function hashLane(lane: LaneKind, tick: number): void {
  const { hashes, bodyFields } = lane;
  for (let slot = 0; slot < lane.high; slot++) {
    if (lane.isAlive[slot] === 1) hashes[slot] = fold32(fold32(SEED, lane.kind.index), slot);
  }
  for (let i = 0; i < bodyFields.length; i++) foldColumn(lane, bodyFields[i] as LaneField);
  for (let slot = 0; slot < lane.high; slot++) hashes[slot] = mix32(hashes[slot] as number);
  lane.hashTick = tick;
}

function foldColumn(lane: LaneKind, { p, model }: LaneField): void {
  const { hashes } = lane;
  for (let slot = 0; slot < lane.high; slot++) {
    const value = p[slot] as number;
    const code = model === undefined ? value : roundP(value, model.levels, model.wraps);
    hashes[slot] = fold32(hashes[slot] as number, code);
  }
}

function hashReceived({ kind, columns }: ReplicaKind, slot: number): number {
  let hash = fold32(fold32(SEED, kind.index), slot);
  for (let i = 0; i < kind.bodyFields.length; i++) {
    const column = kind.bodyFields[i] as number;
    const field = kind.packed[column] as ReplicaKind['kind']['packed'][number];
    const value = (columns[column] as Int32Array)[slot] as number;
    hash = fold32(hash, field.kernel === 'snap' ? value : roundP(value, field.levels, field.wraps));
  }
  return mix32(hash);
}
