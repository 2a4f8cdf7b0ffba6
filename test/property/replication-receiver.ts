/**
 * What a receiver of the packed body will do, on objects instead of bits: it is given predictors, toggles, residuals and
 * refreshes, keeps P, D and changed flags of its own, and must hold the lane's at every message. It proves that the lane
 * keeps all that the packed codec will have to write.
 */
import { TRACKED, UNKNOWN } from '../../engine/replication/known-kind.ts';
import type { LaneField } from '../../engine/replication/lane-field.ts';
import type { LaneKind } from '../../engine/replication/lane-kind.ts';
import type { MessagePlan } from '../../engine/replication/message-plan.ts';
import { LINEAR, VELOCITY } from '../../engine/replication/predictor.ts';
import type { Kind } from '../../engine/state/schema.ts';

/** One entity's sent state: by packed index P and D, by group the changed flag. */
export interface Entry {
  readonly p: number[];
  readonly d: number[];
  readonly changed: number[];
}

interface KindMessage {
  readonly keep: readonly number[];
  readonly leaves: readonly number[];
  readonly holds: readonly number[];
  readonly predictors: readonly number[];
  /** By group: whether the changed set is told by its difference to the one before; and the slots told. */
  readonly isDense: readonly boolean[];
  readonly told: readonly (readonly number[])[];
  /** By group, then slot: residuals of its fields. */
  readonly words: readonly ReadonlyMap<number, readonly number[]>[];
  readonly refreshes: ReadonlyMap<number, Entry & { readonly isHeld: boolean }>;
}

/** A message. */
export interface WordMessage {
  readonly isGap: boolean;
  readonly isReset: boolean;
  readonly kinds: readonly KindMessage[];
  /** For the constants of the lane's fields, which follow from the schema and the send interval. */
  readonly lanes: readonly LaneKind[];
}

const slotsOf = (list: { slots: Int32Array; count: number }) => [...list.slots.subarray(0, list.count)];

/** What the packed codec would write for `plan`. `isDense` picks the way in which changed sets are told. */
export function writeWords(plan: MessagePlan, isDense: () => boolean): WordMessage {
  const kinds = plan.kinds.map(({ lane, known, kept, removed, outOfScope, holds, words, refreshes }): KindMessage => {
    const dense = lane.groups.map(isDense);
    return {
      keep: slotsOf(kept),
      leaves: [...slotsOf(removed), ...slotsOf(outOfScope)],
      holds: slotsOf(holds),
      predictors: lane.fields.map((field) => field?.predictor ?? 0),
      isDense: dense,
      told: lane.groups.map((group, i) =>
        slotsOf(words).filter((slot) =>
          dense[i] ? group.changed[slot] !== group.changedBefore[slot] : group.changed[slot] === 1,
        ),
      ),
      words: lane.groups.map((group) => {
        const changed = slotsOf(words).filter((slot) => group.changed[slot] === 1);
        return new Map(changed.map((slot) => [slot, group.group.fields.map((f) => lane.fields[f]!.residual[slot]!)]));
      }),
      refreshes: new Map(
        slotsOf(refreshes).map((slot) => [slot, { ...entryOf(lane, slot), isHeld: known.status[slot] !== TRACKED }]),
      ),
    };
  });
  return { isGap: plan.isGap, isReset: plan.isReset, kinds, lanes: plan.lane.kinds };
}

/** The lane's sent state of an entity. */
export function entryOf(lane: LaneKind, slot: number): Entry {
  return {
    p: lane.fields.map((field) => field?.p[slot] ?? 0),
    d: lane.fields.map((field) => (field?.model === undefined ? 0 : field.d[slot]!)),
    changed: lane.groups.map((group) => group.changed[slot]!),
  };
}

const wrapped = (code: number, modulus: number) => ((code % modulus) + modulus) % modulus;

/** The receiver's state of one client. */
export class WordReceiver {
  /** By kind: tracked entities by slot. */
  readonly tracked: Map<number, Entry>[];

  constructor(kinds: readonly Kind[]) {
    this.tracked = kinds.map(() => new Map());
  }

  apply(message: WordMessage): void {
    message.kinds.forEach((part, k) => {
      const tracked = this.tracked[k]!;
      if (message.isReset) {
        const keep = new Set(part.keep);
        for (const slot of tracked.keys()) if (!keep.has(slot)) tracked.delete(slot);
      }
      for (const slot of [...part.leaves, ...part.holds]) tracked.delete(slot);
      if (message.isReset || message.isGap) for (const entry of tracked.values()) forgetMotion(entry);
      const lane = message.lanes[k]!;
      for (const group of lane.kind.groups) this.#applyGroup(part, lane, group.index);
      for (const [slot, { p, d, changed, isHeld }] of part.refreshes) {
        if (!isHeld) tracked.set(slot, { p: [...p], d: [...d], changed: [...changed] });
      }
    });
  }

  #applyGroup(part: KindMessage, lane: LaneKind, groupIndex: number): void {
    const { fields, isTeleport } = lane.kind.groups[groupIndex]!;
    const told = new Set(part.told[groupIndex]);
    for (const [slot, entry] of this.tracked[lane.kind.index]!) {
      const before = part.isDense[groupIndex] ? entry.changed[groupIndex]! : 0;
      const isChanged = told.has(slot) ? 1 - before : before;
      entry.changed[groupIndex] = isChanged;
      const word = part.words[groupIndex]!.get(slot);
      if ((word !== undefined) !== (isChanged === 1)) throw new Error('the toggles name another set than the words');
      fields.forEach((index, i) => {
        step(lane.fields[index]!, part.predictors[index]!, entry, word?.[i]);
      });
      if (isTeleport && isChanged === 1) entry.d.fill(0);
    }
  }
}

function forgetMotion(entry: Entry): void {
  entry.d.fill(0);
  entry.changed.fill(0);
}

/** Written from wire.md's sentences and not from the engine's code; only a model's constants are the engine's. */
function step({ field, model }: LaneField, predictor: number, entry: Entry, residual: number | undefined): void {
  const i = field.index;
  const { levels, wraps } = field;
  const old = entry.p[i]!;
  if (model === undefined) {
    const code = old + (residual ?? 0);
    entry.p[i] = wraps ? wrapped(code, levels) : code;
    return;
  }
  const round = (p: number) => (wraps ? wrapped(Math.floor((p + 128) / 256), levels) : Math.floor((p + 128) / 256));
  let next = old;
  if (predictor === LINEAR) next = (round(old) + entry.d[i]!) * 256;
  if (predictor === VELOCITY) {
    // Velocities come first, so that this one is of after the tick's words. Its own fraction does not count.
    const q = Math.floor((entry.p[field.velocity]! + 128) / 256);
    next = old + Math.floor((q * model.m + model.b) / 65536);
  }
  next = wraps ? wrapped(next, levels * 256) : Math.min(Math.max(next, 0), (levels - 1) * 256);
  if (residual !== undefined) {
    const value = round(next) + residual;
    next = (wraps ? wrapped(value, levels) : value) * 256;
  }
  entry.p[i] = next;
  let d = round(next) - round(old);
  if (wraps && d >= levels / 2) d -= levels;
  if (wraps && d < -levels / 2) d += levels;
  entry.d[i] = d;
}

/** Differences between a receiver's tracked entities and the lane, as sentences. */
export function compareWords(receiver: WordReceiver, expected: readonly ReadonlyMap<number, Entry>[]): string[] {
  const found: string[] = [];
  expected.forEach((entries, k) => {
    const tracked = receiver.tracked[k]!;
    for (const slot of tracked.keys()) if (!entries.has(slot)) found.push(`receiver tracks ${k}/${slot}`);
    for (const [slot, entry] of entries) {
      const held = JSON.stringify(tracked.get(slot));
      if (held !== JSON.stringify(entry))
        found.push(`receiver has ${k}/${slot} ${held}, lane ${JSON.stringify(entry)}`);
    }
  });
  return found;
}

/** The lane's sent state of all that a client tracks after `plan`. */
export function trackedEntries(plan: MessagePlan): ReadonlyMap<number, Entry>[] {
  return plan.kinds.map(({ lane, known }) => {
    const entries = new Map<number, Entry>();
    known.status.forEach((status, slot) => {
      if (status === TRACKED) entries.set(slot, entryOf(lane, slot));
    });
    return entries;
  });
}

/** Known slots of a plan's client by kind. */
export function knownSlots(plan: MessagePlan): number[][] {
  return plan.kinds.map(({ known }) => [...known.status.keys()].filter((slot) => known.status[slot] !== UNKNOWN));
}
