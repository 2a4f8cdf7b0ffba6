/**
 * Checks the sent state of one lane: in each tick it is what a receiver makes of the state before and of the words, and it is
 * near the truth. Written from the protocol's sentences and not from the engine's code; only a model's constants are the
 * engine's. Together with `told-checker.ts` it proves what a receiver of P and D would hold.
 */

import type { Lane } from '../replication/lane.ts';
import type { LaneField } from '../replication/lane-field.ts';
import type { LaneGroup, LaneKind } from '../replication/lane-kind.ts';
import { LINEAR, VELOCITY } from '../replication/predictor.ts';
import { grownBytes, grownInts, grownUints, SlotList } from '../replication/slot-list.ts';
import { codeOf } from '../state/quantize.ts';
import type { PackedField } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import type { Findings } from './findings.ts';

/** The sent state of one kind as it was, by slot. */
export class KindCopy {
  isAlive: Uint8Array = new Uint8Array(0);
  generation: Uint32Array = new Uint32Array(0);
  /** By packed index; empty where the field is not in the body, and D where it has no kernel. */
  readonly p: Int32Array[];
  readonly d: Int32Array[];

  constructor(columns: number) {
    this.p = Array.from({ length: columns }, () => new Int32Array(0));
    this.d = Array.from({ length: columns }, () => new Int32Array(0));
  }

  /** Makes room for `length` slots. */
  grow(length: number): void {
    if (length <= this.isAlive.length) return;
    this.isAlive = grownBytes(this.isAlive, length);
    this.generation = grownUints(this.generation, length);
    for (let i = 0; i < this.p.length; i++) {
      this.p[i] = grownInts(this.p[i]!, length);
      this.d[i] = grownInts(this.d[i]!, length);
    }
  }
}

/** One lane, in step with it. */
export class LaneChecker {
  /** The tick that `kinds` are of: the send tick before the one that is being checked. */
  tick: number;
  readonly kinds: readonly KindCopy[];
  readonly #lane: Lane;
  readonly #tables: readonly Table[];
  readonly #findings: Findings;
  #checkedTick = -1;
  /** Of the kind being checked: who lived in the tick before, too, and 1 where there was a word or P moved. */
  readonly #there = new SlotList();
  #hasNews = new Uint8Array(64);

  constructor(lane: Lane, tables: readonly Table[], findings: Findings) {
    this.tick = -1;
    this.kinds = lane.kinds.map((kind) => new KindCopy(kind.fields.length));
    this.#lane = lane;
    this.#tables = tables;
    this.#findings = findings;
  }

  /** Keeps the lane's state before it moves on. Call in every tick, before the world pass. */
  keep(): void {
    const { tick, kinds } = this.#lane;
    if (tick === this.tick) return;
    this.tick = tick;
    for (let k = 0; k < kinds.length; k++) {
      const lane = kinds[k]!;
      const copy = this.kinds[k]!;
      copy.grow(lane.isAlive.length);
      copy.isAlive.set(lane.isAlive);
      copy.generation.set(lane.generation);
      for (const { field, model, p, d } of lane.bodyFields) {
        copy.p[field.index]!.set(p);
        if (model !== undefined) copy.d[field.index]!.set(d);
      }
    }
  }

  /** Checks the tick that the lane is in, once. */
  check(): void {
    const { tick, sendEvery, kinds } = this.#lane;
    if (this.#checkedTick === tick) return;
    if (tick <= this.#checkedTick) this.#report('tick', `${tick} after ${this.#checkedTick}`);
    this.#checkedTick = tick;
    const isNext = this.tick === tick - sendEvery;
    for (let k = 0; k < kinds.length; k++) {
      const lane = kinds[k]!;
      for (const field of lane.bodyFields) this.#checkTruth(lane, field);
      if (isNext) this.#checkSteps(lane);
    }
  }

  /** What is sent may be off the truth by half a step, and by rounding. */
  #checkTruth({ kind, isAlive, high }: LaneKind, { field, model, p }: LaneField): void {
    const column = this.#tables[kind.index]!.columns[field.index]!;
    const mostOff = model === undefined ? 0 : 1;
    for (let slot = 0; slot < high; slot++) {
      if (isAlive[slot] === 0) continue;
      const truth = codeOf(field, column[slot]!);
      const sent = model === undefined ? p[slot]! : rounded(field, p[slot]!);
      const off = Math.abs(truth - sent);
      if (off <= mostOff || (field.wraps && field.levels - off <= mostOff)) continue;
      this.#report(`${kind.name} ${slot}.${field.name}`, `is ${truth}, and ${sent} is sent`);
    }
  }

  #checkSteps(lane: LaneKind): void {
    const { kind, isAlive, generation, high } = lane;
    const copy = this.kinds[kind.index]!;
    if (this.#hasNews.length < high) this.#hasNews = new Uint8Array(2 * high);
    this.#hasNews.fill(0);
    const isTeleported = lane.groups.find(({ group }) => group.isTeleport)?.changed;
    this.#there.clear();
    for (let slot = 0; slot < high; slot++) {
      if (isAlive[slot] === 1 && copy.isAlive[slot] === 1 && copy.generation[slot] === generation[slot])
        this.#there.push(slot);
    }
    for (const group of lane.groups) {
      for (const column of group.group.fields) this.#checkField(lane, group, lane.fields[column]!, isTeleported);
    }
    this.#checkRest(lane);
  }

  #checkField(
    lane: LaneKind,
    { changed }: LaneGroup,
    laneField: LaneField,
    isTeleported: Uint8Array | undefined,
  ): void {
    const { field, model } = laneField;
    const copy = this.kinds[lane.kind.index]!;
    const before = copy.p[field.index]!;
    const motion = copy.d[field.index]!;
    const { slots, count } = this.#there;
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const old = before[slot]!;
      const isChanged = changed[slot] === 1;
      const next = stepped(
        lane,
        laneField,
        slot,
        old,
        motion[slot]!,
        isChanged ? laneField.residual[slot]! : undefined,
      );
      const p = laneField.p[slot]!;
      if (isChanged || next !== old) this.#hasNews[slot] = 1;
      if (p !== next)
        this.#report(`${lane.kind.name} ${slot}.${field.name}`, `its words make ${next}, and ${p} is sent`);
      if (model === undefined) continue;
      const d = isTeleported?.[slot] === 1 ? 0 : difference(field, rounded(field, old), rounded(field, next));
      if (laneField.d[slot] === d) continue;
      this.#report(`${lane.kind.name} ${slot}.${field.name}`, `moved by ${d}, and D is ${laneField.d[slot]}`);
    }
  }

  /** Rest is counted from the last news: it decides what a client may keep over a gap. */
  #checkRest({ kind, changeTick }: LaneKind): void {
    const { slots, count } = this.#there;
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const hasNews = this.#hasNews[slot] === 1;
      if ((changeTick[slot] === this.#lane.tick) === hasNews) continue;
      const problem = `${hasNews ? 'has news' : 'rests'}, and its last change is ${changeTick[slot]}`;
      this.#report(`${kind.name} ${slot}`, problem);
    }
  }

  #report(where: string, problem: string): void {
    this.#findings.report(`lane ${this.#lane.sendEvery}, tick ${this.#lane.tick}, ${where}`, problem);
  }
}

/** P after one tick: the prediction, or what the word says. */
function stepped(
  lane: LaneKind,
  { field, model, predictor }: LaneField,
  slot: number,
  p: number,
  d: number,
  residual: number | undefined,
): number {
  const { levels, wraps } = field;
  if (model === undefined) {
    const code = p + (residual ?? 0);
    return wraps ? wrapped(code, levels) : code;
  }
  let next = p;
  if (predictor === LINEAR) next = (rounded(field, p) + d) * 256;
  if (predictor === VELOCITY) {
    // The velocity of after this tick's words, without its fraction.
    const { field: other, model: motion, p: velocities } = lane.fields[field.velocity]!;
    const velocity = motion === undefined ? velocities[slot]! : rounded(other, velocities[slot]!);
    next = p + Math.floor((velocity * model.m + model.b) / 65_536);
  }
  next = wraps ? wrapped(next, levels * 256) : Math.min(Math.max(next, 0), (levels - 1) * 256);
  if (residual === undefined) return next;
  const code = rounded(field, next) + residual;
  return (wraps ? wrapped(code, levels) : code) * 256;
}

function wrapped(code: number, modulus: number): number {
  return ((code % modulus) + modulus) % modulus;
}

/** round(P). */
export function rounded({ levels, wraps }: PackedField, p: number): number {
  const code = Math.floor((p + 128) / 256);
  return wraps && code >= levels ? code - levels : code;
}

function difference({ levels, wraps }: PackedField, from: number, to: number): number {
  const step = to - from;
  if (!wraps) return step;
  return step >= levels / 2 ? step - levels : step < -levels / 2 ? step + levels : step;
}
