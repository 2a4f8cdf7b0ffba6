/** Draws ships with their light, flames, gauges and marks, and remembers per ship what a single frame cannot tell. */

import { ENGINE, WEAPON } from '../../sim/bodies.ts';
import { MAX_ENERGY, MAX_HP, SHIP_RADIUS, TICK_RATE } from '../../sim/tuning.ts';
import type { Picture, ShipPicture } from '../picture.ts';
import { type Atlas, GAUGE_STEPS } from './atlas.ts';
import type { Camera } from './camera.ts';
import type { Effects } from './effects.ts';
import { LEADER_COLOUR, mixColours, OWN_COLOUR, SERVER_COLOUR, styleColour } from './palette.ts';
import type { QuadLayer } from './quad-layer.ts';
import type { Trails } from './trails.ts';

const HULL_SCALE = (SHIP_RADIUS * 3.5) / 128;
const TRAIL_STEP = 15;
const FLASH_MS = 130;
const DANGER_COLOUR = 0xff5f52;

/** What is remembered of a ship between frames. */
interface Memory {
  trailX: number;
  trailY: number;
  hp: number;
  cooldown: number;
  isReloading: boolean;
  flashUntilMs: number;
  exhaustAtMs: number;
  seenInFrame: number;
}

export interface ShipLayers {
  /** Additive, below the hulls. */
  readonly lights: QuadLayer;
  readonly hulls: QuadLayer;
}

export class ShipLayer {
  showsServer = false;
  onFire: ((x: number, y: number) => void) | undefined = undefined;
  readonly #atlas: Atlas;
  readonly #effects: Effects;
  readonly #trails: Trails;
  readonly #memories = new Map<number, Memory>();
  readonly #spare: Memory[] = [];
  #frame = 0;

  constructor(atlas: Atlas, effects: Effects, trails: Trails) {
    this.#atlas = atlas;
    this.#effects = effects;
    this.#trails = trails;
  }

  draw(layers: ShipLayers, picture: Picture, camera: Camera, nowMs: number): void {
    this.#frame++;
    for (const ship of picture.ships) {
      const memory = this.#recall(ship);
      this.#notice(ship, memory, nowMs);
      if (!camera.sees(ship.x, ship.y, 140)) continue;
      this.#drawShip(layers, ship, memory, nowMs);
      if (this.showsServer) this.#drawServerPlace(layers.hulls, ship);
    }
    for (const [id, memory] of this.#memories) {
      if (memory.seenInFrame === this.#frame) continue;
      this.#memories.delete(id);
      this.#spare.push(memory);
    }
  }

  #recall(ship: ShipPicture): Memory {
    let memory = this.#memories.get(ship.id);
    if (!memory) {
      memory = this.#spare.pop() ?? {
        trailX: 0,
        trailY: 0,
        hp: 0,
        cooldown: 0,
        isReloading: false,
        flashUntilMs: 0,
        exhaustAtMs: 0,
        seenInFrame: 0,
      };
      memory.trailX = ship.x;
      memory.trailY = ship.y;
      memory.hp = ship.hp;
      memory.cooldown = ship.cooldown;
      memory.flashUntilMs = 0;
      memory.exhaustAtMs = 0;
      this.#memories.set(ship.id, memory);
      if (ship.guard > 0) this.#effects.appear(ship.x, ship.y, ship.style);
    }
    memory.seenInFrame = this.#frame;
    return memory;
  }

  /** Turns changes since the last frame into trails, flashes and exhaust. */
  #notice(ship: ShipPicture, memory: Memory, nowMs: number): void {
    const { x, y, heading, vx, vy, style } = ship;
    if (ship.hp < memory.hp) memory.flashUntilMs = nowMs + FLASH_MS;
    memory.hp = ship.hp;
    // The own ship's gun is predicted: the flash comes with the key, not with the shot from the server.
    const isReloading = ship.cooldown > memory.cooldown;
    if (isReloading && !memory.isReloading) {
      this.#effects.fire(x, y, heading, vx, vy, style);
      this.onFire?.(x, y);
    }
    memory.cooldown = ship.cooldown;
    memory.isReloading = isReloading;

    const tailX = x - Math.cos(heading) * 15;
    const tailY = y - Math.sin(heading) * 15;
    const moved = Math.hypot(tailX - memory.trailX, tailY - memory.trailY);
    if (moved > TRAIL_STEP) {
      const isJump = moved > 260;
      const width = ship.engine === ENGINE.boost ? 26 : ship.engine === ENGINE.thrust ? 17 : 9;
      if (!isJump) this.#trails.lay(memory.trailX, memory.trailY, tailX, tailY, width, styleColour(style), nowMs);
      memory.trailX = tailX;
      memory.trailY = tailY;
    }
    if (ship.engine !== ENGINE.idle && nowMs >= memory.exhaustAtMs) {
      memory.exhaustAtMs = nowMs + 34;
      this.#effects.exhaust(x, y, heading, vx, vy, styleColour(style), ship.engine);
    }
  }

  #drawShip({ lights, hulls }: ShipLayers, ship: ShipPicture, memory: Memory, nowMs: number): void {
    const { x, y, heading, style } = ship;
    const atlas = this.#atlas;
    const colour = styleColour(style);
    const isFlashing = nowMs < memory.flashUntilMs;
    const glow = isFlashing ? 1.5 : 1;
    lights.add(atlas.glow, x, y, 0, 1.15 * glow, 1.15 * glow, colour, ship.isOwn ? 0.62 : 0.46);
    this.#drawFlame(lights, ship, colour, nowMs);
    if (ship.guard > 0) this.#drawShield(lights, ship, nowMs);
    const hull = atlas.hulls[style % atlas.hulls.length];
    const tint = isFlashing ? OWN_COLOUR : ship.isOwn ? mixColours(colour, OWN_COLOUR, 0.35) : colour;
    const scale = HULL_SCALE * (ship.isOwn ? 1.08 : 1);
    if (hull) hulls.add(hull, x, y, heading, scale, scale, tint, ship.isHeld ? 0.55 : 1);
    this.#drawGauges(hulls, ship);
    if (ship.isOwn) hulls.add(atlas.ownRing, x, y, nowMs * 0.0006, 0.56, 0.56, OWN_COLOUR, 0.55);
    if (ship.isLeader) {
      const float = Math.sin(nowMs * 0.004) * 2;
      hulls.add(atlas.crown, x, y - 47 + float, 0, 0.62, 0.62, LEADER_COLOUR, 1);
    }
  }

  #drawFlame(lights: QuadLayer, ship: ShipPicture, colour: number, nowMs: number): void {
    if (ship.engine === ENGINE.idle) return;
    const { flame, core } = this.#atlas;
    const isBoosting = ship.engine === ENGINE.boost;
    const flicker = 0.85 + 0.15 * Math.sin(nowMs * 0.05 + ship.id) + 0.12 * Math.sin(nowMs * 0.083 + ship.id * 3);
    const length = (isBoosting ? 84 : 46) * flicker;
    const cos = Math.cos(ship.heading);
    const sin = Math.sin(ship.heading);
    const back = 14 + length / 2;
    const width = isBoosting ? 0.62 : 0.46;
    const x = ship.x - cos * back;
    const y = ship.y - sin * back;
    lights.add(flame, x, y, ship.heading, length / flame.width, width, colour, 0.95);
    const inner = 14 + length * 0.28;
    lights.add(
      flame,
      ship.x - cos * inner,
      ship.y - sin * inner,
      ship.heading,
      (length * 0.55) / flame.width,
      width * 0.5,
      0xfff2dd,
      0.9,
    );
    lights.add(core, ship.x - cos * 15, ship.y - sin * 15, 0, 0.5, 0.5, 0xffffff, 0.8 * flicker);
  }

  #drawShield(lights: QuadLayer, ship: ShipPicture, nowMs: number): void {
    const secondsLeft = ship.guard / TICK_RATE;
    // Blinks when it is about to end.
    const blink = secondsLeft < 0.9 ? 0.45 + 0.55 * Math.sin(nowMs * 0.03) : 1;
    const scale = 0.72 + 0.03 * Math.sin(nowMs * 0.006);
    lights.add(this.#atlas.shield, ship.x, ship.y, nowMs * 0.0007, scale, scale, 0x7fdcff, 0.8 * blink);
  }

  #drawGauges(hulls: QuadLayer, ship: ShipPicture): void {
    const { gauges } = this.#atlas;
    const isHurt = ship.hp < MAX_HP;
    if (isHurt || ship.isOwn) {
      const step = Math.ceil((ship.hp / MAX_HP) * GAUGE_STEPS);
      const gauge = gauges[Math.max(0, Math.min(GAUGE_STEPS, step))];
      const colour = ship.hp <= 35 ? DANGER_COLOUR : ship.hp <= 65 ? 0xffc23d : 0x7dffb2;
      if (gauge) hulls.add(gauge, ship.x, ship.y, 0, 0.8, 0.8, colour, ship.isOwn ? 0.95 : 0.75);
    }
    if (!ship.isOwn) return;
    const step = Math.round((ship.energy / MAX_ENERGY) * GAUGE_STEPS);
    const gauge = gauges[Math.max(0, Math.min(GAUGE_STEPS, step))];
    if (gauge) hulls.add(gauge, ship.x, ship.y, 0, -0.8, 0.8, 0x58d4ff, 0.9);
    if (ship.weapon === WEAPON.single) return;
    const sort = ship.weapon === WEAPON.spread ? 1 : 2;
    const badge = this.#atlas.pickups[sort];
    if (badge) hulls.add(badge, ship.x, ship.y + 46, 0, 0.22, 0.22, OWN_COLOUR, 0.85);
  }

  #drawServerPlace(hulls: QuadLayer, ship: ShipPicture): void {
    const { hullOutlines, pixel } = this.#atlas;
    const outline = hullOutlines[ship.style % hullOutlines.length];
    const dx = ship.serverX - ship.x;
    const dy = ship.serverY - ship.y;
    const length = Math.hypot(dx, dy);
    if (length > 1) {
      const angle = Math.atan2(dy, dx);
      hulls.add(pixel, ship.x + dx / 2, ship.y + dy / 2, angle, length / pixel.width, 0.3, SERVER_COLOUR, 0.6);
    }
    if (outline) {
      const scale = HULL_SCALE * 2.1;
      hulls.add(outline, ship.serverX, ship.serverY, ship.serverHeading, scale, scale, SERVER_COLOUR, 0.95);
    }
  }
}
