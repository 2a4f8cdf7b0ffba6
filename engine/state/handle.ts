/**
 * Accessor classes, made once per kind: the server's handles and the rows of `step`. A handle is a source of columns and a
 * slot; everything that it shows is read from, and written to, the columns.
 */
import { TickwireError } from '../core/errors.ts';
import type { Bound } from './bound.ts';
import { columnValueOf, naturalValueOf } from './quantize.ts';
import { rareToStore } from './rare.ts';
import type { Kind, PackedField, RareField } from './schema.ts';
import type { Table } from './table.ts';

/** Anything with columns and a slot: server's handles and rows over a Table, client's handles over the picture. */
export interface BoundToColumns extends Bound {
  readonly $source: { readonly columns: readonly Float64Array[] };
}

/** A server's handle; the author's view of it is `ServerHandle`. */
export interface TableHandle extends Bound {
  readonly $source: Table;
  readonly $id: number;
  readonly id: number;
  readonly kind: string;
  despawn(): void;
  teleport(to?: { readonly [field: string]: unknown }): void;
}

/** Adds the accessors of a packed field. Reading and writing a handle whose entity is gone throws. */
export function definePacked(prototype: object, field: PackedField, isWritable: boolean): void {
  const { get, set } = isNumber(field) ? createNumberAccessors(field.index) : createAccessors(field);
  Object.defineProperty(prototype, field.name, { get, set: isWritable ? set : refuseWrite, enumerable: true });
}

function isNumber({ type }: PackedField): boolean {
  return type !== 'bool' && type !== 'oneOf';
}

interface Accessors {
  readonly get: (this: BoundToColumns) => unknown;
  readonly set: (this: BoundToColumns, value: never) => void;
}

function createNumberAccessors(column: number): Accessors {
  return {
    get() {
      if (this.$slot < 0) throwStale(this);
      return (this.$source.columns[column] as Float64Array)[this.$slot];
    },
    set(value: number) {
      if (this.$slot < 0) throwStale(this);
      (this.$source.columns[column] as Float64Array)[this.$slot] = value;
    },
  };
}

function createAccessors(field: PackedField): Accessors {
  const { get, set } = createNumberAccessors(field.index);
  return {
    get() {
      return naturalValueOf(field, get.call(this) as number);
    },
    set(value: unknown) {
      set.call(this, columnValueOf(field, value) as never);
    },
  };
}

/** The setter of what may only be read. */
export function refuseWrite(): never {
  throw new TickwireError('this is read-only: state is changed on the server, or in step; clients send commands');
}

function defineRare(prototype: object, field: RareField, kind: Kind): void {
  const { index } = field;
  function get(this: TableHandle): unknown {
    if (this.$slot < 0) throwStale(this);
    const table = this.$source;
    const stored = (table.rare[index] as unknown[])[this.$slot];
    if (field.type !== 'ref') return stored;
    const target = table.worldTables[field.refKind] as Table;
    const slot = target.slotOf(stored as number);
    return slot < 0 ? undefined : handleOf(target, slot);
  }
  function set(this: TableHandle, value: unknown): void {
    if (this.$slot < 0) throwStale(this);
    this.$source.writeRare(this.$slot, index, rareToStore(field, value, kind.name, this.$source.worldTables));
  }
  Object.defineProperty(prototype, field.name, { get, set, enumerable: true });
}

/** Lets JSON and Node's console show what a handle shows, refs as ids, in place of what it is made of. */
export function defineJson(prototype: object, names: readonly string[]): void {
  function toJSON(this: Bound & { readonly [name: string]: unknown }): object {
    const shown: { [name: string]: unknown } = { id: this.id, kind: this.kind };
    if (this.$slot < 0) return shown;
    for (const name of names) {
      const value = this[name];
      const isHandle = typeof value === 'object' && value !== null && '$slot' in value;
      shown[name] = isHandle ? (value as { readonly id?: unknown }).id : value;
    }
    return shown;
  }
  Object.defineProperty(prototype, 'toJSON', { value: toJSON });
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), { value: toJSON });
}

/** Says that a handle outlived its entity. */
export function throwStale(handle: object): never {
  const { kind, id } = handle as { readonly kind?: string; readonly id?: number };
  throw new TickwireError(`${kind} ${id} is gone: keep its id, and ask the world for it with get(id)`);
}

type HandleClass = new (table: Table, slot: number) => TableHandle;

function createHandleClass(kind: Kind): HandleClass {
  class Handle {
    readonly $source: Table;
    $slot: number;
    readonly $id: number;

    constructor(table: Table, slot: number) {
      this.$source = table;
      this.$slot = slot;
      this.$id = table.idOf(slot);
    }

    get id(): number {
      return this.$id;
    }

    get kind(): string {
      return kind.name;
    }

    despawn(): void {
      if (this.$slot < 0) throwStale(this);
      this.$source.despawn(this.$slot);
    }

    teleport(to: { readonly [field: string]: unknown } = {}): void {
      if (this.$slot < 0) throwStale(this);
      teleport(this.$source, this.$slot, to);
    }
  }
  for (const field of kind.packed) if (field.type !== 'teleport') definePacked(Handle.prototype, field, true);
  for (const field of kind.rare) if (field.packed < 0) defineRare(Handle.prototype, field, kind);
  defineJson(
    Handle.prototype,
    [...kind.packed, ...kind.rare].map(({ name }) => name).filter((name) => name in Handle.prototype),
  );
  return Handle;
}

/** Moves an entity without a path between: sets moving fields, and counts the teleport counter on. */
export function teleport(table: Table, slot: number, to: { readonly [field: string]: unknown }): void {
  const { kind } = table;
  if (kind.teleport < 0) {
    throw new TickwireError(
      `${kind.name} has no field that moves between snapshots, so it cannot teleport; assign its fields`,
    );
  }
  const moving = kind.packed.filter((field) => field.kernel !== 'snap');
  for (const name of Object.keys(to)) {
    const field = moving.find((candidate) => candidate.name === name);
    if (field === undefined) {
      const names = moving.map((candidate) => candidate.name).join(', ');
      throw new TickwireError(`teleport() of ${kind.name} moves ${names}; assign ${name} by itself`);
    }
    if (to[name] !== undefined) (table.columns[field.index] as Float64Array)[slot] = to[name] as number;
  }
  const counter = table.columns[kind.teleport] as Float64Array;
  counter[slot] = ((counter[slot] as number) + 1) & 3;
}

// Classes are a function of the compiled kind alone, so rooms and servers share them.
const handleClasses = new WeakMap<Kind, HandleClass>();
const rowClasses = new WeakMap<Kind, RowClass>();

/** The handle of a living entity: the same one as long as it lives. */
export function handleOf(table: Table, slot: number): TableHandle {
  const kept = table.handles[slot] as TableHandle | undefined;
  if (kept !== undefined) return kept;
  let create = handleClasses.get(table.kind);
  if (create === undefined) {
    create = createHandleClass(table.kind);
    handleClasses.set(table.kind, create);
  }
  const handle = new create(table, slot);
  table.handles[slot] = handle;
  return handle;
}

/** What `step` steps rows of: a Table is one. */
export interface StepRows {
  readonly kind: Kind;
  /** By packed index, then slot. */
  readonly columns: readonly Float64Array[];
  /** The row object, made by the first step. */
  stepRow: Bound | undefined;
}

type RowClass = new (rows: StepRows) => Bound;

interface StepRow extends BoundToColumns {
  readonly $columns: readonly Float64Array[];
}

function createRowClass(kind: Kind): RowClass {
  class Row {
    readonly $source: StepRows;
    readonly $columns: readonly Float64Array[];
    $slot: number;

    constructor(rows: StepRows) {
      this.$source = rows;
      this.$columns = rows.columns;
      this.$slot = 0;
    }
  }
  for (const column of kind.stepFields) {
    const field = kind.packed[column] as PackedField;
    const accessors = isNumber(field) ? createRowAccessors(column) : createAccessors(field);
    Object.defineProperty(Row.prototype, field.name, { ...accessors, enumerable: true });
  }
  return Row;
}

/**
 * A row is never stale, so these need no check, and are so short (27 bytes of bytecode are the limit) that V8 always takes
 * them into the author's function. Else a number that they return or are given is an object, and a step has to do with
 * many: test/allocation counts them.
 */
function createRowAccessors(column: number): PropertyDescriptor & ThisType<StepRow> {
  return {
    get() {
      return (this.$columns[column] as Float64Array)[this.$slot];
    },
    set(value: number) {
      (this.$columns[column] as Float64Array)[this.$slot] = value;
    },
  };
}

/** The row that steps of these rows get, bound to a slot: one object, reused. Only fields of `kind.stepFields` are on it. */
export function rowOf(rows: StepRows, slot: number): object {
  rows.stepRow ??= createRow(rows);
  rows.stepRow.$slot = slot;
  return rows.stepRow;
}

function createRow(rows: StepRows): Bound {
  let create = rowClasses.get(rows.kind);
  if (create === undefined) {
    create = createRowClass(rows.kind);
    rowClasses.set(rows.kind, create);
  }
  return new create(rows);
}
