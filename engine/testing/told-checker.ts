/**
 * What one client must hold after each message that it is sent, and whether it may: checked when a message is made, kept
 * until it arrives, where `replica-checker.ts` takes it.
 */
import type { BodyCodec } from '../replication/body-codec.ts';
import { HELD, TRACKED, UNKNOWN } from '../replication/known-kind.ts';
import type { Lane } from '../replication/lane.ts';
import type { LaneKind } from '../replication/lane-kind.ts';
import type { KindPlan, MessagePlan } from '../replication/message-plan.ts';
import { grownBytes, grownInts, type SlotList } from '../replication/slot-list.ts';
import type { Kind } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import type { Findings } from './findings.ts';
import { KindCopy, type LaneChecker, rounded } from './lane-checker.ts';
import { distanceTo, type Eye, type SightRule } from './sight-rules.ts';

/** What a client holds of one kind. */
export class ToldKind {
  count = 0;
  slots: Int32Array = new Int32Array(0);
  status: Uint8Array = new Uint8Array(0);
  /** Tick of the message that made it known. */
  enteredTick: Int32Array = new Int32Array(0);
  /** By body field, in the form of a replica's columns. */
  readonly columns: Int32Array[];

  constructor(kind: Kind) {
    this.columns = kind.bodyFields.map(() => new Int32Array(0));
  }

  /** Makes room for `count` entities. */
  reserve(count: number): void {
    if (count <= this.slots.length) return;
    this.slots = grownInts(this.slots, count);
    this.status = grownBytes(this.status, count);
    this.enteredTick = grownInts(this.enteredTick, count);
    for (let i = 0; i < this.columns.length; i++) this.columns[i] = grownInts(this.columns[i]!, count);
  }
}

/** What a client holds once it has applied a message. Used again and again. */
export class Told {
  tick = -1;
  isReset = false;
  ack = 0;
  readonly kinds: readonly ToldKind[];

  constructor(kinds: readonly Kind[]) {
    this.kinds = kinds.map((kind) => new ToldKind(kind));
  }
}

/** The sent state as one client has been told it. */
export class ToldChecker {
  /** What is on its way, oldest first. */
  readonly waiting: Told[] = [];
  readonly #where: string;
  readonly #tables: readonly Table[];
  readonly #eye: Eye;
  readonly #rule: SightRule;
  readonly #findings: Findings;
  /** The client's codec brings P whole, not rounded. */
  readonly #isExact: boolean;
  readonly #spare: Told[] = [];
  /** By kind: P and D as the client has them. */
  readonly #kinds: readonly KindCopy[];
  /** By kind and slot: tick of the message that made the entity known to this client, whose list may be shared. */
  readonly #entered: readonly Map<number, number>[];
  #lastTick = -1;
  #lane: Lane | undefined;
  #noMotion = new Int32Array(0);

  constructor(where: string, eye: Eye, rule: SightRule, codec: BodyCodec, findings: Findings) {
    const { tables } = eye.room;
    this.#where = where;
    this.#isExact = codec.id === 1;
    this.#tables = tables;
    this.#eye = eye;
    this.#rule = rule;
    this.#findings = findings;
    this.#kinds = tables.map(({ kind }) => new KindCopy(kind.packed.length));
    this.#entered = tables.map(() => new Map());
  }

  /** A message is being written for this client. */
  note(lane: Lane, plan: MessagePlan, before: LaneChecker): void {
    this.#eye.look();
    const told = this.#spare.pop() ?? new Told(this.#tables.map(({ kind }) => kind));
    told.tick = plan.tick;
    told.isReset = plan.isReset;
    told.ack = plan.ack;
    if (plan.tick <= this.#lastTick) this.#report(`tick ${plan.tick} after ${this.#lastTick}`);
    if (plan.isGap && plan.since !== this.#lastTick)
      this.#report(`a gap since ${plan.since} instead of ${this.#lastTick}`);
    // Another lane is another sent state: what its words are based on this client does not have.
    const isNext = plan.tick - lane.sendEvery === this.#lastTick && lane === this.#lane;
    this.#lane = lane;
    if (!plan.isReset && !plan.isGap && !isNext)
      this.#report(`skipped from ${this.#lastTick} to ${plan.tick} silently`);
    this.#lastTick = plan.tick;
    for (const kindPlan of plan.kinds) {
      this.#kinds[kindPlan.lane.kind.index]!.grow(kindPlan.lane.isAlive.length);
      this.#checkWords(kindPlan, plan, lane, before);
      this.#checkKnown(kindPlan, plan);
      this.#follow(kindPlan, plan, told.kinds[kindPlan.lane.kind.index]!);
    }
    this.#count(plan);
    this.waiting.push(told);
  }

  /** What the message that just arrived should have made of the client. Give it back. */
  take(): Told | undefined {
    return this.waiting.shift();
  }

  giveBack(told: Told): void {
    this.#spare.push(told);
  }

  /** Who gets words stands where the lane stood before them: else they would make something else of it. */
  #checkWords({ lane, words }: KindPlan, plan: MessagePlan, { tick, sendEvery }: Lane, before: LaneChecker): void {
    const mine = this.#kinds[lane.kind.index]!;
    const lanes = before.kinds[lane.kind.index]!;
    if (words.count > 0 && before.tick !== tick - sendEvery) this.#report('words of a lane that has just begun');
    for (const { field, model } of lane.bodyFields) {
      this.#compareColumn(lane, field.name, 'P', words, mine.p[field.index]!, lanes.p[field.index]!);
      if (model === undefined) continue;
      // A gap or a reset ends all motion on both sides.
      const d = plan.isGap || plan.isReset ? this.#zeros(words) : mine.d[field.index]!;
      this.#compareColumn(lane, field.name, 'D', words, d, lanes.d[field.index]!);
    }
  }

  #compareColumn(
    { kind }: LaneKind,
    field: string,
    what: string,
    { slots, count }: SlotList,
    mine: Int32Array,
    lanes: Int32Array,
  ): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      if (mine[slot] === lanes[slot]) continue;
      this.#report(`${kind.name} ${slot}.${field}: ${what} was ${mine[slot]}, and its lane's ${lanes[slot]}`);
    }
  }

  #zeros({ slots, count }: SlotList): Int32Array {
    const length = count === 0 ? 0 : slots[count - 1]! + 1;
    if (this.#noMotion.length < length) this.#noMotion = new Int32Array(2 * length);
    return this.#noMotion;
  }

  /** Nothing is known that is gone or out of sight, and nothing is unknown or held that need not be. */
  #checkKnown({ lane, known }: KindPlan, plan: MessagePlan): void {
    const { kind } = lane;
    const table = this.#tables[kind.index]!;
    for (let slot = 0; slot < known.status.length; slot++) {
      const status = known.status[slot]!;
      const isAlive = table.isAlive[slot] === 1;
      if (status === UNKNOWN && !isAlive) continue;
      if (status !== UNKNOWN && (!isAlive || table.generation[slot] !== known.generation[slot])) {
        this.#report(`${kind.name} ${slot} is known, and is ${isAlive ? 'another one' : 'gone'}`);
        continue;
      }
      const isOwn = plan.isOwn(kind.index, slot);
      const canSee = plan.canSee(kind.index, slot);
      const seeing = isAlive ? this.#eye.judge(this.#rule, kind.index, slot) : 'may';
      if (seeing !== 'may' && canSee !== (seeing === 'must')) {
        const distance = distanceTo(table, slot, this.#eye.x, this.#eye.y);
        this.#report(`${kind.name} ${slot} ${seeing} be seen, and is ${canSee ? 'shown' : 'hidden'} at ${distance}`);
      }
      if (status !== UNKNOWN && !canSee) this.#report(`${kind.name} ${slot} is known, and is out of sight`);
      const wanted = (isOwn && plan.own.isHeld) || plan.visible.isFar?.(kind.index, slot) ? HELD : TRACKED;
      // Over its budget a client holds what it has no bytes for.
      const isFine = status === wanted || (status === HELD && this.#eye.player.budget.holds(kind.index, slot));
      if (canSee && !plan.isPending && !isFine) {
        this.#report(`${kind.name} ${slot} has status ${status} instead of ${wanted}, and nothing is pending`);
      }
    }
  }

  /** Takes over what this message tells: all that is tracked, and of what is held the values that it refreshes. */
  #follow({ lane, known, kept }: KindPlan, plan: MessagePlan, told: ToldKind): void {
    const mine = this.#kinds[lane.kind.index]!;
    const entered = this.#entered[lane.kind.index]!;
    told.reserve(known.status.length);
    if (plan.isReset) {
      mine.isAlive.fill(0);
      for (let i = 0; i < kept.count; i++) mine.isAlive[kept.slots[i]!] = 1;
    }
    let count = 0;
    for (let slot = 0; slot < known.status.length; slot++) {
      const status = known.status[slot]!;
      const wasKnown = mine.isAlive[slot] === 1 && mine.generation[slot] === known.generation[slot];
      mine.isAlive[slot] = status === UNKNOWN ? 0 : 1;
      if (status === UNKNOWN) continue;
      mine.generation[slot] = known.generation[slot]!;
      if (!wasKnown) entered.set(slot, plan.tick);
      told.slots[count] = slot;
      told.status[count] = status;
      told.enteredTick[count++] = entered.get(slot)!;
    }
    told.count = count;
    for (let i = 0; i < lane.bodyFields.length; i++) {
      const { field, model, p, d } = lane.bodyFields[i]!;
      const column = mine.p[field.index]!;
      const motion = mine.d[field.index]!;
      const values = told.columns[i]!;
      for (let j = 0; j < count; j++) {
        const slot = told.slots[j]!;
        if (told.status[j] === TRACKED) {
          column[slot] = p[slot]!;
          if (model !== undefined) motion[slot] = d[slot]!;
        } else if (known.refreshTick[slot] === plan.tick) {
          // Who stays held is not predicted: it is told without what only prediction needs.
          column[slot] = model === undefined ? p[slot]! : rounded(field, p[slot]!) << 8;
        }
        // The plain body carries round(P).
        values[j] = model === undefined || this.#isExact ? column[slot]! : rounded(field, column[slot]!) << 8;
      }
    }
  }

  #count(plan: MessagePlan): void {
    const { counts } = this.#findings;
    counts.snapshotsSent++;
    if (plan.isGap) counts.gaps++;
    if (plan.isReset) counts.resets++;
    for (const { holds, refreshes, removed, outOfScope } of plan.kinds) {
      counts.holds += holds.count;
      counts.refreshes += refreshes.count;
      counts.leaves += removed.count + outOfScope.count;
      counts.reuses += countCommon(removed, refreshes);
    }
  }

  #report(problem: string): void {
    this.#findings.report(`message ${this.#lastTick} for ${this.#where}`, problem);
  }
}

/** How many slots are in both lists, which ascend. */
function countCommon(a: SlotList, b: SlotList): number {
  let common = 0;
  for (let i = 0, j = 0; i < a.count && j < b.count; ) {
    const difference = a.slots[i]! - b.slots[j]!;
    if (difference === 0) common++;
    if (difference <= 0) i++;
    if (difference >= 0) j++;
  }
  return common;
}
