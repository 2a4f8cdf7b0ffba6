// Send intervals as clients see them: the room's own, and the slower ones of those who cannot keep up.
import { describe, expect, test } from 'vitest';
import type { RoomType, ServerRoom } from '../../../engine/server/types.ts';
import { createStage, type RawClient } from './raw-client.ts';
import { game, press } from './small-game.ts';

type Type = RoomType<typeof game>;

const TICK = 50;
const SECOND = 1_000;
const ships: Type = {
  onJoin(room, player) {
    player.control(room.world.ship.spawn({ x: 100, y: 100 }));
  },
};

async function open(yard: Type, options: object = {}) {
  const stage = await createStage(game, { rooms: { yard }, ...options });
  const roomOf = () => [...stage.server.rooms][0] as ServerRoom<typeof game>;
  const qualityOf = (id: number) => roomOf().players.get(id)!.quality;
  return { ...stage, roomOf, qualityOf };
}

/** Differences of the ticks of the STATEs that came since the `from`th. */
function steps(client: RawClient, from = 0): number[] {
  const ticks = client.ticks.slice(from);
  return ticks.slice(1).map((tick, i) => tick - ticks[i]!);
}

describe('a client that cannot keep up', () => {
  test('gets every second snapshot, knows so at once, and gets all again when it long could', async () => {
    const stage = await open(ships);
    const [slow, other] = [await stage.join(), await stage.join()];
    slow.acknowledges = false;
    await stage.clock.advance(2 * SECOND);
    expect(stage.qualityOf(1).sendEvery).toBe(2);
    expect(stage.server.stats.laneChanges).toBe(1);
    slow.acknowledges = true;
    slow.acknowledge();
    const before = slow.ticks.length;
    await stage.clock.advance(4 * SECOND);
    const lane = slow.ticks.slice(before);
    expect(lane.every((tick) => tick % 2 === 0)).toBe(true);
    expect(new Set(steps(slow, before))).toEqual(new Set([2]));
    expect(slow.intervals.get(lane[0]!)).toBe(2);
    await stage.clock.advance(2 * SECOND);
    const returnTick = [...slow.intervals].find(([tick, interval]) => tick > lane[0]! && interval === 1)?.[0];
    expect(returnTick).toBeDefined();
    expect(returnTick! - lane[0]!).toBeGreaterThanOrEqual(5 * 20 - 2);
    expect(new Set(steps(slow, slow.ticks.indexOf(returnTick!)))).toEqual(new Set([1]));
    expect(stage.server.stats.laneChanges).toBe(2);
    expect([stage.qualityOf(1).sendEvery, slow.replica.awaitsReset]).toEqual([1, false]);
    // Nobody else noticed.
    expect(new Set(steps(other))).toEqual(new Set([1]));
    expect(new Set(other.intervals.values())).toEqual(new Set([1]));
    expect(stage.qualityOf(2)).toMatchObject({ sendEvery: 1, snapshotsSkipped: 0 });
  });

  test('may also be one whose buffer is full', async () => {
    const flood: Type = {
      ...ships,
      onTick: (room) => {
        for (let i = 0; i < 100; i++) room.emit('note', { text: 'x'.repeat(60) }, { to: [room.players.get(1)!] });
      },
    };
    const stage = await open(flood, { softQueueBytes: 1_024, unackedMs: 60_000 });
    const [slow, other] = [await stage.join(), await stage.join()];
    const [pair] = stage.transport.pairs;
    pair!.down.pause();
    await stage.clock.advance(SECOND);
    expect([stage.qualityOf(1).sendEvery, stage.qualityOf(2).sendEvery]).toEqual([2, 1]);
    pair!.down.resume();
    await stage.clock.advance(6 * SECOND);
    expect([stage.qualityOf(1).sendEvery, stage.qualityOf(2).sendEvery]).toEqual([1, 1]);
    expect(slow.replica.tick).toBe(stage.roomOf().tick);
    expect(new Set(steps(other))).toEqual(new Set([1]));
  });

  test.each([
    [16, 2],
    [12, 1],
  ])('whose acknowledgements come %i ticks late is sent every %i.', async (ticksLate, sendEvery) => {
    const stage = await open(ships);
    const client = await stage.join();
    client.acknowledges = false;
    await stage.clock.advance(1.5 * SECOND);
    expect(stage.qualityOf(1).sendEvery).toBe(2);
    client.acknowledge();
    const acks: number[] = [];
    for (let i = 0; i < 20 * 20; i++) {
      await stage.clock.advance(TICK);
      acks.push(client.state.tickLow);
      if (i >= ticksLate) client.acknowledge(acks[i - ticksLate]!);
    }
    expect(stage.qualityOf(1).sendEvery).toBe(sendEvery);
    expect(stage.server.stats.laneChanges).toBe(sendEvery === 2 ? 1 : 2);
  });
});

describe('sendEvery of the room type', () => {
  test('snapshots are of every third tick, inputs of every one', async () => {
    const stage = await open({ ...ships, sendEvery: 3 });
    const client = await stage.join();
    expect(client.welcome?.sendEvery).toBe(3);
    const start = stage.roomOf().players.get(1)!.entity!.x;
    for (let seq = 1; seq <= 60; seq++) {
      client.input(seq, [press(1)]);
      await stage.clock.advance(TICK);
      expect(stage.roomOf().players.get(1)!.entity!.x).toBe(start + 5 * seq);
    }
    expect(client.ticks.length).toBeGreaterThanOrEqual(20);
    expect(client.ticks.every((tick) => tick % 3 === 0)).toBe(true);
    expect(new Set(steps(client))).toEqual(new Set([3]));
    expect(new Set(client.intervals.values())).toEqual(new Set([3]));
    expect(stage.server.stats).toMatchObject({ snapshotsSkipped: 0, laneChanges: 0, mispredictions: 0 });
    expect(stage.qualityOf(1).sendEvery).toBe(3);
  });

  test('lanes are multiples of it', async () => {
    const stage = await open({ ...ships, sendEvery: 3 });
    const client = await stage.join();
    client.acknowledges = false;
    await stage.clock.advance(3 * SECOND);
    client.acknowledges = true;
    client.acknowledge();
    const before = client.ticks.length;
    await stage.clock.advance(2 * SECOND);
    expect(client.ticks.slice(before).every((tick) => tick % 6 === 0)).toBe(true);
    expect(new Set(steps(client, before))).toEqual(new Set([6]));
  });

  test('events, rare values and the room’s state of the ticks between come with the next snapshot', async () => {
    const stage = await open({
      ...ships,
      sendEvery: 3,
      onTick: (room, { tick }) => {
        room.emit('boom', { x: tick });
        for (const ship of room.world.ship) ship.name = `tick ${tick}`;
      },
    });
    const client = await stage.join();
    await stage.clock.advance(30 * TICK);
    const first = client.eventTicks[0]!;
    expect(client.eventTicks).toEqual(client.eventTicks.map((_, i) => first + i));
    expect(client.eventTicks.at(-1)).toBe(client.replica.tick);
    expect(client.events.slice(-3).map(([, , ticksBack]) => ticksBack)).toEqual([2, 1, 0]);
    expect(client.eventMessageTicks).toEqual([]);
    expect(client.state.rareStart).toBeGreaterThanOrEqual(0);
  });

  test('events for now do not wait for a snapshot', async () => {
    const stage = await open({
      ...ships,
      sendEvery: 3,
      onTick: (room, { tick }) => room.emit('boom', { x: tick }, { at: tick % 2 === 0 ? 'now' : 'playout' }),
    });
    const client = await stage.join();
    await stage.clock.advance(30 * TICK);
    // Even ticks but for those of snapshots, from the first snapshot on.
    const [firstTick, lastTick] = [client.ticks[0]!, stage.roomOf().tick];
    const wanted = Array.from({ length: lastTick + 1 }, (_, tick) => tick).filter(
      (tick) => tick > firstTick && tick % 2 === 0 && tick % 3 !== 0,
    );
    expect(client.eventMessageTicks).toEqual(wanted);
    expect(wanted.length).toBeGreaterThan(8);
    // Each came once, in order of its kind.
    const nowTicks = client.eventTicks.filter((_, i) => client.events[i]![1]);
    expect(nowTicks).toEqual(nowTicks.map((_, i) => nowTicks[0]! + 2 * i));
    expect(new Set(client.eventTicks).size).toBe(client.eventTicks.length);
  });

  test('nor do they pass one that cannot be sent', async () => {
    const stage = await open({
      ...ships,
      sendEvery: 3,
      onTick: (room, { tick }) => room.emit('boom', { x: tick }, { at: 'now' }),
    });
    const client = await stage.join();
    client.acknowledges = false;
    await stage.clock.advance(2 * SECOND);
    const { length } = client.eventMessageTicks;
    const came = client.events.length;
    await stage.clock.advance(SECOND);
    expect([client.eventMessageTicks.length, client.events.length]).toEqual([length, came]);
    client.acknowledge();
    await stage.clock.advance(TICK);
    expect(client.eventTicks).toEqual(client.eventTicks.map((_, i) => client.eventTicks[0]! + i));
    expect(client.eventTicks.at(-1)).toBe(stage.roomOf().tick);
  });
});
