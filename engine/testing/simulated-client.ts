/** One player of a simulation: the shipped client, its frames, and the line that it plays over. */

import type { Net } from '../client/types.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { AnyGame, InputOf } from '../state/types.ts';
import type { Link } from '../transport/link.ts';
import type { MemoryPair } from '../transport/memory.ts';
import type { Script } from './random-input.ts';

/** What checkers see and do of a client. */
export interface ClientProbe {
  /** A frame was drawn. */
  noteFrame(): void;
  /** Flips a bit of what it received. Returns whether there was one to flip. */
  flipBit(random: Random): boolean;
}

/** A simulated player. */
export class SimulatedClient<G extends AnyGame> {
  /** The client as a game's page has it. */
  readonly net: Net<G>;
  /** Counts the clients of a simulation, from 0. */
  readonly index: number;
  readonly #clock: Clock;
  readonly #line: Line;
  readonly #probe: ClientProbe | undefined;
  readonly #frameMs: number;
  readonly #startMs: number;
  #script: Script<G> | undefined;
  #afterFrame: (() => void) | undefined;
  #cancelFrame: (() => void) | undefined;

  constructor(net: Net<G>, index: number, clock: Clock, line: Line, frameMs: number, probe?: ClientProbe) {
    this.net = net;
    this.index = index;
    this.#clock = clock;
    this.#line = line;
    this.#probe = probe;
    this.#frameMs = frameMs;
    this.#startMs = clock.now();
    net.sampleInput((input: InputOf<G>) => this.#script?.(input, clock.now() - this.#startMs));
    this.wake();
  }

  /** From now on `script` says, once per frame, what the player holds. Without one nothing is pressed. */
  play(script: Script<G> | undefined): void {
    this.#script = script;
  }

  /** Calls `look` after each frame: what it reads is what a player would see. */
  onFrame(look: () => void): void {
    this.#afterFrame = look;
  }

  /** No more frames: the page is hidden. Messages still arrive. */
  sleep(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
  }

  /** Frames again. */
  wake(): void {
    this.sleep();
    let dueMs = this.#clock.now() + this.#frameMs;
    const frame = (): void => {
      // On a grid, like a screen: frames do not drift apart by what timers are late.
      dueMs += this.#frameMs;
      this.#cancelFrame = this.#clock.schedule(frame, dueMs - this.#clock.now());
      this.net.frame(this.#clock.now());
      this.#probe?.noteFrame();
      this.#afterFrame?.();
    };
    this.#cancelFrame = this.#clock.schedule(frame, this.#frameMs);
  }

  /** Nothing arrives in either direction for so long, then all of it at once. */
  stall(durationMs: number): void {
    this.#line.stall(durationMs);
  }

  /** The wire is cut: nothing arrives and nobody is told, until `mend`. */
  cut(): void {
    this.#line.cut();
  }

  /** The wire carries again. */
  mend(): void {
    this.#line.mend();
  }

  /** The client stops reading: what the server sends waits in buffers, until `hear`. What the client sends arrives. */
  deafen(): void {
    this.#line.deafen();
  }

  /** The client reads again. */
  hear(): void {
    this.#line.hear();
  }

  /** The connection breaks and both ends are told. */
  drop(): void {
    this.#line.drop();
  }

  /** Flips a bit of what the client received, as bad memory would. Returns whether there was one to flip. */
  flipBit(random: Random): boolean {
    return this.#probe?.flipBit(random) ?? false;
  }

  /** Ends the player's frames and closes the client. */
  leave(): void {
    this.sleep();
    this.net.close();
  }
}

/** What a client's connections run over, one after the other. */
export class Line {
  #pair: MemoryPair | undefined;
  #isCut = false;
  #isDeaf = false;

  /** The client makes a new connection. */
  use(pair: MemoryPair): void {
    this.#pair = pair;
    this.#update();
  }

  stall(durationMs: number): void {
    this.#pair?.up.stall(durationMs);
    this.#pair?.down.stall(durationMs);
  }

  cut(): void {
    this.#isCut = true;
    this.#update();
  }

  mend(): void {
    this.#isCut = false;
    this.#update();
  }

  deafen(): void {
    this.#isDeaf = true;
    this.#update();
  }

  hear(): void {
    this.#isDeaf = false;
    this.#update();
  }

  drop(): void {
    this.#pair?.drop();
  }

  #update(): void {
    if (this.#pair === undefined) return;
    setPaused(this.#pair.up, this.#isCut);
    setPaused(this.#pair.down, this.#isCut || this.#isDeaf);
  }
}

function setPaused(link: Link, isPaused: boolean): void {
  if (isPaused) link.pause();
  else link.resume();
}
