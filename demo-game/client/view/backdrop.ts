/** Deep space: a painted nebula that drifts far away, and stars in three depths that wrap around the screen. */

import { Sprite, Texture } from 'pixi.js';
import type { Atlas } from './atlas.ts';
import type { Camera } from './camera.ts';
import { paintNebula } from './paint-nebula.ts';
import type { QuadLayer } from './quad-layer.ts';

const NEBULA_PIXELS = 320;
const NEBULA_DRIFT = 0.025;
const MARGIN = 40;
const DEPTHS = [
  { count: 130, parallax: 0.06, size: 0.1, alpha: 0.5 },
  { count: 80, parallax: 0.14, size: 0.15, alpha: 0.7 },
  { count: 36, parallax: 0.3, size: 0.22, alpha: 0.9 },
] as const;
const STAR_COLOURS = [0xffffff, 0xbfd4ff, 0xffe3c4, 0xc9b8ff] as const;

interface Star {
  readonly x: number;
  readonly y: number;
  readonly colour: number;
  readonly phase: number;
}

export class Backdrop {
  readonly nebula: Sprite;
  readonly #atlas: Atlas;
  readonly #depths: readonly Star[][];

  constructor(atlas: Atlas) {
    this.#atlas = atlas;
    this.nebula = new Sprite({ texture: Texture.from(paintNebula(NEBULA_PIXELS)), anchor: 0.5 });
    this.#depths = DEPTHS.map(({ count }) =>
      Array.from({ length: count }, () => ({
        x: Math.random(),
        y: Math.random(),
        colour: STAR_COLOURS[Math.floor(Math.random() * STAR_COLOURS.length)] ?? 0xffffff,
        phase: Math.random() * 6.3,
      })),
    );
  }

  draw(sky: QuadLayer, camera: Camera, nowMs: number, depths: number): void {
    const { width, height } = camera;
    const cover = (Math.max(width, height) * 1.35) / NEBULA_PIXELS;
    this.nebula.scale.set(cover);
    const swing = Math.max(width, height) * 0.16;
    this.nebula.position.set(
      width / 2 + Math.max(-swing, Math.min(swing, (1536 - camera.x) * NEBULA_DRIFT * 2)),
      height / 2 + Math.max(-swing, Math.min(swing, (1536 - camera.y) * NEBULA_DRIFT * 2)),
    );
    for (let depth = 0; depth < Math.min(depths, DEPTHS.length); depth++) {
      const { parallax, size, alpha } = DEPTHS[depth] ?? DEPTHS[0];
      const spanX = width + MARGIN * 2;
      const spanY = height + MARGIN * 2;
      const shiftX = camera.x * parallax * camera.zoom;
      const shiftY = camera.y * parallax * camera.zoom;
      for (const star of this.#depths[depth] ?? []) {
        const twinkle = 0.72 + 0.28 * Math.sin(nowMs * 0.0017 + star.phase);
        const x = wrap(star.x * spanX - shiftX, spanX) - MARGIN;
        const y = wrap(star.y * spanY - shiftY, spanY) - MARGIN;
        const scale = size * (0.7 + star.phase / 10);
        sky.add(this.#atlas.core, x, y, 0, scale, scale, star.colour, alpha * twinkle);
      }
    }
  }
}

function wrap(value: number, span: number): number {
  return value - Math.floor(value / span) * span;
}
