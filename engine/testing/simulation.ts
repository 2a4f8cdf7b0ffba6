/**
 * A whole game in one process on a virtual clock: the shipped server, the shipped clients, simulated lines between them.
 * Minutes of play take seconds, nothing waits, and one seed gives one trace.
 */
import { connectClient } from '../client/client.ts';
import type { Session } from '../client/session.ts';
import type { ConnectOptions, Net } from '../client/types.ts';
import { createValueCodec } from '../client/value-codec.ts';
import type { Clock } from '../core/clock.ts';
import { TickwireError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import { packedReader } from '../replication/packed-reader.ts';
import { plainReader } from '../replication/plain-reader.ts';
import type { ServerOptions } from '../server/options.ts';
import { createGameServer, type GameServer } from '../server/server.ts';
import type { ErrorPlace, Guest, Logger } from '../server/types.ts';
import type { AnyGame } from '../state/types.ts';
import type { LinkSetting } from '../transport/link.ts';
import { createMemoryTransport, type MemoryTransport } from '../transport/memory.ts';
import { VirtualClock } from '../transport/virtual-clock.ts';
import type { ValueCodec } from '../wire/value-codec.ts';
import { Checks } from './checks.ts';
import { findDifference } from './convergence.ts';
import { FAULTS, type Faults, runFaults } from './faults.ts';
import type { CheckCounts } from './findings.ts';
import { type FirstNumbers, startClient, startRooms } from './first-numbers.ts';
import { MachineClock } from './machine-clock.ts';
import { randomInput, type Script } from './random-input.ts';
import { ServerProcess } from './server-process.ts';
import type { RoomRules } from './sight-rules.ts';
import { type ClientProbe, Line, SimulatedClient } from './simulated-client.ts';
import { Trace } from './trace.ts';

const DEFAULT_LINK: LinkSetting = 'rtt50';
const DEFAULT_FRAME_RATE = 60;
/** A server's clock shows this when it starts. */
const SERVER_ORIGIN_MS = 5_000;
/** Timers of a server run so much late. */
const SERVER_LATENESS_MS = { min: 0.3, max: 1.5 };
/** Clocks of machines differ by up to this. */
const DRIFT_PPM = 40;
/** What closing may take, virtual ms. */
const CLOSE_LIMIT_MS = 120_000;
/** What settling may take: a client that was dropped again and again waits up to half a minute before it tries once more. */
const SETTLE_LIMIT_MS = 60_000;
const SETTLE_STEP_MS = 50;

/** How a simulation is made. */
export interface SimulationOptions<G extends AnyGame, U = Guest, Rooms = Record<string, unknown>> {
  readonly game: G;
  /** As `createServer` takes them. */
  readonly server: ServerOptions<G, U, Rooms>;
  /** Everything random follows from it. Default 1. */
  readonly seed?: number;
  /** The line of each client, both ways, unless `join` says otherwise. Default 'rtt50'. */
  readonly link?: LinkSetting;
  /** Whether checkers look on, and time that passes throws what they find. Default true. */
  readonly check?: boolean;
  /** By room type: what checkers cannot know from its options. Default: what those say. */
  readonly rules?: { readonly [roomType: string]: Partial<RoomRules> };
  /** What counters and clocks stand at in the beginning. Default: 0, and clocks at something of their own. */
  readonly first?: FirstNumbers;
}

/** How one client joins: the options of `connect`, and its line. */
export type JoinOptions<G extends AnyGame> = Partial<ConnectOptions> & {
  /** From the client to the server, and back unless `down` is given. */
  readonly link?: LinkSetting;
  /** From the server to the client. */
  readonly down?: LinkSetting;
  /** Frames per second. Default 60. */
  readonly frameRate?: number;
  readonly play?: Script<G>;
};

/** What the entry point hands in. */
export interface SimulationPlatform {
  readonly values: ValueCodec;
  readonly flush: () => Promise<void>;
}

/** A line of the server's log. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: object | undefined;
}

/** A running simulation. */
export class Simulation<G extends AnyGame, U = Guest> {
  readonly clock: VirtualClock;
  /** As `createServer` returns it. */
  readonly server: GameServer<G, U>;
  readonly transport: MemoryTransport;
  /** In order of joining, those who left included. */
  readonly clients: SimulatedClient<G>[] = [];
  /** What the server reported. */
  readonly log: LogLine[] = [];
  /** The line of clients that have none of their own. */
  readonly link: LinkSetting;
  readonly #game: G;
  readonly #seed: number;
  readonly #first: FirstNumbers;
  readonly #process: ServerProcess;
  readonly #checks: Checks | undefined;
  readonly #defaultRoom: string;
  readonly #random = new Random();
  readonly #trace = new Trace();
  readonly #listening: Promise<{ port: number }>;
  readonly #faults: { error: unknown; place: ErrorPlace }[] = [];
  #clientsMade = 0;
  #problemsThrown = 0;

  constructor(options: SimulationOptions<G, U>, platform: SimulationPlatform) {
    const { game, server, seed = 1, link = DEFAULT_LINK, check = true, rules = {}, first = {} } = options;
    this.#game = game;
    this.#seed = seed;
    this.#first = first;
    this.link = link;
    this.#random.seed(seed, 0x51e1, 0);
    this.#defaultRoom = Object.keys(server.rooms)[0] ?? '';
    this.clock = new VirtualClock({ flush: platform.flush });
    const { values } = platform;
    this.#checks = check ? new Checks({ schema: game.schema, clock: this.clock, values, first, rules }) : undefined;
    this.transport = createMemoryTransport(this.clock);
    this.transport.observe = (way, pair, bytes) =>
      this.#trace.add(this.clock.now(), way === 'up' ? 1 : 2, pair.index, bytes);
    const onError = server.onError ?? ((error: unknown, place: ErrorPlace) => this.#faults.push({ error, place }));
    const bytes = new Random();
    bytes.seed(seed, 0x51e1, 1);
    const started = startRooms(server.rooms, first);
    const rooms = this.#checks?.watchRooms(started) ?? started;
    const clockOptions = { originMs: first.serverMs ?? SERVER_ORIGIN_MS, latenessMs: SERVER_LATENESS_MS, seed };
    const clockOf = (base: Clock): Clock => new MachineClock(base, clockOptions);
    this.#process = new ServerProcess(this.clock, clockOf, this.transport.server);
    this.server = createGameServer(
      game,
      { ...server, rooms, strict: server.strict ?? true, onError },
      {
        clock: this.#process.clock,
        transport: this.#process.transport,
        values,
        randomBytes: server.randomBytes ?? ((length) => Uint8Array.from({ length }, () => bytes.int(0, 255))),
        logger: this.#logger(),
      },
    );
    this.#listening = this.server.listen(0, 'simulation');
  }

  /** Connects a client and lets time pass until it plays. Rejects as `connect` does. */
  async join(options: JoinOptions<G> = {}): Promise<SimulatedClient<G>> {
    const { link = this.link, down = link, frameRate = DEFAULT_FRAME_RATE, play, ...connect } = options;
    const { port } = await this.#listening;
    const seed = Math.imul(this.#seed, 65_537) + this.#clientsMade++;
    const index = this.#clientsMade - 1;
    const line = new Line();
    const clock = new MachineClock(this.clock, {
      originMs: this.#first.clientMs ?? this.#random.next() * 1_000_000,
      driftPpm: (this.#random.next() * 2 - 1) * DRIFT_PPM,
      seed,
    });
    const joining: Promise<Net<G>> = connectClient(
      this.#game,
      `memory://simulation:${port}`,
      { room: this.#defaultRoom, ...connect } as ConnectOptions,
      {
        clock,
        transport: this.transport.clientVia({ up: link, down, seed }, (pair) => line.use(pair)),
        values: createValueCodec(),
        codec: connect?.codec === 'plain' ? plainReader : packedReader,
        inspect: (session) => {
          startClient(session as Session, this.#first);
          this.#checks?.watchClient(index, session as Session);
        },
      },
    );
    const net = await this.clock.resolve(joining);
    this.#rethrow();
    const client = new SimulatedClient(net, index, clock, line, 1_000 / frameRate, this.#probeOf(index));
    client.play(play);
    this.clients.push(client);
    return client;
  }

  /** Joins `count` players who press anything. */
  async joinBots(count: number, options: JoinOptions<G> = {}): Promise<SimulatedClient<G>[]> {
    const bots: SimulatedClient<G>[] = [];
    for (let i = 0; i < count; i++) {
      const play = randomInput(this.#game, Math.imul(this.#seed, 31) + this.clients.length);
      bots.push(await this.join({ play, ...options }));
    }
    return bots;
  }

  /** The server stands still for `durationMs` from now on: its timers are late, and what clients send waits. */
  freeze(durationMs: number): void {
    this.#process.freeze(durationMs);
  }

  /** Lets `durationMs` pass. Throws what a hook or a step threw meanwhile, unless the server has an `onError`. */
  async advance(durationMs: number): Promise<void> {
    await this.clock.advance(durationMs);
    this.#rethrow();
  }

  /** Lets time pass until `isDone` says so; throws when `limitMs` did not suffice. */
  async advanceUntil(isDone: () => boolean, limitMs = 60_000): Promise<void> {
    const isReached = await this.clock.advanceUntil(isDone, limitMs);
    this.#rethrow();
    if (!isReached) throw new TickwireError(`what was waited for did not happen within ${limitMs} virtual ms`);
  }

  /** Lets time pass until `promise` is settled, and passes on what it gives. */
  async resolve<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    const value = await this.clock.resolve(promise, limitMs);
    this.#rethrow();
    return value;
  }

  /**
   * Lets `durationMs` pass while things go wrong: by default all that `FAULTS` holds. Returns how often each happened; a
   * test in which one never did has not tested it.
   */
  async trouble(durationMs: number, faults: Faults<G> = FAULTS): Promise<Record<string, number>> {
    return runFaults(this, durationMs, faults, this.#seed);
  }

  /**
   * Lets time pass until every client has what it should have: players let go of their keys, and what their game goes on to
   * do must come to rest. Returns how long it took; throws, with the first difference, when `limitMs` did not suffice.
   */
  async settle(limitMs = SETTLE_LIMIT_MS): Promise<number> {
    const startMs = this.clock.now();
    for (const client of this.clients) client.play(undefined);
    for (;;) {
      const difference = this.#findDifference();
      const tookMs = this.clock.now() - startMs;
      if (difference === undefined) return tookMs;
      if (tookMs >= limitMs) throw new TickwireError(`after ${limitMs} virtual ms ${difference}`);
      await this.advance(SETTLE_STEP_MS);
    }
  }

  /** What the checkers looked at so far; undefined without them. */
  get checked(): Readonly<CheckCounts> | undefined {
    return this.#checks?.findings.counts;
  }

  /** What the checkers found so far, as sentences. */
  get problems(): readonly string[] {
    return this.#checks?.findings.problems ?? [];
  }

  /** All messages so far, with their times, as one hash: equal for equal seeds. */
  get hash(): string {
    return this.#trace.hash;
  }

  /** Messages that arrived so far. */
  get messages(): number {
    return this.#trace.count;
  }

  /** Ends all clients and the server; throws when a timer or a connection is left behind. */
  async close(): Promise<void> {
    for (const client of this.clients) client.leave();
    await this.clock.resolve(this.server.close(), CLOSE_LIMIT_MS);
    await this.clock.advance(CLOSE_LIMIT_MS);
    this.#checks?.checkEnd(this.server.stats);
    this.#rethrow();
    const { pending } = this.clock;
    const connections = this.transport.pairs.size;
    if (pending > 0 || connections > 0) {
      throw new TickwireError(`left behind: ${pending} timers, ${connections} connections`);
    }
  }

  #rethrow(): void {
    const fault = this.#faults.shift();
    if (fault !== undefined) throw fault.error;
    const problems = this.problems.slice(this.#problemsThrown);
    this.#problemsThrown = this.problems.length;
    if (problems.length > 0) throw new TickwireError(`the checkers found: ${problems.join('; ')}`);
  }

  #findDifference(): string | undefined {
    if (this.#checks === undefined) throw new TickwireError('settle() needs the checkers: leave out check: false');
    for (const { net, index } of this.clients) {
      const session = this.#checks.sessionOf(index);
      if (net.state === 'closed' || session === undefined) continue;
      const difference = findDifference(this.#checks, session);
      if (difference !== undefined) return `client ${index} ${difference}`;
    }
    return undefined;
  }

  #probeOf(index: number): ClientProbe | undefined {
    const checks = this.#checks;
    return (
      checks && {
        noteFrame: () => checks.checkFrame(index),
        flipBit: (random) => checks.flipBit(index, random),
      }
    );
  }

  #logger(): Logger {
    const at = (level: LogLine['level']) => (message: string, fields?: object) => {
      this.log.push({ level, message, fields });
    };
    return { info: at('info'), warn: at('warn'), error: at('error') };
  }
}
