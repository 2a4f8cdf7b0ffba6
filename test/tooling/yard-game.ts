// A small game for tests: ships that drift in a yard, and one of everything that a game can declare.
import { angle, bool, command, defineGame, entity, event, input, int, num, text } from 'tickwire';
import type { RoomType } from 'tickwire/server';

export const YARD_SIZE = 1024;
const ACCELERATION = 240;
const DRAG_PER_TICK = 0.98;

const place = { min: 0, max: YARD_SIZE, precision: 1 / 16 };
const speed = { min: -512, max: 512, precision: 1 / 8 };

export const Ship = entity({
  x: num(place).hermite('vx'),
  y: num(place).hermite('vy'),
  vx: num(speed),
  vy: num(speed),
  heading: angle(12).lerp(),
  hp: int(0, 100).default(100),
  name: text(24),
});

export const Rock = entity({ x: num(place), y: num(place), size: int(1, 9).default(1) });

export const game = defineGame({
  tickRate: 30,
  entities: { ship: Ship, rock: Rock },
  input: input({ right: int(-1, 1), down: int(-1, 1), fire: bool().pulse() }),
  events: { boom: event({ x: num(place), y: num(place) }), note: event({ text: text(64) }) },
  commands: {
    add: command({ a: int(0, 999), b: int(0, 999) }).replies({ sum: int(0, 2000) }),
    shove: command({ by: int(-400, 400) }),
    say: command({ text: text(64) }),
    fail: command({}),
  },
  controls: 'ship',
  roomState: { round: int(0, 999), title: text(40) },
  playerState: { name: text(24), score: int(0, 9999) },
  step: {
    ship(ship, held, ctx) {
      ship.vx = (ship.vx + held.right * ACCELERATION * ctx.dt) * DRAG_PER_TICK;
      ship.vy = (ship.vy + held.down * ACCELERATION * ctx.dt) * DRAG_PER_TICK;
      ship.x += ship.vx * ctx.dt;
      ship.y += ship.vy * ctx.dt;
      // Walls throw ships back: something sharp for the prediction to be right about.
      if (ship.x < 8 || ship.x > YARD_SIZE - 8) ship.vx = -ship.vx;
      if (ship.y < 8 || ship.y > YARD_SIZE - 8) ship.vy = -ship.vy;
      ship.x = Math.min(Math.max(ship.x, 8), YARD_SIZE - 8);
      ship.y = Math.min(Math.max(ship.y, 8), YARD_SIZE - 8);
      if (ship.vx !== 0 || ship.vy !== 0) ship.heading = Math.atan2(ship.vy, ship.vx);
      if (held.fire) ctx.emit('boom', { x: ship.x, y: ship.y });
    },
  },
});

export type Game = typeof game;

/** A room of the yard: each player gets a ship in the middle. */
export const yard: RoomType<Game> = {
  onCreate(room) {
    room.state.title = 'The yard';
    for (let i = 0; i < 8; i++) room.world.rock.spawn({ x: 60 + i * 120, y: 900, size: i + 1 });
  },
  onJoin(room, player) {
    player.control(room.world.ship.spawn({ x: 512, y: 512, name: `p${player.id}` }));
    player.state.name = `p${player.id}`;
  },
  onCommand: {
    add: (_room, player, { a, b }) => {
      player.state.score += 1;
      return { sum: a + b };
    },
    shove: (_room, player, { by }) => {
      const ship = player.entity;
      if (ship !== undefined) ship.vx += by;
    },
    say: (room, _player, { text: said }) => {
      room.emit('note', { text: said });
    },
    fail: () => {
      throw new Error('a hook that fails');
    },
  },
};

/** Scripts of simulated players who hold one key. */
export const flyRight = (held: { right: number }): void => {
  held.right = 1;
};
export const flyDown = (held: { down: number }): void => {
  held.down = 1;
};
