/** Entities as whole numbers, and what changed since the last tick: what every hand-written delta starts from. */
import { codeOf, type Trace, type TraceEntity, type TraceField } from '../traces/trace.ts';
import type { Views } from '../traces/views.ts';

/** Writes an entity's fields as integers into `out`. */
export function quantizeEntity(fields: readonly TraceField[], entity: TraceEntity, out: Int32Array | number[]): void {
  for (let i = 0; i < fields.length; i++) out[i] = codeOf(fields[i]!, entity);
}

/** One entity as it was last sent. */
export interface SentRow {
  readonly codes: Int32Array;
  /** By field: the code less that of the tick before. */
  readonly deltas: Int32Array;
  /** Bits of the fields that changed in this tick; 0 in an entity's first one. */
  mask: number;
}

/** The world as it was last sent, by entity. */
export class SentWorld {
  readonly rows = new Map<number, SentRow>();
  readonly #scratch: Int32Array;
  readonly #fields: readonly TraceField[];

  constructor(fields: readonly TraceField[]) {
    this.#fields = fields;
    this.#scratch = new Int32Array(fields.length);
  }

  row({ id }: TraceEntity): SentRow {
    return this.rows.get(id)!;
  }

  /** Once a tick. Clients see each tick, so that one row serves all who see its entity. */
  advance(trace: Trace): void {
    for (const { id } of trace.left) this.rows.delete(id);
    const fields = this.#fields;
    const scratch = this.#scratch;
    for (const entity of trace.entities) {
      const row = this.rows.get(entity.id);
      quantizeEntity(fields, entity, scratch);
      if (row === undefined) {
        this.rows.set(entity.id, { codes: scratch.slice(), deltas: new Int32Array(fields.length), mask: 0 });
        continue;
      }
      const { codes, deltas } = row;
      let mask = 0;
      for (let i = 0; i < scratch.length; i++) {
        const code = scratch[i]!;
        deltas[i] = code - codes[i]!;
        if (deltas[i] !== 0) mask |= 1 << i;
        codes[i] = code;
      }
      row.mask = mask;
    }
  }
}

/** Whether a client holds exactly the entities of the first view, each with its codes as `codesOf` finds them. */
export function holdsView(
  trace: Trace,
  views: Views,
  count: number,
  codesOf: (id: number) => ArrayLike<number> | undefined,
): boolean {
  const { stayed, entered } = views.list[0]!;
  const scratch: number[] = [];
  if (count !== stayed.length + entered.length) return false;
  return [...stayed, ...entered].every((entity) => {
    quantizeEntity(trace.fields, entity, scratch);
    const codes = codesOf(entity.id);
    return codes !== undefined && scratch.every((code, i) => code === codes[i]);
  });
}
