/** One field: from what the author wrote to its compiled shape, or a sentence that says what is wrong with it. */
import { TickwireError } from '../core/errors.ts';
import { LONGEST_TEXT_BYTES } from '../wire/limits.ts';
import { utf8Length } from '../wire/utf8.ts';
import { assertEncodable, copyValue } from '../wire/value-codec.ts';
import type { Field, FieldSpec } from './fields.ts';
import { DEFAULT_EXTRAPOLATE_MS, MAX_EXTRAPOLATE_MS, MAX_FIELD_BITS, MAX_FIELD_BITS_WITH_VELOCITY } from './limits.ts';
import type { Kernel, PackedField, Predictor, RareField } from './schema.ts';

/** Where a field is declared; not every option makes sense everywhere. */
export type FieldUse = 'entity' | 'input' | 'payload' | 'state';

/** Throws when the field has an option that its type or its use cannot have. `where` is the path to it, for the sentence. */
export function checkOptions(field: Field, use: FieldUse, where: string): FieldSpec {
  const spec = field?.spec;
  if (spec === undefined) throw new TickwireError(`${where} is no field; write num(…), int(…), text(…) or another one`);
  const isPacked = isPackedType(spec.type);
  if (use === 'input' && !isPacked) {
    throw new TickwireError(
      `${where}: an input holds packed fields only (num, int, angle, bool, oneOf), not ${spec.type}`,
    );
  }
  if (use !== 'entity') {
    refuse(spec.kernel !== undefined, where, '.lerp(), .hermite() and .snap() are for entities only');
    refuse(spec.group !== undefined, where, '.group() is for entities only');
    refuse(spec.extrapolateMs !== undefined, where, '.extrapolate() is for entities only');
    refuse(spec.predictor !== undefined, where, '.predictor() is for entities only');
    refuse(spec.visibleTo !== undefined, where, '.visibleTo() is for entities only');
  }
  refuse(spec.isPulse && use !== 'input', where, '.pulse() is for inputs only');
  refuse(spec.isPulse && spec.type !== 'bool', where, `.pulse() is for bool only, not ${spec.type}`);
  refuse(
    spec.default !== undefined && use === 'payload',
    where,
    '.default() means nothing here, for a payload is always whole',
  );
  const canMove = spec.type === 'num' || spec.type === 'int' || spec.type === 'angle';
  refuse(spec.kernel === 'lerp' && !canMove, where, `.lerp() is for num, int and angle, not ${spec.type}`);
  refuse(
    spec.kernel === 'hermite' && spec.type !== 'num' && spec.type !== 'angle',
    where,
    `.hermite() is for num and angle, not ${spec.type}`,
  );
  refuse(!isPacked && spec.group !== undefined, where, `.group() is for packed fields, not ${spec.type}`);
  refuse(
    !['undefined', 'function'].includes(typeof spec.visibleTo) &&
      !['all', 'owner', 'server'].includes(String(spec.visibleTo)),
    where,
    ".visibleTo() takes 'all', 'owner', 'server' or a function",
  );
  return spec;
}

function refuse(isWrong: boolean, where: string, sentence: string): void {
  if (isWrong) throw new TickwireError(`${where}: ${sentence}`);
}

/** Whether a field of this type is packed. */
export function isPackedType(type: FieldSpec['type']): type is 'num' | 'int' | 'angle' | 'bool' | 'oneOf' {
  return type === 'num' || type === 'int' || type === 'angle' || type === 'bool' || type === 'oneOf';
}

/** A packed field without its place among others: `velocity` and `group` are -1 until the entity is known. */
export function compilePacked(spec: FieldSpec, name: string, index: number, where: string): PackedField {
  const grid = compileGrid(spec, where);
  const kernel = kernelOf(spec, where);
  const bits = Math.max(1, Math.ceil(Math.log2(grid.levels)));
  const maxBits = kernel === 'hermite' ? MAX_FIELD_BITS_WITH_VELOCITY : MAX_FIELD_BITS;
  if (bits > maxBits) {
    const fix = spec.type === 'num' ? 'narrow min..max or take a coarser precision' : 'take fewer';
    throw new TickwireError(
      `${where} needs ${bits} bits, and at most ${maxBits} fit${kernel === 'hermite' ? ' with .hermite()' : ''}: ${fix}, or use float64()`,
    );
  }
  return {
    name,
    index,
    type: spec.type as PackedField['type'],
    bits,
    ...grid,
    wraps: spec.type === 'angle',
    kernel,
    velocity: -1,
    group: -1,
    extrapolateMs: extrapolateMsOf(spec, kernel, where),
    predictor: predictorOf(spec, kernel, where),
    visibleTo: spec.visibleTo ?? 'all',
    default: packedDefault(spec, grid, where),
    choices: spec.choices,
    isPulse: spec.isPulse,
  };
}

interface Grid {
  readonly levels: number;
  readonly min: number;
  readonly max: number;
  readonly precision: number;
}

function compileGrid(spec: FieldSpec, where: string): Grid {
  const { min, max, precision } = spec;
  switch (spec.type) {
    case 'num': {
      if (!Number.isFinite(min) || !Number.isFinite(max) || !(min < max)) {
        throw new TickwireError(`${where}: num needs finite bounds with min < max, not min ${min}, max ${max}`);
      }
      if (!Number.isFinite(precision) || precision <= 0) {
        throw new TickwireError(`${where}: num needs a precision above 0, such as 1 / 16, not ${precision}`);
      }
      const levels = Math.round((max - min) / precision);
      if (levels < 1)
        throw new TickwireError(`${where}: the precision ${precision} is wider than min..max; take a finer one`);
      return { levels, min, max, precision };
    }
    case 'int':
      if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min > max) {
        throw new TickwireError(`${where}: int takes whole numbers, the smaller first, not int(${min}, ${max})`);
      }
      return { levels: max - min + 1, min, max, precision: 1 };
    case 'angle':
      if (!Number.isInteger(spec.bits) || spec.bits < 1 || spec.bits > 53) {
        throw new TickwireError(
          `${where}: angle takes a whole number of bits, such as angle(12), not angle(${spec.bits})`,
        );
      }
      return { levels: 2 ** spec.bits, min: 0, max: 2 * Math.PI, precision: (2 * Math.PI) / 2 ** spec.bits };
    case 'oneOf':
      if (spec.choices.length === 0 || spec.choices.some((choice) => typeof choice !== 'string')) {
        throw new TickwireError(`${where}: oneOf takes words, such as oneOf('red', 'blue')`);
      }
      if (new Set(spec.choices).size !== spec.choices.length) {
        throw new TickwireError(`${where}: oneOf has the same word twice; take one away`);
      }
      return { levels: spec.choices.length, min: 0, max: spec.choices.length - 1, precision: 1 };
    default:
      return { levels: 2, min: 0, max: 1, precision: 1 };
  }
}

function kernelOf(spec: FieldSpec, where: string): Kernel {
  if (spec.visibleTo !== undefined && spec.visibleTo !== 'all') {
    // Such a field travels as a rare value, so there are no snapshots of it to move between.
    refuse(
      spec.kernel === 'lerp' || spec.kernel === 'hermite',
      where,
      `.${spec.kernel}() cannot go with .visibleTo(): what not everyone may see is sent when it changes; take one of the two away`,
    );
    return 'snap';
  }
  return spec.kernel ?? (spec.type === 'num' || spec.type === 'angle' ? 'lerp' : 'snap');
}

function extrapolateMsOf(spec: FieldSpec, kernel: Kernel, where: string): number {
  const ms = spec.extrapolateMs;
  if (ms === undefined) return kernel === 'snap' ? 0 : DEFAULT_EXTRAPOLATE_MS;
  if (!Number.isFinite(ms) || ms < 0 || ms > MAX_EXTRAPOLATE_MS) {
    throw new TickwireError(`${where}: .extrapolate() takes 0..${MAX_EXTRAPOLATE_MS} ms, not ${ms}`);
  }
  refuse(
    kernel === 'snap' && ms > 0,
    where,
    '.extrapolate() continues movement, and this field only snaps; add .lerp()',
  );
  return ms;
}

function predictorOf({ predictor }: FieldSpec, kernel: Kernel, where: string): Predictor {
  if (predictor === undefined) return 'auto';
  const isKnown = ['auto', 'previous', 'linear', 'velocity'].includes(predictor);
  refuse(!isKnown, where, ".predictor() takes 'auto', 'previous', 'linear' or 'velocity'");
  refuse(kernel === 'snap', where, '.predictor() is for what moves between snapshots; add .lerp()');
  refuse(predictor === 'velocity' && kernel !== 'hermite', where, ".predictor('velocity') needs .hermite('…')");
  return predictor;
}

function packedDefault(spec: FieldSpec, grid: Grid, where: string): number {
  const given = spec.default;
  const top = grid.min + (grid.levels - 1) * grid.precision;
  if (given === undefined) return spec.type === 'angle' ? 0 : Math.min(Math.max(0, grid.min), top);
  if (spec.type === 'bool') {
    if (typeof given !== 'boolean')
      throw new TickwireError(`${where}: the default of a bool is true or false, not ${String(given)}`);
    return given ? 1 : 0;
  }
  if (spec.type === 'oneOf') {
    const choice = spec.choices.indexOf(given as string);
    if (choice < 0)
      throw new TickwireError(`${where}: the default '${String(given)}' is none of ${spec.choices.join(', ')}`);
    return choice;
  }
  if (typeof given !== 'number' || !Number.isFinite(given)) {
    throw new TickwireError(`${where}: the default must be a finite number, not ${String(given)}`);
  }
  if (spec.type !== 'angle' && (given < spec.min || given > spec.max)) {
    throw new TickwireError(`${where}: the default ${given} is outside ${spec.min}..${spec.max}`);
  }
  return given;
}

/** A rare field. `refKind` is the index of the kind that a ref names, -1 for other types. */
export function compileRare(spec: FieldSpec, name: string, index: number, refKind: number, where: string): RareField {
  if (spec.type === 'ref' && refKind < 0) {
    throw new TickwireError(`${where}: ref('${spec.refTo}') names no entity of the game; name one of its entities`);
  }
  const bytes = spec.maxBytes;
  if (spec.type === 'text' && (!Number.isInteger(bytes) || bytes < 1 || bytes > LONGEST_TEXT_BYTES)) {
    throw new TickwireError(
      `${where}: text takes a limit of 1..${LONGEST_TEXT_BYTES} bytes, such as text(24), not text(${bytes})`,
    );
  }
  return {
    name,
    index,
    type: spec.type as RareField['type'],
    maxBytes: spec.maxBytes,
    refKind,
    refTo: spec.refTo,
    standardSchema: spec.standardSchema,
    visibleTo: spec.visibleTo ?? 'all',
    default: rareDefault(spec, where),
    packed: -1,
    spec: undefined,
  };
}

function rareDefault(spec: FieldSpec, where: string): unknown {
  const given = spec.default;
  switch (spec.type) {
    case 'text':
      if (given === undefined) return '';
      if (typeof given !== 'string')
        throw new TickwireError(`${where}: the default of a text is a text, not ${String(given)}`);
      if (utf8Length(given) > spec.maxBytes) {
        throw new TickwireError(`${where}: the default '${given}' is longer than ${spec.maxBytes} bytes`);
      }
      return given;
    case 'ref':
      refuse(given !== undefined, where, 'a ref has no default: it points to nothing until it is set');
      return 0;
    case 'float64':
    case 'uint32':
      if (given === undefined) return 0;
      if (typeof given !== 'number' || !Number.isFinite(given) || (spec.type === 'uint32' && given !== given >>> 0)) {
        throw new TickwireError(`${where}: the default ${String(given)} is no ${spec.type}`);
      }
      return given;
    case 'value':
      assertEncodable(given, `${where}: the default`);
      return freeze(copyValue(given));
    default:
      return given;
  }
}

/** One object serves all that have the default, so nobody may change it. */
function freeze(value: unknown): unknown {
  // Views of bytes cannot be frozen.
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

/** A packed field that travels as a rare value: in room and player state, or because not everyone may see it. */
export function rareOfPacked(field: PackedField, index: number, column: number): RareField {
  return {
    name: field.name,
    index,
    type: 'packed',
    maxBytes: 0,
    refKind: -1,
    refTo: '',
    standardSchema: undefined,
    visibleTo: field.visibleTo,
    default: field.default,
    packed: column,
    spec: field,
  };
}
