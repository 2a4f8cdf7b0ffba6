/** Small bright bits that fly apart and burn out. */

import type { Atlas } from './atlas.ts';
import type { QuadLayer } from './quad-layer.ts';

const LIMIT = 2400;

export interface Spray {
  x: number;
  y: number;
  /** Speed that all bits share. */
  vx: number;
  vy: number;
  count: number;
  speed: number;
  lifeMs: number;
  size: number;
  colour: number;
  /** Direction and half width of the fan, radians. */
  angle: number;
  spread: number;
}

export class Sparks {
  /** 0..1, share of the bits that are really made. */
  density = 1;
  readonly #atlas: Atlas;
  readonly #x = new Float32Array(LIMIT);
  readonly #y = new Float32Array(LIMIT);
  readonly #vx = new Float32Array(LIMIT);
  readonly #vy = new Float32Array(LIMIT);
  readonly #leftMs = new Float32Array(LIMIT);
  readonly #lifeMs = new Float32Array(LIMIT);
  readonly #size = new Float32Array(LIMIT);
  readonly #colour = new Uint32Array(LIMIT);
  #count = 0;

  constructor(atlas: Atlas) {
    this.#atlas = atlas;
  }

  spray(spray: Spray): void {
    const count = Math.ceil(spray.count * this.density);
    for (let bit = 0; bit < count && this.#count < LIMIT; bit++) {
      const slot = this.#count++;
      const angle = spray.angle + (Math.random() * 2 - 1) * spray.spread;
      const speed = spray.speed * (0.15 + 0.85 * Math.random() ** 1.4);
      const life = spray.lifeMs * (0.4 + 0.6 * Math.random());
      this.#x[slot] = spray.x;
      this.#y[slot] = spray.y;
      this.#vx[slot] = spray.vx + Math.cos(angle) * speed;
      this.#vy[slot] = spray.vy + Math.sin(angle) * speed;
      this.#leftMs[slot] = life;
      this.#lifeMs[slot] = life;
      this.#size[slot] = spray.size * (0.6 + Math.random() * 0.8);
      this.#colour[slot] = Math.random() < 0.25 ? 0xffffff : spray.colour;
    }
  }

  draw(lights: QuadLayer, elapsedMs: number): void {
    const seconds = elapsedMs / 1000;
    const slow = Math.exp(-2.4 * seconds);
    const { streak } = this.#atlas;
    for (let slot = 0; slot < this.#count; slot++) {
      const leftMs = (this.#leftMs[slot] ?? 0) - elapsedMs;
      if (leftMs <= 0) {
        this.#remove(slot);
        slot--;
        continue;
      }
      const vx = (this.#vx[slot] ?? 0) * slow;
      const vy = (this.#vy[slot] ?? 0) * slow;
      const x = (this.#x[slot] ?? 0) + vx * seconds;
      const y = (this.#y[slot] ?? 0) + vy * seconds;
      this.#leftMs[slot] = leftMs;
      this.#vx[slot] = vx;
      this.#vy[slot] = vy;
      this.#x[slot] = x;
      this.#y[slot] = y;
      const left = leftMs / (this.#lifeMs[slot] ?? 1);
      const size = this.#size[slot] ?? 1;
      const length = (size + Math.hypot(vx, vy) * 0.045) / streak.width;
      const colour = this.#colour[slot] ?? 0;
      lights.add(streak, x, y, Math.atan2(vy, vx), length, size / streak.height, colour, Math.min(1, left * 1.6));
    }
  }

  #remove(slot: number): void {
    const last = --this.#count;
    for (const column of [this.#x, this.#y, this.#vx, this.#vy, this.#leftMs, this.#lifeMs, this.#size, this.#colour]) {
      column[slot] = column[last] ?? 0;
    }
  }
}
