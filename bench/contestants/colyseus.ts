/**
 * Colyseus' state: a map of schema instances, patched with @colyseus/schema's encoder as Colyseus' own serializer does it. Where
 * clients see parts, each has a StateView to which what enters and leaves is told.
 */
import { importPeer } from '../peers/install.ts';
import { codeOf, type Trace, type TraceEntity, type TraceField } from '../traces/trace.ts';
import type { View, Views } from '../traces/views.ts';
import { type Contestant, createBaseline } from './contestant.ts';
import { holdsView } from './quantize.ts';

type Row = { [field: string]: number | string };

interface State {
  readonly entities: Map<string, Row>;
}

interface Iterator {
  offset: number;
}

interface StateView {
  add(row: Row): void;
  remove(row: Row): void;
}

interface Encoder {
  readonly sharedBuffer: Uint8Array;
  encode(at: Iterator): Uint8Array;
  encodeAll(at: Iterator, buffer: Uint8Array): Uint8Array;
  encodeView(view: StateView, sharedOffset: number, at: Iterator): Uint8Array;
  encodeAllView(view: StateView, sharedOffset: number, at: Iterator, buffer: Uint8Array): Uint8Array;
  discardChanges(): void;
}

interface Decoder {
  readonly state: State;
  decode(bytes: Uint8Array, at: Iterator): unknown;
}

/** What is used of the module. */
interface Schema {
  readonly schema: (fields: object, name: string) => new () => object;
  readonly t: Record<string, (of?: unknown) => { view(): unknown }>;
  readonly Encoder: { new (state: State): Encoder; BUFFER_SIZE: number };
  readonly Decoder: new (state: State) => Decoder;
  readonly StateView: new () => StateView;
}

/** The protocol's code before each state or patch. */
const CODE_BYTES = 1;

/** `float32`: values as the game has them. Else codes, in the smallest unsigned integer that holds them. */
type Precision = 'integers' | 'float32';

function typeOf(field: TraceField, precision: Precision): string {
  if (precision === 'float32' && field.scale !== 1) return 'float32';
  if (field.levels <= 256) return 'uint8';
  return field.levels <= 65_536 ? 'uint16' : 'uint32';
}

/** The server's state, its encoder and the first client. */
class Room {
  readonly decoder: Decoder;
  readonly #schema: Schema;
  readonly #trace: Trace;
  readonly #precision: Precision;
  readonly #Entity: new () => object;
  readonly #state: State;
  readonly #encoder: Encoder;
  readonly #rows = new Map<number, Row>();
  readonly #views: StateView[];

  constructor(schema: Schema, trace: Trace, viewers: number, precision: Precision) {
    const { t } = schema;
    const fields = Object.fromEntries(trace.fields.map((field) => [field.name, t[typeOf(field, precision)]!()]));
    this.#Entity = schema.schema({ ...fields, kind: t.uint8!(), name: t.string!() }, 'Entity');
    const map = t.map!(this.#Entity);
    const World = schema.schema({ entities: viewers > 0 ? map.view() : map }, 'World') as new () => State;
    // Room for the largest trace, so that no time goes into growing it.
    schema.Encoder.BUFFER_SIZE = 4 * 2 ** 20;
    this.#schema = schema;
    this.#trace = trace;
    this.#precision = precision;
    this.#state = new World();
    this.#encoder = new schema.Encoder(this.#state);
    this.decoder = new schema.Decoder(new World());
    this.#views = Array.from({ length: viewers }, () => new schema.StateView());
  }

  apply(views: readonly View[]): void {
    for (const { id } of this.#trace.left) {
      const row = this.#rows.get(id)!;
      for (const [i, view] of this.#views.entries()) {
        if (views[i]!.left.some((entity) => entity.id === id)) view.remove(row);
      }
      this.#state.entities.delete(String(id));
      this.#rows.delete(id);
    }
    for (const entity of this.#trace.entities) this.#write(entity);
    for (const [i, view] of this.#views.entries()) {
      for (const { id } of views[i]!.left) {
        const row = this.#rows.get(id);
        if (row !== undefined) view.remove(row);
      }
      for (const { id } of views[i]!.entered) view.add(this.#rows.get(id)!);
    }
  }

  #write(entity: TraceEntity): void {
    let row = this.#rows.get(entity.id);
    const isNew = row === undefined;
    row ??= new this.#Entity() as Row;
    for (const field of this.#trace.fields) {
      row[field.name] = this.#precision === 'integers' ? codeOf(field, entity) : entity[field.name];
    }
    if (!isNew) return;
    row.kind = this.#trace.kinds.findIndex(({ name }) => name === entity.kind);
    if (entity.name !== '') row.name = entity.name;
    this.#rows.set(entity.id, row);
    this.#state.entities.set(String(entity.id), row);
  }

  /** The whole state, for the first client. */
  encodeAll(): Uint8Array {
    const buffer = new Uint8Array(this.#schema.Encoder.BUFFER_SIZE);
    const at = { offset: CODE_BYTES };
    const all = this.#encoder.encodeAll(at, buffer);
    const [view] = this.#views;
    const message = view === undefined ? all : this.#encoder.encodeAllView(view, at.offset, { ...at }, buffer);
    this.#encoder.discardChanges();
    return message.slice();
  }

  /** A message for each view; copies, as the transport needs them. */
  encode(): Uint8Array[] {
    const at = { offset: CODE_BYTES };
    const shared = this.#encoder.encode(at);
    const messages: Uint8Array[] = [];
    if (this.#views.length === 0) messages.push(shared.slice());
    const sharedOffset = at.offset;
    for (const view of this.#views) messages.push(this.#encoder.encodeView(view, sharedOffset, at).slice());
    this.#encoder.discardChanges();
    return messages;
  }

  /** Whether the client holds what was set: exactly, or rounded to a float32. */
  check(views: Views): boolean {
    const { entities } = this.decoder.state;
    const { fields } = this.#trace;
    const codesOf = (id: number): number[] | undefined => {
      const row = entities.get(String(id));
      return row && fields.map(({ name }) => row[name] as number);
    };
    if (this.#precision === 'integers') return holdsView(this.#trace, views, entities.size, codesOf);
    const { stayed, entered } = views.list[0]!;
    return (
      entities.size === stayed.length + entered.length &&
      [...stayed, ...entered].every((entity) => {
        const values = codesOf(entity.id);
        return values !== undefined && fields.every(({ name }, i) => values[i] === Math.fround(entity[name]));
      })
    );
  }
}

/** Install the peers first. */
export async function createColyseus(precision: Precision): Promise<Contestant> {
  const schema = await importPeer<Schema>('@colyseus/schema');
  let room: Room;
  return createBaseline({
    name: precision === 'integers' ? 'Colyseus schema 5, smallest integers' : 'Colyseus schema 5, float32',
    start(trace, views) {
      const viewers = trace.sightRadius === undefined ? 0 : views.list.length;
      room = new Room(schema, trace, viewers, precision);
      room.apply(views.list);
      return room.encodeAll();
    },
    apply: (_trace, views) => room.apply(views.list),
    write: () => room.encode(),
    read: (message) => void room.decoder.decode(message, { offset: CODE_BYTES }),
    check: (_trace, views) => room.check(views),
  });
}
