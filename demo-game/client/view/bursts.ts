/** Shapes that live for a moment: flashes, shockwaves, flying shards. Kept in a pool. */

import type { Texture } from 'pixi.js';
import type { QuadLayer } from './quad-layer.ts';

export interface Burst {
  texture: Texture;
  x: number;
  y: number;
  vx: number;
  vy: number;
  rotation: number;
  spin: number;
  /** Width in world units at the start and at the end. */
  fromSize: number;
  toSize: number;
  colour: number;
  alpha: number;
  lifeMs: number;
  /** Negative until it starts. */
  ageMs: number;
}

const LIMIT = 320;

export class Bursts {
  readonly #live: Burst[] = [];
  readonly #pool: Burst[] = [];

  /** A burst to be filled in; it starts with the next frame. */
  add(burst: Burst): void {
    if (this.#live.length >= LIMIT) return;
    const kept = this.#pool.pop();
    this.#live.push(kept ? Object.assign(kept, burst) : { ...burst });
  }

  draw(lights: QuadLayer, elapsedMs: number): void {
    const seconds = elapsedMs / 1000;
    for (let index = this.#live.length - 1; index >= 0; index--) {
      const burst = this.#live[index];
      if (!burst) continue;
      burst.ageMs += elapsedMs;
      const age = burst.ageMs / burst.lifeMs;
      if (age >= 1) {
        this.#live[index] = this.#live[this.#live.length - 1] as Burst;
        this.#live.length--;
        this.#pool.push(burst);
        continue;
      }
      if (age < 0) continue;
      burst.x += burst.vx * seconds;
      burst.y += burst.vy * seconds;
      burst.rotation += burst.spin * seconds;
      // Fast at first, then settling.
      const grown = 1 - (1 - age) ** 3;
      const scale = (burst.fromSize + (burst.toSize - burst.fromSize) * grown) / burst.texture.width;
      lights.add(
        burst.texture,
        burst.x,
        burst.y,
        burst.rotation,
        scale,
        scale,
        burst.colour,
        burst.alpha * (1 - age) ** 1.5,
      );
    }
  }
}
