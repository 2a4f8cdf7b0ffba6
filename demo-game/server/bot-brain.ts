/** How a bot decides: choose a goal now and then, steer toward it every tick, fire when the aim is right. */

import { PILLARS, pickFreePlace } from '../sim/arena-map.ts';
import { PICKUP, type ShipInput, type ShipRow } from '../sim/bodies.ts';
import * as tuning from '../sim/tuning.ts';
import type { SeenShip, Sightings } from './sightings.ts';

type Random = () => number;

const CHOOSE_EVERY_TICKS = 9;
const WATCH_EVERY_TICKS = 3;
const SIGHT = 950;
const FIRE_RANGE = 760;
const TOO_CLOSE = 150;
const SHOT_ALARM = 260;
const WALL_MARGIN = 150;

export class BotBrain {
  readonly input: ShipInput = { thrust: false, boost: false, fire: false, turn: 0 };
  readonly #random: Random;
  /** 0 is a beginner, 1 a fair shot; nobody is perfect, so that people can win. */
  readonly #skill: number;
  readonly #phase: number;
  #targetPilot = -1;
  #goalX = tuning.ARENA_SIZE / 2;
  #goalY = tuning.ARENA_SIZE / 2;
  #isFleeing = false;
  /** Something better than the target is close. */
  #isFetching = false;
  #aimError = 0;
  #evadeTicks = 0;
  #evadeHeading = 0;
  #restTicks = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#skill = random();
    this.#phase = Math.floor(random() * 64);
  }

  /** Pilot whom it hunts, or -1. */
  get targetPilot(): number {
    return this.#targetPilot;
  }

  /** Fills `input` for this tick. */
  think(ship: ShipRow, sightings: Sightings, tick: number): ShipInput {
    const beat = tick + this.#phase;
    if (beat % CHOOSE_EVERY_TICKS === 0) this.#chooseGoal(ship, sightings);
    if (beat % WATCH_EVERY_TICKS === 0) this.#watchForShots(ship, sightings);
    this.#driftAim();

    const target = sightings.byPilot.get(this.#targetPilot);
    this.input.fire = target !== undefined && this.#wantsToFire(ship, target);
    this.input.boost = false;
    const wanted = this.#wantedHeading(ship, target);
    const safe = avoidObstacles(ship, wanted);
    const off = turnBetween(ship.heading, safe);
    const fullTurn = tuning.TURN_RATE / tuning.TICK_RATE;
    this.input.turn = Math.round(clamp(off / fullTurn, -1, 1) * tuning.TURN_STEPS);
    if (safe !== wanted) {
      this.input.thrust = Math.abs(off) < 1.6;
    } else if (target && this.#evadeTicks === 0 && !this.#isFleeing && !this.#isFetching) {
      this.#attack(ship, target);
    } else {
      this.input.thrust = Math.abs(off) < 1;
      this.input.boost = Math.abs(off) < 0.4 && (this.#evadeTicks > 0 || this.#isFleeing) && ship.energy > 30;
    }
    if (this.#evadeTicks > 0) this.#evadeTicks--;
    return this.input;
  }

  #wantedHeading(ship: ShipRow, target: SeenShip | undefined): number {
    if (this.#evadeTicks > 0) return this.#evadeHeading;
    if (target && !this.#isFleeing && !this.#isFetching) return leadHeading(ship, target) + this.#aimError;
    return Math.atan2(this.#goalY - ship.y, this.#goalX - ship.x);
  }

  #attack(ship: ShipRow, target: SeenShip): void {
    const distance = Math.hypot(target.x - ship.x, target.y - ship.y);
    if (distance < TOO_CLOSE && this.#random() < 0.12) {
      // Break off sideways instead of circling nose to nose.
      this.#evade(ship.heading + (this.#random() < 0.5 ? 1.5 : -1.5), 14 + Math.floor(this.#random() * 12));
    }
    const closing = Math.hypot(target.vx - ship.vx, target.vy - ship.vy);
    this.input.thrust = distance > 270 || closing < 60;
    this.input.boost = distance > 640 && ship.energy > 70;
  }

  /** Whatever it is doing, it shoots when the target is in front, in bursts. */
  #wantsToFire(ship: ShipRow, target: SeenShip): boolean {
    if (this.#restTicks > 0) {
      this.#restTicks--;
      return false;
    }
    if (this.#random() < 0.03 - this.#skill * 0.02) this.#restTicks = 14;
    const distance = Math.hypot(target.x - ship.x, target.y - ship.y);
    if (distance > FIRE_RANGE || target.isGuarded) return false;
    const tolerance = 0.15 + (tuning.SHIP_RADIUS * 1.4) / Math.max(distance, 60);
    return Math.abs(turnBetween(ship.heading, leadHeading(ship, target) + this.#aimError)) < tolerance;
  }

  #chooseGoal(ship: ShipRow, sightings: Sightings): void {
    this.#isFleeing = ship.hp < 34 && ship.guard <= 0;
    const pickup = this.#bestPickup(ship, sightings);
    if (pickup) {
      this.#goalX = pickup.x;
      this.#goalY = pickup.y;
    } else if (Math.hypot(this.#goalX - ship.x, this.#goalY - ship.y) < 160 || this.#random() < 0.02) {
      const place = pickFreePlace(this.#random, WALL_MARGIN + 60);
      this.#goalX = place.x;
      this.#goalY = place.y;
    }
    const target = this.#bestTarget(ship, sightings.ships);
    const isWorthIt = pickup !== undefined && Math.hypot(pickup.x - ship.x, pickup.y - ship.y) < 190;
    this.#targetPilot = target?.pilot ?? -1;
    this.#isFetching = isWorthIt || target === undefined;
  }

  #bestTarget(ship: ShipRow, ships: readonly SeenShip[]): SeenShip | undefined {
    let best: SeenShip | undefined;
    let bestCost = SIGHT;
    for (const seen of ships) {
      if (seen.pilot === ship.pilot) continue;
      const distance = Math.hypot(seen.x - ship.x, seen.y - ship.y);
      const loyalty = seen.pilot === this.#targetPilot ? 160 : 0;
      const cost =
        distance +
        (seen.hunters - Number(seen.pilot === this.#targetPilot)) * 170 +
        (seen.isGuarded ? 400 : 0) +
        seen.hp -
        loyalty;
      if (cost >= bestCost) continue;
      best = seen;
      bestCost = cost;
    }
    return best;
  }

  #bestPickup(ship: ShipRow, sightings: Sightings): { x: number; y: number } | undefined {
    let best: { x: number; y: number } | undefined;
    let bestCost = this.#isFleeing ? 1600 : 620;
    for (const pickup of sightings.pickups) {
      const isRepair = pickup.sort === PICKUP.repair;
      if (isRepair && ship.hp > 80) continue;
      const distance = Math.hypot(pickup.x - ship.x, pickup.y - ship.y);
      const cost = distance * (isRepair && ship.hp < 60 ? 0.5 : 1);
      if (cost >= bestCost) continue;
      best = pickup;
      bestCost = cost;
    }
    return best;
  }

  #watchForShots(ship: ShipRow, sightings: Sightings): void {
    if (this.#evadeTicks > 0) return;
    for (const shot of sightings.shots) {
      if (shot.pilot === ship.pilot) continue;
      const dx = ship.x - shot.x;
      const dy = ship.y - shot.y;
      if (dx * dx + dy * dy > SHOT_ALARM * SHOT_ALARM) continue;
      const vx = shot.vx - ship.vx;
      const vy = shot.vy - ship.vy;
      const miss = Math.abs(dx * vy - dy * vx) / (Math.hypot(vx, vy) || 1);
      if (dx * vx + dy * vy <= 0 || miss > 45) continue;
      if (this.#random() > 0.07 + this.#skill * 0.16) continue;
      const side = dx * vy - dy * vx > 0 ? -1 : 1;
      this.#evade(Math.atan2(vy, vx) + side * 1.35, 8 + Math.floor(this.#random() * 8));
      return;
    }
  }

  #evade(heading: number, ticks: number): void {
    this.#evadeHeading = heading;
    this.#evadeTicks = ticks;
  }

  #driftAim(): void {
    const spread = 0.5 - this.#skill * 0.28;
    this.#aimError = this.#aimError * 0.94 + (this.#random() - 0.5) * spread * 0.34;
  }
}

/** Where to look so that a shot meets a moving target; both fly on as they do now. */
function leadHeading(ship: ShipRow, target: SeenShip): number {
  const dx = target.x - ship.x;
  const dy = target.y - ship.y;
  const vx = target.vx - ship.vx;
  const vy = target.vy - ship.vy;
  const a = vx * vx + vy * vy - tuning.SHOT_SPEED * tuning.SHOT_SPEED;
  const b = dx * vx + dy * vy;
  const c = dx * dx + dy * dy;
  const under = b * b - a * c;
  const time = under < 0 || a >= 0 ? 0 : (-b - Math.sqrt(under)) / a;
  return Math.atan2(dy + vy * Math.min(time, 1.2), dx + vx * Math.min(time, 1.2));
}

/** The wanted heading, or one that leads away from the wall or pillar ahead. */
function avoidObstacles(ship: ShipRow, wanted: number): number {
  const aheadX = ship.x + ship.vx * 0.6;
  const aheadY = ship.y + ship.vy * 0.6;
  const limit = tuning.ARENA_SIZE - WALL_MARGIN;
  if (aheadX < WALL_MARGIN || aheadY < WALL_MARGIN || aheadX > limit || aheadY > limit) {
    const middle = tuning.ARENA_SIZE / 2;
    return Math.atan2(middle - ship.y, middle - ship.x);
  }
  for (const pillar of PILLARS) {
    const reach = pillar.radius + tuning.SHIP_RADIUS + 34;
    const dx = aheadX - pillar.x;
    const dy = aheadY - pillar.y;
    if (dx * dx + dy * dy > reach * reach) continue;
    const outward = Math.atan2(ship.y - pillar.y, ship.x - pillar.x);
    const side = turnBetween(outward, wanted) > 0 ? 1 : -1;
    return outward + side * 1.1;
  }
  return wanted;
}

function turnBetween(from: number, to: number): number {
  const turn = (to - from) % (Math.PI * 2);
  return turn > Math.PI ? turn - Math.PI * 2 : turn < -Math.PI ? turn + Math.PI * 2 : turn;
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
