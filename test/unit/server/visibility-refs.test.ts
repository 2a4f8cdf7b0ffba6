// References in what is kept and told, and who steers what: nobody is told of an entity that it does not know, and anew once it does.
import { defineGame, entity, input, int, num, ref } from 'tickwire';
import { expect, test } from 'vitest';
import type { RoomType, ServerRoom } from '../../../engine/server/types.ts';
import { createStage, type RawClient } from './raw-client.ts';

const place = { min: 0, max: 1000, precision: 1 / 16 };
const game = defineGame({
  tickRate: 20,
  entities: {
    ship: entity({ x: num(place), y: num(place), target: ref('spy'), friend: ref('spy').visibleTo('owner') }),
    spy: entity({ x: num(place), y: num(place), boss: ref('spy') }, { max: 2 }),
  },
  input: input({ right: int(-1, 1) }),
  roomState: { wanted: ref('spy'), round: int(0, 9) },
  playerState: { prey: ref('spy') },
  controls: 'ship',
});
type Game = typeof game;
const [SHIP, SPY, ROOM, PLAYER] = [0, 1, 2, 3];
const STEERED = 1;
const PREY = 2;
const TICK = 50;

async function open() {
  let room!: ServerRoom<Game>;
  const hidden = new Set<number>();
  const yard: RoomType<Game> = {
    visible: (_player, it) => !hidden.has(it.kind === 'spy' ? it.id : -it.id),
    onCreate(it) {
      room = it;
    },
    onJoin(it, player) {
      player.control(it.world.ship.spawn({ x: 100 * player.id }));
    },
  };
  const stage = await createStage(game, { rooms: { yard } });
  return { stage, hidden, room: () => room, advance: (ticks = 1) => stage.clock.advance(ticks * TICK) };
}

const newRare = (client: RawClient) => client.rare.splice(0);

test('a reference is nothing until its target is known, and told once it is', async () => {
  const { stage, hidden, room, advance } = await open();
  const client = await stage.join();
  const spy = room().world.spy.spawn();
  hidden.add(spy.id);
  newRare(client);
  const [ship] = room().world.ship;
  ship!.target = spy;
  ship!.friend = spy;
  room().state.wanted = spy;
  const player = room().players.get(1)!;
  player.state.prey = spy;
  await advance();
  expect(newRare(client).map(([kind, , field, value]) => [kind, field, value])).toEqual(
    expect.arrayContaining([
      [SHIP, 0, null],
      [SHIP, 1, null],
      [ROOM, 0, null],
      [PLAYER, PREY, null],
    ]),
  );
  await advance(8);
  expect(newRare(client)).toEqual([]);
  hidden.clear();
  await advance(5);
  const told = newRare(client);
  expect(told).toHaveLength(4);
  expect(told).toEqual(
    expect.arrayContaining([
      [SHIP, 0, 0, 0],
      [SHIP, 0, 1, 0],
      [ROOM, 0, 0, 0],
      [PLAYER, 1, PREY, 0],
    ]),
  );
});

test('what enters together with what it refers to is told once', async () => {
  const { stage, room, advance } = await open();
  const client = await stage.join();
  newRare(client);
  const boss = room().world.spy.spawn();
  room().world.spy.spawn({ boss });
  room().state.wanted = boss;
  await advance();
  expect(newRare(client).sort()).toEqual([
    [SPY, 1, 0, 0],
    [ROOM, 0, 0, 0],
  ]);
});

test('a reference of room or player to an entity that ended is nothing, also when its slot is used again', async () => {
  const { stage, room, advance } = await open();
  const client = await stage.join();
  const spy = room().world.spy.spawn();
  room().state.wanted = spy;
  room().players.get(1)!.state.prey = spy;
  await advance();
  newRare(client);
  spy.despawn();
  await advance();
  expect(newRare(client).sort()).toEqual([
    [ROOM, 0, 0, null],
    [PLAYER, 1, PREY, null],
  ]);
  await advance(25);
  expect(room().world.spy.spawn().id % 65_536).toBe(0);
  await advance(2);
  expect(newRare(client)).toEqual([]);
  expect(room().state.wanted).toBeUndefined();
  const late = await stage.join();
  expect(late.rare.filter(([kind]) => kind === ROOM)).toEqual([[ROOM, 0, 0, null]]);
});

test('who steers what is told of ships that are known', async () => {
  const { stage, hidden, room, advance } = await open();
  const first = await stage.join();
  const before = [...room().world.ship][0]!;
  hidden.add(-before.id);
  await advance();
  const second = await stage.join();
  const steered = (client: RawClient, id: number) =>
    client.rare
      .filter(([kind, slot, field]) => kind === PLAYER && slot === id && field === STEERED)
      .map(([, , , value]) => value);
  expect([steered(first, 1).at(-1), steered(second, 1)]).toEqual([[SHIP, 0], [null]]);
  expect([steered(first, 2).at(-1), steered(second, 2).at(-1)]).toEqual([
    [SHIP, 1],
    [SHIP, 1],
  ]);
  hidden.clear();
  await advance(5);
  expect(steered(second, 1)).toEqual([null, [SHIP, 0]]);
});
