/** The world pass over one kind: true values of this tick in, sent state, flags and words out. */
import type { Group, Kind } from '../state/schema.ts';
import { LaneField } from './lane-field.ts';
import { grownBytes, grownInts, grownLength, grownUints, SlotList } from './slot-list.ts';
import { KindWords } from './word-store.ts';

/** What the world pass reads of a kind's table: `state/table.ts` is one. */
export interface LivingSlots {
  readonly isAlive: Uint8Array;
  readonly generation: Uint32Array;
  /** One past the highest slot ever used. */
  readonly high: number;
}

/** One group's flags of a tick, by slot. */
export class LaneGroup {
  readonly group: Group;
  /** 1 where the entity has a word in this tick. */
  changed: Uint8Array;
  /** The same of the tick before. Where the two differ, the packed codec writes a toggle. */
  changedBefore: Uint8Array;
  /** 1 where the delta of any field is not 0: what the plain codec writes. */
  moved: Uint8Array;
  /** Words in this tick, and who has them, ascending. */
  words: number;
  readonly changedSlots: SlotList;

  constructor(group: Group) {
    this.group = group;
    this.changed = new Uint8Array(0);
    this.changedBefore = new Uint8Array(0);
    this.moved = new Uint8Array(0);
    this.words = 0;
    this.changedSlots = new SlotList();
  }
}

/** Hashes of a lane's entities at one tick, by slot. */
export class LaneHashes {
  tick = -1;
  values: Int32Array = new Int32Array(0);
}

/** Sent state of one kind in one lane. `advance` writes it, everyone else reads. */
export class LaneKind {
  readonly kind: Kind;
  /** One past the highest slot ever used. */
  high: number;
  isAlive: Uint8Array;
  generation: Uint32Array;
  /** The last tick with a word or a change of P in any group; the tick of the entity's first appearance, at least. */
  changeTick: Int32Array;
  /** The same as it was before this tick. */
  priorChangeTick: Int32Array;
  /** Slots that lived in the tick before and live now, ascending. */
  readonly live: SlotList;
  /** Slots that appeared in this tick, ascending. Whatever happened to them since, they have no word. */
  readonly births: SlotList;
  /** Slots whose entity of the tick before is gone, ascending. One that was taken again at once is in `births` too. */
  readonly deaths: SlotList;
  /** By packed index; undefined where the field is not in the body. */
  readonly fields: readonly (LaneField | undefined)[];
  /** The body's fields, ascending. */
  readonly bodyFields: readonly LaneField[];
  /** As `kind.groups`. */
  readonly groups: readonly LaneGroup[];
  /** The tick that all of this is of. */
  tick: number;
  /** `checksum.ts` keeps here what it made for this tick, by codec. */
  readonly hashes: readonly LaneHashes[];
  /** And `packed-words.ts` here. */
  readonly words: KindWords;

  constructor(kind: Kind, tickRate: number, sendEvery: number) {
    this.kind = kind;
    this.high = 0;
    this.isAlive = new Uint8Array(0);
    this.generation = new Uint32Array(0);
    this.changeTick = new Int32Array(0);
    this.priorChangeTick = new Int32Array(0);
    this.live = new SlotList();
    this.births = new SlotList();
    this.deaths = new SlotList();
    this.fields = kind.packed.map((field) =>
      field.group === -1 ? undefined : new LaneField(kind, field, tickRate, sendEvery),
    );
    this.bodyFields = this.fields.filter((field) => field !== undefined);
    this.groups = kind.groups.map((group) => new LaneGroup(group));
    this.tick = -1;
    this.hashes = [new LaneHashes(), new LaneHashes()];
    this.words = new KindWords(kind.groups.length);
  }

  /** One tick: `truth` holds the captured columns by packed index, fine for kernel fields and codes for the others. */
  advance(table: LivingSlots, truth: readonly Int32Array[], tick: number): void {
    this.tick = tick;
    this.#grow(table.high);
    this.priorChangeTick.set(this.changeTick);
    this.#followLives(table);
    for (let i = 0; i < this.groups.length; i++) this.#advanceGroup(this.groups[i] as LaneGroup, truth, tick);
    for (let i = 0; i < this.births.count; i++) this.#start(this.births.slots[i] as number, truth, tick);
  }

  #followLives(table: LivingSlots): void {
    this.live.clear();
    this.births.clear();
    this.deaths.clear();
    for (let slot = 0; slot < table.high; slot++) {
      const isNow = table.isAlive[slot] === 1;
      const wasAlive = this.isAlive[slot] === 1;
      if (!isNow && !wasAlive) continue;
      const generation = table.generation[slot] as number;
      if (isNow && wasAlive && this.generation[slot] === generation) {
        this.live.push(slot);
        continue;
      }
      if (wasAlive) this.deaths.push(slot);
      if (isNow) this.births.push(slot);
      this.isAlive[slot] = isNow ? 1 : 0;
      this.generation[slot] = generation;
    }
  }

  #advanceGroup(group: LaneGroup, truth: readonly Int32Array[], tick: number): void {
    const { live, changeTick } = this;
    const changed = group.changedBefore;
    group.changedBefore = group.changed;
    group.changed = changed;
    changed.fill(0);
    group.moved.fill(0);
    const { fields } = group.group;
    for (let i = 0; i < fields.length; i++) {
      const column = fields[i] as number;
      const field = this.fields[column] as LaneField;
      field.startTick(group.words);
      // A velocity is never itself predicted by one, so that after its words it always is the true code.
      const velocity = field.model === undefined ? -1 : field.model.velocity;
      const q = velocity === -1 ? field.codes : (this.fields[velocity] as LaneField).codes;
      field.findWords(live, truth[column] as Int32Array, q, tick, changed);
    }
    for (let i = 0; i < fields.length; i++) {
      (this.fields[fields[i] as number] as LaneField).applyWords(live, changed, group.moved, changeTick, tick);
    }
    this.#countWords(group, tick);
    if (group.group.isTeleport) this.#stopTeleported(changed);
  }

  /** A word counts as a change even where it leaves P as it was. */
  #countWords(group: LaneGroup, tick: number): void {
    const { slots, count } = this.live;
    const { changed } = group;
    const { changeTick } = this;
    const { changedSlots } = group;
    changedSlots.clear();
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (changed[slot] === 0) continue;
      changeTick[slot] = tick;
      changedSlots.push(slot);
    }
    group.words = changedSlots.count;
  }

  /** Whoever jumped is not expected to go on as it came. */
  #stopTeleported(changed: Uint8Array): void {
    const { slots, count } = this.live;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (changed[slot] === 0) continue;
      for (let j = 0; j < this.bodyFields.length; j++) {
        const field = this.bodyFields[j] as LaneField;
        if (field.model !== undefined) field.d[slot] = 0;
      }
    }
  }

  #start(slot: number, truth: readonly Int32Array[], tick: number): void {
    for (let i = 0; i < this.bodyFields.length; i++) {
      const field = this.bodyFields[i] as LaneField;
      field.start(slot, truth[field.field.index] as Int32Array);
    }
    for (let i = 0; i < this.groups.length; i++) (this.groups[i] as LaneGroup).changedBefore[slot] = 0;
    this.changeTick[slot] = tick;
    this.priorChangeTick[slot] = tick;
  }

  #grow(high: number): void {
    this.high = high;
    if (high <= this.isAlive.length) return;
    const length = grownLength(this.isAlive.length, high, this.kind.capacity);
    this.isAlive = grownBytes(this.isAlive, length);
    this.generation = grownUints(this.generation, length);
    this.changeTick = grownInts(this.changeTick, length);
    this.priorChangeTick = grownInts(this.priorChangeTick, length);
    for (const field of this.bodyFields) field.grow(length);
    for (const group of this.groups) {
      group.changed = grownBytes(group.changed, length);
      group.changedBefore = grownBytes(group.changedBefore, length);
      group.moved = grownBytes(group.moved, length);
    }
  }
}
