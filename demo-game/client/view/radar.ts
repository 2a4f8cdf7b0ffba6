/** The minimap in the corner, and arrows at the screen's edge toward ships that are near but not in view. */

import { PILLARS } from '../../sim/arena-map.ts';
import { styleOfPilot } from '../../sim/pilot-names.ts';
import { ARENA_SIZE } from '../../sim/tuning.ts';
import type { Picture, ShipPicture } from '../picture.ts';
import type { Atlas } from './atlas.ts';
import type { Camera } from './camera.ts';
import { OWN_COLOUR, styleColour } from './palette.ts';
import type { QuadLayer } from './quad-layer.ts';

const PIXEL_SIZE = 4;
const EDGE = 40;
const ARROWS = 6;
const ARROW_REACH = 1500;

export class Radar {
  readonly #atlas: Atlas;
  readonly #near: { ship: ShipPicture; distance: number }[] = [];

  constructor(atlas: Atlas) {
    this.#atlas = atlas;
  }

  draw(hud: QuadLayer, picture: Picture, camera: Camera, nowMs: number): void {
    // On small screens the lower corners belong to the thumbs.
    const isSmall = camera.width <= 720 || camera.height <= 500;
    const size = isSmall ? 104 : 176;
    const left = camera.width - size - 14;
    const top = isSmall ? 14 : camera.height - size - 14;
    this.#drawFrame(hud, left, top, size);
    const scale = size / ARENA_SIZE;
    for (const { x, y, radius } of PILLARS) {
      const dot = (radius * 2 * scale) / 16 / 0.8;
      hud.add(this.#atlas.dot, left + x * scale, top + y * scale, 0, dot, dot, 0x463c8c, 0.7);
    }
    for (const { sort, x, y } of picture.pickups) {
      hud.add(this.#atlas.pixel, left + x * scale, top + y * scale, 0.785, 0.7, 0.7, 0xd8ffe6, sort >= 0 ? 0.65 : 0);
    }
    this.#drawPlaces(hud, picture, left, top, size);
    this.#drawView(hud, camera, left, top, scale);
    const { own } = picture;
    if (!own) return;
    const pulse = 0.4 + 0.06 * Math.sin(nowMs * 0.008);
    hud.add(this.#atlas.arrow, left + own.x * scale, top + own.y * scale, own.heading, pulse, pulse, OWN_COLOUR, 1);
    this.#drawArrows(hud, picture, own, camera);
  }

  #drawFrame(hud: QuadLayer, left: number, top: number, size: number): void {
    const { pixel } = this.#atlas;
    const middleX = left + size / 2;
    const middleY = top + size / 2;
    hud.add(pixel, middleX, middleY, 0, size / PIXEL_SIZE, size / PIXEL_SIZE, 0x0a1022, 0.74);
    for (let side = 0; side < 4; side++) {
      const angle = (side * Math.PI) / 2;
      const x = middleX + (Math.cos(angle) * size) / 2;
      const y = middleY + (Math.sin(angle) * size) / 2;
      hud.add(pixel, x, y, angle, 1.2 / PIXEL_SIZE, size / PIXEL_SIZE, 0x6f8dff, 0.55);
    }
  }

  #drawPlaces(hud: QuadLayer, picture: Picture, left: number, top: number, size: number): void {
    const scale = size / 256;
    for (const { pilot, x, y } of picture.radar) {
      if (pilot === picture.ownPilot) continue;
      const colour = styleColour(styleOfPilot(pilot));
      hud.add(this.#atlas.dot, left + x * scale, top + y * scale, 0, 0.42, 0.42, colour, 0.95);
    }
  }

  #drawView(hud: QuadLayer, camera: Camera, left: number, top: number, scale: number): void {
    const limit = ARENA_SIZE;
    const clamp = (value: number) => Math.max(0, Math.min(limit, value)) * scale;
    const x0 = left + clamp(camera.x - camera.width / 2 / camera.zoom);
    const x1 = left + clamp(camera.x + camera.width / 2 / camera.zoom);
    const y0 = top + clamp(camera.y - camera.height / 2 / camera.zoom);
    const y1 = top + clamp(camera.y + camera.height / 2 / camera.zoom);
    const wide = (x1 - x0) / PIXEL_SIZE;
    const high = (y1 - y0) / PIXEL_SIZE;
    const { pixel } = this.#atlas;
    hud.add(pixel, (x0 + x1) / 2, (y0 + y1) / 2, 0, wide, high, 0xffffff, 0.06);
    hud.add(pixel, (x0 + x1) / 2, y0, 0, wide, 0.25, 0xffffff, 0.35);
    hud.add(pixel, (x0 + x1) / 2, y1, 0, wide, 0.25, 0xffffff, 0.35);
    hud.add(pixel, x0, (y0 + y1) / 2, 0, 0.25, high, 0xffffff, 0.35);
    hud.add(pixel, x1, (y0 + y1) / 2, 0, 0.25, high, 0xffffff, 0.35);
  }

  #drawArrows(hud: QuadLayer, picture: Picture, own: ShipPicture, camera: Camera): void {
    const near = this.#near;
    near.length = 0;
    for (const ship of picture.ships) {
      if (ship.isOwn || camera.sees(ship.x, ship.y, 10)) continue;
      const distance = Math.hypot(ship.x - own.x, ship.y - own.y);
      if (distance < ARROW_REACH) near.push({ ship, distance });
    }
    near.sort((a, b) => a.distance - b.distance);
    for (let index = 0; index < Math.min(near.length, ARROWS); index++) {
      const entry = near[index];
      if (!entry) break;
      const dx = camera.screenX(entry.ship.x) - camera.width / 2;
      const dy = camera.screenY(entry.ship.y) - camera.height / 2;
      const toEdge = Math.min((camera.width / 2 - EDGE) / Math.abs(dx), (camera.height / 2 - EDGE) / Math.abs(dy));
      const x = camera.width / 2 + dx * toEdge;
      const y = camera.height / 2 + dy * toEdge;
      const closeness = 1 - entry.distance / ARROW_REACH;
      const scale = 0.36 + closeness * 0.34;
      const colour = styleColour(entry.ship.style);
      hud.add(this.#atlas.arrow, x, y, Math.atan2(dy, dx), scale, scale, colour, 0.35 + closeness * 0.6);
    }
  }
}
