// The game file of architecture.md, whole: it must compile as it stands, with every type inferred.
import { angle, bool, command, defineGame, entity, event, input, int, num, text } from 'tickwire';

export const Ship = entity({
  x: num({ min: 0, max: 4096, precision: 1 / 16 }).hermite('vx'),
  y: num({ min: 0, max: 4096, precision: 1 / 16 }).hermite('vy'),
  vx: num({ min: -512, max: 512, precision: 1 / 8 }),
  vy: num({ min: -512, max: 512, precision: 1 / 8 }),
  heading: angle(12).lerp(),
  hp: int(0, 100).default(100),
  name: text(24),
});
export const Shot = entity({
  x: num({ min: 0, max: 4096, precision: 1 / 16 }).hermite('vx'),
  y: num({ min: 0, max: 4096, precision: 1 / 16 }),
  vx: num({ min: -512, max: 512, precision: 1 / 8 }),
});
export const game = defineGame({
  tickRate: 30,
  entities: { ship: Ship, shot: Shot },
  input: input({ thrust: bool(), turn: int(-1, 1), fire: bool().pulse() }),
  events: {
    explosion: event({
      x: num({ min: 0, max: 4096, precision: 1 / 16 }),
      y: num({ min: 0, max: 4096, precision: 1 / 16 }),
    }),
  },
  commands: { chat: command({ text: text(200) }), buy: command({ item: int(0, 99) }).replies({ ok: bool() }) },
  controls: 'ship',
  roomState: { round: int(0, 99) },
  playerState: { name: text(24), score: int(0, 9999) },
  step: {
    ship(ship, input, ctx) {
      ship.x += ship.vx * ctx.dt;
      if (input.fire) ctx.spawn('shot', { x: ship.x, y: ship.y });
    },
    shot(shot, ctx) {
      shot.x += shot.vx * ctx.dt;
    },
  },
});
export type ExampleGame = typeof game;
