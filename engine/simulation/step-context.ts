/** The `ctx` of steps: one object per room or client, made anew for each step by `begin`. */
import { TickwireError } from '../core/errors.ts';
import { fold32 } from '../core/hash.ts';
import { Random } from '../core/random.ts';
import { createInputView, type InputView, quantizeInput } from '../state/input.ts';
import type { Schema } from '../state/schema.ts';

/** What a side does with what a step asks for. Called in live, whole steps only. */
export interface StepEffects {
  emit(eventIndex: number, payload: object): void;
  /** `spawnIndex` counts the spawns of this step from 0. */
  spawn(kindIndex: number, init: object | undefined, spawnIndex: number): void;
}

/** Implements the author's `StepContext` type. Its functions may be taken off it: `({ dt, emit }) => …`. */
export class StepContext {
  dt: number;
  tick: number;
  replay: boolean;
  partial: boolean;
  /** The world to look at; the caller gives it. */
  seen: object;
  readonly random: () => number;
  readonly emit: (name: string, payload: object) => void;
  readonly spawn: (kind: string, init?: object) => void;
  /** The input object of steps, bound to codes by `stepEntity`. */
  readonly inputView: InputView;
  /** Codes of an input in which nothing is pressed. */
  readonly neutralInput: Int32Array;
  readonly #random: Random;
  #spawns: number;

  constructor(schema: Schema, effects: StepEffects) {
    this.dt = 1 / schema.tickRate;
    this.tick = 0;
    this.replay = false;
    this.partial = false;
    this.seen = Object.freeze({});
    this.#random = new Random();
    this.#spawns = 0;
    this.inputView = createInputView(schema.input);
    this.neutralInput = quantizeInput(schema.input, {});
    this.random = () => this.#random.next();
    this.emit = (name, payload) => {
      const index = schema.events.findIndex((event) => event.name === name);
      if (index < 0) throw new TickwireError(`ctx.emit('${name}'): the game has no event of that name`);
      if (!this.replay && !this.partial) effects.emit(index, payload);
    };
    this.spawn = (kind, init) => {
      const index = schema.kinds.findIndex((candidate) => candidate.name === kind);
      if (index < 0) throw new TickwireError(`ctx.spawn('${kind}'): the game has no entity of that name`);
      if (!this.replay && !this.partial) effects.spawn(index, init, this.#spawns++);
    };
  }

  /**
   * Sets what is particular to the next step, and starts its random stream: the same for the same room, player, input and
   * row. `row` tells rows of a kind apart that are stepped for one input.
   */
  begin(roomSeed: number, playerId: number, seq: number, kindIndex: number, row = 0): void {
    this.tick = seq;
    this.#spawns = 0;
    const stream = fold32(fold32(fold32(fold32(roomSeed, playerId), seq), kindIndex), row);
    this.#random.seed(stream, playerId, seq);
  }
}
