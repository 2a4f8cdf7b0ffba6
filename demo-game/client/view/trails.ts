/** Ribbons behind ships: short streaks left along the way, fading. */

import type { Atlas } from './atlas.ts';
import type { QuadLayer } from './quad-layer.ts';

const LIMIT = 3600;
const LIFE_MS = 760;

export class Trails {
  readonly #atlas: Atlas;
  readonly #x = new Float32Array(LIMIT);
  readonly #y = new Float32Array(LIMIT);
  readonly #angle = new Float32Array(LIMIT);
  readonly #length = new Float32Array(LIMIT);
  readonly #width = new Float32Array(LIMIT);
  readonly #bornMs = new Float64Array(LIMIT).fill(-1e9);
  readonly #colour = new Uint32Array(LIMIT);
  #next = 0;

  constructor(atlas: Atlas) {
    this.#atlas = atlas;
  }

  /** Leaves a streak from one point to another. */
  lay(fromX: number, fromY: number, toX: number, toY: number, width: number, colour: number, nowMs: number): void {
    const slot = this.#next;
    this.#next = (slot + 1) % LIMIT;
    this.#x[slot] = (fromX + toX) / 2;
    this.#y[slot] = (fromY + toY) / 2;
    this.#angle[slot] = Math.atan2(toY - fromY, toX - fromX);
    this.#length[slot] = Math.hypot(toX - fromX, toY - fromY);
    this.#width[slot] = width;
    this.#bornMs[slot] = nowMs;
    this.#colour[slot] = colour;
  }

  draw(lights: QuadLayer, nowMs: number): void {
    const { streak } = this.#atlas;
    for (let step = 1; step <= LIMIT; step++) {
      // Newest first, so that the first one that has faded ends the walk.
      const slot = (this.#next - step + LIMIT) % LIMIT;
      const age = (nowMs - (this.#bornMs[slot] ?? 0)) / LIFE_MS;
      if (age >= 1) break;
      const left = 1 - age;
      const length = ((this.#length[slot] ?? 0) + 7) / streak.width;
      const width = ((this.#width[slot] ?? 0) * (0.3 + 0.7 * left)) / streak.height;
      const alpha = left * left * 0.8;
      lights.add(
        streak,
        this.#x[slot] ?? 0,
        this.#y[slot] ?? 0,
        this.#angle[slot] ?? 0,
        length,
        width,
        this.#colour[slot] ?? 0,
        alpha,
      );
    }
  }
}
