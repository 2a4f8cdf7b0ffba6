/** One tick of a ship: turn, drive, bounce, count down, fire. Pure: server, bots and prediction share it. */

import { PILLARS } from './arena-map.ts';
import { ENGINE, type Mover, type ShipInput, type ShipRow, type ShipStepContext, WEAPON } from './bodies.ts';
import * as tuning from './tuning.ts';

const FULL_TURN = Math.PI * 2;
const MUZZLE_DISTANCE = 26;
const SPREAD = [0, -tuning.SPREAD_ANGLE, tuning.SPREAD_ANGLE] as const;

export function stepShip(ship: ShipRow, input: ShipInput, ctx: ShipStepContext): void {
  turnShip(ship, input, ctx.dt);
  driveShip(ship, input, ctx.dt);
  bounceOffWalls(ship);
  bounceOffPillars(ship);
  countDown(ship, ctx.dt);
  // A partial step is only drawn: a shot belongs to a whole tick.
  if (!ctx.partial) fireShots(ship, input, ctx);
}

function turnShip(ship: ShipRow, input: ShipInput, dt: number): void {
  const heading = ship.heading + (input.turn / tuning.TURN_STEPS) * tuning.TURN_RATE * dt;
  ship.heading = heading - Math.floor(heading / FULL_TURN) * FULL_TURN;
}

function driveShip(ship: ShipRow, input: ShipInput, dt: number): void {
  const boosts = input.boost && ship.energy > tuning.BOOST_COST * dt;
  ship.engine = boosts ? ENGINE.boost : input.thrust ? ENGINE.thrust : ENGINE.idle;
  const energy = ship.energy + (boosts ? -tuning.BOOST_COST : tuning.ENERGY_RETURN) * dt;
  ship.energy = clamp(energy, 0, tuning.MAX_ENERGY);

  const force = boosts ? tuning.BOOST_THRUST : input.thrust ? tuning.THRUST : 0;
  const slow = 1 - tuning.DRAG * dt;
  let vx = (ship.vx + Math.cos(ship.heading) * force * dt) * slow;
  let vy = (ship.vy + Math.sin(ship.heading) * force * dt) * slow;

  const top = boosts ? tuning.BOOST_SPEED : tuning.CRUISE_SPEED;
  const speed = Math.sqrt(vx * vx + vy * vy);
  if (speed > top) {
    // Ease back to cruise after a boost instead of hitting a limit.
    const keep = Math.max(top / speed, 1 - 2.5 * dt);
    vx *= keep;
    vy *= keep;
  }
  ship.vx = vx;
  ship.vy = vy;
  ship.x += vx * dt;
  ship.y += vy * dt;
}

/** Reflects a ship at the arena's walls. */
export function bounceOffWalls(body: Mover): void {
  const low = tuning.SHIP_RADIUS;
  const high = tuning.ARENA_SIZE - tuning.SHIP_RADIUS;
  if (body.x < low) {
    body.x = low;
    body.vx = Math.abs(body.vx) * tuning.WALL_BOUNCE;
  } else if (body.x > high) {
    body.x = high;
    body.vx = -Math.abs(body.vx) * tuning.WALL_BOUNCE;
  }
  if (body.y < low) {
    body.y = low;
    body.vy = Math.abs(body.vy) * tuning.WALL_BOUNCE;
  } else if (body.y > high) {
    body.y = high;
    body.vy = -Math.abs(body.vy) * tuning.WALL_BOUNCE;
  }
}

function bounceOffPillars(body: Mover): void {
  for (const pillar of PILLARS) {
    const dx = body.x - pillar.x;
    const dy = body.y - pillar.y;
    const reach = pillar.radius + tuning.SHIP_RADIUS;
    const squared = dx * dx + dy * dy;
    if (squared >= reach * reach || squared === 0) continue;
    const distance = Math.sqrt(squared);
    const nx = dx / distance;
    const ny = dy / distance;
    body.x = pillar.x + nx * reach;
    body.y = pillar.y + ny * reach;
    const inward = body.vx * nx + body.vy * ny;
    if (inward >= 0) continue;
    const kick = Math.max(tuning.PILLAR_KICK, -inward * 0.9) - inward;
    body.vx += nx * kick;
    body.vy += ny * kick;
  }
}

function countDown(ship: ShipRow, dt: number): void {
  const ticks = dt * tuning.TICK_RATE;
  ship.cooldown = Math.max(0, ship.cooldown - ticks);
  ship.guard = Math.max(0, ship.guard - ticks);
  ship.power = Math.max(0, ship.power - ticks);
  if (ship.power === 0) ship.weapon = WEAPON.single;
}

function fireShots(ship: ShipRow, input: ShipInput, ctx: ShipStepContext): void {
  if (!input.fire || ship.cooldown > 0.5) return;
  ship.cooldown = ship.weapon === WEAPON.rapid ? tuning.RAPID_COOLDOWN_TICKS : tuning.COOLDOWN_TICKS;
  // A guarded ship may shoot, but pays with protection: no fire from safety.
  ship.guard = Math.max(0, ship.guard - tuning.GUARD_TICKS_PER_SHOT);
  const count = ship.weapon === WEAPON.spread ? SPREAD.length : 1;
  for (let index = 0; index < count; index++) {
    const angle = ship.heading + (SPREAD[index] ?? 0);
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    ctx.spawn('shot', {
      x: clamp(ship.x + cos * MUZZLE_DISTANCE, 1, tuning.ARENA_SIZE - 1),
      y: clamp(ship.y + sin * MUZZLE_DISTANCE, 1, tuning.ARENA_SIZE - 1),
      vx: ship.vx + cos * tuning.SHOT_SPEED,
      vy: ship.vy + sin * tuning.SHOT_SPEED,
      life: tuning.SHOT_LIFE_TICKS,
      style: ship.style,
      pilot: ship.pilot,
    });
  }
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
