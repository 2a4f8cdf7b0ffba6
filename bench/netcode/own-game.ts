/** The game in which a player steers: moves that depend on nothing but inputs, and a count of the steps. */
import { angle, bool, defineGame, entity, input, int, num } from 'tickwire';
import type { ServerPlayer, ServerRoom } from 'tickwire/server';
import { createRandom } from '../traces/trace.ts';
import { ARENA, SPEED, TICK_RATE } from './truth.ts';

const place = { min: 0, max: ARENA, precision: 1 / 16 };
const speed = { min: -1_024, max: 1_024, precision: 1 / 8 };

export const ownGame = defineGame({
  tickRate: TICK_RATE,
  entities: {
    ship: entity({
      x: num(place).hermite('vx'),
      y: num(place).hermite('vy'),
      vx: num(speed),
      vy: num(speed),
      heading: angle(10),
      /** Moves at once at full speed, so that the first frame of an input shows. */
      slide: num({ min: -ARENA, max: ARENA, precision: 1 / 16 }),
      /** Whole steps that were made. */
      steps: int(0, 1_000_000),
    }),
    mark: entity({ x: num(place).hermite('vx'), y: num(place), vx: num(speed) }),
  },
  input: input({ slide: int(-1, 1), turn: int(-1, 1), thrust: bool() }),
  controls: 'ship',
  step: {
    ship(ship, held, { dt, partial }) {
      ship.heading += held.turn * 2.5 * dt;
      const push = held.thrust ? 400 * dt : 0;
      const drag = Math.exp(-0.8 * dt);
      ship.vx = (ship.vx + Math.cos(ship.heading) * push) * drag;
      ship.vy = (ship.vy + Math.sin(ship.heading) * push) * drag;
      ship.x = bounce(ship.x + ship.vx * dt);
      ship.y = bounce(ship.y + ship.vy * dt);
      ship.slide += held.slide * SPEED * dt;
      if (!partial) ship.steps++;
    },
  },
});

/** Round the edge to the other side would be a jump; the edge holds. */
function bounce(value: number): number {
  return Math.min(Math.max(value, 0), ARENA - 1);
}

type OwnRoom = ServerRoom<typeof ownGame>;
type OwnPlayer = ServerPlayer<typeof ownGame>;

/** The room: a ship for each player, and a mark that goes to and fro. `look` is called in each tick. */
export function ownRoom(look: (room: OwnRoom) => void, sendEvery: number): object {
  return {
    sendEvery,
    emptyRoomTtlMs: 60_000,
    onCreate({ world }: OwnRoom) {
      world.mark.spawn({ x: ARENA / 2, y: ARENA / 2 });
    },
    onJoin(room: OwnRoom, player: OwnPlayer) {
      player.control(room.world.ship.spawn({ x: ARENA / 2, y: ARENA / 2 }));
    },
    onTick(room: OwnRoom) {
      for (const mark of room.world.mark) {
        const isRight = Math.floor(room.tick / 120) % 2 === 0;
        mark.vx = isRight ? SPEED : -SPEED;
        mark.x += mark.vx / TICK_RATE;
      }
      look(room);
    },
  };
}

/** Holds random keys, each for 0.2 to 1.5 s. `slide` always goes back to where it began, so that it stays in range. */
export function holdKeys(seed: number): (held: { slide: number; turn: number; thrust: boolean }, ms: number) => void {
  const random = createRandom(seed);
  let untilMs = 0;
  let next = { slide: 0, turn: 0, thrust: false };
  /** Where the slide is, in ms of its way. */
  let place = 0;
  return (held, ms) => {
    if (ms >= untilMs) {
      const holdMs = 200 + 1_300 * random();
      const slide = random() < 0.5 ? 0 : place > 0 ? -1 : 1;
      untilMs = ms + holdMs;
      place += slide * holdMs;
      next = { slide, turn: Math.floor(random() * 3) - 1, thrust: random() < 0.6 };
    }
    held.slide = next.slide;
    held.turn = next.turn;
    held.thrust = next.thrust;
  };
}
