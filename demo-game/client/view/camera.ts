/** Follows the own ship with an eased lead, a dead zone and, on blasts, a short shake. */

import { ARENA_SIZE } from '../../sim/tuning.ts';

const FOLLOW_RATE = 7;
const LEAD_SECONDS = 0.26;
const DEAD_ZONE = 5;
/** Area of the world that a window shows, whatever its shape. */
const VIEW_AREA = 1380 * 776;

export class Camera {
  x = ARENA_SIZE / 2;
  y = ARENA_SIZE / 2;
  /** Pixels per world unit. */
  zoom = 1;
  width = 1280;
  height = 720;
  readonly #isCalm: boolean;
  #baseZoom = 1;
  #leadX = 0;
  #leadY = 0;
  #trauma = 0;
  #isPlaced = false;

  constructor(isCalm: boolean) {
    this.#isCalm = isCalm;
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.#baseZoom = Math.sqrt((width * height) / VIEW_AREA);
    this.zoom = this.#baseZoom;
  }

  /** Moves toward a body; call once a frame. */
  follow(body: { x: number; y: number; vx: number; vy: number }, seconds: number): void {
    const ease = 1 - Math.exp(-FOLLOW_RATE * 0.5 * seconds);
    this.#leadX += (body.vx * LEAD_SECONDS - this.#leadX) * ease;
    this.#leadY += (body.vy * LEAD_SECONDS - this.#leadY) * ease;
    const offX = body.x + this.#leadX - this.x;
    const offY = body.y + this.#leadY - this.y;
    const distance = Math.hypot(offX, offY);
    if (!this.#isPlaced || distance > 900) {
      this.x = body.x;
      this.y = body.y;
      this.#isPlaced = true;
      return;
    }
    const speed = Math.hypot(body.vx, body.vy);
    const wanted = this.#baseZoom * (1 - Math.min(0.1, speed / 7000));
    this.zoom += (wanted - this.zoom) * (1 - Math.exp(-2 * seconds));
    if (distance < DEAD_ZONE) return;
    const share = (1 - Math.exp(-FOLLOW_RATE * seconds)) * (1 - DEAD_ZONE / distance);
    this.x += offX * share;
    this.y += offY * share;
  }

  /** Something blew up: 1 is right here, 0 is far away. */
  jolt(strength: number): void {
    if (!this.#isCalm) this.#trauma = Math.min(1, this.#trauma + strength);
  }

  /** Pixels to shift the world by, this frame. */
  shake(nowMs: number, seconds: number): { x: number; y: number } {
    this.#trauma = Math.max(0, this.#trauma - seconds * 1.7);
    const reach = this.#trauma * this.#trauma * 22;
    return { x: Math.sin(nowMs * 0.061) * reach, y: Math.sin(nowMs * 0.073 + 2) * reach };
  }

  screenX(x: number): number {
    return (x - this.x) * this.zoom + this.width / 2;
  }

  screenY(y: number): number {
    return (y - this.y) * this.zoom + this.height / 2;
  }

  /** True if a circle in the world is at least partly on the screen. */
  sees(x: number, y: number, radius: number): boolean {
    const reachX = this.width / 2 / this.zoom + radius;
    const reachY = this.height / 2 / this.zoom + radius;
    return Math.abs(x - this.x) < reachX && Math.abs(y - this.y) < reachY;
  }
}
