/** The rare values that one client is told: what changed after its last message, and everything of what is new to it. */
import type { RareField, VisibilityRule } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import { RARE_PER_MESSAGE } from '../wire/limits.ts';
import { Writer } from '../wire/writer.ts';
import { CellSet } from './cell-set.ts';
import { type KnownKind, UNKNOWN } from './known-kind.ts';
import type { KindPlan, MessagePlan } from './message-plan.ts';
import { type Knows, PLAYER_FIELDS, type PlayerEntry, type RareLog } from './rare-log.ts';
import { type Admits, collectRefs, isPlain, knows, mayTell } from './rare-refs.ts';
import { grownBytes, grownInts, grownLength, type SlotList } from './slot-list.ts';

/** Once an entry took a message's rare values above so many bytes, the rest waits for the next one. */
const RARE_BYTES = 65_536;

export type { Admits } from './rare-refs.ts';

/** One client's part of the rare values. */
export class RareList {
  /** Entries that wait to be written. */
  count: number;
  #kinds: Int32Array;
  #slots: Int32Array;
  #fields: Int32Array;
  /** While something is left over from the last message: all that waits. Each cell waits once, however often it changes. */
  readonly #waiting: CellSet;
  #isBehind: boolean;
  readonly #scratch: Writer;
  readonly #knownPlayers: Set<number>;
  /** By kind, rare index and slot: 1 where the rule admitted the client last time. Empty where there is no rule. */
  readonly #admitted: Uint8Array[][];
  #ownKind: number;
  #ownSlot: number;
  #isFirst: boolean;
  /** What `collect` was last called with: refs are written as the client knows their targets after it. */
  #plan: MessagePlan | undefined;
  readonly #knows: Knows;
  readonly #addRef: (kind: number, slot: number, field: number) => void;

  constructor(log: RareLog) {
    this.count = 0;
    this.#kinds = new Int32Array(16);
    this.#slots = new Int32Array(16);
    this.#fields = new Int32Array(16);
    this.#waiting = new CellSet();
    this.#isBehind = false;
    this.#scratch = new Writer(256);
    this.#knownPlayers = new Set();
    this.#admitted = log.schema.kinds.map((kind) => kind.rare.map(() => new Uint8Array(0)));
    this.#ownKind = -1;
    this.#ownSlot = -1;
    this.#isFirst = true;
    this.#plan = undefined;
    this.#knows = (kind, id) => this.#plan !== undefined && knows(this.#plan, kind, id);
    this.#addRef = (kind, slot, field) => this.#add(kind, slot, field);
  }

  /** Gathers what goes with the message that `plan` was just prepared for. Returns how many entries wait. */
  collect(plan: MessagePlan, log: RareLog, admits: Admits): number {
    this.#plan = plan;
    if (plan.isReset) this.count = 0;
    this.#isBehind = this.count > 0;
    if (this.#isBehind) this.#dropStale(plan, log, admits);
    this.#collectPlayers(plan, log);
    this.#collectRoom(plan, log);
    this.#collectNew(plan, log);
    if (plan.since < log.floorTick) this.#scanChanges(plan, log);
    else this.#collectChanges(plan, log);
    this.#collectRuled(plan, log, admits);
    this.#collectGranted(plan, log);
    collectRefs(plan, log, admits, this.#addRef);
    this.#isFirst = false;
    return this.count;
  }

  /** Writes what waits as one array, as much as a message may hold. */
  write(writer: Writer, log: RareLog): void {
    const scratch = this.#scratch;
    scratch.reset();
    let written = 0;
    let next = 0;
    for (; next < this.count && scratch.length < RARE_BYTES && written < RARE_PER_MESSAGE; next++) {
      const isWritten = log.write(
        scratch,
        this.#kinds[next] as number,
        this.#slots[next] as number,
        this.#fields[next] as number,
        this.#knows,
      );
      if (isWritten) written++;
    }
    writer.array(written);
    writer.raw(scratch.bytes, 0, scratch.length);
    this.#kinds.copyWithin(0, next, this.count);
    this.#slots.copyWithin(0, next, this.count);
    this.#fields.copyWithin(0, next, this.count);
    this.count -= next;
  }

  #add(kind: number, slot: number, field: number): void {
    // What waits is written with the newest value when its turn comes.
    if (this.#isBehind && !this.#waiting.add(kind, slot, field)) return;
    const at = this.count++;
    if (at === this.#kinds.length) {
      this.#kinds = grownInts(this.#kinds, at * 2);
      this.#slots = grownInts(this.#slots, at * 2);
      this.#fields = grownInts(this.#fields, at * 2);
    }
    this.#kinds[at] = kind;
    this.#slots[at] = slot;
    this.#fields[at] = field;
  }

  /** Of what did not fit the last message, takes off what the client does not know, or may not see, any more. */
  #dropStale(plan: MessagePlan, log: RareLog, admits: Admits): void {
    const { count } = this;
    this.count = 0;
    this.#waiting.clear();
    for (let i = 0; i < count; i++) {
      const kind = this.#kinds[i] as number;
      const slot = this.#slots[i] as number;
      const field = this.#fields[i] as number;
      if (kind >= log.roomKind || mayTell(plan, log, admits, kind, slot, field)) this.#add(kind, slot, field);
    }
  }

  #collectRoom(plan: MessagePlan, log: RareLog): void {
    for (let field = 0; field < log.roomTicks.length; field++) {
      const isDue = (log.roomTicks[field] as number) > plan.since || (plan.isReset && !log.room.isDefault(field));
      if (isDue) this.#add(log.roomKind, 0, field);
    }
  }

  #collectPlayers(plan: MessagePlan, log: RareLog): void {
    if (!plan.isReset && log.playersTick <= plan.since) return;
    if (plan.isReset) {
      // A resuming client may not have heard of the last departures.
      this.#knownPlayers.clear();
      for (const { id, tick } of log.departures) {
        if (!this.#isFirst && tick > plan.since && !log.players.has(id)) this.#add(log.roomKind + 1, id, 0);
      }
    }
    for (const id of this.#knownPlayers) {
      if (log.players.has(id)) continue;
      this.#knownPlayers.delete(id);
      this.#add(log.roomKind + 1, id, 0);
    }
    for (const entry of log.players.values()) this.#collectPlayer(entry, plan.since, log.roomKind + 1);
  }

  #collectPlayer(entry: PlayerEntry, since: number, kind: number): void {
    const isNew = !this.#knownPlayers.has(entry.id) || entry.addedTick > since;
    this.#knownPlayers.add(entry.id);
    if (isNew) this.#add(kind, entry.id, 0);
    if (isNew || entry.controlTick > since) this.#add(kind, entry.id, 1);
    for (let field = 0; field < entry.ticks.length; field++) {
      const isDue = (entry.ticks[field] as number) > since || (isNew && !entry.state.isDefault(field));
      if (isDue) this.#add(kind, entry.id, PLAYER_FIELDS + field);
    }
  }

  /** All that is not the default, of entities that this message makes known; and again of those that a reset keeps. */
  #collectNew(plan: MessagePlan, log: RareLog): void {
    for (let kind = 0; kind < plan.kinds.length; kind++) {
      const { known, refreshes, kept } = plan.kinds[kind] as KindPlan;
      const table = log.tables[kind] as Table;
      if (table.kind.rare.length === 0) continue;
      for (let i = 0; i < refreshes.count; i++) {
        const slot = refreshes.slots[i] as number;
        if (known.enteredTick[slot] === plan.tick) this.#addNonDefaults(plan, kind, table, slot);
      }
      for (let i = 0; i < kept.count; i++) this.#addNonDefaults(plan, kind, table, kept.slots[i] as number);
    }
  }

  #addNonDefaults(plan: MessagePlan, kind: number, table: Table, slot: number): void {
    for (const field of table.kind.rare) {
      if (isPlain(plan, field, kind, slot) && !table.isRareDefault(slot, field)) this.#add(kind, slot, field.index);
    }
  }

  #collectChanges(plan: MessagePlan, log: RareLog): void {
    for (let back = log.countSince(plan.since) - 1; back >= 0; back--) {
      const kind = log.kindOf(back);
      const cell = log.cellOf(back);
      const slot = cell >>> 8;
      const table = log.tables[kind] as Table;
      // An older change of the same value: the newer one speaks for both.
      if ((table.rareTick[cell & 0xff]?.[slot] as number) > log.tickOf(back)) continue;
      this.#addChange(plan, kind, table, slot, cell & 0xff);
    }
  }

  #addChange(plan: MessagePlan, kind: number, table: Table, slot: number, index: number): void {
    const { known } = plan.kinds[kind] as KindPlan;
    const isKnown = slot < known.status.length && known.status[slot] !== UNKNOWN;
    if (!isKnown || known.enteredTick[slot] === plan.tick) return;
    if (isPlain(plan, table.kind.rare[index] as RareField, kind, slot)) this.#add(kind, slot, index);
  }

  /** As `collectChanges`, for a client that missed more than the log holds. */
  #scanChanges(plan: MessagePlan, log: RareLog): void {
    for (let kind = 0; kind < plan.kinds.length; kind++) {
      const { known } = plan.kinds[kind] as KindPlan;
      const table = log.tables[kind] as Table;
      for (const { index } of table.kind.rare) {
        const ticks = table.rareTick[index] as Int32Array;
        for (const { slots, count } of listsOf(known)) {
          for (let i = 0; i < count; i++) {
            const slot = slots[i] as number;
            if ((ticks[slot] as number) > plan.since) this.#addChange(plan, kind, table, slot, index);
          }
        }
      }
    }
  }

  /** Fields with a rule of the game's own: asked anew for every known entity, for what it says may change by itself. */
  #collectRuled(plan: MessagePlan, log: RareLog, admits: Admits): void {
    for (let kind = 0; kind < plan.kinds.length; kind++) {
      const { known } = plan.kinds[kind] as KindPlan;
      const table = log.tables[kind] as Table;
      const { rare } = table.kind;
      for (let i = 0; i < rare.length; i++) {
        const field = rare[i] as RareField;
        const rule = field.visibleTo;
        if (typeof rule !== 'function') continue;
        this.#collectByRule(plan, kind, table, field, rule, known.tracked, admits);
        this.#collectByRule(plan, kind, table, field, rule, known.held, admits);
      }
    }
  }

  #collectByRule(
    plan: MessagePlan,
    kind: number,
    table: Table,
    field: RareField,
    rule: VisibilityRule,
    list: SlotList,
    admits: Admits,
  ): void {
    const { known } = plan.kinds[kind] as KindPlan;
    const admitted = this.#reserveAdmitted(kind, field.index, table);
    for (let i = 0; i < list.count; i++) {
      const slot = list.slots[i] as number;
      const isEntering = known.enteredTick[slot] === plan.tick;
      const wasAdmitted = admitted[slot] === 1 && !isEntering && !plan.isReset;
      const isAdmitted = admits(rule, kind, slot);
      admitted[slot] = isAdmitted ? 1 : 0;
      if (!isAdmitted) continue;
      const isChanged = (table.rareTick[field.index]?.[slot] as number) > plan.since;
      const isDue = wasAdmitted ? isChanged : !(isEntering && table.isRareDefault(slot, field));
      if (isDue) this.#add(kind, slot, field.index);
    }
  }

  #reserveAdmitted(kind: number, index: number, table: Table): Uint8Array {
    const columns = this.#admitted[kind] as Uint8Array[];
    const column = columns[index] as Uint8Array;
    if (column.length >= table.high) return column;
    const grown = grownBytes(column, grownLength(column.length, table.high, table.capacity));
    columns[index] = grown;
    return grown;
  }

  /** What only its owner may see, of an entity that the client knew before it got control. */
  #collectGranted(plan: MessagePlan, log: RareLog): void {
    const { kind, slot } = plan.own;
    if (kind === this.#ownKind && slot === this.#ownSlot) return;
    this.#ownKind = kind;
    this.#ownSlot = slot;
    const known = plan.kinds[kind]?.known;
    if (known === undefined || known.status[slot] === UNKNOWN || known.enteredTick[slot] === plan.tick) return;
    for (const field of (log.tables[kind] as Table).kind.rare) {
      if (field.visibleTo === 'owner') this.#add(kind, slot, field.index);
    }
  }
}

function listsOf(known: KnownKind): readonly SlotList[] {
  return [known.tracked, known.held];
}
