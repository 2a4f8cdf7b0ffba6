// New rooms by address: a minute's worth at once, then at the rate, and nothing is kept of who has all of it again.
import { describe, expect, test } from 'vitest';
import type { RefusedError } from '../../../engine/core/errors.ts';
import { RoomAllowance } from '../../../engine/server/room-allowance.ts';
import { createStats } from '../../../engine/server/stats.ts';
import { createStage } from './raw-client.ts';
import { game } from './small-game.ts';

function setUp(perMinute: number) {
  const stats = createStats();
  const allowance = new RoomAllowance(perMinute, stats);
  const spend = (address: string, nowMs: number): string => {
    try {
      allowance.spend(address, nowMs);
      return 'made';
    } catch (error) {
      const { code, retryAfterMs } = error as RefusedError;
      return `${code} ${retryAfterMs}`;
    }
  };
  return { stats, allowance, spend };
}

test('by address, of IPv6 by /64; loopback and unknown ones are exempt', () => {
  const { stats, spend } = setUp(2);
  const spendAll = (address: string) => [spend(address, 0), spend(address, 0), spend(address, 0)];
  expect(spendAll('203.0.113.5')).toEqual(['made', 'made', 'rate_limited 30000']);
  expect(spendAll('2001:db8::1')).toEqual(['made', 'made', 'rate_limited 30000']);
  expect(spend('2001:db8:0:0:9::2', 0)).toBe('rate_limited 30000');
  expect(spend('2001:db8:0:1::2', 0)).toBe('made');
  for (const address of ['127.0.0.1', '::1', '']) expect(spendAll(address)).toEqual(['made', 'made', 'made']);
  expect(stats.roomsRefused).toBe(3);
  expect(spend('203.0.113.5', 29_000)).toBe('rate_limited 1000');
  expect(spend('203.0.113.5', 30_000)).toBe('made');
});

test('addresses that have all of it again are forgotten', () => {
  const { allowance, spend } = setUp(60);
  for (let i = 0; i < 100_000; i++) spend(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, i * 10);
  // A room is back after a second: a hundred addresses at a time have spent something.
  expect(allowance.size).toBeLessThan(2_048);
});

describe('on a server', () => {
  const start = (options: object = {}) => {
    const place = { address: '203.0.113.5' };
    const rooms = { yard: { maxPlayers: 1 } };
    return createStage(game, { rooms, ...options }, () => place.address).then((stage) => ({ stage, place }));
  };

  test('who asks for too many is told when to come back; others, and seats in rooms that run, are not concerned', async () => {
    const { stage, place } = await start({ roomsPerMinutePerAddress: 2, rooms: { yard: { maxPlayers: 2 } } });
    const clients = [];
    for (let i = 0; i < 4; i++) clients.push(await stage.join());
    expect(stage.server.stats.rooms).toBe(2);
    const refused = await stage.join();
    expect(refused.byeCode).toBe('rate_limited');
    expect(refused.bye?.retryAfterMs).toBeGreaterThan(28_000);
    expect(refused.bye?.retryAfterMs).toBeLessThanOrEqual(30_000);
    expect(stage.server.stats).toMatchObject({ rooms: 2, roomsRefused: 1 });
    clients[0]!.close();
    await stage.clock.advance(100);
    expect((await stage.join()).bye).toBeUndefined();
    place.address = '203.0.113.6';
    expect((await stage.join()).bye).toBeUndefined();
    place.address = '203.0.113.5';
    await stage.clock.advance(30_000);
    expect((await stage.join()).bye).toBeUndefined();
    expect(stage.server.stats).toMatchObject({ roomsRefused: 1 });
  });

  test('thirty at once by default, and loopback as many as there may be', async () => {
    const { stage, place } = await start();
    for (let i = 0; i < 30; i++) expect((await stage.join()).bye).toBeUndefined();
    await stage.clock.advance(0);
    for (let i = 0; i < 10; i++) await stage.join();
    expect(stage.server.stats.roomsRefused).toBeGreaterThan(6);
    place.address = '127.0.0.1';
    const before = stage.server.stats.rooms;
    for (let i = 0; i < 40; i++) expect((await stage.join()).bye).toBeUndefined();
    expect(stage.server.stats.rooms).toBe(before + 40);
  });
});
