/** Who is in the picture: per kind what is drawn, the handles that show it, and listeners for who comes and goes. */
import { Emitter } from '../core/emitter.ts';
import { HELD } from '../replication/known-kind.ts';
import { isLaterInstance, type Replica, type ReplicaKind } from '../replication/replica.ts';
import {
  type ClientHandleClass,
  type ClientRows,
  createClientHandleClass,
  freezeHandle,
  type RowsHandle,
  retireHandle,
} from '../state/client-handle.ts';
import { SLOTS_PER_GENERATION } from '../state/limits.ts';
import { valueOfCode } from '../state/quantize.ts';
import type { Kind, PackedField, Schema } from '../state/schema.ts';
import { columnsByName } from '../state/world.ts';
import type { Stage } from './timeline.ts';

const ABSENT = 0;
const ENTERED = 1;
const TOLD = 2;

type Listeners = { enter: [entity: object]; leave: [entity: object, reason: unknown] };

/** One kind as it is drawn, by slot. Columns are allocated once and never move. */
export class KindPicture implements ClientRows {
  readonly kind: Kind;
  readonly columns: readonly Float64Array[];
  readonly rare: unknown[][];
  /** Number of the entity that is, or last was, drawn in a slot. */
  readonly instance: Uint32Array;
  /** ABSENT, ENTERED or, once listeners know of it, TOLD. */
  readonly presence: Uint8Array;
  readonly listeners = new Emitter<Listeners>();
  /** One past the highest slot ever drawn. */
  high = 0;
  count = 0;
  readonly #world: World;
  readonly #received: ReplicaKind;
  readonly #Handle: ClientHandleClass;
  readonly #unpredicted: readonly number[];
  readonly #handles: (RowsHandle | undefined)[] = [];
  /** What was last seen of entities that left, until their slot is used again. */
  readonly #left: (object | undefined)[] = [];

  constructor(kind: Kind, world: World, received: ReplicaKind) {
    this.kind = kind;
    this.columns = kind.packed.map(() => new Float64Array(kind.capacity));
    this.rare = kind.rare.map(() => []);
    this.instance = new Uint32Array(kind.capacity);
    this.presence = new Uint8Array(kind.capacity);
    this.#world = world;
    this.#received = received;
    this.#Handle = createClientHandleClass(kind);
    this.#unpredicted = kind.packed.map((_, column) => column).filter((column) => !kind.stepFields.includes(column));
  }

  isDrawn(slot: number): boolean {
    return (this.presence[slot] as number) !== ABSENT;
  }

  handleOf(slot: number): RowsHandle {
    this.#handles[slot] ??= new this.#Handle(this, slot);
    return this.#handles[slot];
  }

  /** The handle of a drawn entity, or what was last seen of one that left. */
  lastSeen(slot: number): object | undefined {
    return this.presence[slot] ? this.handleOf(slot) : this.#left[slot];
  }

  instanceOf(slot: number): number {
    return this.instance[slot] as number;
  }

  isOwnSlot(slot: number): boolean {
    return this.#world.ownKind === this.kind.index && this.#world.ownSlot === slot;
  }

  isHeldSlot(slot: number): boolean {
    return this.#received.status[slot] === HELD && !this.isOwnSlot(slot);
  }

  ageMsOf(slot: number): number {
    const { replica, tickMs, silenceMs } = this.#world;
    const isHeld = this.#received.status[slot] === HELD;
    return silenceMs + (isHeld ? (replica.tick - (this.#received.touched[slot] as number)) * tickMs : 0);
  }

  receivedOf(slot: number, packedIndex: number): number {
    const field = this.kind.packed[packedIndex] as PackedField;
    const number = (this.#received.columns[packedIndex] as Int32Array)[slot] as number;
    return valueOfCode(field, field.kernel === 'snap' ? number : number / 256);
  }

  /** Draws the fields that prediction does not know as they were received. */
  showReceived(slot: number): void {
    for (let i = 0; i < this.#unpredicted.length; i++) {
      const column = this.#unpredicted[i] as number;
      (this.columns[column] as Float64Array)[slot] = this.receivedOf(slot, column);
    }
  }

  resolveRef(kindIndex: number, slot: number): object | undefined {
    return this.#world.resolve(kindIndex, slot);
  }

  enter(slot: number, instance: number): void {
    // It is here already (one's own comes ahead of its time), or was and left again.
    if (!isLaterInstance(instance, this.instanceOf(slot))) return;
    if (this.isDrawn(slot)) this.leave(slot, 'scope');
    this.instance[slot] = instance;
    this.presence[slot] = ENTERED;
    this.#left[slot] = undefined;
    this.count++;
    if (slot >= this.high) this.high = slot + 1;
    for (const field of this.kind.rare) (this.rare[field.index] as unknown[])[slot] = field.default;
  }

  leave(slot: number, reason: unknown): void {
    const handle = this.handleOf(slot);
    const last = freezeHandle(this.kind, handle);
    const wasTold = this.presence[slot] === TOLD;
    retireHandle(handle);
    this.#handles[slot] = undefined;
    this.#left[slot] = last;
    this.presence[slot] = ABSENT;
    this.count--;
    if (wasTold) this.listeners.emit('leave', last, reason);
  }

  announce(slot: number): void {
    if (this.presence[slot] !== ENTERED) return;
    this.presence[slot] = TOLD;
    this.listeners.emit('enter', this.handleOf(slot));
  }
}

/** What is drawn, all kinds. */
export class World implements Stage {
  readonly kinds: readonly KindPicture[];
  /** By kind's name; the author's view is `ClientWorld`. */
  readonly views: { readonly [kind: string]: ClientKindView };
  readonly replica: Replica;
  readonly tickMs: number;
  /** Time since the last snapshot. */
  silenceMs = 0;
  /** What the player steers; -1 for nothing. */
  ownKind = -1;
  ownSlot = -1;
  /** Tells of an event. */
  readonly fireEvent: (index: number, values: unknown) => void;

  constructor(schema: Schema, replica: Replica, fireEvent: (index: number, values: unknown) => void) {
    this.replica = replica;
    this.tickMs = 1000 / schema.tickRate;
    this.kinds = schema.kinds.map((kind, i) => new KindPicture(kind, this, replica.kinds[i] as ReplicaKind));
    this.views = Object.freeze(
      Object.fromEntries(this.kinds.map((kind) => [kind.kind.name, new ClientKindView(kind)])),
    );
    this.fireEvent = fireEvent;
  }

  /** The handle of what the player steers, once it is drawn. */
  get own(): RowsHandle | undefined {
    const kind = this.kinds[this.ownKind];
    return kind?.isDrawn(this.ownSlot) ? kind.handleOf(this.ownSlot) : undefined;
  }

  /** The handle of an entity that is drawn. */
  resolve(kind: number, slot: number): RowsHandle | undefined {
    const picture = this.kinds[kind] as KindPicture;
    return picture.isDrawn(slot) ? picture.handleOf(slot) : undefined;
  }

  enter(kind: number, slot: number, instance: number): void {
    (this.kinds[kind] as KindPicture).enter(slot, instance);
  }

  leave(kind: number, slot: number, instance: number, reason: unknown): void {
    const picture = this.kinds[kind] as KindPicture;
    if (picture.isDrawn(slot) && picture.instanceOf(slot) === instance) picture.leave(slot, reason);
  }

  setRare(kind: number, slot: number, field: number, value: unknown): void {
    const picture = this.kinds[kind] as KindPicture;
    if (picture.isDrawn(slot)) (picture.rare[field] as unknown[])[slot] = value;
  }

  announce(kind: number, slot: number, instance: number): void {
    const picture = this.kinds[kind] as KindPicture;
    if (picture.instanceOf(slot) === instance) picture.announce(slot);
  }

  announceAll(): void {
    for (const picture of this.kinds) for (let slot = 0; slot < picture.high; slot++) picture.announce(slot);
  }
}

/** All entities of a kind that are drawn; the author's view of it is `ClientKind`. */
class ClientKindView {
  /** Values by slot, by field. */
  readonly columns: { readonly [field: string]: Float64Array };
  readonly #picture: KindPicture;

  constructor(picture: KindPicture) {
    this.#picture = picture;
    this.columns = columnsByName(picture.kind, picture.columns);
  }

  get count(): number {
    return this.#picture.count;
  }

  get(id: number): object | undefined {
    const slot = id % SLOTS_PER_GENERATION;
    const picture = this.#picture;
    const isThere = picture.isDrawn(slot) && id === picture.instanceOf(slot) * SLOTS_PER_GENERATION + slot;
    return isThere ? picture.handleOf(slot) : undefined;
  }

  onEnter(listener: (entity: object) => void): () => void {
    return this.#picture.listeners.on('enter', listener);
  }

  onLeave(listener: (entity: object, reason: unknown) => void): () => void {
    return this.#picture.listeners.on('leave', listener);
  }

  [Symbol.iterator](): IterableIterator<object> {
    return new DrawnEntities(this.#picture);
  }
}

/** Its own result, so that a loop over thousands makes one object. */
class DrawnEntities {
  done = false;
  value: object | undefined = undefined;
  readonly #picture: KindPicture;
  #slot = 0;

  constructor(picture: KindPicture) {
    this.#picture = picture;
  }

  next(): IteratorResult<object> {
    const picture = this.#picture;
    while (this.#slot < picture.high && !picture.isDrawn(this.#slot)) this.#slot++;
    this.done = this.#slot >= picture.high;
    this.value = this.done ? undefined : picture.handleOf(this.#slot++);
    return this as IteratorResult<object>;
  }

  [Symbol.iterator](): this {
    return this;
  }
}
