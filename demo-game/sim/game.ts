/** The game as both sides know it: what exists, what a player can do, and how a tick changes it. */

import { angle, bool, command, defineGame, entity, event, input, int, num, text, value } from 'tickwire';
import { PICKUP_SORTS } from './bodies.ts';
import { stepShip } from './ship-step.ts';
import { stepShot } from './shot-step.ts';
import * as tuning from './tuning.ts';

const place = { min: 0, max: tuning.ARENA_SIZE, precision: 1 / 16 };
const speed = { min: -tuning.SPEED_LIMIT, max: tuning.SPEED_LIMIT, precision: 1 / 8 };
const shotSpeed = { min: -tuning.SHOT_SPEED_LIMIT, max: tuning.SHOT_SPEED_LIMIT, precision: 1 / 4 };
// Counters are numbers, not integers: the wire predicts their steady course, so that counting down is free.
const counter = { min: 0, max: 512, precision: 1 };

const pilot = () => int(0, tuning.MAX_PILOTS - 1);
const style = () => int(0, tuning.STYLE_COUNT - 1);

export const Ship = entity({
  x: num(place).hermite('vx'),
  y: num(place).hermite('vy'),
  vx: num(speed),
  vy: num(speed),
  heading: angle(12).lerp(),
  hp: int(0, tuning.MAX_HP).default(tuning.MAX_HP),
  energy: num({ min: 0, max: 128, precision: 1 / 4 })
    .default(tuning.MAX_ENERGY)
    .group('energy'),
  cooldown: num(counter).group('cooldown'),
  guard: num(counter).group('guard'),
  power: num(counter).group('power'),
  weapon: int(0, 2),
  engine: int(0, 2),
  style: style(),
  pilot: pilot(),
  name: text(24),
});

export const Shot = entity({
  x: num(place).hermite('vx'),
  y: num(place).hermite('vy'),
  vx: num(shotSpeed),
  vy: num(shotSpeed),
  life: num(counter).group('life'),
  style: style(),
  pilot: pilot(),
});

export const Pickup = entity({
  x: num(place),
  y: num(place),
  sort: int(0, PICKUP_SORTS - 1),
});

export const game = defineGame({
  tickRate: tuning.TICK_RATE,
  entities: { ship: Ship, shot: Shot, pickup: Pickup },
  input: input({
    thrust: bool(),
    boost: bool(),
    fire: bool(),
    turn: int(-tuning.TURN_STEPS, tuning.TURN_STEPS),
  }),
  events: {
    explosion: event({ x: num(place), y: num(place), vx: num(speed), vy: num(speed), style: style(), pilot: pilot() }),
    hit: event({ x: num(place), y: num(place), style: style(), shooter: pilot(), victim: pilot() }),
    pickupTaken: event({ x: num(place), y: num(place), sort: int(0, PICKUP_SORTS - 1), pilot: pilot() }),
    kill: event({ killer: pilot(), victim: pilot(), killerName: text(24), victimName: text(24), hasBounty: bool() }),
    /** To one player: where the server has that player's ship, which is not among the ships it sends to its owner. */
    placed: event({ x: num(place), y: num(place), heading: angle(12) }),
    said: event({ name: text(24), style: style(), text: text(160) }),
  },
  commands: {
    chat: command({ text: text(160) }),
    setName: command({ name: text(24) }),
  },
  controls: 'ship',
  roomState: {
    /** Bots are no players of the engine's: their names in the order of `botScores`, which `readScores` reads. */
    botNames: value<readonly string[]>().default([]),
    botScores: value<Uint8Array>().default(new Uint8Array()),
    /** All ships for the minimap, whatever the interest; `readRadar` reads it. */
    radar: value<Uint8Array>().default(new Uint8Array()),
  },
  playerState: {
    name: text(24),
    style: style(),
    pilot: pilot(),
    score: int(0, 9999),
    kills: int(0, 9999),
    deaths: int(0, 9999),
  },
  step: {
    ship: (ship, held, ctx) => stepShip(ship, held, ctx),
    shot: (shot, ctx) => stepShot(shot, ctx),
  },
});
