/** State of the room and of each player: one object of accessors over values that travel when they change. */
import { copyValue } from '../wire/value-codec.ts';
import { refuseWrite } from './handle.ts';
import { codeOf, naturalValueOf, valueOfCode } from './quantize.ts';
import type { RefTarget } from './rare.ts';
import { checkCode, columnToCode, rareFromWire, rareToStore, refToWire } from './rare.ts';
import type { PackedField, RareField } from './schema.ts';

/** How a record is connected to its side. */
export interface RecordOptions {
  /** 'roomState' or 'playerState', for sentences. */
  readonly name: string;
  /** The author may assign. The server's may, a client's not. */
  readonly isWritable: boolean;
  /** Told of each change, by the author or from the wire. */
  readonly onChange: (index: number) => void;
  /** By kind index: what refs are checked against. The server's tables; a client has none. */
  readonly refTargets: readonly RefTarget[];
  /** The handle that a stored ref stands for: given the server's id, or the client's slot + 1. Never called for none. */
  readonly resolveRef: (kindIndex: number, stored: number) => object | undefined;
}

/** Values of a room or a player. `view` is the author's `RoomStateOf` or `PlayerStateOf`. */
export class StateRecord {
  readonly view: object;
  readonly #fields: readonly RareField[];
  readonly #options: RecordOptions;
  readonly #refs: readonly RareField[];
  /** Codes of packed fields, so that both sides read the same number; stored form of the others. */
  readonly #stored: unknown[];
  /** The same as they were when they were checked: an author may go on to change an object. */
  readonly #checked: unknown[];

  constructor(fields: readonly RareField[], options: RecordOptions) {
    this.#fields = fields;
    this.#options = options;
    this.#refs = fields.filter(({ type }) => type === 'ref');
    this.#stored = fields.map((field) => defaultOf(field));
    this.#checked = [...this.#stored];
    const view = {};
    for (const field of fields) {
      Object.defineProperty(view, field.name, {
        get: () => this.#read(field),
        set: options.isWritable ? (value: unknown) => this.#write(field, value) : refuseWrite,
        enumerable: true,
      });
    }
    this.view = Object.freeze(view);
  }

  /** A value as it travels. */
  toWire(index: number): unknown {
    const stored = this.#checked[index];
    return this.#fields[index]?.type === 'ref' ? refToWire(stored as number) : (stored ?? null);
  }

  /** Of a ref: its target's id, 0 for none. */
  refId(index: number): number {
    return this.#stored[index] as number;
  }

  /** Clears refs to entities that are gone. The server's: once a tick, before sending. */
  sweepRefs(): void {
    const { refTargets, onChange } = this.#options;
    for (let i = 0; i < this.#refs.length; i++) {
      const { index, refKind } = this.#refs[i] as RareField;
      const id = this.#stored[index] as number;
      if (id === 0 || (refTargets[refKind] as RefTarget).slotOf(id) >= 0) continue;
      this.#stored[index] = 0;
      this.#checked[index] = 0;
      onChange(index);
    }
  }

  /** Whether a value is the default, which nobody needs to be told. */
  isDefault(index: number): boolean {
    const field = this.#fields[index];
    return field !== undefined && this.#stored[index] === defaultOf(field);
  }

  /** Takes a value from the wire. Throws a WireError if it cannot be one of that field's. */
  applyWire(index: number, value: unknown): void {
    const field = this.#fields[index] as RareField;
    this.#stored[index] = field.spec === undefined ? rareFromWire(field, value) : checkCode(field.spec, value);
    this.#checked[index] = this.#stored[index];
    this.#options.onChange(index);
  }

  /** Back to the defaults, without telling `onChange`. */
  reset(): void {
    this.#fields.forEach((field, index) => {
      this.#stored[index] = defaultOf(field);
      this.#checked[index] = this.#stored[index];
    });
  }

  #read(field: RareField): unknown {
    const stored = this.#stored[field.index];
    if (field.spec !== undefined) return naturalValueOf(field.spec, valueOfCode(field.spec, stored as number));
    if (field.type !== 'ref') return stored;
    return stored === 0 ? undefined : this.#options.resolveRef(field.refKind, stored as number);
  }

  #write(field: RareField, value: unknown): void {
    const { name, refTargets, onChange } = this.#options;
    const stored =
      field.spec === undefined
        ? rareToStore(field, value, name, refTargets)
        : columnToCode(field.spec, value, `${name}.${field.name}`, true);
    // An object that is assigned again may have been changed inside.
    if (stored === this.#stored[field.index] && (typeof stored !== 'object' || stored === null)) return;
    this.#stored[field.index] = stored;
    this.#checked[field.index] = stored === field.default ? stored : copyValue(stored);
    onChange(field.index);
  }
}

function defaultOf(field: RareField): unknown {
  return field.spec === undefined ? field.default : codeOf(field.spec as PackedField, field.default as number);
}
