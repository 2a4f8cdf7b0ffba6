// A game of one ship a player: enough for a server to be asked everything.
import { bool, command, defineGame, entity, event, input, int, num, ref, text, value } from 'tickwire';

export const game = defineGame({
  tickRate: 20,
  entities: {
    ship: entity({
      x: num({ min: 0, max: 1000, precision: 1 / 16 }),
      y: num({ min: 0, max: 1000, precision: 1 / 16 }),
      hp: int(0, 100).default(100),
      name: text(24),
    }),
    rock: entity({ x: num({ min: 0, max: 1000, precision: 1 }), y: num({ min: 0, max: 1000, precision: 1 }) }),
    clock: entity({ hour: int(0, 23) }),
  },
  input: input({ right: int(-1, 1), fire: bool().pulse() }),
  events: { boom: event({ x: num({ min: 0, max: 1000, precision: 1 }) }), note: event({ text: text(60) }) },
  commands: {
    add: command({ a: int(0, 99), b: int(0, 99) }).replies({ sum: int(0, 999) }),
    later: command({}).replies({ tick: int(0, 9999) }),
    fail: command({ how: text(20) }),
    hit: command({ target: ref('rock') }).replies({ found: bool() }),
    put: command({ any: value() }),
  },
  roomState: { round: int(0, 9), title: text(40) },
  playerState: { score: int(0, 99) },
  controls: 'ship',
  step: {
    ship(ship, held, ctx) {
      ship.x += held.right * 100 * ctx.dt;
      if (held.fire) ctx.emit('boom', { x: ship.x });
    },
    rock(rock, ctx) {
      rock.x = Math.min(999, rock.x + ctx.dt);
    },
  },
});

/** Indexes of the commands above. */
export const COMMAND = { add: 0, later: 1, fail: 2, hit: 3, put: 4 } as const;

/** The bytes of one input. */
export const press = (right: -1 | 0 | 1, fire = false): Uint8Array => Uint8Array.of((right + 1) | (fire ? 4 : 0));
