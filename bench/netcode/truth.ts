/** What moves, and where it truly is at any time: two movers at 300 px/s, tabled per tick of 60 Hz from a seed. */
import { createRandom } from '../traces/trace.ts';

/** Ticks per second of every server here. */
export const TICK_RATE = 60;
export const TICK_MS = 1_000 / TICK_RATE;
/** Speed of both movers, px/s. */
export const SPEED = 300;
/** Side of the square that they move in, px. */
export const ARENA = 8_192;
/** 0 turns smoothly, 1 goes from side to side and turns round at once every 0.4 to 1 s. */
export const WANDER = 0;
export const STRAFE = 1;
export const MOVERS = [WANDER, STRAFE] as const;

/** Positions and velocities of the movers by tick. A velocity is the one that led to its tick, as a game would have it. */
export class Truth {
  readonly x: readonly Float64Array[];
  readonly y: readonly Float64Array[];
  readonly vx: readonly Float64Array[];
  readonly vy: readonly Float64Array[];
  readonly #ticks: number;

  /** `ticks` are known, from 0 on. */
  constructor(seed: number, ticks: number) {
    const make = (): Float64Array[] => MOVERS.map(() => new Float64Array(ticks));
    this.#ticks = ticks;
    this.x = make();
    this.y = make();
    this.vx = make();
    this.vy = make();
    this.#wander(createRandom(seed * 2 + 1));
    this.#strafe(createRandom(seed * 2 + 2));
  }

  /** Where a mover is at a (fractional) tick, along one axis. */
  at(column: readonly Float64Array[], mover: number, tick: number): number {
    const values = column[mover] as Float64Array;
    const from = Math.min(Math.max(Math.floor(tick), 0), this.#ticks - 2);
    const a = values[from] as number;
    return a + ((values[from + 1] as number) - a) * (tick - from);
  }

  /** How far a place is from where a mover is at a (fractional) tick, px. */
  distance(mover: number, tick: number, x: number, y: number): number {
    return Math.hypot(x - this.at(this.x, mover, tick), y - this.at(this.y, mover, tick));
  }

  #wander(random: () => number): void {
    const dt = 1 / TICK_RATE;
    let x = ARENA / 2;
    let y = ARENA / 2;
    let heading = random() * 2 * Math.PI;
    let turn = 0;
    let wanted = 0;
    for (let tick = 0; tick < this.#ticks; tick++) {
      if (random() < dt / 0.7) wanted = (random() * 2 - 1) * 2.5;
      // Back to the middle, at the same rate of turning, long before the edge.
      const outward = Math.cos(heading) * (x - ARENA / 2) + Math.sin(heading) * (y - ARENA / 2);
      if (Math.hypot(x - ARENA / 2, y - ARENA / 2) > ARENA / 4 && outward > 0) wanted = wanted < 0 ? -2.5 : 2.5;
      turn += (wanted - turn) * (dt / 0.25);
      heading += turn * dt;
      this.#set(WANDER, tick, x, y, Math.cos(heading) * SPEED, Math.sin(heading) * SPEED);
      x += Math.cos(heading) * SPEED * dt;
      y += Math.sin(heading) * SPEED * dt;
    }
    this.#lookBack(WANDER);
  }

  #strafe(random: () => number): void {
    let x = ARENA / 2;
    let direction = 1;
    let left = 0;
    for (let tick = 0; tick < this.#ticks; tick++) {
      if (left-- <= 0) {
        direction = -direction;
        left = Math.round((0.4 + 0.6 * random()) * TICK_RATE);
        // A walk of random steps would leave the arena some day.
        if (Math.abs(x - ARENA / 2) > ARENA / 4) direction = x > ARENA / 2 ? -1 : 1;
      }
      this.#set(STRAFE, tick, x, ARENA / 2 + 500, direction * SPEED, 0);
      x += (direction * SPEED) / TICK_RATE;
    }
    this.#lookBack(STRAFE);
  }

  #set(mover: number, tick: number, x: number, y: number, vx: number, vy: number): void {
    (this.x[mover] as Float64Array)[tick] = x;
    (this.y[mover] as Float64Array)[tick] = y;
    (this.vx[mover] as Float64Array)[tick] = vx;
    (this.vy[mover] as Float64Array)[tick] = vy;
  }

  /** Velocities were noted where a step begins; a game sends those of the step that it just made. */
  #lookBack(mover: number): void {
    for (const column of [this.vx, this.vy]) {
      const values = column[mover] as Float64Array;
      values.copyWithin(1, 0, this.#ticks - 1);
    }
  }
}
