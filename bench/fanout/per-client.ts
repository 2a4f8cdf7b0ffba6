/**
 * The other way to make packed bodies: each client's words encoded for it alone, from the same columns, in the same bits. No
 * word is made once and copied. It is spared what a server needs besides: no budgets, no gaps, no holds, no checks, and one sent
 * state for all clients, where such encoders mostly keep one for each.
 */
import { codeOf, type Trace, type TraceEntity } from '../traces/trace.ts';
import { BitWriter, zigzag } from './bit-writer.ts';
import { type Column, type Group, KindColumns, VELOCITY } from './columns.ts';

interface Place {
  readonly kind: number;
  readonly slot: number;
}

/** What one client has been told of one kind. */
interface Known {
  /** Ascending. */
  slots: Int32Array;
  count: number;
  /** By slot: the last tick in which it was in sight, and whether it is tracked. */
  readonly seenTick: Int32Array;
  readonly isTracked: Uint8Array;
}

/** STATE's head and the bin's. */
const HEAD_BYTES = 7;
const MAX_TRACKED = 4_096;

export class PerClientEncoder {
  /** Bytes of the newest messages. */
  readonly sizes: number[] = [];
  /** Entities in sight, all clients together. */
  visible = 0;
  readonly #trace: Trace;
  readonly #viewers: readonly TraceEntity[];
  readonly #kinds: readonly KindColumns[];
  readonly #places = new Map<number, Place>();
  readonly #free: number[][];
  readonly #known: Known[][];
  /** By kind and cell: slots. */
  readonly #cells: number[][][];
  readonly #side: number;
  readonly #bits = new BitWriter();
  // What one group of one client needs on the way.
  readonly #residuals = Array.from({ length: 8 }, () => new Int32Array(MAX_TRACKED));
  readonly #changed = new Int32Array(MAX_TRACKED);
  readonly #toggled = new Int32Array(MAX_TRACKED);
  #tick = 0;

  constructor(trace: Trace, clients: number) {
    this.#trace = trace;
    this.#viewers = trace.entities.slice(0, clients);
    this.#kinds = trace.kinds.map((kind) => new KindColumns(trace, kind));
    this.#free = this.#kinds.map(({ capacity }) => Array.from({ length: capacity }, (_, i) => i));
    this.#known = this.#viewers.map(() =>
      this.#kinds.map(({ capacity }) => ({
        slots: new Int32Array(capacity),
        count: 0,
        seenTick: new Int32Array(capacity).fill(-1),
        isTracked: new Uint8Array(capacity),
      })),
    );
    this.#side = Math.ceil(trace.size / trace.sightRadius!);
    this.#cells = this.#kinds.map(() => Array.from({ length: this.#side ** 2 }, () => []));
    for (const entity of trace.entities) this.#enter(entity);
  }

  /** Makes all messages of the trace's newest tick; returns how long that took, ms, reading the trace not included. */
  runTick(): number {
    const { left, entered } = this.#trace;
    this.#tick++;
    const gone = left.map((entity) => this.#leave(entity));
    for (const entity of entered) if (!this.#places.has(entity.id)) this.#enter(entity);
    const start = performance.now();
    this.#capture();
    for (let i = 0; i < this.#viewers.length; i++) this.#writeMessage(i);
    for (const kind of this.#kinds) this.#advance(kind);
    const end = performance.now();
    for (const { kind, slot } of gone) this.#free[kind]!.push(slot);
    return end - start;
  }

  #enter(entity: TraceEntity): void {
    const kind = this.#trace.kinds.findIndex(({ name }) => name === entity.kind);
    const columns = this.#kinds[kind]!;
    const slot = this.#free[kind]!.shift()!;
    this.#places.set(entity.id, { kind, slot });
    columns.live.push(slot);
    columns.entities.push(entity);
    for (const column of columns.columns) {
      column.read(entity, slot);
      column.enter(slot);
    }
    for (const { changedBefore } of columns.groups) changedBefore[slot] = 0;
  }

  #leave(entity: TraceEntity): Place {
    const place = this.#places.get(entity.id)!;
    this.#places.delete(entity.id);
    const { live, entities } = this.#kinds[place.kind]!;
    const at = live.indexOf(place.slot);
    live.splice(at, 1);
    entities.splice(at, 1);
    return place;
  }

  #capture(): void {
    const radius = this.#trace.sightRadius!;
    for (let kind = 0; kind < this.#kinds.length; kind++) {
      const columns = this.#kinds[kind]!;
      const cells = this.#cells[kind]!;
      columns.capture();
      for (const cell of cells) cell.length = 0;
      const { live, x, y } = columns;
      for (let i = 0; i < live.length; i++) {
        const slot = live[i]!;
        cells[Math.floor(y[slot]! / radius) * this.#side + Math.floor(x[slot]! / radius)]!.push(slot);
      }
    }
  }

  #look(viewer: TraceEntity, known: readonly Known[], entering: number[][]): void {
    const radius = this.#trace.sightRadius!;
    const column = Math.floor(viewer.x / radius);
    const row = Math.floor(viewer.y / radius);
    for (let kind = 0; kind < known.length; kind++) {
      for (let y = Math.max(0, row - 1); y <= Math.min(this.#side - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(this.#side - 1, column + 1); x++) {
          const cell = this.#cells[kind]![y * this.#side + x]!;
          this.#lookInto(cell, this.#kinds[kind]!, viewer, known[kind]!, entering[kind]!);
        }
      }
    }
  }

  #lookInto(
    cell: readonly number[],
    { x, y }: KindColumns,
    viewer: TraceEntity,
    known: Known,
    entering: number[],
  ): void {
    const radius = this.#trace.sightRadius!;
    const reach = radius * radius;
    const { seenTick, isTracked } = known;
    for (let i = 0; i < cell.length; i++) {
      const slot = cell[i]!;
      const dx = x[slot]! - viewer.x;
      const dy = y[slot]! - viewer.y;
      if (dx * dx + dy * dy > reach) continue;
      seenTick[slot] = this.#tick;
      this.visible++;
      if (isTracked[slot] === 0) entering.push(slot);
    }
  }

  #writeMessage(index: number): void {
    const known = this.#known[index]!;
    const entering: number[][] = known.map(() => []);
    this.#look(this.#viewers[index]!, known, entering);
    const leaving = known.map((list) => this.#takeLeavers(list));
    const bits = this.#bits;
    bits.reset();
    const hasLeaves = leaving.some(({ length }) => length > 0);
    const hasRefreshes = entering.some(({ length }) => length > 0);
    bits.put((hasLeaves ? 4 : 0) | (hasRefreshes ? 16 : 0), 6);
    if (hasLeaves) {
      bits.put(1, 1);
      for (const ranks of leaving) this.#putLeaves(ranks);
    }
    for (let kind = 0; kind < known.length; kind++) {
      const list = known[kind]!;
      if (list.count > 0) for (const group of this.#kinds[kind]!.groups) this.#putGroup(group, list);
    }
    if (hasRefreshes)
      for (let kind = 0; kind < known.length; kind++) this.#putRefreshes(kind, known[kind]!, entering[kind]!);
    bits.finish();
    // The transport needs a copy.
    this.sizes[index] = HEAD_BYTES + bits.bytes.slice(0, bits.length).length;
  }

  /** Takes what is out of sight off the list; returns the ranks that it had. */
  #takeLeavers(list: Known): number[] {
    const ranks: number[] = [];
    let kept = 0;
    for (let i = 0; i < list.count; i++) {
      const slot = list.slots[i]!;
      if (list.seenTick[slot] === this.#tick) list.slots[kept++] = slot;
      else {
        ranks.push(i);
        list.isTracked[slot] = 0;
      }
    }
    list.count = kept;
    return ranks;
  }

  #putLeaves(ranks: readonly number[]): void {
    const bits = this.#bits;
    bits.expGolomb(ranks.length, 1);
    let next = 0;
    for (const rank of ranks) {
      bits.expGolomb(rank - next, 5);
      bits.put(1, 1);
      next = rank + 1;
    }
    bits.expGolomb(0, 1);
  }

  /** Predicts, compares and encodes each tracked entity's word of a group. */
  #putGroup({ columns, changedBefore, isEmpty }: Group, { slots, count }: Known): void {
    const bits = this.#bits;
    for (const column of columns) if (column.isKernel) bits.put(column.predictor, 2);
    let changes = 0;
    let toggles = 0;
    if (!isEmpty) {
      for (let rank = 0; rank < count; rank++) {
        const slot = slots[rank]!;
        const isChanged = this.#compare(columns, slot, changes);
        if (isChanged !== changedBefore[slot]) this.#toggled[toggles++] = rank;
        if (isChanged === 1) this.#changed[changes++] = rank;
      }
    }
    bits.put(changes > 0 ? 1 : 0, 1);
    if (changes === 0) return;
    const mean = (0.7 * count) / Math.max(1, toggles);
    const p = mean < 2 ? 0 : Math.min(15, 31 - Math.clz32(mean));
    const isDense = 8 + toggles * (p + 2) < changes * 6.5;
    bits.put(isDense ? 1 : 0, 1);
    for (const column of columns) bits.put(column.scale, 3);
    if (isDense) {
      bits.expGolomb(toggles, 3);
      bits.put(p, 4);
      for (let i = 0, next = 0; i < toggles; next = this.#toggled[i++]! + 1) bits.rice(this.#toggled[i]! - next, p);
    } else {
      bits.expGolomb(changes, 1);
      for (let i = 0, next = 0; i < changes; next = this.#changed[i++]! + 1)
        bits.expGolomb(this.#changed[i]! - next, 5);
    }
    for (let i = 0; i < changes; i++) {
      for (let c = 0; c < columns.length; c++) bits.expGolomb(zigzag(this.#residuals[c]![i]!), columns[c]!.scale);
    }
  }

  /** Residuals of one entity into place `at`; 1 if any is not 0. */
  #compare(columns: readonly Column[], slot: number, at: number): number {
    let isChanged = 0;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c]!;
      // A word of the group sets the velocity to its code; without one it is what is predicted.
      const q = column.predictor === VELOCITY ? column.velocity!.codes[slot]! : 0;
      const residual = column.residual(slot, column.predict(slot, q));
      this.#residuals[c]![at] = residual;
      if (residual !== 0) isChanged = 1;
    }
    return isChanged;
  }

  #putRefreshes(kind: number, list: Known, entering: number[]): void {
    const bits = this.#bits;
    const { columns, groups } = this.#kinds[kind]!;
    bits.expGolomb(entering.length, 1);
    entering.sort((a, b) => a - b);
    let next = 0;
    for (const slot of entering) {
      bits.expGolomb(slot - next, 8);
      bits.put(0, 1);
      for (const column of columns) bits.putWide(column.code(slot), column.bits);
      // The teleport counter, and a flag for each group.
      bits.put(0, 2);
      for (const { changedBefore } of groups) bits.put(changedBefore[slot]!, 1);
      for (const column of columns) {
        if (!column.isKernel) continue;
        const d = column.d[slot]!;
        bits.put(d === 0 ? 0 : 1, 1);
        if (d !== 0) bits.expGolomb(zigzag(d), column.field.wraps ? 3 : 6);
        if (column.velocity !== undefined) bits.put(column.p[slot]! & 0xff, 8);
      }
      next = slot + 1;
      list.isTracked[slot] = 1;
    }
    mergeInto(list, entering);
  }

  /** Moves the sent state on, once for all clients. */
  #advance({ groups, live }: KindColumns): void {
    for (const { columns, changedBefore } of groups) {
      for (const column of columns) column.choose(live, this.#tick);
      let words = 0;
      for (let i = 0; i < live.length; i++) {
        const slot = live[i]!;
        const isChanged = this.#compare(columns, slot, 0);
        words += isChanged;
        for (let c = 0; c < columns.length; c++) {
          const column = columns[c]!;
          if (isChanged === 1) column.noteWord(this.#residuals[c]![0]!);
          const q = column.predictor === VELOCITY ? column.velocity!.codes[slot]! : 0;
          column.advance(slot, column.predict(slot, q), isChanged === 1);
        }
        changedBefore[slot] = isChanged;
      }
      for (const column of columns) {
        column.chooseScale(words);
        column.takeChoice();
      }
    }
  }

  /** Whether what receivers hold is the trace, within half a step: so that the words that are counted are words that would do. */
  check(): boolean {
    return this.#trace.entities.every((entity) => {
      const { kind, slot } = this.#places.get(entity.id)!;
      return this.#kinds[kind]!.columns.every((column) => {
        const apart = Math.abs(column.code(slot) - codeOf(column.field, entity));
        return apart <= 1 || apart === column.field.levels - 1;
      });
    });
  }
}

/** Both ascend. */
function mergeInto(list: Known, entering: readonly number[]): void {
  let from = list.count - 1;
  let other = entering.length - 1;
  list.count += entering.length;
  for (let to = list.count - 1; other >= 0; to--) {
    if (from >= 0 && list.slots[from]! > entering[other]!) list.slots[to] = list.slots[from--]!;
    else list.slots[to] = entering[other--]!;
  }
}
