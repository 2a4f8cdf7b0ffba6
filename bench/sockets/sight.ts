/** Who sees what, for systems without interest management of their own: a grid whose cells are as wide as the sight. */
import type { Trace, TraceEntity } from '../traces/trace.ts';

export interface SightChanges {
  entered(viewer: number, entity: TraceEntity): void;
  left(viewer: number, entity: TraceEntity): void;
}

export class SightGrid {
  readonly #trace: Trace;
  readonly #radius: number;
  readonly #side: number;
  readonly #cells: TraceEntity[][];
  /** By viewer: what it sees, and the tick in which it was last found to. */
  readonly #seen: Map<TraceEntity, number>[];

  constructor(trace: Trace, viewers: number, radius: number) {
    this.#trace = trace;
    this.#radius = radius;
    this.#side = Math.ceil(trace.size / radius);
    this.#cells = Array.from({ length: this.#side ** 2 }, () => []);
    this.#seen = Array.from({ length: viewers }, () => new Map());
  }

  /** Looks around from each viewer. Call it once a tick; `viewers` are as many as were announced, or fewer. */
  update(viewers: readonly TraceEntity[], changes: SightChanges): void {
    const { entities, tick } = this.#trace;
    for (const cell of this.#cells) cell.length = 0;
    for (const entity of entities)
      this.#cells[this.#column(entity.y) * this.#side + this.#column(entity.x)]!.push(entity);
    for (const [i, viewer] of viewers.entries()) {
      const seen = this.#seen[i]!;
      this.#look(i, viewer, seen, changes);
      for (const [entity, seenTick] of seen) {
        if (seenTick === tick) continue;
        seen.delete(entity);
        changes.left(i, entity);
      }
    }
  }

  #column(place: number): number {
    return Math.min(this.#side - 1, Math.max(0, Math.floor(place / this.#radius)));
  }

  #look(index: number, viewer: TraceEntity, seen: Map<TraceEntity, number>, changes: SightChanges): void {
    const { tick } = this.#trace;
    const reach = this.#radius ** 2;
    const column = this.#column(viewer.x);
    const row = this.#column(viewer.y);
    for (let y = Math.max(0, row - 1); y <= Math.min(this.#side - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(this.#side - 1, column + 1); x++) {
        for (const entity of this.#cells[y * this.#side + x]!) {
          if ((entity.x - viewer.x) ** 2 + (entity.y - viewer.y) ** 2 > reach) continue;
          if (!seen.has(entity)) changes.entered(index, entity);
          seen.set(entity, tick);
        }
      }
    }
  }
}
