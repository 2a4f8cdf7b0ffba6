/** The digest by which both sides find out, in 16 bits, whether they stepped a row alike. */
import { fold32, mix32 } from '../core/hash.ts';
import { codeOf, fineOf } from '../state/quantize.ts';
import type { Kind, PackedField } from '../state/schema.ts';

/** Hash of a row's step fields on the wire's grid (fine for fields with a kernel), 0..65535. */
export function digestRow(kind: Kind, columns: readonly Float64Array[], slot: number): number {
  let hash = kind.index;
  const { stepFields, packed } = kind;
  for (let i = 0; i < stepFields.length; i++) {
    const field = packed[stepFields[i] as number] as PackedField;
    const value = (columns[field.index] as Float64Array)[slot] as number;
    hash = fold32(hash, field.kernel === 'snap' ? codeOf(field, value) : fineOf(field, value));
  }
  return mix32(hash) >>> 16;
}
