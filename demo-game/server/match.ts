/** A match that never ends: who flies, what a tick does to them, and what everybody is told. */

import { pickFreePlace, pickQuietPlace } from '../sim/arena-map.ts';
import { writeRadar, writeScores } from '../sim/board.ts';
import { PICKUP_SORTS, type ShotRow } from '../sim/bodies.ts';
import { cleanName, cutBytes, pilotName, styleOfPilot } from '../sim/pilot-names.ts';
import * as rules from '../sim/rules.ts';
import { stepShip } from '../sim/ship-step.ts';
import { SpatialGrid } from '../sim/spatial-grid.ts';
import * as tuning from '../sim/tuning.ts';
import { BotBrain } from './bot-brain.ts';
import { Pilot } from './pilot.ts';
import type { Arena, NoticeOptions, PickupHandle, ShipHandle, ShotHandle, Visitor } from './room-types.ts';
import { lookAround } from './sightings.ts';

const RADAR_EVERY_TICKS = 15;
const PLACED_EVERY_TICKS = 3;
const SCORES_EVERY_TICKS = 15;
const CHAT_PAUSE_TICKS = 12;
const CHAT_BYTES = 160;
/** Beyond what anybody can see. */
const NOTICE_RADIUS = 1500;

export class Match {
  readonly #arena: Arena;
  readonly #random: () => number;
  readonly #pilots = new Map<number, Pilot>();
  readonly #bots: readonly Pilot[];
  readonly #grid = new SpatialGrid();
  readonly #pickupReturns: number[] = [];
  #nextPilot = 0;
  #tick = 0;
  #areScoresStale = true;

  constructor(arena: Arena, botCount: number, random: () => number) {
    this.#arena = arena;
    this.#random = random;
    this.#bots = Array.from({ length: botCount }, (_, index) =>
      this.#addPilot(pilotName(index), { brain: new BotBrain(random) }),
    );
    arena.state.botNames = this.#bots.map((bot) => bot.name);
    for (let index = 0; index < tuning.PICKUP_COUNT; index++) this.#spawnPickup();
  }

  join(visitor: Visitor, name: string): Pilot {
    const pilot = this.#addPilot(cleanName(name) || pilotName(this.#nextPilot), { visitor });
    pilot.publish();
    this.#launch(pilot);
    this.#announce(`${pilot.name} joins`);
    return pilot;
  }

  leave(pilot: Pilot): void {
    this.#pilots.delete(pilot.number);
    this.#announce(`${pilot.name} leaves`);
  }

  rename(pilot: Pilot, raw: string): void {
    const name = cleanName(raw);
    if (!name || name === pilot.name) return;
    this.#announce(`${pilot.name} is now ${name}`);
    pilot.name = name;
    if (pilot.ship) pilot.ship.name = name;
    pilot.publish();
  }

  chat(pilot: Pilot, raw: string): void {
    const text = cutBytes(raw.replace(/[\p{C}\s]+/gu, ' ').trim(), CHAT_BYTES);
    if (!text || this.#tick - pilot.lastChatTick < CHAT_PAUSE_TICKS) return;
    pilot.lastChatTick = this.#tick;
    this.#arena.emit('said', { name: pilot.name, style: pilot.style, text }, { at: 'now' });
  }

  /** One server tick, after everything has been stepped; `dt` in seconds. */
  advance(tick: number, dt: number): void {
    this.#tick = tick;
    const { world } = this.#arena;
    this.#steerBots(dt);
    const ships = [...world.ship];
    const shots = [...world.shot];
    this.#grid.fill(ships);
    this.#settleHits(ships, shots, dt);
    this.#settleBumps(ships);
    this.#settlePickups(ships, [...world.pickup]);
    this.#removeDestroyed(ships);
    this.#startReturns();
    if (tick % PLACED_EVERY_TICKS === 0) this.#tellOwnPlaces();
    if (tick % RADAR_EVERY_TICKS === 0) this.#publishRadar();
    if (tick % SCORES_EVERY_TICKS === 0 && this.#areScoresStale) this.#publishScores();
  }

  #steerBots(dt: number): void {
    const { world } = this.#arena;
    const pilots = [...this.#pilots.values()];
    const hunted = pilots.map((pilot) => pilot.brain?.targetPilot ?? -1);
    const sightings = lookAround([...world.ship], [...world.shot], [...world.pickup], hunted);
    const ctx = { dt, partial: false, spawn: (_kind: 'shot', init: ShotRow) => world.shot.spawn(init) };
    for (const pilot of pilots) {
      if (pilot.brain && pilot.ship) stepShip(pilot.ship, pilot.brain.think(pilot.ship, sightings, this.#tick), ctx);
    }
  }

  #settleHits(ships: readonly ShipHandle[], shots: readonly ShotHandle[], dt: number): void {
    const spent = new Set<ShotHandle>();
    for (const { shot, ship, x, y } of rules.findHits(shots, ships, this.#grid, dt)) {
      spent.add(shot);
      this.#arena.emit('hit', { x, y, style: shot.style, shooter: shot.pilot, victim: ship.pilot }, around(x, y));
      if (rules.damageShip(ship, tuning.SHOT_DAMAGE)) this.#score(shot.pilot, ship.pilot);
    }
    for (const shot of shots) if (shot.life <= 0 || spent.has(shot)) shot.despawn();
  }

  #settleBumps(ships: readonly ShipHandle[]): void {
    for (const [a, b] of rules.findBumps(ships, this.#grid)) {
      if (!rules.bounceApart(a, b)) continue;
      const x = (a.x + b.x) / 2;
      const y = (a.y + b.y) / 2;
      this.#arena.emit('hit', { x, y, style: a.style, shooter: a.pilot, victim: b.pilot }, around(x, y));
      if (rules.damageShip(a, tuning.BUMP_DAMAGE)) this.#score(b.pilot, a.pilot);
      if (rules.damageShip(b, tuning.BUMP_DAMAGE)) this.#score(a.pilot, b.pilot);
    }
  }

  #settlePickups(ships: readonly ShipHandle[], pickups: readonly PickupHandle[]): void {
    for (const { pickup, ship } of rules.findTakings(pickups, ships, this.#grid)) {
      const { x, y, sort } = pickup;
      rules.applyPickup(ship, sort);
      this.#arena.emit('pickupTaken', { x, y, sort, pilot: ship.pilot }, around(x, y));
      pickup.despawn();
      this.#pickupReturns.push(this.#tick + tuning.PICKUP_RETURN_TICKS);
      const pilot = this.#pilots.get(ship.pilot);
      if (pilot) this.#addScore(pilot, tuning.PICKUP_SCORE);
    }
    while ((this.#pickupReturns[0] ?? Number.POSITIVE_INFINITY) <= this.#tick) {
      this.#pickupReturns.shift();
      this.#spawnPickup();
    }
  }

  #score(killerNumber: number, victimNumber: number): void {
    const killer = this.#pilots.get(killerNumber);
    const victim = this.#pilots.get(victimNumber);
    if (!victim) return;
    const hasBounty = victim.score > 0 && victim === this.#leader();
    victim.deaths++;
    victim.publish();
    if (killer) {
      killer.kills++;
      this.#addScore(killer, tuning.KILL_SCORE + (hasBounty ? tuning.BOUNTY_SCORE : 0));
    }
    this.#areScoresStale = true;
    this.#arena.emit('kill', {
      killer: killerNumber,
      victim: victimNumber,
      killerName: killer?.name ?? '',
      victimName: victim.name,
      hasBounty,
    });
  }

  #removeDestroyed(ships: readonly ShipHandle[]): void {
    for (const ship of ships) {
      if (ship.hp > 0) continue;
      const { x, y, vx, vy, style } = ship;
      const pilot = this.#pilots.get(ship.pilot);
      this.#arena.emit('explosion', { x, y, vx, vy, style, pilot: ship.pilot }, around(x, y));
      if (pilot) {
        pilot.ship = undefined;
        pilot.returnTick = this.#tick + tuning.RETURN_TICKS;
      }
      ship.despawn();
    }
  }

  #startReturns(): void {
    for (const pilot of this.#pilots.values()) {
      if (!pilot.ship && pilot.returnTick <= this.#tick) this.#launch(pilot);
    }
  }

  #launch(pilot: Pilot): void {
    const { world } = this.#arena;
    const place = pickQuietPlace(this.#random, 260, [...world.ship]);
    const middle = tuning.ARENA_SIZE / 2;
    const heading = Math.atan2(middle - place.y, middle - place.x);
    const ship = world.ship.spawn({
      x: place.x,
      y: place.y,
      heading: heading < 0 ? heading + Math.PI * 2 : heading,
      hp: tuning.MAX_HP,
      energy: tuning.MAX_ENERGY,
      guard: tuning.GUARD_TICKS,
      style: pilot.style,
      pilot: pilot.number,
      name: pilot.name,
    });
    pilot.ship = ship;
    pilot.visitor?.control(ship);
  }

  #spawnPickup(): void {
    const place = pickFreePlace(this.#random, 90);
    this.#arena.world.pickup.spawn({ x: place.x, y: place.y, sort: Math.floor(this.#random() * PICKUP_SORTS) });
  }

  #addPilot(name: string, mind: { visitor?: Visitor; brain?: BotBrain }): Pilot {
    while (this.#pilots.has(this.#nextPilot)) this.#nextPilot = (this.#nextPilot + 1) % tuning.MAX_PILOTS;
    const number = this.#nextPilot;
    this.#nextPilot = (number + 1) % tuning.MAX_PILOTS;
    const pilot = new Pilot(number, styleOfPilot(number), name, mind);
    this.#pilots.set(number, pilot);
    this.#areScoresStale = true;
    return pilot;
  }

  #addScore(pilot: Pilot, points: number): void {
    pilot.score += points;
    pilot.publish();
    this.#areScoresStale = true;
  }

  #leader(): Pilot | undefined {
    let leader: Pilot | undefined;
    for (const pilot of this.#pilots.values()) if (pilot.score > (leader?.score ?? 0)) leader = pilot;
    return leader;
  }

  #announce(text: string): void {
    this.#arena.emit('said', { name: '', style: 0, text }, { at: 'now' });
  }

  #publishScores(): void {
    this.#areScoresStale = false;
    this.#arena.state.botScores = writeScores(
      this.#bots.map(({ number, score, kills, deaths }) => ({ pilot: number, score, kills, deaths })),
    );
  }

  #tellOwnPlaces(): void {
    for (const { visitor, ship } of this.#pilots.values()) {
      if (!visitor || !ship) continue;
      const { x, y, heading } = ship;
      this.#arena.emit('placed', { x, y, heading }, { to: visitor, at: 'now' });
    }
  }

  #publishRadar(): void {
    const scale = 256 / tuning.ARENA_SIZE;
    const places = [...this.#arena.world.ship].map(({ pilot, x, y }) => ({
      pilot,
      x: Math.floor(x * scale),
      y: Math.floor(y * scale),
    }));
    this.#arena.state.radar = writeRadar(places);
  }
}

function around(x: number, y: number): NoticeOptions {
  return { near: { x, y, radius: NOTICE_RADIUS } };
}
