/** Accessor classes of the client's handles, made once per kind: read-only, over the columns of the picture. */

import type { Bound } from './bound.ts';
import { defineJson, definePacked, refuseWrite, throwStale } from './handle.ts';
import { SLOTS_PER_GENERATION } from './limits.ts';
import { naturalValueOf } from './quantize.ts';
import type { Kind, PackedField, RareField } from './schema.ts';

/** What a handle reads: the picture of one kind. The client implements it. */
export interface ClientRows {
  /** By packed index, then slot: the values drawn, natural (bool 0 or 1, oneOf the choice's position). */
  readonly columns: readonly Float64Array[];
  /** By rare index, then slot, as `rareFromWire` gives them: a ref is the target's slot + 1, 0 for none. Type 'packed' is unused. */
  readonly rare: readonly (readonly unknown[])[];
  /** Number of the entity that a slot stands for; part of its id. */
  instanceOf(slot: number): number;
  isOwnSlot(slot: number): boolean;
  isHeldSlot(slot: number): boolean;
  ageMsOf(slot: number): number;
  /** The newest value received, natural. */
  receivedOf(slot: number, packedIndex: number): number;
  /** The handle of an entity that is drawn, or undefined. */
  resolveRef(kindIndex: number, slot: number): object | undefined;
}

/** A client's handle; the author's view of it is `ClientHandle`. */
export interface RowsHandle extends Bound {
  readonly $source: ClientRows;
  readonly $id: number;
  readonly id: number;
  readonly kind: string;
  readonly isOwn: boolean;
  readonly isHeld: boolean;
  readonly ageMs: number;
  readonly received: object;
}

/** Makes handles of one kind: `new Handle(rows, slot)` for the entity that the slot stands for now. Keep one per entity. */
export type ClientHandleClass = new (rows: ClientRows, slot: number) => RowsHandle;

/** The accessor class of a kind: fields that a client may know, `id, kind, isOwn, isHeld, ageMs, received`. */
export function createClientHandleClass(kind: Kind): ClientHandleClass {
  const Received = createReceivedClass(kind);
  class Handle {
    readonly $source: ClientRows;
    $slot: number;
    readonly $id: number;
    #received: object | undefined = undefined;

    constructor(rows: ClientRows, slot: number) {
      this.$source = rows;
      this.$slot = slot;
      this.$id = rows.instanceOf(slot) * SLOTS_PER_GENERATION + slot;
    }

    get id(): number {
      return this.$id;
    }

    get kind(): string {
      return kind.name;
    }

    get isOwn(): boolean {
      return this.$source.isOwnSlot(liveSlot(this));
    }

    get isHeld(): boolean {
      return this.$source.isHeldSlot(liveSlot(this));
    }

    get ageMs(): number {
      return this.$source.ageMsOf(liveSlot(this));
    }

    get received(): object {
      liveSlot(this);
      this.#received ??= new Received(this);
      return this.#received;
    }
  }
  for (const field of clientPacked(kind)) definePacked(Handle.prototype, field, false);
  for (const field of clientRare(kind)) defineRare(Handle.prototype, field);
  defineJson(
    Handle.prototype,
    [...clientPacked(kind), ...clientRare(kind)].map(({ name }) => name),
  );
  return Handle;
}

function createReceivedClass(kind: Kind): new (handle: RowsHandle) => object {
  const OWNER = Symbol('owner');
  class Received {
    readonly [OWNER]: RowsHandle;
    constructor(handle: RowsHandle) {
      this[OWNER] = handle;
    }
  }
  for (const field of clientPacked(kind)) {
    Object.defineProperty(Received.prototype, field.name, {
      get(this: Received): unknown {
        const handle = this[OWNER];
        return naturalValueOf(field, handle.$source.receivedOf(liveSlot(handle), field.index));
      },
      enumerable: true,
    });
  }
  return Received;
}

function defineRare(prototype: object, field: RareField): void {
  const { index, refKind } = field;
  function get(this: RowsHandle): unknown {
    const slot = liveSlot(this);
    const value = (this.$source.rare[index] as readonly unknown[])[slot];
    if (field.type !== 'ref') return value;
    return value === 0 ? undefined : this.$source.resolveRef(refKind, (value as number) - 1);
  }
  Object.defineProperty(prototype, field.name, { get, set: refuseWrite, enumerable: true });
}

function clientPacked(kind: Kind): PackedField[] {
  return kind.packed.filter((field) => field.type !== 'teleport' && field.visibleTo !== 'server');
}

function clientRare(kind: Kind): RareField[] {
  return kind.rare.filter((field) => field.type !== 'packed' && field.visibleTo !== 'server');
}

function liveSlot(handle: RowsHandle): number {
  const slot = handle.$slot;
  if (slot < 0) throwStale(handle);
  return slot;
}

/** Ends a handle: every field of it throws from now on. `id` and `kind` still read. */
export function retireHandle(handle: Bound): void {
  handle.$slot = -1;
}

/** A plain, frozen copy of what a handle shows now: for `onLeave`, and for an event's reference to an entity that left. */
export function freezeHandle(kind: Kind, handle: RowsHandle): object {
  const names = [...clientPacked(kind), ...clientRare(kind)].map((field) => field.name);
  return freezeNames(handle, ['id', 'kind', 'isOwn', 'isHeld', 'ageMs', ...names], {
    received: freezeNames(
      handle.received,
      clientPacked(kind).map((field) => field.name),
      {},
    ),
  });
}

function freezeNames(source: object, names: readonly string[], more: object): object {
  const values = source as { readonly [name: string]: unknown };
  return Object.freeze({ ...Object.fromEntries(names.map((name) => [name, values[name]])), ...more });
}
