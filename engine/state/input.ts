/**
 * A player's input of one tick: codes, and their bits.
 *
 *     bits, least significant first, fields in declaration order without gaps: byteLength bytes
 *     [ thrust 1 | turn 2 | fire 1 | 0000 ]
 */
import { TickwireError, WireError } from '../core/errors.ts';
import { refuseWrite } from './handle.ts';
import { codeOf, columnValueOf, naturalValueOf, valueOfCode } from './quantize.ts';
import { columnToCode, show } from './rare.ts';
import type { InputSpec, PackedField } from './schema.ts';

/** The codes of an author's input object; fields left out get their defaults. Throws a TickwireError for a wrong type or NaN. */
export function quantizeInput(
  spec: InputSpec,
  values: object,
  codes: Int32Array = new Int32Array(spec.fields.length),
): Int32Array {
  const given = values as { readonly [name: string]: unknown };
  for (const field of spec.fields) {
    const value = given[field.name];
    codes[field.index] =
      value === undefined ? codeOf(field, field.default) : columnToCode(field, value, `input.${field.name}`, false);
  }
  return codes;
}

/** Sets codes to the defaults: nothing pressed. */
export function resetInput(spec: InputSpec, codes: Int32Array): void {
  for (const field of spec.fields) codes[field.index] = codeOf(field, field.default);
}

/** Writes one input's bits at `offset`. */
export function writeInputBits(spec: InputSpec, codes: Int32Array, bytes: Uint8Array, offset: number): void {
  let at = offset;
  let held = 0;
  let count = 0;
  const { fields } = spec;
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as PackedField;
    // At most 7 bits wait, and a field has at most 23: all fit into an int32.
    held |= (codes[field.index] as number) << count;
    count += field.bits;
    while (count >= 8) {
      bytes[at++] = held & 0xff;
      held >>>= 8;
      count -= 8;
    }
  }
  if (count > 0) bytes[at] = held;
}

/** Reads one input's bits at `offset`. Throws a WireError for a code out of range or for padding that is not zero. */
export function readInputBits(spec: InputSpec, codes: Int32Array, bytes: Uint8Array, offset: number): void {
  if (offset + spec.byteLength > bytes.length) throw new WireError('input cut short');
  let at = offset;
  let held = 0;
  let count = 0;
  const { fields } = spec;
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as PackedField;
    while (count < field.bits) {
      held |= (bytes[at++] as number) << count;
      count += 8;
    }
    const code = held & ((1 << field.bits) - 1);
    if (code >= field.levels) throw new WireError('input out of range');
    codes[field.index] = code;
    held >>>= field.bits;
    count -= field.bits;
  }
  if (held !== 0) throw new WireError('input padding');
}

/** Whether two inputs are the same: one run on the wire. */
export function isSameInput(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const CODES = Symbol('codes');

/** An author's input object over codes; bind other codes to it instead of making another one. */
export interface InputView {
  [CODES]: Int32Array;
}

function createView(spec: InputSpec, codes: Int32Array, isWritable: boolean): InputView {
  const view: InputView = { [CODES]: codes };
  for (const field of spec.fields) {
    Object.defineProperty(view, field.name, {
      get(): unknown {
        return naturalValueOf(field, valueOfCode(field, view[CODES][field.index] as number));
      },
      set: isWritable ? (value: unknown) => assign(field, view[CODES], value) : refuseWrite,
      enumerable: true,
    });
  }
  return view;
}

function assign(field: PackedField, codes: Int32Array, value: unknown): void {
  const number = columnValueOf(field, value);
  // NaN, undefined and words that are no choice; numbers out of range are clamped, as a stick pushed too far.
  if (typeof number !== 'number' || !Number.isFinite(number) || (field.type === 'oneOf' && number < 0)) {
    const wanted = field.type === 'oneOf' ? field.choices.join(', ') : 'a finite number';
    throw new TickwireError(`input.${field.name} takes ${wanted}, not ${show(value)}`);
  }
  codes[field.index] = codeOf(field, number);
}

/** What `step` reads: an input object, read-only, bound to codes with `bindInput`. */
export function createInputView(spec: InputSpec): InputView {
  return createView(spec, new Int32Array(spec.fields.length), false);
}

/** Lets an input object stand for other codes. */
export function bindInput(view: InputView, codes: Int32Array): void {
  view[CODES] = codes;
}

/**
 * What `sampleInput` fills, once per frame, and what a tick takes from it. Values stay until they are assigned anew; a pulse is
 * true in the tick after a sample in which it was, and in a second tick only if it was in a later sample too.
 */
export class InputSample {
  /** The author's object. */
  readonly view: InputView;
  /** The newest values assigned. */
  readonly codes: Int32Array;
  readonly #pulses: readonly PackedField[];
  readonly #wasPressed: Uint8Array;

  constructor(spec: InputSpec) {
    this.codes = new Int32Array(spec.fields.length);
    resetInput(spec, this.codes);
    this.view = createView(spec, this.codes, true);
    this.#pulses = spec.fields.filter((field) => field.isPulse);
    this.#wasPressed = new Uint8Array(spec.fields.length);
  }

  /** After each call of the author's function: remembers presses, however short. */
  mergeSample(): void {
    for (const { index } of this.#pulses) if (this.codes[index] === 1) this.#wasPressed[index] = 1;
  }

  /** A tick takes the newest values, and every press since the last tick, once. */
  takeTick(codes: Int32Array): void {
    codes.set(this.codes);
    for (const { index } of this.#pulses) {
      codes[index] = this.#wasPressed[index] as number;
      this.#wasPressed[index] = 0;
    }
  }
}
