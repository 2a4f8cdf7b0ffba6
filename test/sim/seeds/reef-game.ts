// The game of the seeded runs: a bit of everything that a game can declare, with few slots, so that they are used again.
import {
  angle,
  bool,
  command,
  defineGame,
  entity,
  event,
  float64,
  input,
  int,
  num,
  oneOf,
  ref,
  text,
  uint32,
  type VisibilityRule,
  value,
} from 'tickwire';
import type { RoomType } from 'tickwire/server';

export const REEF_SIZE = 1024;
const THRUST = 260;
const DRAG_PER_TICK = 0.97;
const RECOIL = 60;

const place = { min: 0, max: REEF_SIZE, precision: 1 / 16 };
const speed = { min: -512, max: 512, precision: 1 / 8 };

/** Who may see it changes without a word of the field's own, and with what one steers. */
const whenShortOfAir: VisibilityRule = (viewer, diver) => viewer.id % 3 !== 0 && (diver.air as number) < 60;
const toOthers: VisibilityRule = (viewer, diver) => viewer.entity?.id !== diver.id;

/** A value with parts. */
interface Gear {
  readonly names: readonly string[];
  readonly weight: number;
}

export const game = defineGame({
  tickRate: 30,
  entities: {
    diver: entity(
      {
        x: num(place).hermite('vx'),
        y: num(place).hermite('vy'),
        vx: num(speed),
        vy: num(speed),
        heading: angle(12).lerp(),
        air: int(0, 100).default(100),
        harpoons: int(0, 255).default(9).visibleTo('owner'),
        name: text(24),
        prey: ref('drone'),
        secret: text(12).visibleTo(whenShortOfAir),
        depth: int(0, 255).visibleTo(toOthers),
        key: uint32().visibleTo('server'),
        luck: float64(),
        gear: value<Gear>(),
      },
      { max: 40 },
    ),
    drone: entity(
      {
        x: num(place).hermite('vx'),
        y: num(place).hermite('vy'),
        // A group of their own: a drone that stops is told so, and stays between two steps of the wire.
        vx: num(speed).group('drive'),
        vy: num(speed).group('drive'),
        mood: oneOf('calm', 'angry', 'lost'),
      },
      { max: 20 },
    ),
    mine: entity({ x: num(place), y: num(place), isArmed: bool() }, { max: 30 }),
    banner: entity({ height: int(0, 9), motto: text(20) }, { max: 6 }),
  },
  input: input({ right: int(-1, 1), down: int(-1, 1), fire: bool().pulse() }),
  events: { bang: event({ x: num(place), y: num(place) }), note: event({ text: text(64) }) },
  commands: { buy: command({ order: int(0, 65_535) }).replies({ price: int(0, 131_070) }) },
  controls: 'diver',
  roomState: { tide: int(0, 999), title: text(40), oldest: ref('drone'), chart: value<Gear>() },
  playerState: { name: text(24), score: int(0, 9_999), hunted: ref('diver') },
  step: {
    diver(diver, held, ctx) {
      diver.vx = (diver.vx + held.right * THRUST * ctx.dt) * DRAG_PER_TICK;
      diver.vy = (diver.vy + held.down * THRUST * ctx.dt) * DRAG_PER_TICK;
      if (held.fire) {
        // Both sides draw the same numbers.
        diver.vx += (ctx.random() - 0.5) * RECOIL;
        diver.vy += (ctx.random() - 0.5) * RECOIL;
        ctx.emit('bang', { x: diver.x, y: diver.y });
      }
      diver.x += diver.vx * ctx.dt;
      diver.y += diver.vy * ctx.dt;
      if (diver.x < 8 || diver.x > REEF_SIZE - 8) diver.vx = -diver.vx;
      if (diver.y < 8 || diver.y > REEF_SIZE - 8) diver.vy = -diver.vy;
      diver.x = Math.min(Math.max(diver.x, 8), REEF_SIZE - 8);
      diver.y = Math.min(Math.max(diver.y, 8), REEF_SIZE - 8);
      if (diver.vx !== 0 || diver.vy !== 0) diver.heading = Math.atan2(diver.vy, diver.vx);
    },
    drone(drone, ctx) {
      const chance = ctx.random();
      if (chance < 0.02) drone.vx = drone.vy = 0;
      else if (chance < 0.04) drone.vx = (ctx.random() - 0.5) * 300;
      else if (chance < 0.05) drone.vy = (ctx.random() - 0.5) * 300;
      drone.x += drone.vx * ctx.dt;
      drone.y += drone.vy * ctx.dt;
      if (drone.x < 0 || drone.x > REEF_SIZE - 1) drone.vx = -drone.vx;
      if (drone.y < 0 || drone.y > REEF_SIZE - 1) drone.vy = -drone.vy;
      drone.x = Math.min(Math.max(drone.x, 0), REEF_SIZE - 1);
      drone.y = Math.min(Math.max(drone.y, 0), REEF_SIZE - 1);
    },
  },
});

export type Game = typeof game;

function interestOf(seed: number): NonNullable<RoomType<Game>['interest']> {
  if (seed % 2 === 1) return 'everyone';
  return seed % 4 === 2
    ? { radius: 350 }
    : { radius: 200, far: 450, kinds: { banner: 'never', mine: { radius: 150 } } };
}

/** How often each order of a command was carried out. */
export type Ledger = Map<number, number>;

/** In the dark: mines that lie in wait show themselves to some only. */
const isShown: NonNullable<RoomType<Game>['visible']> = (player, seen) =>
  seen.kind !== 'mine' || !seen.isArmed || player.id % 3 === 0;

/**
 * A reef: everybody sees all of it in odd seeds, a part in even ones, and in half of those the far part seldom; every third sends every
 * other tick only. Some seeds hide mines, and some give each player few bytes.
 */
export function createReef(seed: number, ledger: Ledger): RoomType<Game> {
  return {
    maxPlayers: 40,
    interest: interestOf(seed),
    ...(seed % 5 < 3 && { visible: isShown }),
    ...(seed % 4 === 3 && { maxBytesPerSecond: 4_000 }),
    sendEvery: seed % 3 === 0 ? 2 : 1,
    onCreate(room) {
      room.state.title = 'The reef';
      for (let i = 0; i < 8; i++) {
        room.world.drone.spawn({ x: room.random() * 1_000, y: room.random() * 1_000, vx: 40 });
        room.world.mine.spawn({ x: room.random() * 1_000, y: room.random() * 1_000 });
      }
      room.world.banner.spawn({ motto: 'deep' });
    },
    onJoin(room, player) {
      const diver = room.world.diver.spawn({
        x: 200 + room.random() * 600,
        y: 200 + room.random() * 600,
        name: `d${player.id}`,
      });
      player.control(diver);
      player.state.name = `d${player.id}`;
    },
    onCommand: {
      buy(_room, player, { order }) {
        ledger.set(order, (ledger.get(order) ?? 0) + 1);
        player.state.score += 1;
        return { price: order * 2 };
      },
    },
  };
}
