/** What a bot can see: plain copies of ships, shots and pickups, read once per tick. */

import type { PickupRow } from '../sim/bodies.ts';
import type { PickupHandle, ShipHandle, ShotHandle } from './room-types.ts';

export interface SeenShip {
  pilot: number;
  x: number;
  y: number;
  vx: number;
  vy: number;
  hp: number;
  isGuarded: boolean;
  /** Bots that chase this ship, so that they do not all choose the same one. */
  hunters: number;
}

export interface SeenShot {
  pilot: number;
  x: number;
  y: number;
  vx: number;
  vy: number;
}

export interface Sightings {
  readonly ships: readonly SeenShip[];
  readonly byPilot: ReadonlyMap<number, SeenShip>;
  readonly shots: readonly SeenShot[];
  readonly pickups: readonly PickupRow[];
}

/** `hunted` lists the pilots that bots are after, once for each bot. */
export function lookAround(
  ships: readonly ShipHandle[],
  shots: readonly ShotHandle[],
  pickups: readonly PickupHandle[],
  hunted: readonly number[],
): Sightings {
  const seen: SeenShip[] = ships.map((ship) => ({
    pilot: ship.pilot,
    x: ship.x,
    y: ship.y,
    vx: ship.vx,
    vy: ship.vy,
    hp: ship.hp,
    isGuarded: ship.guard > 0,
    hunters: 0,
  }));
  const byPilot = new Map(seen.map((ship) => [ship.pilot, ship]));
  for (const pilot of hunted) {
    const ship = byPilot.get(pilot);
    if (ship) ship.hunters++;
  }
  return {
    ships: seen,
    byPilot,
    shots: shots.map((shot) => ({ pilot: shot.pilot, x: shot.x, y: shot.y, vx: shot.vx, vy: shot.vy })),
    pickups: pickups.map((pickup) => ({ x: pickup.x, y: pickup.y, sort: pickup.sort })),
  };
}
