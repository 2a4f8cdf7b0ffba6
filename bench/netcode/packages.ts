/** The peers' published packages, fed by hand: their clocks, buffers and kernels run as shipped, over our links. */
import { importPeer } from '../peers/install.ts';
import type { Peer, ServerMoment } from './peer.ts';
import { MOVERS } from './truth.ts';

interface GeckosSnapshot {
  readonly state: readonly { readonly id: number; readonly x: number; readonly y: number }[];
}
interface GeckosInterpolation {
  serverTime: number;
  readonly snapshot: { create(state: object[]): object; add(snapshot: object): void };
  calcInterpolation(parameters: string): GeckosSnapshot | undefined;
}
interface GeckosModule {
  readonly SnapshotInterpolation: new (serverFps: number) => GeckosInterpolation;
}

/** @geckos.io/snapshot-interpolation as its readme shows it: three snapshots of delay, on Date.now(). */
export async function createGeckos(sendRate: number, wallOriginMs: number): Promise<Peer> {
  const { SnapshotInterpolation } = await importPeer<GeckosModule>('@geckos.io/snapshot-interpolation');
  const server = new SnapshotInterpolation(sendRate);
  const client = new SnapshotInterpolation(sendRate);
  let drawn: GeckosSnapshot | undefined;
  return {
    name: 'geckos SI 1.1.1',
    origin: 'package',
    isRival: true,
    serve: ({ x, y }) => server.snapshot.create(MOVERS.map((mover) => ({ id: mover, x: x[mover], y: y[mover] }))),
    receive: (message) => client.snapshot.add(message as object),
    noteInput: () => undefined,
    frame() {
      // Without a newer snapshot it gives nothing, and the picture stays.
      drawn = client.calcInterpolation('x y') ?? drawn;
    },
    x: (mover) => drawn?.state[mover]?.x ?? Number.NaN,
    y: (mover) => drawn?.state[mover]?.y ?? Number.NaN,
    shownMs: () => client.serverTime - wallOriginMs,
  };
}

interface ColyseusClock {
  setPatchInterval(ms: number): void;
  sample(serverMs: number, rttMs: number): void;
  serverNow(): number;
  smoothedRtt(): number;
  lastServerTime(): number;
}
interface ColyseusPredict {
  attachAll(key: string, config: object): void;
  tick(nowMs: number): void;
  value(instance: object, field: string): number;
}
interface ColyseusMover {
  x: number;
  y: number;
}
interface ColyseusState {
  readonly movers: Map<string, ColyseusMover>;
}
interface SchemaModule {
  schema(fields: object, name: string): new () => object;
  readonly t: { number(): unknown; map(of: unknown): unknown };
  readonly Encoder: new (
    state: object,
  ) => {
    encode(at: { offset: number }): Uint8Array;
    encodeAll(at: { offset: number }): Uint8Array;
    discardChanges(): void;
  };
  readonly Decoder: new (state: object) => { decode(bytes: Uint8Array): void };
}

/** Input seqs whose time of leaving is kept, as the SDK's own ring. */
const SENT_INPUTS = 128;

/**
 * The Colyseus SDK's `Predict` in mode `lerp`, its decoder and its clock, fed as its Room does: time and newest processed
 * input in front of each patch. On our side of it stands only what the room's socket would do.
 */
export class ColyseusPeer implements Peer {
  readonly name: string;
  readonly origin = 'package';
  readonly isRival = true;
  /** The SDK's idea of the server's time, counted from the due time of tick 0. */
  readonly clock: ColyseusClock;
  readonly #delayMs: number;
  readonly #predict: ColyseusPredict;
  readonly #server: ColyseusState;
  readonly #client: ColyseusState;
  readonly #encoder: InstanceType<SchemaModule['Encoder']>;
  readonly #decoder: InstanceType<SchemaModule['Decoder']>;
  readonly #Mover: new () => object;
  readonly #sentMs = new Float64Array(SENT_INPUTS);
  #sentSeq = 0;
  #ackedSeq = 0;

  constructor(
    sendRate: number,
    delayMs: number,
    { schema, t, Encoder, Decoder }: SchemaModule,
    Predict: { get(room: object, options: object): ColyseusPredict },
    Clock: new () => ColyseusClock,
  ) {
    this.name = `Colyseus 0.18.4 lerp ${delayMs}`;
    this.#delayMs = delayMs;
    this.#Mover = schema({ x: t.number(), y: t.number() }, 'Mover');
    const State = schema({ movers: t.map(this.#Mover) }, 'State');
    this.#server = new State() as ColyseusState;
    this.#client = new State() as ColyseusState;
    this.#encoder = new Encoder(this.#server);
    this.#decoder = new Decoder(this.#client);
    this.clock = new Clock();
    this.clock.setPatchInterval(1_000 / sendRate);
    const room = { state: this.#client, clock: this.clock, serializer: { decoder: this.#decoder } };
    this.#predict = Predict.get(room, { mode: 'lerp', delay: delayMs });
    this.#predict.attachAll('movers', { fields: ['x', 'y'] });
  }

  serve({ runMs, ackedSeq, x, y }: ServerMoment): unknown {
    const { movers } = this.#server;
    const isFirst = movers.size === 0;
    for (const mover of MOVERS) {
      const entity = (movers.get(String(mover)) ?? new this.#Mover()) as ColyseusMover;
      entity.x = x[mover] as number;
      entity.y = y[mover] as number;
      if (isFirst) movers.set(String(mover), entity);
    }
    const at = { offset: 0 };
    const bytes = Uint8Array.from(isFirst ? this.#encoder.encodeAll(at) : this.#encoder.encode(at));
    this.#encoder.discardChanges();
    // As the server writes it: whole ms.
    return { bytes, serverMs: Math.floor(runMs), ackedSeq };
  }

  receive(message: unknown, nowMs: number): void {
    const { bytes, serverMs, ackedSeq } = message as { bytes: Uint8Array; serverMs: number; ackedSeq: number };
    const isNews = ackedSeq > this.#ackedSeq && this.#sentSeq - ackedSeq < SENT_INPUTS;
    const rttMs = isNews ? nowMs - (this.#sentMs[ackedSeq % SENT_INPUTS] as number) : -1;
    this.#ackedSeq = Math.max(this.#ackedSeq, ackedSeq);
    this.clock.sample(serverMs, rttMs);
    this.#decoder.decode(bytes);
  }

  noteInput(seq: number, nowMs: number): void {
    this.#sentSeq = seq;
    this.#sentMs[seq % SENT_INPUTS] = nowMs;
  }

  frame(nowMs: number): void {
    this.#predict.tick(nowMs);
  }

  x(mover: number): number {
    return this.#value(mover, 'x');
  }

  y(mover: number): number {
    return this.#value(mover, 'y');
  }

  shownMs(): number {
    const target = this.clock.serverNow() - this.#delayMs - this.clock.smoothedRtt() / 2;
    return Math.min(target, this.clock.lastServerTime());
  }

  #value(mover: number, field: 'x' | 'y'): number {
    const entity = this.#client.movers.get(String(mover));
    return entity === undefined ? Number.NaN : this.#predict.value(entity, field);
  }
}

/** Colyseus with its documented 100 ms, or another delay. */
export async function createColyseus(sendRate: number, delayMs = 100): Promise<ColyseusPeer> {
  const schema = await importPeer<SchemaModule>('@colyseus/schema');
  const { Predict } = await importPeer<{ Predict: { get(room: object, options: object): ColyseusPredict } }>(
    '@colyseus/sdk/predict',
  );
  const { RoomClockImpl } = await importPeer<{ RoomClockImpl: new () => ColyseusClock }>('@colyseus/sdk/RoomClock');
  return new ColyseusPeer(sendRate, delayMs, schema, Predict, RoomClockImpl);
}
