/** A whole game: from what the author wrote to `Schema`. */
import { TickwireError } from '../core/errors.ts';
import { INPUT_BYTES, LINE_HASHES_BYTES, PAYLOAD_FIELDS } from '../wire/limits.ts';
import {
  checkOptions,
  compilePacked,
  compileRare,
  type FieldUse,
  isPackedType,
  rareOfPacked,
} from './compile-field.ts';
import type { Fields } from './fields.ts';
import { arrangeGroups } from './groups.ts';
import { DEFAULT_CAPACITY, MAX_CAPACITY, MAX_FIELDS, MAX_NAMES, MAX_TICK_RATE, TELEPORT } from './limits.ts';
import { checkName } from './names.ts';
import type { InputSpec, Kind, PackedField, PayloadField, PayloadSpec, RareField, Schema } from './schema.ts';
import { describeSchema, hashLines } from './schema-hash.ts';
import type { Command, Entity, Event } from './types.ts';

/** A game's definition with every part present. */
export interface SchemaSource {
  readonly tickRate: number;
  readonly entities: { readonly [kind: string]: Entity };
  readonly input: Fields;
  readonly events: { readonly [name: string]: Event };
  readonly commands: { readonly [name: string]: Command };
  readonly roomState: Fields;
  readonly playerState: Fields;
  readonly controls: string | undefined;
  readonly version: string;
}

/** Compiles and freezes. Throws a TickwireError that names the field and the fix. */
export function compileSchema(source: SchemaSource): Schema {
  const { tickRate } = source;
  if (!Number.isInteger(tickRate) || tickRate < 1 || tickRate > MAX_TICK_RATE) {
    throw new TickwireError(`tickRate must be a whole number of 1..${MAX_TICK_RATE} ticks per second, not ${tickRate}`);
  }
  const kindNames = Object.keys(source.entities ?? {});
  if (kindNames.length === 0) throw new TickwireError('entities: a game needs at least one kind of entity');
  const kinds = entriesOf(source.entities, 'entities').map(([name, declared], index) =>
    compileKind(declared, name, index, kindNames, tickRate),
  );
  const controls = source.controls === undefined ? -1 : kindNames.indexOf(source.controls);
  if (source.controls !== undefined && controls < 0) {
    throw new TickwireError(
      `controls: '${source.controls}' is no entity of the game; name one of ${kindNames.join(', ')}`,
    );
  }
  const payload = (fields: Fields, where: string): PayloadField[] => compilePayload(fields, where, kindNames);
  const shape = {
    kinds,
    input: compileInput(source.input),
    events: entriesOf(source.events, 'events').map(([name, declared], index) => ({
      name,
      index,
      fields: payload(fieldsOf(declared, `events.${name}`, 'event'), `events.${name}`),
      reply: undefined,
    })),
    commands: entriesOf(source.commands, 'commands').map(([name, declared], index): PayloadSpec => {
      const where = `commands.${name}`;
      const fields = payload(fieldsOf(declared, where, 'command'), where);
      const reply = declared.reply && {
        name,
        index,
        fields: payload(declared.reply, `${where}.replies`),
        reply: undefined,
      };
      return { name, index, fields, reply };
    }),
    roomState: compileState(source.roomState, 'roomState', kindNames),
    playerState: compileState(source.playerState, 'playerState', kindNames),
    controls,
    tickRate,
    version: source.version,
  };
  const lines = describeSchema(shape);
  if (lines.length > LINE_HASHES_BYTES / 4) {
    throw new TickwireError(`the game declares ${lines.length} things, and at most ${LINE_HASHES_BYTES / 4} fit`);
  }
  return deepFreeze({ ...shape, lines, ...hashLines(lines) });
}

/** Own entries, once it is sure that the names are good and not too many. */
function entriesOf<T>(things: { readonly [name: string]: T }, where: string, most = MAX_NAMES): [string, T][] {
  const prototype = Object.getPrototypeOf(things);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TickwireError(`${where} must be a plain object, and no key in it may be __proto__`);
  }
  const entries = Object.entries(things);
  if (entries.length > most)
    throw new TickwireError(`${where}: at most ${most} names fit, and there are ${entries.length}`);
  for (const [name] of entries) checkName(name, `${where}.${name}`);
  return entries;
}

/** The fields of what `entity`, `event` or `command` made. */
function fieldsOf(declared: { readonly fields: Fields } | undefined, where: string, maker: string): Fields {
  if (declared?.fields === undefined) throw new TickwireError(`${where} is no ${maker}; write ${maker}({ … })`);
  return declared.fields;
}

function compileKind(declared: Entity, name: string, index: number, kindNames: string[], tickRate: number): Kind {
  const where = `entities.${name}`;
  const fields = fieldsOf(declared, where, 'entity');
  const capacity = declared.max ?? DEFAULT_CAPACITY;
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_CAPACITY) {
    throw new TickwireError(`${where}: max must be a whole number of 1..${MAX_CAPACITY}, not ${capacity}`);
  }
  const columns: PackedField[] = [];
  const rare: RareField[] = [];
  const velocityNames: (string | undefined)[] = [];
  const groupNames: (string | undefined)[] = [];
  for (const [fieldName, field] of entriesOf(fields, where, MAX_FIELDS)) {
    const path = `${where}.${fieldName}`;
    const spec = checkOptions(field, 'entity', path);
    if (!isPackedType(spec.type)) {
      rare.push(compileRare(spec, fieldName, rare.length, kindNames.indexOf(spec.refTo), path));
      continue;
    }
    const column = compilePacked(spec, fieldName, columns.length, path);
    if (column.visibleTo !== 'all') {
      if (spec.group !== undefined)
        throw new TickwireError(`${path}: .group() cannot go with .visibleTo(); take one away`);
      rare.push(rareOfPacked(column, rare.length, column.index));
    }
    columns.push(column);
    velocityNames.push(spec.velocity);
    groupNames.push(spec.group);
  }
  const hasKernel = columns.some((field) => field.kernel !== 'snap');
  if (hasKernel) columns.push(teleportField(columns.length));
  const { packed, groups } = arrangeGroups({ columns, velocityNames, groupNames, where, tickRate });
  const indices = (wanted: (field: PackedField) => boolean): number[] =>
    packed.filter(wanted).map((field) => field.index);
  return {
    name,
    index,
    packed,
    // Placed fields are copies: let the rare ones point to these.
    rare: rare.map((field) =>
      field.packed < 0 ? field : rareOfPacked(packed[field.packed]!, field.index, field.packed),
    ),
    groups,
    bodyFields: indices((field) => field.visibleTo === 'all'),
    stepFields: indices(
      (field) => field.type !== 'teleport' && (field.visibleTo === 'all' || field.visibleTo === 'owner'),
    ),
    teleport: hasKernel ? packed.length - 1 : -1,
    capacity,
  };
}

function teleportField(index: number): PackedField {
  return {
    name: TELEPORT,
    index,
    type: 'teleport',
    bits: 2,
    levels: 4,
    min: 0,
    max: 3,
    precision: 1,
    wraps: true,
    kernel: 'snap',
    velocity: -1,
    group: -1,
    extrapolateMs: 0,
    predictor: 'auto',
    visibleTo: 'all',
    default: 0,
    choices: [],
    isPulse: false,
  };
}

function compileInput(fields: Fields): InputSpec {
  const compiled = entriesOf(fields, 'input', MAX_FIELDS).map(([name, field], index) => {
    const path = `input.${name}`;
    return stillField(compilePacked(checkOptions(field, 'input', path), name, index, path));
  });
  const byteLength = Math.ceil(compiled.reduce((sum, field) => sum + field.bits, 0) / 8);
  if (byteLength > INPUT_BYTES) {
    throw new TickwireError(
      `input: an input takes ${byteLength} bytes, and at most ${INPUT_BYTES} fit; take fields out of it`,
    );
  }
  return { fields: compiled, byteLength };
}

/** Outside of entities nothing moves between snapshots. */
function stillField(field: PackedField): PackedField {
  return { ...field, kernel: 'snap', extrapolateMs: 0 };
}

function compileAny(fields: Fields, where: string, use: FieldUse, kindNames: string[]): PayloadField[] {
  return entriesOf(fields, where, MAX_FIELDS).map(([name, field], index) => {
    const path = `${where}.${name}`;
    const spec = checkOptions(field, use, path);
    return isPackedType(spec.type)
      ? stillField(compilePacked(spec, name, index, path))
      : compileRare(spec, name, index, kindNames.indexOf(spec.refTo), path);
  });
}

function compilePayload(fields: Fields, where: string, kindNames: string[]): PayloadField[] {
  const compiled = compileAny(fields, where, 'payload', kindNames);
  if (compiled.length > PAYLOAD_FIELDS) {
    throw new TickwireError(
      `${where}: at most ${PAYLOAD_FIELDS} fields fit, and there are ${compiled.length}; use a value()`,
    );
  }
  return compiled;
}

function compileState(fields: Fields, where: string, kindNames: string[]): RareField[] {
  return compileAny(fields, where, 'state', kindNames).map((field, index) =>
    'bits' in field ? rareOfPacked(field, index, -1) : field,
  );
}

function deepFreeze<T>(thing: T): T {
  if (typeof thing !== 'object' || thing === null || ArrayBuffer.isView(thing) || Object.isFrozen(thing)) return thing;
  // The author's own: validators and defaults stay as they are.
  for (const [key, value] of Object.entries(thing))
    if (key !== 'standardSchema' && key !== 'default') deepFreeze(value);
  return Object.freeze(thing);
}
