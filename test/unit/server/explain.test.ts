// What `room.explain` says of a player, and the options that decide it.
import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../../engine/server/options.ts';
import type { Explanation, RoomType, ServerRoom } from '../../../engine/server/types.ts';
import { createStage } from './raw-client.ts';
import { game } from './small-game.ts';

type Type = RoomType<typeof game>;
type Room = ServerRoom<typeof game>;

const TICK = 50;
const SECOND = 1_000;

/** Rocks in a row, all on the move, and one that rests. */
function rocks(count: number): Type {
  return {
    onCreate(room) {
      for (let i = 0; i < count; i++) room.world.rock.spawn({ x: 10 * i, y: 10 * i });
      room.world.clock.spawn();
    },
    onJoin(room, player) {
      player.control(room.world.ship.spawn({ x: 0, y: 0 }));
    },
    onTick(room, { tick }) {
      for (const rock of room.world.rock) rock.y = (rock.id * 10 + tick * 7) % 1000;
    },
  };
}

async function open(yard: Type) {
  const stage = await createStage(game, { rooms: { yard } });
  const client = await stage.join();
  const room = [...stage.server.rooms][0] as Room;
  const player = room.players.get(1)!;
  const explain = (): Explanation => room.explain(player);
  return { ...stage, client, room, player, explain };
}

const count = (explanation: Explanation, state: string): number =>
  explanation.entities.filter((entity) => entity.state === state).length;

test('of a client that is well: all is tracked, nothing limits it, and its bytes are counted from the first question on', async () => {
  const { clock, explain, server } = await open(rocks(20));
  await clock.advance(2 * SECOND);
  const first = explain();
  expect([count(first, 'tracked'), first.entities.length]).toEqual([22, 22]);
  expect(first).toMatchObject({
    isLimited: false,
    heldByBudget: 0,
    bytesPerSecond: 0,
    sendEvery: 1,
    snapshotsSkipped: 0,
  });
  expect(first.maxBytesPerSecond).toBe(Number.POSITIVE_INFINITY);
  const before = server.stats.bytesOut;
  await clock.advance(SECOND);
  const second = explain();
  expect(second.bytesPerSecond).toBeGreaterThan(0.7 * (server.stats.bytesOut - before));
  expect(second.bytesPerSecond).toBeLessThan(1.3 * (server.stats.bytesOut - before));
  const bytesOf = (kind: string) =>
    second.entities.filter((entity) => entity.kind === kind).map(({ bytesPerSecond }) => bytesPerSecond);
  expect(Math.min(...bytesOf('rock'))).toBeGreaterThan(20);
  expect(bytesOf('clock')).toEqual([0]);
  expect(second.entities.filter(({ isOwn }) => isOwn).map(({ kind }) => kind)).toEqual(['ship']);
  expect(second.takenBytesPerSecond).toBeGreaterThan(100);
});

test('counts no longer than five seconds after the last question', async () => {
  const { clock, explain, player } = await open(rocks(5));
  explain();
  await clock.advance(4 * SECOND);
  expect(player).toHaveProperty('explainer', expect.anything());
  await clock.advance(2 * SECOND);
  expect(player).toHaveProperty('explainer', undefined);
  expect(explain().bytesPerSecond).toBe(0);
});

test('of one whose bytes are few: who is held, and how far and how important everybody is', async () => {
  const { clock, explain, server, client } = await open({ ...rocks(90), maxBytesPerSecond: 1_500 });
  await clock.advance(20 * SECOND);
  explain();
  await clock.advance(SECOND);
  const explanation = explain();
  expect(explanation).toMatchObject({ isLimited: true, maxBytesPerSecond: 1_500 });
  expect(explanation.bytesPerSecond).toBeLessThan(1_700);
  expect(explanation.heldByBudget).toBeGreaterThan(50);
  const held = explanation.entities.filter(({ isHeldByBudget }) => isHeldByBudget);
  expect(held.length).toBe(explanation.heldByBudget);
  expect(held.every(({ state }) => state === 'held')).toBe(true);
  const near = explanation.entities.filter(({ kind }) => kind === 'rock').sort((a, b) => a.distance! - b.distance!);
  expect(near[0]!.priority).toBeGreaterThan(2 * near.at(-1)!.priority);
  expect(explanation.entities.find(({ kind }) => kind === 'clock')!.distance).toBeUndefined();
  expect(server.stats.entitiesHeld).toBeGreaterThan(50);
  expect(server.stats.refreshesDeferred).toBeGreaterThan(0);
  expect(client.replica.awaitsReset).toBe(false);
});

test('what is in sight and did not fit yet waits', async () => {
  const { clock, explain } = await open({ ...rocks(90), maxBytesPerSecond: 1_024 });
  const counts: number[] = [];
  for (let i = 0; i < 40; i++) {
    counts.push(count(explain(), 'waiting'));
    await clock.advance(5 * TICK);
  }
  expect(counts[0]).toBeGreaterThan(20);
  expect(counts.at(-1)).toBe(0);
});

test('what the client is still to be told that it is out of sight is hidden', async () => {
  const { clock, explain, player } = await open({ ...rocks(3), interest: { radius: 2_000 } });
  await clock.advance(SECOND);
  expect([count(explain(), 'hidden'), count(explain(), 'tracked')]).toEqual([0, 4]);
  // The sight has just been brought up to date, and the message was not made yet.
  const { sight } = player as unknown as { sight: { has(kind: number, slot: number): boolean } };
  const has = sight.has.bind(sight);
  sight.has = (kind, slot) => !(kind === 1 && slot === 2) && has(kind, slot);
  const hidden = explain().entities.filter(({ state }) => state === 'hidden');
  expect(hidden.map(({ kind }) => kind)).toEqual(['rock']);
});

test('takes players of its own room only', async () => {
  const { room, player, client, clock } = await open(rocks(1));
  client.drop();
  await clock.advance(2 * TICK);
  expect(() => room.explain(player)).toThrow('a player of this room');
});

describe('options', () => {
  const resolve = (yard: object) => resolveOptions(game, { rooms: { yard } }).roomTypes.get('yard')!;

  test('by default nobody is limited, and all kinds weigh the same', () => {
    expect(resolve({})).toMatchObject({ maxBytesPerSecond: Number.POSITIVE_INFINITY, priorities: [1, 1, 1] });
    expect(resolve({ maxBytesPerSecond: 'adaptive' }).maxBytesPerSecond).toBe(Number.POSITIVE_INFINITY);
    expect(resolve({ maxBytesPerSecond: 5_000, priority: { rock: 0.5 } })).toMatchObject({
      maxBytesPerSecond: 5_000,
      priorities: [1, 0.5, 1],
    });
  });

  test.each([
    [{ maxBytesPerSecond: 100 }, "maxBytesPerSecond of room type 'yard' must be a whole number from 1024"],
    [{ maxBytesPerSecond: 'much' }, "maxBytesPerSecond of room type 'yard' is 'adaptive' or a number"],
    [{ priority: { rock: 0 } }, "priority.rock of room type 'yard' is a function, or a number from 0.01 to 100"],
    [{ priority: { rok: 1 } }, "Did you mean 'rock'?"],
  ])('%j is refused', (yard, message) => {
    expect(() => resolve(yard)).toThrow(message);
  });

  test('a priority that is no number ends the room and is named', async () => {
    const places: string[] = [];
    const { clock, server } = await createStage(game, {
      rooms: { yard: { ...rocks(90), maxBytesPerSecond: 1_024, priority: { rock: () => 'high' } } },
      onError: (_error: unknown, { hook }: { hook: string }) => places.push(hook),
    }).then(async (stage) => {
      await stage.join();
      return stage;
    });
    await clock.advance(5 * SECOND);
    expect([places, server.stats.rooms]).toEqual([['priority'], 0]);
  });
});
