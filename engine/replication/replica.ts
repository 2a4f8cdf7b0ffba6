/**
 * The sent state as one client has received it: the other end of a lane.
 *
 * Codecs change it through the methods here, which check every transition of wire's rule of tracked, held and refresh and
 * throw a WireError for one that cannot be. What only `packed` needs, D, changed flags and the tracked list, is kept beside
 * the columns; a gap or reset sets D and flags of what stays tracked to 0.
 */
import { WireError } from '../core/errors.ts';
import { extendTickForward, TICK_MASK } from '../core/tick.ts';
import { MAX_SEND_EVERY } from '../state/limits.ts';
import { codeOf } from '../state/quantize.ts';
import type { Kind, Schema } from '../state/schema.ts';
import { HELD, TRACKED, UNKNOWN } from './known-kind.ts';
import { FieldModel } from './predictor.ts';
import { grownBytes, grownInts, grownLength, grownUints, SlotList } from './slot-list.ts';

/** Why an entity left: its life ended, it is out of sight, or a reset did not keep it and may bring it again. */
export const REMOVED = 1;
export const OUT_OF_SCOPE = 2;
export const FORGOTTEN = 3;

/** The number of the entity that comes after number `instance`: of 32 bits, and never 0, which is none. */
export function nextInstance(instance: number): number {
  return (instance + 1) >>> 0 || 1;
}

/** Whether `instance` came after `former`, where the numbers begin anew after 2^32. 0 came before all. */
export function isLaterInstance(instance: number, former: number): boolean {
  return former === 0 || ((instance - former) | 0) > 0;
}

/** Ticks stay in an Int32. */
const LAST_TICK = 0x7fff_ffff;

/** Entities that came or went in one message. */
export class ChangeList {
  kinds: Int32Array;
  slots: Int32Array;
  /** Of those that went: REMOVED, OUT_OF_SCOPE or FORGOTTEN. */
  reasons: Int32Array;
  /** Of those that went: the instance that they were. */
  instances: Uint32Array;
  count: number;

  constructor() {
    this.kinds = new Int32Array(16);
    this.slots = new Int32Array(16);
    this.reasons = new Int32Array(16);
    this.instances = new Uint32Array(16);
    this.count = 0;
  }

  push(kind: number, slot: number, reason: number, instance: number): void {
    const { count } = this;
    if (count === this.slots.length) {
      this.kinds = grownInts(this.kinds, count * 2);
      this.slots = grownInts(this.slots, count * 2);
      this.reasons = grownInts(this.reasons, count * 2);
      this.instances = grownUints(this.instances, count * 2);
    }
    this.kinds[count] = kind;
    this.slots[count] = slot;
    this.reasons[count] = reason;
    this.instances[count] = instance;
    this.count = count + 1;
  }
}

/** Received state of one kind, by slot. All columns are equally long and grow together. */
export class ReplicaKind {
  readonly kind: Kind;
  /**
   * By packed index: for kernel fields P (from `plain` round(P) * 256), codes for others. Columns that are not in the body
   * hold the default's from entry on; whoever reads rare values may write them.
   */
  readonly columns: Int32Array[];
  /** By packed index: D of kernel fields. */
  readonly steps: Int32Array[];
  /** By group: 1 where the entity had a word in the last message. */
  readonly changed: Uint8Array[];
  /** By packed index: constants of kernel fields, for the present send interval. */
  models: readonly (FieldModel | undefined)[];
  /** UNKNOWN, TRACKED or HELD. */
  status: Uint8Array;
  /** 0 while unknown; a new number each time an entity becomes known. */
  instance: Uint32Array;
  /** Tick of the last word or refresh. */
  touched: Int32Array;
  /** One past the highest slot that was ever known. */
  high: number;
  /** Of the reset being read. */
  readonly kept: SlotList;
  /** As `listTracked` last made it. */
  readonly tracked: SlotList;
  #isTrackedFresh: boolean;
  readonly #defaults: readonly number[];

  constructor(kind: Kind) {
    this.kind = kind;
    this.columns = kind.packed.map(() => new Int32Array(0));
    this.steps = kind.packed.map(() => new Int32Array(0));
    this.changed = kind.groups.map(() => new Uint8Array(0));
    this.models = [];
    this.status = new Uint8Array(0);
    this.instance = new Uint32Array(0);
    this.touched = new Int32Array(0);
    this.high = 0;
    this.kept = new SlotList();
    this.tracked = new SlotList();
    this.#isTrackedFresh = true;
    this.#defaults = kind.packed.map((field) => codeOf(field, field.default) * (field.kernel === 'snap' ? 1 : 256));
  }

  /** Makes room for `slot`, which is below the kind's capacity. */
  reserve(slot: number): void {
    if (slot >= this.high) this.high = slot + 1;
    if (slot < this.status.length) return;
    const length = grownLength(this.status.length, slot + 1, this.kind.capacity);
    for (let i = 0; i < this.columns.length; i++) {
      this.columns[i] = grownInts(this.columns[i] as Int32Array, length);
      if (this.kind.packed[i]?.kernel !== 'snap') this.steps[i] = grownInts(this.steps[i] as Int32Array, length);
    }
    for (let i = 0; i < this.changed.length; i++) this.changed[i] = grownBytes(this.changed[i] as Uint8Array, length);
    this.status = grownBytes(this.status, length);
    this.instance = grownUints(this.instance, length);
    this.touched = grownInts(this.touched, length);
  }

  /** The tracked slots, ascending. Stays as it is until it is asked for again. */
  listTracked(): SlotList {
    const list = this.tracked;
    if (this.#isTrackedFresh) return list;
    this.#isTrackedFresh = true;
    list.clear();
    for (let slot = 0; slot < this.high; slot++) if (this.status[slot] === TRACKED) list.push(slot);
    return list;
  }

  /** Sets UNKNOWN, TRACKED or HELD. */
  setStatus(slot: number, status: number): void {
    this.status[slot] = status;
    this.#isTrackedFresh = false;
  }

  /** As after a tick in which nothing changed. */
  rest(): void {
    for (let i = 0; i < this.steps.length; i++) (this.steps[i] as Int32Array).fill(0);
    for (let i = 0; i < this.changed.length; i++) (this.changed[i] as Uint8Array).fill(0);
  }

  /** Sets a newcomer's columns that no body brings. */
  setDefaults(slot: number): void {
    const { packed } = this.kind;
    for (let i = 0; i < packed.length; i++) {
      if (packed[i]?.group === -1) (this.columns[i] as Int32Array)[slot] = this.#defaults[i] as number;
    }
  }
}

/** What one client holds. */
export class Replica {
  /** By kind index. */
  readonly kinds: readonly ReplicaKind[];
  /** The tick that the state is of; -1 before the first reset. */
  tick: number;
  /** The newest STATE's tick, its body applied or not: what the next one's low bits are extended against. */
  newestTick: number;
  /** The last STATE's newest input in full, if a gap or reset told it; else -1: extend the low bits. */
  ack: number;
  /** The state is not to be trusted: bodies without a reset are skipped. */
  awaitsReset: boolean;
  /** What the last body brought, and before that took; kept until the next `applyBody`, after a WireError too. */
  readonly entered: ChangeList;
  readonly left: ChangeList;
  /** The last body was a reset. */
  isReset: boolean;
  /** For codecs: slots of a list being read. */
  readonly scratch: SlotList;
  readonly #tickRate: number;
  #sendEvery: number;
  #skips: boolean;
  #instances: number;

  /** Of a room that sends every tick, until `setSendEvery` says otherwise. */
  constructor(schema: Schema) {
    this.kinds = schema.kinds.map((kind) => new ReplicaKind(kind));
    this.tick = -1;
    this.newestTick = 0;
    this.ack = -1;
    this.awaitsReset = true;
    this.entered = new ChangeList();
    this.left = new ChangeList();
    this.isReset = false;
    this.scratch = new SlotList();
    this.#skips = true;
    this.#instances = 0;
    this.#tickRate = schema.tickRate;
    this.#sendEvery = 0;
    this.setSendEvery(1);
  }

  /** The send interval of the bodies that come, in ticks: predictions reach that far. */
  setSendEvery(sendEvery: number): void {
    if (sendEvery === this.#sendEvery) return;
    if (!(sendEvery >= 1 && sendEvery <= MAX_SEND_EVERY)) throw new WireError('send interval out of range');
    this.#sendEvery = sendEvery;
    for (const kind of this.kinds) {
      kind.models = kind.kind.packed.map((field) =>
        field.kernel === 'snap' ? undefined : new FieldModel(kind.kind, field, this.#tickRate, sendEvery),
      );
    }
  }

  /** Starts on a STATE; `tickLow` are its tick's low bits. A failure from here to `finish` leaves `awaitsReset` set. */
  start(tickLow: number): void {
    this.newestTick = extendTickForward(tickLow, this.newestTick);
    this.ack = -1;
    this.entered.count = 0;
    this.left.count = 0;
    this.isReset = false;
    this.#skips = this.awaitsReset;
    this.awaitsReset = true;
  }

  /** Ends what `start` began: all was applied. */
  finish(): void {
    this.awaitsReset = false;
  }

  /** A body without a header. False: skip it. */
  continueTick(): boolean {
    if (this.#skips) return false;
    this.#moveOn(this.newestTick);
    return true;
  }

  /** The header of a gap. False: skip the body. */
  startGap(tick: number, since: number, ack: number): boolean {
    this.#openHeader(tick, ack);
    if (this.#skips) return false;
    if (since !== this.tick) throw new WireError('gap from another tick');
    this.#moveOn(tick);
    for (let i = 0; i < this.kinds.length; i++) (this.kinds[i] as ReplicaKind).rest();
    return true;
  }

  /** The header of a reset; then come `keep` for each slot in ascending order per kind, and `finishReset`. */
  startReset(tick: number, ack: number): void {
    this.#openHeader(tick, ack);
    this.isReset = true;
    for (let i = 0; i < this.kinds.length; i++) (this.kinds[i] as ReplicaKind).kept.clear();
  }

  /** A slot that a reset keeps as it was at `since`, tracked. */
  keep(kind: ReplicaKind, slot: number, since: number): void {
    if (since !== this.tick) throw new WireError('reset keeps another tick');
    if (kind.status[slot] !== TRACKED) throw new WireError('reset keeps an untracked slot');
    kind.kept.push(slot);
  }

  /** Forgets all that was not kept. */
  finishReset(): void {
    for (let i = 0; i < this.kinds.length; i++) {
      const kind = this.kinds[i] as ReplicaKind;
      const { slots, count } = kind.kept;
      let next = 0;
      for (let slot = 0; slot < kind.high; slot++) {
        if (next < count && slots[next] === slot) next++;
        else if (kind.status[slot] !== UNKNOWN) this.leave(i, slot, FORGOTTEN);
      }
      kind.rest();
    }
    this.tick = this.newestTick;
  }

  /** tracked or held → unknown. */
  leave(kindIndex: number, slot: number, reason: number): void {
    const kind = this.kinds[kindIndex] as ReplicaKind;
    if (slot >= kind.high || kind.status[slot] === UNKNOWN) throw new WireError('leave of an unknown slot');
    kind.setStatus(slot, UNKNOWN);
    this.left.push(kindIndex, slot, reason, kind.instance[slot] as number);
    kind.instance[slot] = 0;
  }

  /** tracked → held. */
  hold(kind: ReplicaKind, slot: number): void {
    if (slot >= kind.high || kind.status[slot] !== TRACKED) throw new WireError('hold of an untracked slot');
    kind.setStatus(slot, HELD);
  }

  /** unknown → tracked, held → tracked or, with `keepsHeld`, held → held. The codec sets the columns. */
  refresh(kindIndex: number, slot: number, keepsHeld: boolean): void {
    const kind = this.kinds[kindIndex] as ReplicaKind;
    if (slot >= kind.kind.capacity) throw new WireError('slot out of range');
    kind.reserve(slot);
    const status = kind.status[slot];
    if (status === TRACKED) throw new WireError('refresh of a tracked slot');
    if (status === UNKNOWN) {
      if (keepsHeld) throw new WireError('refresh keeps an unknown slot held');
      this.#instances = nextInstance(this.#instances);
      kind.instance[slot] = this.#instances;
      kind.setDefaults(slot);
      this.entered.push(kindIndex, slot, 0, this.#instances);
    }
    if (!keepsHeld) kind.setStatus(slot, TRACKED);
    kind.touched[slot] = this.tick;
  }

  #openHeader(tick: number, ack: number): void {
    if (tick > LAST_TICK || (tick & TICK_MASK) !== (this.newestTick & TICK_MASK)) throw new WireError('wrong tick');
    this.newestTick = tick;
    this.ack = ack;
  }

  #moveOn(tick: number): void {
    if (tick <= this.tick || tick > LAST_TICK) throw new WireError('wrong tick');
    this.tick = tick;
  }
}
