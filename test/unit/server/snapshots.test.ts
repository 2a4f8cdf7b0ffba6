// What players are sent: inputs and their acknowledgement, exact rows, sight, and what becomes of a client that is slow.
import { describe, expect, test } from 'vitest';
import { TICK_MASK } from '../../../engine/core/tick.ts';
import type { RoomType, ServerRoom } from '../../../engine/server/types.ts';
import { digestRow } from '../../../engine/simulation/digest.ts';
import { MESSAGE } from '../../../engine/wire/message.ts';
import { createStage, type RawClient } from './raw-client.ts';
import { COMMAND, game, press } from './small-game.ts';

type Type = RoomType<typeof game>;

const TICK = 50;
/** What `press(1)` moves a ship in a tick. */
const PACE = 5;
const ships: Type = {
  onJoin(room, player) {
    player.control(room.world.ship.spawn({ x: 100, y: 100 }));
  },
};

/** A hook that writes to what a player steers. */
function put(_room: object, player: { readonly entity: { y: number } | undefined }): void {
  player.entity!.y = 200;
}

async function open(yard: Type, options: object = {}) {
  const stage = await createStage(game, { rooms: { yard }, ...options });
  const roomOf = () => [...stage.server.rooms][0] as ServerRoom<typeof game>;
  const shipOf = (id = 1) => roomOf().players.get(id)!.entity!;
  return { ...stage, roomOf, shipOf };
}

/** The digest that a client has whose ship is at (x, 100). */
const digestAt = (x: number): number =>
  digestRow(
    game.schema.kinds[0]!,
    [x, 100, 100, 0].map((value) => Float64Array.of(value)),
    0,
  );

const snapshots = (client: RawClient): number => client.counts.get(MESSAGE.state) ?? 0;

describe('inputs', () => {
  test('one a tick moves the ship, and the newest applied one is acknowledged', async () => {
    const stage = await open(ships);
    const client = await stage.join();
    client.input(1, [press(1), press(1), press(-1)]);
    await stage.clock.advance(TICK);
    expect([stage.shipOf().x, client.state.ackLow]).toEqual([100 + PACE, 1]);
    await stage.clock.advance(TICK);
    expect([stage.shipOf().x, client.state.ackLow]).toEqual([100 + 2 * PACE, 2]);
    await stage.clock.advance(5 * TICK);
    expect([stage.shipOf().x, client.state.ackLow]).toEqual([100 + PACE, 3]);
  });

  test('a starved ship waits and its later inputs catch up', async () => {
    const stage = await open(ships);
    const client = await stage.join();
    client.input(1, [press(1)]);
    await stage.clock.advance(5 * TICK);
    expect(stage.shipOf().x).toBe(100 + PACE);
    client.input(2, new Array(6).fill(press(1)));
    await stage.clock.advance(TICK);
    expect(stage.shipOf().x).toBe(100 + 3 * PACE);
    expect(stage.roomOf().players.get(1)!.quality.ticksStarved).toBe(4);
  });

  test('what a client sends that steers nothing is acknowledged, and nothing else', async () => {
    const stage = await open({});
    const client = await stage.join();
    client.input(1, [press(1), press(1)]);
    await stage.clock.advance(3 * TICK);
    expect(client.state.ackLow).toBe(2);
    expect(client.rows).toEqual([]);
  });

  test('an input out of range is a mistake, found on arrival', async () => {
    const stage = await open(ships);
    const client = await stage.join();
    client.input(1, [Uint8Array.of(3)]);
    await stage.clock.advance(TICK);
    expect(client.errors).toEqual(['bad_message']);
    expect(stage.server.stats.inputsApplied).toBe(0);
  });

  test('timing comes five times a second: clock, arrival of the acknowledged input, depth of the queue', async () => {
    const stage = await open(ships);
    const client = await stage.join();
    let timings = 0;
    for (let tick = 1; tick <= 40; tick++) {
      client.input(tick, [press(0)]);
      await stage.clock.advance(TICK);
      if (!client.state.hasTiming) continue;
      timings++;
      const { t2, t3, depthLow, sendEvery, ackLow } = client.state;
      expect(ackLow).toBe(tick);
      expect(t3 - t2).toBeGreaterThan(0);
      expect(t3 - t2).toBeLessThan(TICK);
      expect([depthLow, sendEvery]).toEqual([1, 1]);
    }
    expect(timings).toBe(10);
  });
});

describe('exact rows', () => {
  test('a prediction that holds is told nothing', async () => {
    const stage = await open(ships);
    const client = await stage.join();
    for (let seq = 1; seq <= 20; seq++) {
      client.input(seq, [press(1)], digestAt(100 + PACE * seq), 1);
      await stage.clock.advance(TICK);
    }
    expect(client.rows).toEqual([{ seq: 0, row: [100, 100, 100] }]);
    expect(stage.server.stats).toMatchObject({ mispredictions: 0, exactRows: 1 });
  });

  test('one that does not is told once, until it was adopted', async () => {
    const stage = await open(ships);
    const client = await stage.join();
    for (let seq = 1; seq <= 10; seq++) {
      client.input(seq, [press(1)], 0xdead, 1);
      await stage.clock.advance(TICK);
    }
    expect(client.rows).toHaveLength(2);
    expect(client.rows[1]).toEqual({ seq: 1, row: [100 + PACE, 100, 100] });
    client.input(11, [press(1)], digestAt(100 + 11 * PACE), 2);
    await stage.clock.advance(TICK);
    client.input(12, [press(1)], 0xdead, 2);
    await stage.clock.advance(TICK);
    expect(client.rows.map(({ seq }) => seq)).toEqual([0, 1, 12]);
    expect(stage.roomOf().players.get(1)!.quality.mispredictions).toBe(2);
  });

  test('what a hook writes is told at once, with the seq that it stands behind', async () => {
    const stage = await open({ ...ships, onCommand: { put } });
    const client = await stage.join();
    client.input(1, [press(1)]);
    await stage.clock.advance(TICK);
    stage.shipOf().x = 300;
    await stage.clock.advance(TICK);
    client.command(1, COMMAND.put, [null]);
    client.input(2, [press(1)]);
    await stage.clock.advance(TICK);
    expect(client.rows.slice(1)).toEqual([
      { seq: 1, row: [300, 100, 100] },
      { seq: 2, row: [300 + PACE, 200, 100] },
    ]);
  });

  test('a row that could not be sent is sent when it can be', async () => {
    const stage = await open(ships);
    const client = await stage.join();
    client.acknowledges = false;
    await stage.clock.advance(40 * TICK);
    const before = snapshots(client);
    stage.shipOf().x = 300;
    await stage.clock.advance(5 * TICK);
    expect([snapshots(client) - before, client.rows.length]).toEqual([0, 1]);
    client.acknowledges = true;
    client.acknowledge();
    // It is in the second lane by now.
    await stage.clock.advance(2 * TICK);
    expect(client.rows.at(-1)?.row[0]).toBe(300);
  });
});

describe('a client that is slow', () => {
  test('gets one second of snapshots and then one that makes up for those left out', async () => {
    const stage = await open({ ...ships, onTick: (room, { tick }) => room.emit('boom', { x: tick }) });
    const client = await stage.join();
    client.acknowledges = false;
    const before = snapshots(client);
    await stage.clock.advance(60 * TICK);
    expect(snapshots(client) - before).toBeLessThanOrEqual(20);
    // Three, and then every second tick: it is in the second lane.
    const { snapshotsSkipped, sendEvery } = stage.roomOf().players.get(1)!.quality;
    expect([snapshotsSkipped, sendEvery]).toEqual([21, 2]);
    const events = client.events.length;
    client.acknowledges = true;
    client.acknowledge();
    await stage.clock.advance(2 * TICK);
    expect(stage.roomOf().tick - client.replica.tick).toBeLessThan(2);
    expect(client.events.length - events).toBeGreaterThanOrEqual(40);
    expect(Math.max(...client.events.slice(events).map(([, , ticksBack]) => ticksBack))).toBeGreaterThanOrEqual(39);
    expect(client.replica.awaitsReset).toBe(false);
  });

  test('and is gone when it acknowledges nothing for ten seconds', async () => {
    const stage = await open(ships);
    const client = await stage.join();
    client.acknowledges = false;
    await stage.clock.advance(9_000);
    expect(stage.server.stats.players).toBe(1);
    await stage.clock.advance(2_000);
    expect(stage.server.stats).toMatchObject({ players: 0, connections: 0 });
    expect(stage.server.stats.closed.too_slow).toBe(1);
    // Cut off, for it would not have read a BYE.
    expect(client.closeCode).toBe(1006);
  });

  test('events that it must get and does not take end it; those that are only shown are dropped', async () => {
    for (const at of ['playout', 'now'] as const) {
      const stage = await open({
        ...ships,
        onTick: (room) => {
          for (let i = 0; i < 10; i++) room.emit('note', { text: 'x'.repeat(20) }, { at });
        },
      });
      const client = await stage.join();
      client.acknowledges = false;
      await stage.clock.advance(60 * TICK);
      expect(stage.server.stats.players).toBe(at === 'now' ? 0 : 1);
      expect(stage.server.stats.eventsDropped > 0).toBe(at === 'playout');
    }
  });
});

describe('sight', () => {
  const visibleShips = (client: RawClient): number[] => {
    const { status, high } = client.replica.kinds[0]!;
    return Array.from({ length: high }, (_, slot) => slot).filter((slot) => status[slot] !== 0);
  };

  test('a client learns of what is near its ship, and never of the rest', async () => {
    const stage = await open({ ...ships, interest: { radius: 100, dwellMs: 0, lookEveryTicks: 1 } });
    const [first, second] = [await stage.join(), await stage.join()];
    expect([visibleShips(first), visibleShips(second)]).toEqual([
      [0, 1],
      [0, 1],
    ]);
    stage.shipOf(2).x = 205;
    await stage.clock.advance(TICK);
    expect(visibleShips(first)).toEqual([0, 1]);
    stage.shipOf(2).x = 215;
    await stage.clock.advance(TICK);
    expect([visibleShips(first), visibleShips(second)]).toEqual([[0], [1]]);
    const words = new Map<number, number>(first.counts);
    stage.shipOf(2).x = 700;
    await stage.clock.advance(TICK);
    expect(visibleShips(first)).toEqual([0]);
    expect(first.counts.get(MESSAGE.state)! - words.get(MESSAGE.state)!).toBe(1);
  });

  test('a spectator sees from its viewpoint, or only what has no place', async () => {
    const stage = await open({
      interest: { radius: 100 },
      onCreate: (room) => {
        room.world.ship.spawn({ x: 500, y: 500 });
        room.world.clock.spawn();
      },
    });
    const client = await stage.join();
    expect(visibleShips(client)).toEqual([]);
    expect(client.replica.kinds[2]!.status[0]).not.toBe(0);
    stage.roomOf().players.get(1)!.viewpoint = { x: 450, y: 500 };
    await stage.clock.advance(TICK);
    expect(visibleShips(client)).toEqual([0]);
  });

  test('who loses its ship goes on looking from where it was', async () => {
    const stage = await open({ ...ships, interest: { radius: 100 } });
    const [first] = [await stage.join(), await stage.join()];
    stage.shipOf(1).despawn();
    await stage.clock.advance(2 * TICK);
    expect(visibleShips(first!)).toEqual([1]);
  });
});

test('ticks on the wire are exact over thousands of them', async () => {
  const stage = await open(ships);
  const client = await stage.join();
  for (let i = 0; i < 300; i++) {
    await stage.clock.advance(5 * TICK);
    expect(client.replica.tick).toBe(stage.roomOf().tick);
    expect(client.state.tickLow).toBe(stage.roomOf().tick & TICK_MASK);
  }
  expect(client.bye).toBeUndefined();
});
