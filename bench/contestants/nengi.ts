/**
 * nengi 1.27: its Instance with connections that are functions, and what its client does with a snapshot, less the
 * interpolation. Where clients see parts, each sees a square as large as the circle, for nengi knows no circles.
 */
import { createRequire } from 'node:module';
import { codeOf, type Trace, type TraceEntity, type TraceField } from '../traces/trace.ts';
import type { Views } from '../traces/views.ts';
import { type Contestant, createBaseline } from './contestant.ts';

interface Row {
  nid: number;
  [field: string]: number | string;
}

interface Connection {
  readonly readyState: 1;
  send(bytes: Uint8Array): void;
  close(): void;
}

interface Square {
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
}

interface Instance {
  readonly protocols: unknown;
  addEntity(row: Row): void;
  removeEntity(row: Row): void;
  connect(connection: Connection): { view: Square };
  acceptConnection(client: object, text: string): void;
  update(): void;
}

interface Snapshot {
  readonly createEntities: Row[];
  readonly deleteEntities: number[];
  readonly updateEntities: { readonly partial: readonly { nid: number; prop: string; value: number }[] };
}

type ReadSnapshot = (
  bytes: Buffer,
  protocols: unknown,
  config: object,
  onConnect: undefined,
  onTransfer: undefined,
  protocolOf: (nid: number) => unknown,
) => Snapshot;

/** What is used of it. */
interface Nengi {
  readonly Instance: new (config: object, web: object) => Instance;
  /** Types of fields, by name. */
  readonly [type: string]: unknown;
}

interface Parts {
  readonly nengi: Nengi;
  readonly readSnapshot: ReadSnapshot;
}

const NATIVE_SOCKETS = '@clusterws/cws';

/** Its sources: its entry needs a loader of modules and a native WebSocket library that know no Node 20. Install the peers first. */
function loadNengi(): Parts {
  const require = createRequire(new URL('../peers/install.ts', import.meta.url));
  const native = require.resolve(NATIVE_SOCKETS);
  const unused = { id: native, filename: native, loaded: true, exports: { WebSocketServer: class {} } };
  require.cache[native] = unused as unknown as NodeJS.Module;
  const load = <Module>(file: string): Module => (require(`nengi/${file}`) as { default: Module }).default;
  return {
    nengi: load<Nengi>('index-es6.js'),
    readSnapshot: load<ReadSnapshot>('core/snapshot/reader/readSnapshotBuffer'),
  };
}

function typeNameOf({ levels }: TraceField): string {
  const bits = [8, 10, 12, 16].find((each) => levels <= 2 ** each) ?? 32;
  return `UInt${bits}`;
}

const EVERYWHERE: Square = { x: 0, y: 0, halfWidth: 2 ** 31, halfHeight: 2 ** 31 };

/** The server, its clients' newest messages, and the first client. */
class NengiRoom {
  readonly #parts: Parts;
  readonly #trace: Trace;
  readonly #config: object;
  readonly #instance: Instance;
  readonly #Entity: new () => Row;
  readonly #rows = new Map<number, Row>();
  readonly #received = new Map<number, Row>();
  readonly #clients: { view: Square }[] = [];
  readonly #newest: Uint8Array[] = [];

  constructor(parts: Parts, trace: Trace, clients: number) {
    const { nengi } = parts;
    const typed = (type: string): object => ({ type: nengi[type], interp: false });
    const fields = Object.fromEntries(trace.fields.map((field) => [field.name, typed(typeNameOf(field))]));
    const Entity = Object.assign(class {}, {
      protocol: { ...fields, kind: typed('UInt8'), name: typed('ASCIIString') },
    });
    this.#parts = parts;
    this.#trace = trace;
    this.#Entity = Entity as unknown as new () => Row;
    const protocols = { entities: [['Entity', Entity]] };
    this.#config = { UPDATE_RATE: trace.tickRate, HIDE_LOGO: true, USE_HISTORIAN: false, protocols };
    this.#instance = new nengi.Instance(this.#config, { mock: { on: () => undefined } });
    for (let i = 0; i < clients; i++) this.#join(i);
    // In tick 0 it takes what was created for not yet created.
    this.#instance.update();
  }

  #join(index: number): void {
    const send = (bytes: Uint8Array): void => {
      this.#newest[index] = bytes;
    };
    const client = this.#instance.connect({ readyState: 1, send, close: () => undefined });
    this.#instance.acceptConnection(client, '');
    this.#clients.push(client);
  }

  apply(views: Views): void {
    const { fields, left, entities, kinds } = this.#trace;
    for (const { id } of left) {
      this.#instance.removeEntity(this.#rows.get(id)!);
      this.#rows.delete(id);
    }
    for (const entity of entities) {
      let row = this.#rows.get(entity.id);
      const isNew = row === undefined;
      row ??= new this.#Entity();
      for (const field of fields) row[field.name] = codeOf(field, entity);
      if (!isNew) continue;
      row.kind = kinds.findIndex(({ name }) => name === entity.kind);
      row.name = entity.name;
      this.#rows.set(entity.id, row);
      this.#instance.addEntity(row);
    }
    for (const [i, client] of this.#clients.entries()) client.view = this.#squareOf(views.list[i]!.viewer);
  }

  /** In codes, as x and y are. */
  #squareOf(viewer: TraceEntity | undefined): Square {
    const { sightRadius, fields } = this.#trace;
    if (viewer === undefined || sightRadius === undefined) return EVERYWHERE;
    const half = (sightRadius * Math.sqrt(Math.PI) * fields[0]!.scale) / 2;
    const row = this.#rows.get(viewer.id)!;
    return { x: row.x as number, y: row.y as number, halfWidth: half, halfHeight: half };
  }

  write(): Uint8Array[] {
    this.#instance.update();
    return this.#newest;
  }

  read(message: Uint8Array): void {
    const received = this.#received;
    const protocolOf = (nid: number): unknown => received.get(nid)!.protocol;
    const bytes = message as Buffer;
    const { protocols } = this.#instance;
    const snapshot = this.#parts.readSnapshot(bytes, protocols, this.#config, undefined, undefined, protocolOf);
    for (const row of snapshot.createEntities) received.set(row.nid, row);
    for (const { nid, prop, value } of snapshot.updateEntities.partial) received.get(nid)![prop] = value;
    for (const nid of snapshot.deleteEntities) received.delete(nid);
  }

  check(views: Views): boolean {
    const square = this.#squareOf(views.list[0]!.viewer);
    const isNear = (at: number, middle: number, half: number): boolean => Math.abs(at - middle) <= half;
    const seen = [...this.#rows.values()].filter(
      ({ x, y }) => isNear(x as number, square.x, square.halfWidth) && isNear(y as number, square.y, square.halfHeight),
    );
    const isHeld = (row: Row): boolean =>
      this.#trace.fields.every(({ name }) => this.#received.get(row.nid)?.[name] === row[name]);
    return this.#received.size === seen.length && seen.every(isHeld);
  }
}

export function createNengi(): Contestant {
  const parts = loadNengi();
  let room: NengiRoom;
  return createBaseline({
    name: 'nengi 1.27',
    start(trace, views) {
      room = new NengiRoom(parts, trace, views.list.length);
      room.apply(views);
      return room.write()[0]!;
    },
    apply: (_trace, views) => room.apply(views),
    write: () => room.write(),
    read: (message) => room.read(message),
    check: (_trace, views) => room.check(views),
  });
}
