/** The server's world: tables, and the views of them that an author's code works with. */
import { handleOf, type TableHandle } from './handle.ts';
import type { Kind, Schema } from './schema.ts';
import { Table } from './table.ts';

/** All entities of a kind; the author's view of it is `ServerKind`. */
export class KindView implements Iterable<TableHandle> {
  /** Values by slot, by field. */
  readonly columns: { readonly [field: string]: Float64Array };
  /** 1 where an entity lives, by slot. */
  readonly isAlive: Uint8Array;
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
    this.isAlive = table.isAlive;
    this.columns = columnsByName(table.kind, table.columns);
  }

  /** Brings an entity into the world. */
  spawn(init?: object): TableHandle {
    return handleOf(this.#table, this.#table.spawn(init));
  }

  /** The living entity with that id. */
  get(id: number): TableHandle | undefined {
    const slot = this.#table.slotOf(id);
    return slot < 0 ? undefined : handleOf(this.#table, slot);
  }

  /** How many live. */
  get count(): number {
    return this.#table.count;
  }

  /** One past the highest slot ever used. */
  get high(): number {
    return this.#table.high;
  }

  /** Those that live now, by ascending slots; what is spawned meanwhile is not visited, nor what was despawned. */
  [Symbol.iterator](): IterableIterator<TableHandle> {
    return new LivingEntities(this.#table);
  }
}

/** Its own result, so that a loop over thousands makes one object. */
class LivingEntities {
  done = false;
  value: TableHandle | undefined = undefined;
  readonly #table: Table;
  readonly #lastBirth: number;
  #slot = 0;

  constructor(table: Table) {
    this.#table = table;
    this.#lastBirth = table.births;
  }

  next(): IteratorResult<TableHandle> {
    const table = this.#table;
    while (this.#slot < table.high) {
      const slot = this.#slot++;
      // A slot may have been given to a newcomer since the loop began.
      if (table.isAlive[slot] === 1 && (table.birth[slot] as number) <= this.#lastBirth) {
        this.value = handleOf(table, slot);
        return this as IteratorResult<TableHandle>;
      }
    }
    this.value = undefined;
    this.done = true;
    return this as IteratorResult<TableHandle>;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** Columns by field name, without the hidden one. */
export function columnsByName(
  kind: Kind,
  columns: readonly Float64Array[],
): { readonly [field: string]: Float64Array } {
  const named = kind.packed.filter((field) => field.type !== 'teleport');
  return Object.freeze(Object.fromEntries(named.map((field) => [field.name, columns[field.index] as Float64Array])));
}

/** A room's world. `views` is the author's `ServerWorld`. */
export interface World {
  /** By kind index. */
  readonly tables: readonly Table[];
  readonly views: { readonly [kind: string]: KindView };
}

/** An empty world: every column is allocated here, once. */
export function createWorld(schema: Schema): World {
  const tables = schema.kinds.map((kind) => new Table(kind, schema.tickRate));
  for (const table of tables) table.worldTables = tables;
  const views = Object.freeze(Object.fromEntries(tables.map((table) => [table.kind.name, new KindView(table)])));
  return { tables, views };
}

/** Clears refs to entities that are gone, in every table. Once a tick, after the game's code. */
export function sweepRefs(tables: readonly Table[]): void {
  for (let i = 0; i < tables.length; i++) (tables[i] as Table).sweepRefs(tables);
}
