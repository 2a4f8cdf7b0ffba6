/**
 * One scene of remote movers: the shipped server, shipped clients over lines of equal seeds, and the peers over a line of
 * their own of the same kind and seed, all in the same virtual time. What each draws is filmed frame by frame.
 */
import { connect, type Net, type PlayoutMode } from 'tickwire/client';
import { createServer, type GameServer } from 'tickwire/server';
import { createMemoryTransport, MachineClock, type MemoryTransport, VirtualClock } from 'tickwire/testing';
import { isSlid, isTwisted, MoverPlay, moverGame } from './game.ts';
import { Film } from './metrics.ts';
import type { Peer } from './peer.ts';
import { PeerNetwork } from './peer-network.ts';
import type { ProfileName } from './profiles.ts';
import { MOVERS, TICK_MS, TICK_RATE, Truth } from './truth.ts';

/** The clocks of the machines: origins that nobody can take for each other's. */
const SERVER_ORIGIN_MS = 5_000;
const CLIENT_ORIGIN_MS = 123_456.789;
const CLIENT_DRIFT_PPM = 40;
const SERVER_LATENESS_MS = { min: 0.3, max: 1.5 };
const FRAME_MS = 1_000 / 60;
const FRAME_PHASE_MS = 1.7;
/** Time for everybody to join, before the warm-up. */
const JOIN_MS = 3_000;
const STATE = 4;

/** What a scene is made of. */
export interface SceneOptions {
  readonly profile: ProfileName;
  /** Snapshots per second: a divisor of 60. */
  readonly sendRate: number;
  readonly seed: number;
  readonly warmUpMs: number;
  readonly filmMs: number;
  /** Of the clients, at least one. */
  readonly modes: readonly PlayoutMode[];
  readonly peers: readonly Peer[];
}

/** What came of a scene. */
export interface Scene {
  readonly truth: Truth;
  /** Of the clients, in the order of `modes`. */
  readonly clients: readonly Film[];
  readonly peers: readonly Film[];
  /** Lateness of the first client's snapshots behind their ticks' times, ms, in order of arrival. */
  readonly lateness: readonly number[];
  /** By frame of the first client: age of its newest snapshot, ms. */
  readonly ages: readonly number[];
  /** By frame of the first client: its clock's error, ms. */
  readonly clockErrors: readonly number[];
  /** Frames, of any client, with a jump drawn as movement or a turn the long way round. */
  readonly oddFrames: number;
  /** Of the first client's snapshots, median. */
  readonly snapshotBytes: number;
  /** Snapshots that the server left out for any client. */
  readonly snapshotsSkipped: number;
  readonly underruns: number;
}

type MoverNet = Net<typeof moverGame>;

/** Runs a scene. The peers read the process's clocks: call `takeOverClocks` before, and do nothing else meanwhile. */
export async function runScene(options: SceneOptions): Promise<Scene> {
  const stage = new Stage(options);
  await stage.open();
  stage.run();
  return stage.close();
}

class Stage {
  readonly #options: SceneOptions;
  readonly #endMs: number;
  readonly #clock = new VirtualClock();
  readonly #clientClock: MachineClock;
  readonly #transport: MemoryTransport;
  readonly #server: GameServer<typeof moverGame>;
  readonly #truth: Truth;
  readonly #play: MoverPlay;
  readonly #peerNet: PeerNetwork;
  readonly #nets: MoverNet[] = [];
  readonly #clients: readonly Film[];
  readonly #peers: readonly Film[];
  readonly #lateness: number[] = [];
  readonly #sizes: number[] = [];
  readonly #ages: number[] = [];
  readonly #clockErrors: number[] = [];
  #oddFrames = 0;
  /** What the server reported first. */
  #failure: unknown;
  /** The due time of tick 0, by the true clock. */
  #originMs = Number.NaN;
  #tick = 0;
  /** Tick of the newest snapshot that the first client holds. */
  #heldTick = 0;
  #frameDueMs = 0;

  constructor(options: SceneOptions) {
    const { profile, sendRate, seed, warmUpMs, filmMs, modes, peers } = options;
    this.#options = options;
    this.#endMs = JOIN_MS + warmUpMs + filmMs;
    this.#truth = new Truth(seed, Math.ceil(this.#endMs / TICK_MS) + 1_000);
    this.#play = new MoverPlay(this.#truth, profile, sendRate, seed);
    this.#clientClock = new MachineClock(this.#clock, {
      originMs: CLIENT_ORIGIN_MS,
      driftPpm: CLIENT_DRIFT_PPM,
      seed,
    });
    this.#transport = createMemoryTransport(this.#clock);
    this.#transport.observe = (way, pair, bytes) => {
      if (way === 'down' && pair.index === 0 && bytes[1] === STATE) this.#noteState(bytes);
    };
    this.#peerNet = new PeerNetwork({ profile, sendRate, seed, peers }, this.#clock, this.#clientClock);
    this.#server = this.#createServer();
    const frames = Math.ceil(filmMs / FRAME_MS) + 10;
    this.#clients = modes.map(() => new Film(frames));
    this.#peers = peers.map(() => new Film(frames));
  }

  /** Everybody joins. No frame is drawn before all are there, so all are alike. */
  async open(): Promise<void> {
    const { profile, seed, modes } = this.#options;
    const { port } = await this.#server.listen(0, 'scene');
    for (const playout of modes) {
      const transport = this.#transport.clientVia({ up: profile, down: profile, seed });
      const options = { room: 'scene', playout, clock: this.#clientClock, transport };
      this.#nets.push(await this.#clock.resolve(connect(moverGame, `memory://scene:${port}`, options)));
    }
    this.#frameDueMs = this.#clientClock.now() + FRAME_PHASE_MS;
    this.#clientClock.schedule(() => this.#drawFrame(), FRAME_PHASE_MS);
  }

  run(): void {
    const clock = this.#clock;
    while (clock.now() < this.#endMs) clock.advanceSync(Math.min(1_000, this.#endMs - clock.now()));
  }

  /** Throws what went wrong meanwhile: figures of a game that ended say nothing. */
  async close(): Promise<Scene> {
    if (this.#failure !== undefined) throw this.#failure;
    const gone = this.#nets.find((net) => net.state !== 'playing');
    if (gone !== undefined) throw new Error(`a client's connection did not last: it is ${gone.state}`);
    const { snapshotsSkipped } = this.#server.stats;
    const { underruns } = this.#nets[0]!.stats;
    for (const net of this.#nets) net.close();
    await this.#clock.resolve(this.#server.close());
    const sizes = this.#sizes.sort((a, b) => a - b);
    return {
      truth: this.#truth,
      clients: this.#clients,
      peers: this.#peers,
      lateness: this.#lateness,
      ages: this.#ages,
      clockErrors: this.#clockErrors,
      oddFrames: this.#oddFrames,
      snapshotBytes: sizes[sizes.length >> 1] ?? Number.NaN,
      snapshotsSkipped,
      underruns,
    };
  }

  #createServer(): GameServer<typeof moverGame> {
    const { sendRate, seed } = this.#options;
    const play = this.#play;
    const sendEvery = TICK_RATE / sendRate;
    return createServer(moverGame, {
      clock: new MachineClock(this.#clock, { originMs: SERVER_ORIGIN_MS, latenessMs: SERVER_LATENESS_MS, seed }),
      transport: this.#transport.server,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      onError: (error) => {
        this.#failure ??= error;
      },
      rooms: {
        scene: {
          sendEvery,
          onCreate: (room) => play.begin(room),
          onTick: (room) => {
            this.#noteTick(room.tick);
            play.move(room);
            if (room.tick % sendEvery !== 0) return;
            const isLarge = play.fill(room);
            this.#peerNet.send(room.tick, this.#originMs, this.#truth, isLarge);
          },
        },
      },
    });
  }

  #noteTick(tick: number): void {
    this.#tick = tick;
    if (!Number.isNaN(this.#originMs)) return;
    const dueTicks = Math.floor((SERVER_ORIGIN_MS + this.#clock.now()) / TICK_MS + 1e-6);
    this.#originMs = (dueTicks - tick) * TICK_MS - SERVER_ORIGIN_MS;
  }

  /** A STATE reaches the first client: behind its type are the low 7 bits of its tick. */
  #noteState(bytes: Uint8Array): void {
    this.#heldTick = this.#tick - ((this.#tick - bytes[2]!) & 127);
    this.#play.noteSize(bytes.length);
    if (!this.#isFilming) return;
    this.#lateness.push(this.#clock.now() - this.#originMs - this.#heldTick * TICK_MS);
    this.#sizes.push(bytes.length);
  }

  get #isFilming(): boolean {
    const nowMs = this.#clock.now();
    return nowMs >= JOIN_MS + this.#options.warmUpMs && nowMs < this.#endMs;
  }

  #drawFrame(): void {
    const nowMs = this.#clientClock.now();
    for (const net of this.#nets) net.frame(nowMs);
    this.#peerNet.frame(nowMs);
    if (this.#isFilming) this.#filmFrame();
    this.#frameDueMs += FRAME_MS;
    this.#clientClock.schedule(() => this.#drawFrame(), this.#frameDueMs - this.#clientClock.now());
  }

  #filmFrame(): void {
    const { peers } = this.#options;
    const trueMs = this.#clock.now() - this.#originMs;
    for (let i = 0; i < this.#nets.length; i++) this.#filmNet(this.#clients[i]!, this.#nets[i]!, trueMs);
    for (let i = 0; i < peers.length; i++) filmPeer(this.#peers[i]!, peers[i]!, trueMs);
    this.#ages.push(trueMs - this.#heldTick * TICK_MS);
    this.#clockErrors.push(Math.abs(this.#nets[0]!.clock.now() - SERVER_ORIGIN_MS - this.#clock.now()));
  }

  #filmNet(film: Film, { world, clock }: MoverNet, trueMs: number): void {
    for (const mover of MOVERS) film.put(mover, Number.NaN, Number.NaN);
    for (const mover of world.mover) film.put(mover.which, mover.x, mover.y);
    film.end(trueMs, clock.playoutTick * TICK_MS);
    let isOdd = false;
    for (const blinker of world.blinker) isOdd ||= isSlid(blinker.x);
    for (const spinner of world.spinner) isOdd ||= isTwisted(spinner.turn, clock.playoutTick);
    if (isOdd) this.#oddFrames++;
  }
}

function filmPeer(film: Film, peer: Peer, trueMs: number): void {
  for (const mover of MOVERS) film.put(mover, peer.x(mover), peer.y(mover));
  film.end(trueMs, peer.shownMs());
}
