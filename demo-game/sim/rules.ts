/** What happens when bodies meet: shots hit, ships bump, pickups are taken. Pure functions over rows. */

import { type Mover, PICKUP, type PickupRow, type ShipRow, type ShotRow, WEAPON } from './bodies.ts';
import type { SpatialGrid } from './spatial-grid.ts';
import * as tuning from './tuning.ts';

export interface Hit<Shot, Ship> {
  readonly shot: Shot;
  readonly ship: Ship;
  readonly x: number;
  readonly y: number;
}

export interface Taking<Pickup, Ship> {
  readonly pickup: Pickup;
  readonly ship: Ship;
}

const found: number[] = [];

/** Every shot that crossed a ship of another pilot during the last `dt` seconds, with the first ship it met. */
export function findHits<Shot extends ShotRow, Ship extends ShipRow>(
  shots: readonly Shot[],
  ships: readonly Ship[],
  grid: SpatialGrid,
  dt: number,
): Hit<Shot, Ship>[] {
  const hits: Hit<Shot, Ship>[] = [];
  const reach = tuning.SHIP_RADIUS + tuning.SHOT_RADIUS;
  for (const shot of shots) {
    const { x, y, vx, vy, pilot } = shot;
    const fromX = x - vx * dt;
    const fromY = y - vy * dt;
    const travel = Math.max(Math.abs(vx), Math.abs(vy)) * dt * 0.5;
    const count = grid.query((x + fromX) / 2, (y + fromY) / 2, reach + travel, found);
    let first: Ship | undefined;
    let firstAt = 2;
    for (let index = 0; index < count; index++) {
      const ship = ships[found[index] ?? -1];
      if (!ship || ship.pilot === pilot || ship.hp <= 0) continue;
      const at = crossing(fromX, fromY, x - fromX, y - fromY, ship.x, ship.y, reach);
      if (at < firstAt) {
        first = ship;
        firstAt = at;
      }
    }
    if (first) hits.push({ shot, ship: first, x: fromX + (x - fromX) * firstAt, y: fromY + (y - fromY) * firstAt });
  }
  return hits;
}

/** Where (0..1) a path first enters a circle, or 2 if it does not. */
function crossing(x: number, y: number, dx: number, dy: number, cx: number, cy: number, radius: number): number {
  const fx = x - cx;
  const fy = y - cy;
  const c = fx * fx + fy * fy - radius * radius;
  if (c <= 0) return 0;
  const a = dx * dx + dy * dy;
  const b = fx * dx + fy * dy;
  const under = b * b - a * c;
  if (a === 0 || under < 0) return 2;
  const at = (-b - Math.sqrt(under)) / a;
  return at >= 0 && at <= 1 ? at : 2;
}

/** Takes health from a ship unless it is guarded; true if this destroyed it. */
export function damageShip(ship: ShipRow, amount: number): boolean {
  if (ship.guard > 0 || ship.hp <= 0) return false;
  ship.hp = Math.max(0, ship.hp - amount);
  return ship.hp === 0;
}

/** Pairs of ships that overlap, each pair once. */
export function findBumps<Ship extends ShipRow>(ships: readonly Ship[], grid: SpatialGrid): [Ship, Ship][] {
  const bumps: [Ship, Ship][] = [];
  const reach = tuning.SHIP_RADIUS * 2;
  for (let index = 0; index < ships.length; index++) {
    const ship = ships[index];
    if (!ship) continue;
    const { x, y } = ship;
    const count = grid.query(x, y, reach, found);
    for (let nth = 0; nth < count; nth++) {
      const otherIndex = found[nth] ?? -1;
      const other = ships[otherIndex];
      if (!other || otherIndex <= index) continue;
      const dx = other.x - x;
      const dy = other.y - y;
      if (dx * dx + dy * dy < reach * reach) bumps.push([ship, other]);
    }
  }
  return bumps;
}

/** Throws two overlapping ships apart; false if they are already parting, then nothing is changed. */
export function bounceApart(a: Mover, b: Mover): boolean {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const distance = Math.sqrt(dx * dx + dy * dy) || 1;
  const nx = dx / distance;
  const ny = dy / distance;
  const closing = (a.vx - b.vx) * nx + (a.vy - b.vy) * ny;
  if (closing < -20) return false;
  const impulse = Math.max(closing, 0) * 0.85 + 45;
  a.vx = limitSpeed(a.vx - nx * impulse);
  a.vy = limitSpeed(a.vy - ny * impulse);
  b.vx = limitSpeed(b.vx + nx * impulse);
  b.vy = limitSpeed(b.vy + ny * impulse);
  return closing > 120;
}

function limitSpeed(speed: number): number {
  return Math.max(-tuning.BOOST_SPEED, Math.min(tuning.BOOST_SPEED, speed));
}

/** Every pickup that a ship touches, each once. */
export function findTakings<Pickup extends PickupRow, Ship extends ShipRow>(
  pickups: readonly Pickup[],
  ships: readonly Ship[],
  grid: SpatialGrid,
): Taking<Pickup, Ship>[] {
  const takings: Taking<Pickup, Ship>[] = [];
  const reach = tuning.SHIP_RADIUS + tuning.PICKUP_RADIUS;
  for (const pickup of pickups) {
    const { x, y } = pickup;
    const count = grid.query(x, y, reach, found);
    for (let nth = 0; nth < count; nth++) {
      const ship = ships[found[nth] ?? -1];
      if (!ship || ship.hp <= 0) continue;
      const dx = ship.x - x;
      const dy = ship.y - y;
      if (dx * dx + dy * dy >= reach * reach) continue;
      takings.push({ pickup, ship });
      break;
    }
  }
  return takings;
}

/** Gives a ship what a pickup holds. */
export function applyPickup(ship: ShipRow, sort: number): void {
  if (sort === PICKUP.repair) {
    ship.hp = Math.min(tuning.MAX_HP, ship.hp + tuning.REPAIR_HP);
    ship.energy = tuning.MAX_ENERGY;
  } else if (sort === PICKUP.shield) {
    ship.guard = tuning.SHIELD_TICKS;
  } else {
    ship.weapon = sort === PICKUP.spread ? WEAPON.spread : WEAPON.rapid;
    ship.power = tuning.POWER_TICKS;
  }
}
