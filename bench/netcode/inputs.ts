/** When inputs reach the server and when its ticks take them, seen from outside: by the line and by a count of steps. */
import type { Simulation } from 'tickwire/testing';
import type { ownGame } from './own-game.ts';

/** INPUT with inputs in it: an array of six whose type is 5. */
const INPUT_HEADER = 0x96;
const INPUT = 5;

/** Follows the inputs of one client. Times are true ms. */
export class InputWatch {
  /** By input: when it reached the server; input 1 is at index 1. */
  readonly arrivals: number[] = [Number.NaN];
  /** By tick of the server from the first input on: when it ran, and how many inputs it took. */
  readonly tickTimes: number[] = [];
  readonly taken: number[] = [];
  readonly #sent: number[] = [];
  readonly #now: () => number;
  #noted = 0;
  #steps = 0;

  /** `pair` is the number of the client's connection. */
  constructor(simulation: Simulation<typeof ownGame>, pair: number) {
    this.#now = () => simulation.clock.now();
    simulation.transport.observe = (way, from, bytes) => {
      if (way !== 'up' || from.index !== pair || bytes[0] !== INPUT_HEADER || bytes[1] !== INPUT) return;
      const through = this.#sent.shift() ?? 0;
      while (this.arrivals.length <= through) this.arrivals.push(this.#now());
    };
  }

  /** A frame was drawn: the client has stepped so often. */
  noteFrame(steps: number): void {
    if (steps <= this.#noted) return;
    this.#sent.push(steps);
    this.#noted = steps;
  }

  /** A tick of the server ran: it has stepped so often for this client. */
  noteTick(steps: number): void {
    if (steps === 0 && this.#steps === 0) return;
    this.tickTimes.push(this.#now());
    this.taken.push(steps - this.#steps);
    this.#steps = steps;
  }

  /** By input taken so far: how long it waited for its tick. */
  waits(): { readonly atMs: number; readonly waitMs: number }[] {
    const waits: { atMs: number; waitMs: number }[] = [];
    let seq = 0;
    for (let tick = 0; tick < this.taken.length; tick++) {
      for (let i = 0; i < this.taken[tick]!; i++) {
        seq++;
        const waitMs = this.tickTimes[tick]! - (this.arrivals[seq] ?? Number.NaN);
        if (!Number.isNaN(waitMs)) waits.push({ atMs: this.tickTimes[tick]!, waitMs });
      }
    }
    return waits;
  }
}
