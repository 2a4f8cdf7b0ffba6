/** What events look like: explosions, hits, pickups, muzzle flashes and exhaust, composed of sparks and bursts. */

import type { Atlas } from './atlas.ts';
import { type Burst, Bursts } from './bursts.ts';
import { mixColours, OWN_COLOUR, pickupColour, styleColour } from './palette.ts';
import type { QuadLayer } from './quad-layer.ts';
import { Sparks } from './sparks.ts';

const FULL = Math.PI;

export class Effects {
  readonly sparks: Sparks;
  readonly #bursts = new Bursts();
  readonly #atlas: Atlas;

  constructor(atlas: Atlas) {
    this.#atlas = atlas;
    this.sparks = new Sparks(atlas);
  }

  explode(x: number, y: number, vx: number, vy: number, style: number): void {
    const { glow, core, shockwave, shard } = this.#atlas;
    const colour = styleColour(style);
    const hot = mixColours(colour, OWN_COLOUR, 0.6);
    this.#burst({ texture: core, x, y, fromSize: 60, toSize: 190, colour: OWN_COLOUR, alpha: 1, lifeMs: 170 });
    this.#burst({ texture: glow, x, y, fromSize: 200, toSize: 520, colour, alpha: 0.95, lifeMs: 520 });
    this.#burst({ texture: glow, x, y, fromSize: 90, toSize: 260, colour: 0xffb066, alpha: 0.9, lifeMs: 700 });
    this.#burst({ texture: shockwave, x, y, fromSize: 40, toSize: 430, colour: hot, alpha: 0.95, lifeMs: 620 });
    this.#burst({ texture: shockwave, x, y, fromSize: 30, toSize: 270, colour, alpha: 0.8, lifeMs: 800, ageMs: -90 });
    const drift = { vx: vx * 0.35, vy: vy * 0.35, angle: 0, spread: FULL };
    this.sparks.spray({ x, y, ...drift, count: 70, speed: 620, lifeMs: 900, size: 5, colour });
    this.sparks.spray({ x, y, ...drift, count: 40, speed: 300, lifeMs: 1300, size: 4, colour: 0xffc27a });
    for (let piece = 0; piece < 9; piece++) {
      const angle = Math.random() * FULL * 2;
      const speed = 60 + Math.random() * 200;
      this.#burst({
        texture: shard,
        x,
        y,
        vx: vx * 0.3 + Math.cos(angle) * speed,
        vy: vy * 0.3 + Math.sin(angle) * speed,
        rotation: angle,
        spin: (Math.random() - 0.5) * 14,
        fromSize: 10 + Math.random() * 14,
        toSize: 6,
        colour,
        alpha: 1,
        lifeMs: 900 + Math.random() * 600,
      });
    }
  }

  hit(x: number, y: number, style: number): void {
    const colour = styleColour(style);
    this.#burst({ texture: this.#atlas.glow, x, y, fromSize: 40, toSize: 110, colour, alpha: 0.9, lifeMs: 180 });
    this.#burst({
      texture: this.#atlas.core,
      x,
      y,
      fromSize: 26,
      toSize: 6,
      colour: OWN_COLOUR,
      alpha: 1,
      lifeMs: 120,
    });
    this.sparks.spray({
      x,
      y,
      vx: 0,
      vy: 0,
      angle: 0,
      spread: FULL,
      count: 14,
      speed: 330,
      lifeMs: 380,
      size: 4,
      colour,
    });
  }

  take(x: number, y: number, sort: number): void {
    const colour = pickupColour(sort);
    const { glow, shockwave } = this.#atlas;
    this.#burst({ texture: shockwave, x, y, fromSize: 150, toSize: 20, colour, alpha: 0.9, lifeMs: 340 });
    this.#burst({ texture: shockwave, x, y, fromSize: 30, toSize: 170, colour, alpha: 0.7, lifeMs: 460, ageMs: -120 });
    this.#burst({ texture: glow, x, y, fromSize: 130, toSize: 240, colour, alpha: 0.8, lifeMs: 420 });
    this.sparks.spray({
      x,
      y,
      vx: 0,
      vy: 0,
      angle: 0,
      spread: FULL,
      count: 22,
      speed: 210,
      lifeMs: 620,
      size: 4,
      colour,
    });
  }

  /** A ship appears out of nothing. */
  appear(x: number, y: number, style: number): void {
    const colour = styleColour(style);
    const { glow, shockwave } = this.#atlas;
    this.#burst({ texture: shockwave, x, y, fromSize: 240, toSize: 40, colour, alpha: 0.8, lifeMs: 420 });
    this.#burst({ texture: glow, x, y, fromSize: 40, toSize: 260, colour, alpha: 0.8, lifeMs: 520 });
  }

  fire(x: number, y: number, heading: number, vx: number, vy: number, style: number): void {
    const colour = styleColour(style);
    const noseX = x + Math.cos(heading) * 28;
    const noseY = y + Math.sin(heading) * 28;
    const move = { vx, vy };
    this.#burst({
      texture: this.#atlas.glow,
      x: noseX,
      y: noseY,
      ...move,
      fromSize: 70,
      toSize: 30,
      colour,
      alpha: 0.9,
      lifeMs: 90,
    });
    this.#burst({
      texture: this.#atlas.core,
      x: noseX,
      y: noseY,
      ...move,
      fromSize: 22,
      toSize: 6,
      colour: OWN_COLOUR,
      alpha: 1,
      lifeMs: 70,
    });
  }

  /** Sparks from a burning engine; call when the engine runs, `strength` 1 or 2. */
  exhaust(x: number, y: number, heading: number, vx: number, vy: number, colour: number, strength: number): void {
    this.sparks.spray({
      x: x - Math.cos(heading) * 18,
      y: y - Math.sin(heading) * 18,
      vx: vx * 0.5,
      vy: vy * 0.5,
      angle: heading + Math.PI,
      spread: 0.35,
      count: strength,
      speed: 210 * strength,
      lifeMs: 300,
      size: 3,
      colour,
    });
  }

  draw(lights: QuadLayer, elapsedMs: number): void {
    this.sparks.draw(lights, elapsedMs);
    this.#bursts.draw(lights, elapsedMs);
  }

  #burst(
    burst: Partial<Burst> & Pick<Burst, 'texture' | 'x' | 'y' | 'fromSize' | 'toSize' | 'colour' | 'alpha' | 'lifeMs'>,
  ) {
    this.#bursts.add({ vx: 0, vy: 0, rotation: 0, spin: 0, ageMs: 0, ...burst });
  }
}
