/**
 * Colyseus 0.18 on its own ws transport: quantized integers in the smallest types that hold them, patched in each tick of the
 * loop that all systems here share. In W2 each client has a StateView, to which what enters and leaves its sight is told.
 */
import type { AddressInfo } from 'node:net';
import { importPeer, installPeers } from '../peers/install.ts';
import { codeOf, type Trace, type TraceEntity, type TraceField } from '../traces/trace.ts';
import { SightGrid } from './sight.ts';
import { createTrace, type StartSystem } from './system.ts';
import { startTicks } from './ticks.ts';

type Row = Record<string, number | string>;

interface StateView {
  add(row: Row): void;
  remove(row: Row): void;
}

interface Client {
  view?: StateView;
}

interface SchemaModule {
  readonly schema: (fields: object, name: string) => new () => object;
  readonly t: Record<string, (of?: unknown) => { view(): unknown }>;
  readonly Encoder: { BUFFER_SIZE: number };
  readonly StateView: new () => StateView;
}

interface RoomBase {
  state: unknown;
  patchRate: number | null;
  autoDispose: boolean;
  maxClients: number;
  seatReservationTimeout: number;
  readonly clients: readonly Client[];
  broadcastPatch(): boolean;
  onMessage(type: number, callback: () => void): void;
}

interface CoreModule {
  readonly Room: new () => RoomBase;
  readonly Server: new (
    options: object,
  ) => { define(name: string, room: unknown): void; listen(port: number, host: string): Promise<void> };
  readonly matchMaker: {
    readonly processId: string;
    createRoom(name: string, options: object): Promise<{ roomId: string }>;
    joinById(roomId: string, options: object): Promise<{ sessionId: string }>;
  };
}

interface TransportModule {
  readonly WebSocketTransport: new (options: object) => { readonly server: { address(): AddressInfo } };
}

function typeOf(field: TraceField): string {
  if (field.levels <= 256) return 'uint8';
  return field.levels <= 65_536 ? 'uint16' : 'uint32';
}

interface State {
  readonly entities: Map<string, Row>;
}

/** The state of a trace, as a Colyseus game would hold it. */
class TraceState {
  readonly state: State;
  readonly #trace: Trace;
  readonly #Entity: new () => object;
  readonly #rows = new Map<number, Row>();

  constructor({ schema, t }: SchemaModule, trace: Trace) {
    const fields = Object.fromEntries(trace.fields.map((field) => [field.name, t[typeOf(field)]!()]));
    this.#Entity = schema({ ...fields, kind: t.uint8!(), name: t.string!() }, 'Entity');
    const map = t.map!(this.#Entity);
    const World = schema({ entities: trace.sightRadius === undefined ? map : map.view() }, 'World') as new () => State;
    this.#trace = trace;
    this.state = new World();
  }

  rowOf(entity: TraceEntity): Row | undefined {
    return this.#rows.get(entity.id);
  }

  /** Takes over the newest tick; what left stays until `removeLeft`, so that views can be told of it. */
  write(): void {
    for (const entity of this.#trace.entities) {
      let row = this.#rows.get(entity.id);
      const isNew = row === undefined;
      row ??= new this.#Entity() as Row;
      for (const field of this.#trace.fields) row[field.name] = codeOf(field, entity);
      if (!isNew) continue;
      row.kind = this.#trace.kinds.findIndex(({ name }) => name === entity.kind);
      if (entity.name !== '') row.name = entity.name;
      this.#rows.set(entity.id, row);
      this.state.entities.set(String(entity.id), row);
    }
  }

  removeLeft(): void {
    for (const { id } of this.#trace.left) {
      this.state.entities.delete(String(id));
      this.#rows.delete(id);
    }
  }
}

export const startColyseus: StartSystem = async (spec, onTick) => {
  await installPeers();
  const schema = await importPeer<SchemaModule>('@colyseus/schema');
  const { Room, Server, matchMaker } = await importPeer<CoreModule>('@colyseus/core');
  const { WebSocketTransport } = await importPeer<TransportModule>('@colyseus/ws-transport');
  schema.Encoder.BUFFER_SIZE = 2 ** 20;
  const trace = createTrace(spec.workload);
  const world = new TraceState(schema, trace);
  const viewers = trace.entities.slice(0, spec.clients);
  let messages = 0;
  let room: RoomBase | undefined;

  class ArenaRoom extends Room {
    override patchRate = null;
    override autoDispose = false;
    override maxClients = 10_000;
    override seatReservationTimeout = 120;
    override state = world.state;
    readonly views: StateView[] = [];

    onCreate(): void {
      room = this;
      this.onMessage(0, () => {
        messages++;
      });
    }

    onJoin(client: Client): void {
      if (trace.sightRadius === undefined) return;
      client.view = new schema.StateView();
      this.views.push(client.view);
    }
  }
  const transport = new WebSocketTransport({});
  const server = new Server({ transport, greet: false, gracefullyShutdown: false });
  server.define('arena', ArenaRoom);
  await server.listen(0, '127.0.0.1');
  const { roomId } = await matchMaker.createRoom('arena', {});
  const paths: string[] = [];
  for (let i = 0; i < spec.clients; i++) {
    const { sessionId } = await matchMaker.joinById(roomId, {});
    paths.push(`/${matchMaker.processId}/${roomId}?sessionId=${sessionId}`);
  }

  const grid = new SightGrid(trace, spec.clients, trace.sightRadius ?? trace.size);
  const views = (room as ArenaRoom | undefined)?.views ?? [];
  const changes = {
    entered: (viewer: number, entity: TraceEntity) => views[viewer]!.add(world.rowOf(entity)!),
    left(viewer: number, entity: TraceEntity) {
      const row = world.rowOf(entity);
      if (row !== undefined) views[viewer]!.remove(row);
    },
  };
  startTicks(trace.tickRate, () => {
    onTick();
    trace.step();
    world.write();
    if (trace.sightRadius !== undefined) grid.update(viewers.slice(0, views.length), changes);
    world.removeLeft();
    room?.broadcastPatch();
  });
  return {
    door: { port: transport.server.address().port, paths, hello: '' },
    tickRate: trace.tickRate,
    messagesIn: () => messages,
  };
};
