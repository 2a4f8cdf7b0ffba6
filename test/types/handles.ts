// What handles promise, on both sides.
import {
  type ClientHandle,
  type ClientWorld,
  defineGame,
  type EventPayload,
  entity,
  event,
  int,
  num,
  oneOf,
  type PlayerStateOf,
  ref,
  type SeenWorld,
  type ServerHandle,
  type ServerWorld,
  text,
  value,
} from 'tickwire';
import { isTrue, type Same } from './same-type.ts';

const range = { min: 0, max: 16, precision: 1 / 16 };
const fields = {
  x: num(range),
  y: num(range).snap(),
  level: int(0, 9).lerp(),
  hp: int(0, 9),
  mood: oneOf('calm', 'angry'),
  name: text(8),
  bag: value<string[]>(),
  target: ref('ship'),
  secret: int(0, 9).visibleTo('server'),
};
const entities = { ship: entity(fields), rock: entity(fields) };
const game = defineGame({
  entities,
  events: { hit: event({ who: ref('ship'), hp: int(0, 9) }) },
  playerState: { best: ref('rock') },
});
type Game = typeof game;

declare const world: ServerWorld<Game>;
declare const view: ClientWorld<Game>;
declare const seen: SeenWorld<typeof entities>;

// server: the handle is what the fields say
const ship = world.ship.spawn({ x: 1, mood: 'angry', target: undefined });
isTrue<Same<typeof ship, ServerHandle<Game, 'ship'>>>();
isTrue<Same<typeof ship.kind, 'ship'>>();
isTrue<Same<typeof ship.id, number>>();
isTrue<Same<typeof ship.mood, 'calm' | 'angry'>>();
isTrue<Same<typeof ship.bag, string[] | undefined>>();
isTrue<Same<typeof ship.target, ServerHandle<Game, 'ship'> | undefined>>();
isTrue<Same<typeof ship.secret, number>>();
ship.x = 2;
ship.target = world.ship.get(1);
ship.target?.target?.despawn();
ship.target = undefined;
ship.teleport({ x: 1, level: 2 });
ship.teleport();
for (const each of world.ship) isTrue<Same<typeof each, ServerHandle<Game, 'ship'>>>();
isTrue<Same<typeof world.ship.columns.x, Float64Array>>();
// @ts-expect-error y snaps anyway
ship.teleport({ y: 1 });
// @ts-expect-error hp is not a place
ship.teleport({ hp: 1 });
// @ts-expect-error ids are given
ship.id = 3;
// @ts-expect-error not a mood
ship.mood = 'sad';
// @ts-expect-error no such field
world.ship.spawn({ z: 1 });
// @ts-expect-error rare fields have no column of numbers
world.ship.columns.name;
// @ts-expect-error no such kind
world.ghost;
// @ts-expect-error the server's world has no picture to enter
world.ship.onEnter;

// equal shapes do not mix
declare const rock: ServerHandle<Game, 'rock'>;
// @ts-expect-error a rock is not a ship
ship.target = rock;
// @ts-expect-error nor here
world.ship.spawn({ target: rock });

// client: read-only, without what only the server knows
declare const drawn: ClientHandle<Game, 'ship'>;
isTrue<Same<typeof drawn.kind, 'ship'>>();
isTrue<Same<typeof drawn.target, ClientHandle<Game, 'ship'> | undefined>>();
isTrue<Same<typeof drawn.isOwn | typeof drawn.isHeld, boolean>>();
isTrue<Same<typeof drawn.ageMs, number>>();
isTrue<Same<typeof drawn.received.x, number>>();
view.ship.onEnter((entered) => isTrue<Same<typeof entered, ClientHandle<Game, 'ship'>>>());
view.ship.onLeave((_left, reason) => isTrue<Same<typeof reason, 'removed' | 'scope'>>());
// @ts-expect-error the picture is not to be changed
drawn.x = 1;
// @ts-expect-error nor are references
drawn.target = undefined;
// @ts-expect-error the client does not spawn
view.ship.spawn;
// @ts-expect-error nor despawn
drawn.despawn;
// @ts-expect-error only the server knows it
drawn.secret;
// @ts-expect-error nor is it among what was received
drawn.received.secret;
// @ts-expect-error rare fields have no received number
drawn.received.name;
// @ts-expect-error nor a column
view.ship.columns.secret;

// what was seen
for (const other of seen.ship) isTrue<Same<typeof other.hp, number>>();
// @ts-expect-error not seen by anyone
for (const other of seen.ship) other.secret;

// references take the side's own handles
isTrue<Same<EventPayload<Game, 'hit'>['who'], ClientHandle<Game, 'ship'> | undefined>>();
isTrue<Same<EventPayload<Game, 'hit', 'server'>['who'], ServerHandle<Game, 'ship'> | undefined>>();
isTrue<Same<PlayerStateOf<Game, 'client'>['best'], ClientHandle<Game, 'rock'> | undefined>>();
declare let toEmit: EventPayload<Game, 'hit', 'server'>;
toEmit = { who: ship, hp: 1 };
// @ts-expect-error a rock is not a ship
toEmit = { who: rock, hp: 1 };
