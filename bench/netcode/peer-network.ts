/** The peers' server and client, on one line: all of them get the same messages at the same moments. */
import { Link, type MachineClock, type VirtualClock } from 'tickwire/testing';
import { machine, type Peer, type ServerMoment } from './peer.ts';
import { LARGE_BYTES, type ProfileName, snapshotBytes } from './profiles.ts';
import { MOVERS, TICK_MS, type Truth } from './truth.ts';

/** The server's wall clock at the due time of tick 0, and how far the client's is ahead of it. */
export const WALL_ORIGIN_MS = 1_700_000_000_000;
const WALL_SKEW_MS = 2_700;
const INPUT_BYTES = 20;

/** Which line, what it carries, and for whom. */
export interface PeerNetworkOptions {
  readonly profile: ProfileName;
  readonly sendRate: number;
  readonly seed: number;
  readonly peers: readonly Peer[];
}

/** The line, and both ends of it. */
export class PeerNetwork {
  readonly #options: PeerNetworkOptions;
  readonly #clock: VirtualClock;
  readonly #clientClock: MachineClock;
  readonly #up: Link;
  readonly #down: Link;
  #originMs = 0;
  #sentSeq = 0;
  #ackedSeq = 0;

  constructor(options: PeerNetworkOptions, clock: VirtualClock, clientClock: MachineClock) {
    const { profile, seed } = options;
    // As `clientVia` seeds the first connection of a client.
    const pairSeed = Math.imul(seed, 0x9e37_79b1) | 0;
    this.#options = options;
    this.#clock = clock;
    this.#clientClock = clientClock;
    this.#up = new Link(clock, profile, pairSeed);
    this.#down = new Link(clock, profile, ~pairSeed);
  }

  /** The server's tick is due to be sent. */
  send(tick: number, originMs: number, truth: Truth, isLarge: boolean): void {
    const { peers, profile, sendRate } = this.#options;
    // Before its first frame nobody is there.
    if (peers.length === 0 || this.#sentSeq === 0) return;
    this.#originMs = originMs;
    const runMs = this.#clock.now() - originMs;
    machine.monotonicMs = runMs;
    machine.wallMs = WALL_ORIGIN_MS + runMs;
    const moment: ServerMoment = {
      tick,
      tickTimeMs: tick * TICK_MS,
      runMs,
      wallMs: Math.floor(machine.wallMs),
      ackedSeq: this.#ackedSeq,
      x: MOVERS.map((mover) => truth.x[mover]![tick]!),
      y: MOVERS.map((mover) => truth.y[mover]![tick]!),
    };
    const messages = peers.map((peer) => peer.serve(moment));
    this.#down.send(isLarge ? LARGE_BYTES : snapshotBytes(profile, sendRate), () => {
      const nowMs = this.#enterClient();
      for (let i = 0; i < peers.length; i++) peers[i]!.receive(messages[i], nowMs);
    });
  }

  /** The client draws, and sends an input. */
  frame(nowMs: number): void {
    const { peers } = this.#options;
    if (peers.length === 0) return;
    this.#enterClient();
    const seq = ++this.#sentSeq;
    for (const peer of peers) {
      peer.noteInput(seq, nowMs);
      peer.frame(nowMs);
    }
    this.#up.send(INPUT_BYTES, () => {
      this.#ackedSeq = seq;
    });
  }

  #enterClient(): number {
    const nowMs = this.#clientClock.now();
    machine.monotonicMs = nowMs;
    machine.wallMs = WALL_ORIGIN_MS + WALL_SKEW_MS + this.#clock.now() - this.#originMs;
    return nowMs;
  }
}
