/** The world's packed fields on their grid: made once a tick, after the game's code and before anything is sent. */
import { TickwireError } from '../core/errors.ts';
import { codeOf, fineOf, isInRange } from './quantize.ts';
import type { Kind, PackedField, RareField, Schema } from './schema.ts';
import type { Table } from './table.ts';

/** Told of each value that had to be clamped. */
export type OnBadValue = (kind: Kind, field: PackedField, id: number, value: number) => void;

/** Quantized columns of every living entity. */
export class Capture {
  /** By kind, column, slot: fine for fields with a kernel, code for the others. Slots of the dead hold old values. */
  readonly columns: readonly (readonly Int32Array[])[];

  constructor(schema: Schema) {
    this.columns = schema.kinds.map((kind) => kind.packed.map(() => new Int32Array(kind.capacity)));
  }

  /**
   * Quantizes all living rows. A value that is NaN or out of range throws a TickwireError if `isStrict`; else it is clamped
   * (NaN: the default) and told. Marks packed fields that travel as rare values where their code changed.
   */
  capture(tables: readonly Table[], isStrict: boolean, onBadValue: OnBadValue): void {
    for (let kind = 0; kind < tables.length; kind++) {
      const table = tables[kind] as Table;
      const columns = this.columns[kind] as readonly Int32Array[];
      const { packed } = table.kind;
      for (let i = 0; i < packed.length; i++) {
        const field = packed[i] as PackedField;
        captureColumn(table, field, columns[i] as Int32Array, isStrict ? throwBadValue : onBadValue);
      }
    }
  }
}

function captureColumn(table: Table, field: PackedField, codes: Int32Array, onBadValue: OnBadValue): void {
  const values = table.columns[field.index] as Float64Array;
  const { isAlive, high } = table;
  const { min, max, precision, wraps } = field;
  const isFine = field.kernel !== 'snap';
  const parts = isFine ? 256 : 1;
  const modulus = field.levels * parts;
  const top = modulus - parts;
  const rare = field.visibleTo === 'all' ? undefined : rareOf(table.kind, field.index);
  for (let slot = 0; slot < high; slot++) {
    if (isAlive[slot] !== 1) continue;
    const value = values[slot] as number;
    // As fineOf and codeOf, which see to what is beyond the range: this loop sees every value of the world every tick.
    let code = Math.floor(((value - min) / precision) * parts + 0.5);
    if (wraps ? !(code >= 0 && code < modulus) : !(value >= min && value <= max && code <= top)) {
      if (!isInRange(field, value)) onBadValue(table.kind, field, table.idOf(slot), value);
      code = isFine ? fineOf(field, value) : codeOf(field, value);
    }
    if (rare !== undefined && code !== codes[slot]) table.markRare(slot, rare.index);
    codes[slot] = code;
  }
}

/** Where a packed field that not everyone may see travels. Apart, for a closure in a hot function is made at each call. */
function rareOf(kind: Kind, column: number): RareField | undefined {
  return kind.rare.find(({ packed }) => packed === column);
}

function throwBadValue(kind: Kind, field: PackedField, id: number, value: number): never {
  if (field.type === 'oneOf') {
    throw new TickwireError(
      `${kind.name}.${field.name} of ${kind.name} ${id} is none of ${field.choices.join(', ')}; assign one of them`,
    );
  }
  const range = field.type === 'angle' ? 'a finite number' : `in ${field.min}..${field.max}`;
  throw new TickwireError(
    `${kind.name}.${field.name} of ${kind.name} ${id} is ${value}, and must be ${range}; clamp it in step or onTick, or widen the field`,
  );
}
