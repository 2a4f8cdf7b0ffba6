// What a player may not know of is never sent to it: not as an entity, nor by a reference.
import { command, defineGame, entity, event, int, num, ref } from 'tickwire';
import { beforeEach, expect, test } from 'vitest';
import type { ErrorPlace, RoomType, ServerRoom } from '../../../engine/server/types.ts';
import { createStage, type RawClient, type Stage } from './raw-client.ts';

const place = { min: 0, max: 1000, precision: 1 / 16 };
const game = defineGame({
  tickRate: 20,
  entities: {
    ship: entity({ x: num(place), y: num(place), hp: int(0, 100) }),
    spy: entity({ x: num(place), y: num(place) }),
  },
  events: { hit: event({ by: ref('spy'), damage: int(0, 9), who: ref('ship') }) },
  commands: { look: command({}).replies({ spy: ref('spy'), ship: ref('ship') }) },
  controls: 'ship',
});
type Game = typeof game;
type Room = ServerRoom<Game>;
const [SHIP, SPY] = [0, 1];
const TICK = 50;

let room: Room;
let stage: Stage<Game>;
/** Spies that nobody may know of, by id. */
let hidden: Set<number>;
let failures: string[];

const yard: RoomType<Game> = {
  visible: (_player, it) => it.kind !== 'spy' || !hidden.has(it.id),
  onCreate(it) {
    room = it;
  },
  onJoin(it, player) {
    player.control(it.world.ship.spawn({ x: 100 * player.id }));
  },
  onCommand: { look: () => ({ spy: [...room.world.spy][0], ship: [...room.world.ship][0] }) },
};

async function open(more: Partial<RoomType<Game>> = {}): Promise<void> {
  stage = await createStage(game, {
    rooms: { yard: { ...yard, ...more } },
    onError: (error: unknown, { hook }: ErrorPlace) => failures.push(`${hook}: ${(error as Error).message}`),
  });
}

const advance = (ticks = 1) => stage.clock.advance(ticks * TICK);
const known = (client: RawClient, kind: number | undefined) =>
  [...client.replica.kinds[kind!]!.status].flatMap((status, slot) => (status === 0 ? [] : [slot]));
const newEvents = (client: RawClient) => client.eventArgs.splice(0);

beforeEach(() => {
  hidden = new Set();
  failures = [];
});

test('what is hidden leaves with the tick’s message, and is back after a look around', async () => {
  await open();
  const client = await stage.join();
  const spy = room.world.spy.spawn({ x: 5 });
  await advance();
  expect(known(client, SPY)).toEqual([0]);
  hidden.add(spy.id);
  spy.x = 6;
  await advance();
  expect(known(client, SPY)).toEqual([]);
  hidden.clear();
  await advance(4);
  expect(known(client, SPY)).toEqual([0]);
  hidden.add(spy.id);
  await advance();
  expect(known(client, SPY)).toEqual([]);
});

test('the entity that a player steers is not asked about', async () => {
  const asked: string[] = [];
  await open({
    visible(player, it) {
      asked.push(`${player.id}: ${it.kind} of ${it.kind === 'ship' ? it.x / 100 : 0}`);
      return false;
    },
  });
  const [first, second] = [await stage.join(), await stage.join()];
  await advance(5);
  expect([known(first, SHIP), known(second, SHIP)]).toEqual([[0], [1]]);
  expect(new Set(asked)).toEqual(new Set(['1: ship of 2', '2: ship of 1']));
});

test.each<[string, () => unknown, string]>([
  [
    'throws',
    () => {
      throw new Error('no map');
    },
    'visible: no map',
  ],
  ['forgets to answer', () => undefined, "visible: visible(player, entity) of room type 'yard' returns true or false"],
  ['is asynchronous', async () => Promise.reject(new Error('late')), 'returns true or false'],
])('a predicate that %s ends the room', async (_, visible, sentence) => {
  await open({ visible: visible as () => boolean });
  await stage.join();
  room.world.spy.spawn();
  await advance();
  expect(failures).toEqual([expect.stringContaining(sentence)]);
  expect(stage.server.stats.rooms).toBe(0);
});

test('an event names whom its receiver knows, and nobody else', async () => {
  await open();
  const client = await stage.join();
  const [open1, secret] = [room.world.spy.spawn(), room.world.spy.spawn()];
  const ship = [...room.world.ship][0];
  hidden.add(secret.id);
  await advance();
  room.emit('hit', { by: open1, damage: 1, who: ship });
  room.emit('hit', { by: secret, damage: 2, who: ship });
  room.emit('hit', { by: secret, damage: 3, who: undefined }, { at: 'now' });
  await advance();
  expect(newEvents(client)).toEqual([
    [0, 1, 0],
    [null, 2, 0],
    [null, 3, null],
  ]);
  // Known once, hidden now.
  hidden.add(open1.id);
  await advance();
  room.emit('hit', { by: open1, damage: 4, who: ship });
  await advance();
  expect(newEvents(client)).toEqual([[null, 4, 0]]);
});

test('an event names who ended before its receiver’s eyes, and who comes into sight with it', async () => {
  await open();
  const client = await stage.join();
  const [dies, secret] = [room.world.spy.spawn(), room.world.spy.spawn()];
  hidden.add(secret.id);
  await advance();
  dies.despawn();
  secret.despawn();
  const comes = room.world.spy.spawn();
  for (const by of [dies, secret, comes]) room.emit('hit', { by, damage: 1, who: undefined });
  await advance();
  expect(newEvents(client)).toEqual([
    [0, 1, null],
    [null, 1, null],
    [2, 1, null],
  ]);
  // Ticks later still, but not for what took its place.
  room.emit('hit', { by: dies, damage: 2, who: undefined });
  await advance(25);
  const next = room.world.spy.spawn();
  expect(next.id % 65_536).toBe(0);
  hidden.add(next.id);
  for (const by of [dies, next]) room.emit('hit', { by, damage: 3, who: undefined });
  await advance();
  expect(newEvents(client)).toEqual([
    [0, 2, null],
    [0, 3, null],
    [null, 3, null],
  ]);
});

test('so does a reply', async () => {
  await open();
  const client = await stage.join();
  const spy = room.world.spy.spawn();
  await advance();
  client.command(1, 0, []);
  await advance();
  hidden.add(spy.id);
  await advance();
  client.command(2, 0, []);
  await advance();
  expect(client.replies.map(({ payload }) => payload)).toEqual([
    [0, 0],
    [null, 0],
  ]);
});

test('a player watches mates from everywhere, and a free camera does without an entity', async () => {
  await open({
    interest: { radius: 50, dwellMs: 0, lookEveryTicks: 1, kinds: { spy: 'never' } },
    onJoin(it, player) {
      player.viewpoint = { x: 500, y: 500 };
      for (const mate of it.world.ship) player.watch(mate);
    },
    onCreate(it) {
      room = it;
      it.world.ship.spawn({ x: 5, y: 5 });
      it.world.spy.spawn({ x: 500, y: 500 });
    },
  });
  const client = await stage.join();
  expect([known(client, SHIP), known(client, SPY)]).toEqual([[0], []]);
  const player = room.players.get(1)!;
  const [mate] = room.world.ship;
  const near = room.world.ship.spawn({ x: 500, y: 500 });
  player.watch([...room.world.spy][0]!);
  player.watch(near, 'never');
  await advance();
  expect([known(client, SHIP), known(client, SPY)]).toEqual([[0], [0]]);
  player.unwatch(mate!);
  player.unwatch(near);
  player.viewpoint = { x: 500, y: 460 };
  await advance();
  expect([known(client, SHIP), known(client, SPY)]).toEqual([[1], [0]]);
  mate!.despawn();
  expect(() => player.watch(mate!)).toThrow("player.watch() takes an entity that lives in this room's world");
  expect(() => player.watch(undefined as never)).toThrow('player.watch() takes an entity');
  expect(() => player.watch(near, 'nearly' as 'never')).toThrow("'always' or 'never'");
});
