/**
 * The entities of one kind, as columns: the server's world, and on a client the rows that it predicts.
 *
 *     slot          0     1     2     …  capacity-1
 *     columns[0]  [ x0    x1    x2    …  ]   Float64Array, natural values; allocated once, never moved
 *     rare[0]     [ 'a'   'b'   ''    …  ]
 *     id = generation * 65536 + slot
 */
import { TickwireError } from '../core/errors.ts';
import { copyValue } from '../wire/value-codec.ts';
import type { Bound } from './bound.ts';
import { SLOTS_PER_GENERATION, TELEPORT } from './limits.ts';
import { codeOf, columnValueOf } from './quantize.ts';
import { rareToStore, refToWire } from './rare.ts';
import type { Kind, PackedField, RareField } from './schema.ts';
import { SlotQueue } from './slot-queue.ts';

/** Columns of a kind. */
export class Table {
  readonly kind: Kind;
  readonly capacity: number;
  /** By packed index, then slot. Natural values: bool 0 or 1, oneOf the choice's position. */
  readonly columns: readonly Float64Array[];
  /** By rare index, then slot. A ref is the target's id, 0 for none; a type 'packed' one is not here but in its column. */
  readonly rare: readonly unknown[][];
  /** By rare index, then slot: the tick of the last change. */
  readonly rareTick: readonly Int32Array[];
  /** Rare values changed since `clearRareDirty`, as slot << 8 | rare index, each once. */
  readonly rareDirty: number[];
  /** 1 where an entity lives. */
  readonly isAlive: Uint8Array;
  /** 1 for a slot's first entity, one more for each later one; 0 for a slot never used. */
  readonly generation: Uint32Array;
  /** Tick in which the slot's entity was spawned. */
  readonly spawnTick: Int32Array;
  /** Which spawn of this table made the slot's entity, counted from 1. */
  readonly birth: Float64Array;
  /** The handle of each living entity that was asked for. */
  readonly handles: (Bound | undefined)[];
  /** The row object that steps of this table get, made by the first; see `rowOf`. */
  stepRow: Bound | undefined;
  /** The tables of the world, by kind index: where refs lead. Empty outside of a world. */
  worldTables: readonly Table[];
  /** How many live. */
  count: number;
  /** One past the highest slot ever used. */
  high: number;
  /** Spawns so far. */
  births: number;
  /** Despawns so far. */
  deaths: number;
  /** The tick that writes belong to: the one that runs, or the next one between two ticks. The owner sets it. */
  tick: number;
  /** By rare index, then slot, of `value()` fields alone: what was checked, for the author may go on to change the object. */
  readonly #checked: readonly unknown[][];
  readonly #isMarked: Uint8Array;
  readonly #freed: SlotQueue;
  readonly #tickRate: number;
  readonly #defaults: readonly number[];
  readonly #names: ReadonlySet<string>;
  readonly #sweptDeaths: number[];

  constructor(kind: Kind, tickRate: number, capacity: number = kind.capacity) {
    this.kind = kind;
    this.capacity = capacity;
    this.columns = kind.packed.map(() => new Float64Array(capacity));
    this.rare = kind.rare.map((field) => new Array<unknown>(capacity).fill(field.default));
    this.rareTick = kind.rare.map(() => new Int32Array(capacity));
    this.rareDirty = [];
    this.isAlive = new Uint8Array(capacity);
    this.generation = new Uint32Array(capacity);
    this.spawnTick = new Int32Array(capacity);
    this.birth = new Float64Array(capacity);
    this.handles = new Array<Bound | undefined>(capacity).fill(undefined);
    this.stepRow = undefined;
    this.worldTables = [];
    this.count = 0;
    this.high = 0;
    this.births = 0;
    this.deaths = 0;
    this.tick = 0;
    this.#checked = kind.rare.map((field) =>
      field.type === 'value' ? new Array<unknown>(capacity).fill(field.default) : [],
    );
    this.#isMarked = new Uint8Array(capacity * kind.rare.length);
    this.#freed = new SlotQueue(capacity);
    this.#tickRate = tickRate;
    this.#defaults = kind.packed.map((field) => field.default);
    this.#names = new Set(
      [...kind.packed, ...kind.rare].map((field) => field.name).filter((name) => name !== TELEPORT),
    );
    this.#sweptDeaths = kind.rare.map(() => 0);
  }

  /** Public id of the slot's entity. */
  idOf(slot: number): number {
    return (this.generation[slot] as number) * SLOTS_PER_GENERATION + slot;
  }

  /** Slot of the living entity with that id, else -1. */
  slotOf(id: number): number {
    const slot = id % SLOTS_PER_GENERATION;
    return this.isAlive[slot] === 1 && this.idOf(slot) === id ? slot : -1;
  }

  /** Brings an entity to life; fields that `init` leaves out get their defaults. Returns its slot. Throws when all are taken. */
  spawn(init: object | undefined = undefined, tick: number = this.tick): number {
    const values = (init ?? {}) as { readonly [name: string]: unknown };
    // A handle or a row is taken as it is, whatever else it shows.
    if (!('$slot' in values)) for (const name in values) if (!this.#names.has(name)) this.#refuseName(name);
    // Before anything changes: a value that is refused leaves the table as it was.
    const rare = this.kind.rare.map((field) => {
      const given = field.packed < 0 ? values[field.name] : undefined;
      return given === undefined ? field.default : rareToStore(field, given, this.kind.name, this.worldTables);
    });
    const slot = this.#takeSlot(tick);
    for (const field of this.kind.packed) {
      const given = values[field.name];
      const value = given === undefined ? this.#defaults[field.index] : columnValueOf(field, given);
      (this.columns[field.index] as Float64Array)[slot] = value as number;
    }
    this.isAlive[slot] = 1;
    this.generation[slot] = (this.generation[slot] as number) + 1;
    this.spawnTick[slot] = tick;
    this.birth[slot] = ++this.births;
    this.count++;
    for (const field of this.kind.rare) {
      this.#store(slot, field, rare[field.index]);
      (this.rareTick[field.index] as Int32Array)[slot] = tick;
      if (rare[field.index] !== field.default) this.markRare(slot, field.index);
    }
    return slot;
  }

  /** Whether `spawn` finds a slot in this tick. */
  get hasRoom(): boolean {
    return this.high < this.capacity || (this.#freed.count > 0 && this.#freed.oldestTick < this.tick);
  }

  /** Ends an entity. Its handle throws from now on, its slot is free again after a second. Nothing happens if none lives there. */
  despawn(slot: number, tick: number = this.tick): void {
    if (this.isAlive[slot] !== 1) return;
    this.isAlive[slot] = 0;
    this.count--;
    this.deaths++;
    this.#freed.put(slot, tick);
    const handle = this.handles[slot];
    if (handle === undefined) return;
    handle.$slot = -1;
    this.handles[slot] = undefined;
  }

  /** Sets a rare value that `rareToStore` let pass, and marks it if it is another one. */
  writeRare(slot: number, rareIndex: number, stored: unknown): void {
    const values = this.rare[rareIndex] as unknown[];
    // An object that is assigned again may have been changed inside.
    if (values[slot] === stored && (typeof stored !== 'object' || stored === null)) return;
    this.#store(slot, this.kind.rare[rareIndex] as RareField, stored);
    this.markRare(slot, rareIndex);
  }

  /** A rare value as it travels: a packed one's code, a ref's target's slot or null, null for undefined, else the value. */
  rareToWire(slot: number, field: RareField): unknown {
    if (field.packed >= 0)
      return codeOf(field.spec as PackedField, (this.columns[field.packed] as Float64Array)[slot] as number);
    const values = field.type === 'value' ? this.#checked : this.rare;
    const stored = (values[field.index] as unknown[])[slot];
    return field.type === 'ref' ? refToWire(stored as number) : (stored ?? null);
  }

  /** Whether a rare value is the default, which nobody needs to be told. */
  isRareDefault(slot: number, field: RareField): boolean {
    if (field.packed < 0) return (this.rare[field.index] as unknown[])[slot] === field.default;
    return this.rareToWire(slot, field) === codeOf(field.spec as PackedField, field.default as number);
  }

  /** Notes that a rare value changed in the current tick. */
  markRare(slot: number, rareIndex: number): void {
    (this.rareTick[rareIndex] as Int32Array)[slot] = this.tick;
    const mark = rareIndex * this.capacity + slot;
    if (this.#isMarked[mark] === 1) return;
    this.#isMarked[mark] = 1;
    this.rareDirty.push((slot << 8) | rareIndex);
  }

  /** Empties `rareDirty`, once its content went where it should. */
  clearRareDirty(): void {
    for (const entry of this.rareDirty) this.#isMarked[(entry & 0xff) * this.capacity + (entry >>> 8)] = 0;
    this.rareDirty.length = 0;
  }

  /** Clears and marks every ref to an entity that is gone; `tables` are the world's, by kind index. Call once a tick, before sending. */
  sweepRefs(tables: readonly Table[] = this.worldTables): void {
    const fields = this.kind.rare;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i] as RareField;
      if (field.type !== 'ref') continue;
      const target = tables[field.refKind] as Table;
      if (target.deaths === this.#sweptDeaths[field.index]) continue;
      this.#sweptDeaths[field.index] = target.deaths;
      const ids = this.rare[field.index] as number[];
      for (let slot = 0; slot < this.high; slot++) {
        const id = ids[slot] as number;
        if (id !== 0 && this.isAlive[slot] === 1 && target.slotOf(id) < 0) this.writeRare(slot, field.index, 0);
      }
    }
  }

  #refuseName(name: string): never {
    throw new TickwireError(`${this.kind.name} has no field '${name}'; it has ${[...this.#names].join(', ')}`);
  }

  #store(slot: number, { index, type, default: usual }: RareField, stored: unknown): void {
    (this.rare[index] as unknown[])[slot] = stored;
    if (type === 'value') (this.#checked[index] as unknown[])[slot] = stored === usual ? usual : copyValue(stored);
  }

  #takeSlot(tick: number): number {
    if (this.#freed.count > 0 && this.#freed.oldestTick + this.#tickRate <= tick) return this.#freed.take();
    if (this.high < this.capacity) return this.high++;
    // Clients learn of the leave before the enter in any case; the second only spares late references to the old one.
    if (this.#freed.count > 0 && this.#freed.oldestTick < tick) return this.#freed.take();
    throw new TickwireError(
      `${this.kind.name}: all ${this.capacity} slots are taken; despawn some first, or raise entity({ … }, { max })`,
    );
  }
}
