/** The arena itself: grid, walls, pillars and pickups. */

import { PILLARS } from '../../sim/arena-map.ts';
import { ARENA_SIZE } from '../../sim/tuning.ts';
import type { Picture } from '../picture.ts';
import type { Atlas } from './atlas.ts';
import type { Camera } from './camera.ts';
import { PILLAR_COLOUR, pickupColour, WALL_COLOUR } from './palette.ts';
import type { QuadLayer } from './quad-layer.ts';

const CELL = 128;
const PIXEL_SIZE = 4;

export class Ground {
  readonly #atlas: Atlas;

  constructor(atlas: Atlas) {
    this.#atlas = atlas;
  }

  draw(base: QuadLayer, lights: QuadLayer, picture: Picture, camera: Camera, nowMs: number): void {
    this.#drawGrid(base, camera);
    this.#drawWalls(base, lights, camera, nowMs);
    this.#drawPillars(base, lights, camera, nowMs);
    for (const { id, sort, x, y } of picture.pickups) {
      if (!camera.sees(x, y, 80)) continue;
      const pulse = Math.sin(nowMs * 0.004 + id);
      const colour = pickupColour(sort);
      const float = Math.sin(nowMs * 0.0022 + id * 2) * 3;
      lights.add(this.#atlas.glow, x, y + float, 0, 0.95 + pulse * 0.12, 0.95 + pulse * 0.12, colour, 0.5);
      const wave = (nowMs * 0.0006 + id * 0.37) % 1;
      lights.add(this.#atlas.shockwave, x, y, 0, 0.1 + wave * 0.22, 0.1 + wave * 0.22, colour, (1 - wave) * 0.5);
      const shape = this.#atlas.pickups[sort];
      if (shape) base.add(shape, x, y + float, 0, 0.5 + pulse * 0.02, 0.5 + pulse * 0.02, colour, 1);
    }
  }

  #drawGrid(base: QuadLayer, camera: Camera): void {
    const reachX = camera.width / 2 / camera.zoom;
    const reachY = camera.height / 2 / camera.zoom;
    const left = Math.max(0, camera.x - reachX);
    const right = Math.min(ARENA_SIZE, camera.x + reachX);
    const top = Math.max(0, camera.y - reachY);
    const bottom = Math.min(ARENA_SIZE, camera.y + reachY);
    if (left >= right || top >= bottom) return;
    const line = 1.25 / camera.zoom;
    for (let x = Math.ceil(left / CELL) * CELL; x <= right; x += CELL) {
      this.#line(base, x, (top + bottom) / 2, line, bottom - top, x % (CELL * 4) === 0 ? 0.2 : 0.085);
    }
    for (let y = Math.ceil(top / CELL) * CELL; y <= bottom; y += CELL) {
      this.#line(base, (left + right) / 2, y, right - left, line, y % (CELL * 4) === 0 ? 0.2 : 0.085);
    }
  }

  #line(base: QuadLayer, x: number, y: number, width: number, height: number, alpha: number): void {
    base.add(this.#atlas.pixel, x, y, 0, width / PIXEL_SIZE, height / PIXEL_SIZE, 0x6f8dff, alpha);
  }

  #drawWalls(base: QuadLayer, lights: QuadLayer, camera: Camera, nowMs: number): void {
    const { pixel, streak } = this.#atlas;
    const middle = ARENA_SIZE / 2;
    const breath = 0.75 + 0.25 * Math.sin(nowMs * 0.0013);
    const length = (ARENA_SIZE + 10) / PIXEL_SIZE;
    const soft = (ARENA_SIZE + 90) / streak.width;
    for (let side = 0; side < 4; side++) {
      const isUpright = side % 2 === 0;
      const at = side < 2 ? 0 : ARENA_SIZE;
      const x = isUpright ? at : middle;
      const y = isUpright ? middle : at;
      if (isUpright ? !camera.sees(at, camera.y, 120) : !camera.sees(camera.x, at, 120)) continue;
      const turn = isUpright ? Math.PI / 2 : 0;
      base.add(pixel, x, y, turn, length, 5 / PIXEL_SIZE, 0xcfdcff, 0.95);
      lights.add(streak, x, y, turn, soft, 150 / streak.height, WALL_COLOUR, 0.34 * breath);
      lights.add(streak, x, y, turn, soft, 36 / streak.height, WALL_COLOUR, 0.8);
    }
  }

  #drawPillars(base: QuadLayer, lights: QuadLayer, camera: Camera, nowMs: number): void {
    const { pillar: shape, glow, shockwave } = this.#atlas;
    for (const { x, y, radius } of PILLARS) {
      if (!camera.sees(x, y, radius * 2)) continue;
      const scale = (radius * 2) / (shape.width * 0.9);
      const pulse = 0.5 + 0.5 * Math.sin(nowMs * 0.0016 + x);
      lights.add(glow, x, y, 0, (radius * 3.4) / glow.width, (radius * 3.4) / glow.width, PILLAR_COLOUR, 0.5);
      base.add(shape, x, y, nowMs * 0.00008 * (radius > 100 ? 1 : -2), scale, scale, 0xb9adff, 1);
      lights.add(
        glow,
        x,
        y,
        0,
        (radius * 1.1) / glow.width,
        (radius * 1.1) / glow.width,
        PILLAR_COLOUR,
        0.5 + pulse * 0.4,
      );
      const rim = (radius * 2.25) / shockwave.width;
      lights.add(shockwave, x, y, 0, rim, rim, PILLAR_COLOUR, 0.25 + pulse * 0.2);
    }
  }
}
