// Joins to a large world, many at once: how long they take, what one tick sends for them, and that nobody else waits.
import { defineGame, entity, int, num } from 'tickwire';
import { expect, test } from 'vitest';
import { TRACKED } from '../../../engine/replication/known-kind.ts';
import type { Player } from '../../../engine/server/player.ts';
import {
  CLIENT_REFRESH_BYTES,
  LEAST_REFRESH_BYTES,
  RefreshAllowance,
  ROOM_REFRESH_BYTES,
} from '../../../engine/server/refresh-allowance.ts';
import type { ServerRoom } from '../../../engine/server/types.ts';
import { MESSAGE } from '../../../engine/wire/message.ts';
import { createStage, type RawClient } from './raw-client.ts';

const ENTITIES = 4_096;
const TICK = 50;
const place = { min: 0, max: 4096, precision: 1 / 16 };
const game = defineGame({
  tickRate: 20,
  entities: {
    rock: entity({ x: num(place), y: num(place), hp: int(0, 100) }, { max: 8_192 }),
    ship: entity({ x: num(place), y: num(place) }),
  },
});

async function open() {
  const stage = await createStage(game, {
    maxConnectionsPerUser: 1_000,
    rooms: {
      yard: {
        maxPlayers: 200,
        onCreate(room: ServerRoom<typeof game>) {
          for (let i = 0; i < ENTITIES; i++) room.world.rock.spawn({ x: i, y: i, hp: i % 100 });
          room.world.ship.spawn({});
        },
        onTick(room: ServerRoom<typeof game>, { tick }: { tick: number }) {
          for (const ship of room.world.ship) ship.x = tick % 4_000;
        },
      },
    },
  });
  const roomOf = () => [...stage.server.rooms][0] as ServerRoom<typeof game>;
  return { ...stage, roomOf };
}

const known = (client: RawClient): number => {
  const { status, high } = client.replica.kinds[0]!;
  return status.subarray(0, high).reduce((sum, each) => sum + (each === TRACKED ? 1 : 0), 0);
};

test('one client has a world of 4,096 entities within 20 ticks, in messages of bounded size, without a gap', async () => {
  const stage = await open();
  const client = await stage.join();
  let ticks = 3;
  for (; known(client) < ENTITIES && ticks < 60; ticks++) await stage.clock.advance(TICK);
  expect(ticks).toBeLessThanOrEqual(20);
  expect(stage.server.stats).toMatchObject({ snapshotsSkipped: 0, gaps: 0, resyncs: 0 });
  expect(stage.server.stats.refreshesDeferred).toBeGreaterThan(0);
});

test('a hundred that join at once: no tick sends more than the room’s allowance, and who plays gets each snapshot', async () => {
  const stage = await open();
  const player = await stage.join();
  await stage.clock.advance(2_000);
  expect(known(player)).toBe(ENTITIES);
  const crowd = await Promise.all(Array.from({ length: 100 }, () => stage.join()));
  const before = player.counts.get(MESSAGE.state)!;
  const { stats } = stage.server;
  let most = 0;
  let ticks = 0;
  const spread: number[] = [];
  for (; ticks < 400 && crowd.some((client) => known(client) < ENTITIES); ticks++) {
    const { bytesOut } = stats;
    await stage.clock.advance(TICK);
    most = Math.max(most, stats.bytesOut - bytesOut);
    const counts = crowd.map(known);
    spread.push(Math.max(...counts) - Math.min(...counts));
  }
  // 100 clients that are each told 4,096 rocks of about 10 bytes.
  expect(ticks).toBeLessThan((3 * 100 * ENTITIES * 12) / ROOM_REFRESH_BYTES + 20);
  expect(most).toBeLessThan(ROOM_REFRESH_BYTES + 101 * (LEAST_REFRESH_BYTES + 64) + CLIENT_REFRESH_BYTES);
  expect(player.counts.get(MESSAGE.state)! - before).toBe(ticks);
  // By turns: nobody is done long before the others.
  expect(Math.max(...spread)).toBeLessThan((3 * CLIENT_REFRESH_BYTES) / 8);
  expect(stats).toMatchObject({ snapshotsSkipped: 0, resyncs: 0 });
}, 60_000);

test('who waits longest is served first, and nobody less than the least', () => {
  const allowance = new RefreshAllowance();
  const players = Array.from({ length: 20 }, (_, id) => ({ id, budget: { grantBytes: 0 } }) as unknown as Player);
  const turns = players.map(() => 0);
  for (let tick = 0; tick < 30; tick++) {
    const waiting = allowance.begin();
    const order = [...waiting, ...players.filter((player) => !waiting.includes(player))];
    for (const player of order) {
      allowance.grant(player);
      const { grantBytes } = player.budget;
      expect(grantBytes).toBeGreaterThanOrEqual(LEAST_REFRESH_BYTES);
      if (grantBytes === CLIENT_REFRESH_BYTES) turns[player.id]!++;
      // All of them want more than they ever get.
      allowance.settle(player, grantBytes, true);
    }
    allowance.end();
  }
  const perTick = ROOM_REFRESH_BYTES / CLIENT_REFRESH_BYTES;
  const fair = (30 * perTick) / players.length;
  for (const count of turns) expect(Math.abs(count - fair)).toBeLessThanOrEqual(1);
});
