/** The newest snapshots, as columns: what the picture is interpolated between. */
import type { Replica } from '../replication/replica.ts';
import { SNAPSHOTS } from './limits.ts';

/** A kind's columns at one tick, by slot; as long as the replica's were. */
export class KindSnapshot {
  tick = 0;
  /** By packed index: fine for kernel fields, codes for others. */
  readonly columns: Int32Array[];
  /** 0 while the slot is not known. */
  instance = new Uint32Array(0);
  /** Whether the entity is tracked (1) or held (2). */
  status = new Uint8Array(0);
  /** Tick of the last news. */
  touched = new Int32Array(0);

  constructor(columnCount: number) {
    this.columns = Array.from({ length: columnCount }, () => new Int32Array(0));
  }
}

/** The replicated state at one tick. */
export interface Snapshot {
  tick: number;
  readonly kinds: readonly KindSnapshot[];
}

/** Copies of a replica at the ticks of its last messages. Allocates only while the replica grows. */
export class SnapshotRing {
  count = 0;
  readonly #snapshots: readonly Snapshot[];
  #next = 0;

  constructor(columnCounts: readonly number[]) {
    this.#snapshots = Array.from({ length: SNAPSHOTS }, () => ({
      tick: 0,
      kinds: columnCounts.map((count) => new KindSnapshot(count)),
    }));
  }

  /** Forgets all snapshots. */
  clear(): void {
    this.count = 0;
  }

  /** The snapshot `back` before the newest one; `back` is below `count`. */
  at(back: number): Snapshot {
    return this.#snapshots[(this.#next - 1 - back) & (SNAPSHOTS - 1)] as Snapshot;
  }

  /** How far back the newest snapshot at or before a (fractional) tick lies; `count` when all are later. */
  find(tick: number): number {
    let back = 0;
    while (back < this.count && this.at(back).tick > tick) back++;
    return back;
  }

  /** Keeps what `replica` holds now. */
  capture(replica: Replica): Snapshot {
    const snapshot = this.#snapshots[this.#next] as Snapshot;
    this.#next = (this.#next + 1) & (SNAPSHOTS - 1);
    this.count = Math.min(this.count + 1, SNAPSHOTS);
    snapshot.tick = replica.tick;
    for (let k = 0; k < snapshot.kinds.length; k++) {
      const copy = snapshot.kinds[k] as KindSnapshot;
      const kind = replica.kinds[k] as Replica['kinds'][number];
      copy.tick = replica.tick;
      if (copy.instance.length !== kind.instance.length) {
        const length = kind.instance.length;
        copy.instance = new Uint32Array(length);
        copy.status = new Uint8Array(length);
        copy.touched = new Int32Array(length);
        for (let i = 0; i < copy.columns.length; i++) copy.columns[i] = new Int32Array(length);
      }
      // Whole arrays: a `set` of a part would need a view made for it.
      copy.instance.set(kind.instance);
      copy.status.set(kind.status);
      copy.touched.set(kind.touched);
      for (let i = 0; i < copy.columns.length; i++) {
        (copy.columns[i] as Int32Array).set(kind.columns[i] as Int32Array);
      }
    }
    return snapshot;
  }
}
