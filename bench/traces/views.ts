/** What each client of a trace sees, tick by tick: the lists that systems without interest management of their own are given. */
import type { Trace, TraceEntity } from './trace.ts';

export interface View {
  /** The entity that looks; undefined where everybody sees everything. */
  readonly viewer: TraceEntity | undefined;
  /** Seen before this tick and still. */
  readonly stayed: readonly TraceEntity[];
  readonly entered: readonly TraceEntity[];
  readonly left: readonly TraceEntity[];
}

/** Looks at a trace after each of its steps. Where everybody sees everything all clients have one view. */
export class Views {
  list: readonly View[] = [];
  readonly #trace: Trace;
  readonly #viewers: readonly TraceEntity[];
  #seen: Set<TraceEntity>[];

  /** The first `clients` entities look; they must live for the whole trace. */
  constructor(trace: Trace, clients: number) {
    this.#trace = trace;
    this.#viewers = trace.sightRadius === undefined ? [] : trace.entities.slice(0, clients);
    this.#seen = this.#viewers.map(() => new Set());
    this.list = this.#viewers.length > 0 ? this.#look() : [this.#everything(trace.entities)];
  }

  /** Call it once after each step. */
  update(): void {
    this.list = this.#viewers.length > 0 ? this.#look() : [this.#everything(this.#trace.entered)];
  }

  #everything(entered: readonly TraceEntity[]): View {
    const { entities, left } = this.#trace;
    const isNew = new Set(entered);
    return { viewer: undefined, stayed: entities.filter((entity) => !isNew.has(entity)), entered, left };
  }

  #look(): View[] {
    const { entities, sightRadius = 0 } = this.#trace;
    const reach = sightRadius ** 2;
    const next = this.#viewers.map(({ x, y }) => {
      return new Set(entities.filter((entity) => (entity.x - x) ** 2 + (entity.y - y) ** 2 <= reach));
    });
    const views = this.#viewers.map((viewer, i) => {
      const now = next[i]!;
      const before = this.#seen[i]!;
      return {
        viewer,
        stayed: [...now].filter((entity) => before.has(entity)),
        entered: [...now].filter((entity) => !before.has(entity)),
        left: [...before].filter((entity) => !now.has(entity)),
      };
    });
    this.#seen = next;
    return views;
  }
}
