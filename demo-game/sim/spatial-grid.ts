/** Finds the few bodies near a point: square cells holding linked lists, refilled every tick. */

import type { Point } from './arena-map.ts';
import { ARENA_SIZE } from './tuning.ts';

const CELL_SIZE = 128;
const COLUMNS = Math.ceil(ARENA_SIZE / CELL_SIZE);
const NONE = -1;

export class SpatialGrid {
  readonly #heads = new Int32Array(COLUMNS * COLUMNS).fill(NONE);
  #next = new Int32Array(256);

  /** Forgets what it held and takes in `bodies`; answers refer to their indexes. */
  fill(bodies: readonly Point[]): void {
    this.#heads.fill(NONE);
    if (this.#next.length < bodies.length) this.#next = new Int32Array(bodies.length * 2);
    for (let index = 0; index < bodies.length; index++) {
      const body = bodies[index];
      if (!body) continue;
      const cell = cellOf(body.y) * COLUMNS + cellOf(body.x);
      this.#next[index] = this.#heads[cell] ?? NONE;
      this.#heads[cell] = index;
    }
  }

  /** Writes the indexes of all bodies in cells within `reach` of the point to `found`, returns how many. */
  query(x: number, y: number, reach: number, found: number[]): number {
    let count = 0;
    const lastRow = cellOf(y + reach);
    const lastColumn = cellOf(x + reach);
    for (let row = cellOf(y - reach); row <= lastRow; row++) {
      for (let column = cellOf(x - reach); column <= lastColumn; column++) {
        let index = this.#heads[row * COLUMNS + column] ?? NONE;
        while (index !== NONE) {
          found[count++] = index;
          index = this.#next[index] ?? NONE;
        }
      }
    }
    return count;
  }
}

function cellOf(coordinate: number): number {
  const cell = Math.floor(coordinate / CELL_SIZE);
  return cell < 0 ? 0 : cell >= COLUMNS ? COLUMNS - 1 : cell;
}
