/** Tickwire itself: the shipped server and client over connections that cost nothing, on a clock that the bench turns. */
import { pack } from 'msgpackr';
import type { AnyGame } from 'tickwire';
import { connect } from 'tickwire/client';
import { createServer } from 'tickwire/server';
import { VirtualClock } from 'tickwire/testing';
import type { Trace, TraceEntity } from '../traces/trace.ts';
import { type Contestant, probe, type TickFigures } from './contestant.ts';
import { LoopTransport, type SinkClient } from './loop-transport.ts';
import { createTraceGame, type Kinds, TraceWorld } from './tickwire-game.ts';

const CODEC_BITS = { plain: 1, packed: 2 };
export type TickwireCodec = keyof typeof CODEC_BITS;

/** Adds up what the server's own timers take: time, or whatever the probe reads. */
class MeteredClock {
  busy = 0;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  schedule(run: () => void, delayMs: number): () => void {
    const metered = (): void => {
      const start = probe.read();
      run();
      this.busy += probe.read() - start;
    };
    return this.#clock.schedule(metered, delayMs);
  }
}

/** Ticks after which the picture has caught up with a trace that stands still. */
const CATCH_UP_TICKS = 60;
/** The dead band is half a step, and what is received is rounded: one step. */
const TOLERANCE_STEPS = 1 + 1e-6;
/** In so many ticks all newcomers of the largest trace are told, at what a client's line is taken for. */
const JOIN_TICKS = 100;

type Net = Awaited<ReturnType<typeof connect<AnyGame>>>;

/** One room with its clients, of which one is the real one. */
class TickwireRoom {
  readonly #trace: Trace;
  readonly #game: AnyGame;
  readonly #codec: TickwireCodec;
  readonly #clock = new VirtualClock();
  readonly #serverClock = new MeteredClock(this.#clock);
  readonly #transport = new LoopTransport();
  readonly #world: TraceWorld;
  readonly #sinks: SinkClient[] = [];
  /** Who looks through which of the trace's first entities, by player. */
  readonly #viewers = new Map<number, TraceEntity>();
  readonly #server: ReturnType<typeof createServer<AnyGame>>;
  #net: Net | undefined;
  #ticks = 0;
  #applied = 0;
  #read = 0;

  constructor(trace: Trace, codec: TickwireCodec, onMessage: LoopTransport['onMessage'], lookEveryTicks: number) {
    this.#transport.onMessage = onMessage;
    this.#trace = trace;
    this.#codec = codec;
    this.#game = createTraceGame(trace);
    this.#world = new TraceWorld(trace);
    const { sightRadius } = trace;
    this.#server = createServer<AnyGame>(this.#game, {
      clock: this.#serverClock,
      transport: this.#transport,
      strict: false,
      maxConnectionsPerUser: 1_000,
      rooms: {
        arena: {
          maxPlayers: 1_024,
          // Without what spares work and flicker: all systems show exactly the same entities.
          interest:
            sightRadius === undefined ? 'everyone' : { radius: sightRadius, hysteresis: 0, dwellMs: 0, lookEveryTicks },
          onJoin: (_room, player) => {
            this.#viewers.set(player.id, trace.entities[this.#viewers.size]!);
          },
          onTick: (room) => {
            const start = probe.read();
            this.#ticks++;
            this.#world.takeOver(room.world as unknown as Kinds);
            if (sightRadius !== undefined) {
              for (const player of room.players) player.viewpoint = this.#viewers.get(player.id);
            }
            this.#applied = probe.read() - start;
          },
        },
      },
    });
  }

  /** Bytes of the real client's first states. */
  async join(clients: number): Promise<number> {
    await this.#server.listen(0, 'loop');
    const { client: transport } = this.#transport;
    const options = { room: 'arena', clock: this.#clock, transport, codec: this.#codec };
    const sizes: number[] = [];
    this.#transport.onRead = () => sizes.push(this.#transport.firstBytes);
    const joined = connect(this.#game, 'loop://server', options);
    await this.#transport.dialled;
    this.#net = await this.#clock.resolve(joined);
    const bits = CODEC_BITS[this.#codec];
    const hello = Uint8Array.from(pack([1, 1, this.#game.schema.hash, bits, 'arena', null, null, null, '']));
    for (let i = 1; i < clients; i++) this.#sinks.push(this.#transport.join(hello));
    for (let tick = 0; tick < JOIN_TICKS; tick++) await this.runTick();
    // The trace stands still, so that what follows the newcomers is small.
    const end = sizes.findLastIndex((size) => size > Math.max(...sizes) / 4);
    const joinBytes = sizes.slice(0, end + 1).reduce((sum, size) => sum + size, 0);
    this.#transport.onRead = (taken) => {
      this.#read = taken;
    };
    return joinBytes;
  }

  async runTick(): Promise<TickFigures> {
    const before = this.#serverClock.busy;
    this.#read = 0;
    const next = this.#ticks + 1;
    await this.#clock.advance(1000 / this.#trace.tickRate);
    // Rounded sums of ticks fall short of the server's due time now and then; a trace tick must not be lost for that.
    while (this.#ticks < next) await this.#clock.advance(0.5);
    for (const sink of this.#sinks) sink.acknowledge();
    const readMs = this.#read;
    // The real client reads inside of the server's `send`.
    const serverMs = this.#serverClock.busy - before - readMs;
    const start = probe.read();
    this.#net?.frame(this.#clock.now());
    const frameMs = probe.read() - start;
    const sizes = [this.#transport.firstBytes];
    for (const sink of this.#sinks) sizes.push(sink.newestBytes);
    return { sizes, applyMs: this.#applied, encodeMs: serverMs - this.#applied, readMs, frameMs };
  }

  /** Kinds in which the real client's picture differs from the trace. */
  async differences(): Promise<string[]> {
    for (let tick = 0; tick < CATCH_UP_TICKS; tick++) await this.runTick();
    const viewer = this.#viewers.get(this.#net!.playerId)!;
    const world = this.#net!.world as unknown as Record<string, Iterable<{ received: TraceEntity }>>;
    return this.#trace.kinds
      .filter((kind) => {
        const received = [...world[kind.name]!].map((entity) => entity.received);
        return !this.#world.equals(kind, viewer, received, TOLERANCE_STEPS);
      })
      .map(({ name }) => name);
  }

  stop(): void {
    this.#net?.close();
    void this.#server.close();
  }
}

/** Tickwire; it needs no views, for it looks by itself. */
export interface TickwireContestant extends Contestant {
  start(trace: Trace): Promise<number>;
  runTick(trace: Trace): Promise<TickFigures>;
  check(trace: Trace): Promise<void>;
}

/**
 * With so many clients, of which one is the real one: `onMessage` gets all that it is sent. In a trace with a radius of sight each
 * looks through a ship of its own, as often as all other systems do unless `lookEveryTicks` says otherwise.
 */
export function createTickwire(
  clients: number,
  codec: TickwireCodec = 'packed',
  onMessage?: (bytes: Uint8Array) => void,
  lookEveryTicks = 1,
): TickwireContestant {
  let room: TickwireRoom;
  return {
    name: `Tickwire, ${codec}${clients === 1 ? '' : `, ${clients} clients`}`,
    start(trace) {
      room = new TickwireRoom(trace, codec, onMessage, lookEveryTicks);
      return room.join(clients);
    },
    runTick: () => room.runTick(),
    async check() {
      const kinds = await room.differences();
      if (kinds.length > 0) throw new Error(`Tickwire: a client's ${kinds.join(', ')} differ from the trace's`);
    },
    stop: () => room.stop(),
  };
}
