/**
 * Deltas as people write them first: maps of the fields that changed, in JSON or in MessagePack. Values are in the game's
 * units, rounded to the precision; angles, or all of them, as whole numbers of steps.
 */
import { Packr, Unpackr } from 'msgpackr';
import type { Trace, TraceEntity, TraceField } from '../traces/trace.ts';
import type { View } from '../traces/views.ts';
import { type Contestant, createBaseline } from './contestant.ts';
import { holdsView, SentWorld } from './quantize.ts';

type Row = Record<string, number | string>;

interface Delta {
  readonly tick: number;
  readonly left: number[];
  readonly entered: Row[];
  readonly changed: Row[];
}

interface Format {
  readonly name: string;
  /** Whether a field's values are steps from its minimum, not units. */
  readonly isInSteps: (field: TraceField) => boolean;
  readonly pack: (delta: Delta) => Uint8Array;
  readonly unpack: (message: Uint8Array) => Delta;
}

/** Keys as short as names allow. */
function keyOf({ name }: TraceField): string {
  return name === 'heading' ? 'a' : name;
}

/** Makes the deltas of one trace. */
class DeltaMaker {
  readonly #sent: SentWorld;
  readonly #trace: Trace;
  readonly #keys: readonly string[];
  /** By field: value = min + code / scale. */
  readonly #mins: readonly number[];
  readonly #scales: readonly number[];

  constructor(trace: Trace, isInSteps: Format['isInSteps']) {
    this.#trace = trace;
    this.#keys = trace.fields.map(keyOf);
    this.#mins = trace.fields.map((field) => (isInSteps(field) ? 0 : field.min));
    this.#scales = trace.fields.map((field) => (isInSteps(field) ? 1 : field.scale));
    this.#sent = new SentWorld(trace.fields);
  }

  advance(): void {
    this.#sent.advance(this.#trace);
  }

  make({ stayed, entered, left }: View): Delta {
    const { tick } = this.#trace;
    const changed: Row[] = [];
    for (const entity of stayed) {
      const { mask } = this.#sent.row(entity);
      if (mask !== 0) changed.push(this.#rowOf(entity, mask, {}));
    }
    const newcomers = entered.map((entity) => {
      const { kind, name } = entity;
      return this.#rowOf(entity, -1, name === '' ? { kind } : { kind, name });
    });
    return { tick, left: left.map(({ id }) => id), entered: newcomers, changed };
  }

  #rowOf(entity: TraceEntity, mask: number, more: Row): Row {
    const { fields } = this.#trace;
    const { codes } = this.#sent.row(entity);
    const row: Row = { id: entity.id, ...more };
    for (let i = 0; i < fields.length; i++) {
      if ((mask & (1 << i)) !== 0) row[this.#keys[i]!] = this.#mins[i]! + codes[i]! / this.#scales[i]!;
    }
    return row;
  }

  codesOf(row: Row): number[] {
    return this.#keys.map((key, i) => ((row[key] as number) - this.#mins[i]!) * this.#scales[i]!);
  }
}

function createMapsDelta({ name, isInSteps, pack, unpack }: Format): Contestant {
  const received = new Map<number, Row>();
  let maker: DeltaMaker;
  return createBaseline({
    name,
    start(trace, views) {
      maker = new DeltaMaker(trace, isInSteps);
      maker.advance();
      return pack(maker.make(views.list[0]!));
    },
    write(_trace, views) {
      maker.advance();
      return views.list.map((view) => pack(maker.make(view)));
    },
    read(message) {
      const { left, entered, changed } = unpack(message);
      for (const id of left) received.delete(id);
      for (const row of entered) received.set(row.id as number, row);
      for (const row of changed) Object.assign(received.get(row.id as number)!, row);
    },
    check: (trace, views) =>
      holdsView(trace, views, received.size, (id) => {
        const row = received.get(id);
        return row && maker.codesOf(row);
      }),
  });
}

export function createJsonDelta(): Contestant {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  return createMapsDelta({
    name: 'JSON, delta in maps',
    isInSteps: ({ wraps }) => wraps,
    pack: (delta) => encoder.encode(JSON.stringify(delta)),
    unpack: (message) => JSON.parse(decoder.decode(message)) as Delta,
  });
}

function createMsgpackMaps(name: string, isInSteps: Format['isInSteps']): Contestant {
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  const unpackr = new Unpackr({ useRecords: false });
  return createMapsDelta({
    name,
    isInSteps,
    pack: (delta) => packr.pack(delta),
    unpack: (message) => unpackr.unpack(message) as Delta,
  });
}

export function createMsgpackMapsDelta(): Contestant {
  return createMsgpackMaps('MessagePack, delta in maps', ({ wraps }) => wraps);
}

/** All values as whole numbers. */
export function createMsgpackIntegerMapsDelta(): Contestant {
  return createMsgpackMaps('MessagePack, delta in maps of integers', () => true);
}
