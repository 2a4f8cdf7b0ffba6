// Clients whose bytes are few, by the room's option or by their line: the checkers look at each message, and in the end all agree.
import { angle, bool, defineGame, entity, input, int, num } from 'tickwire';
import type { RoomType } from 'tickwire/server';
import { createSimulation, type LinkProfileName } from 'tickwire/testing';
import { expect, test } from 'vitest';

const SIZE = 2_048;
const DRONES = 120;
const place = { min: 0, max: SIZE, precision: 1 / 16 };
const game = defineGame({
  tickRate: 20,
  entities: {
    ship: entity({ x: num(place), y: num(place) }),
    drone: entity({ x: num(place), y: num(place), heading: angle(10), hp: int(0, 100), isAngry: bool() }),
  },
  input: input({ right: int(-1, 1) }),
  controls: 'ship',
  step: {
    ship(ship, held, ctx) {
      ship.x = Math.min(Math.max(ship.x + held.right * 200 * ctx.dt, 0), SIZE - 1);
    },
  },
});

/** Drones that turn at every moment, until the end, and that are born and die. */
function arena(rest: { ticks: number }, options: Partial<RoomType<typeof game>>): RoomType<typeof game> {
  return {
    ...options,
    onCreate(room) {
      for (let i = 0; i < DRONES; i++) room.world.drone.spawn({ x: (i * 397) % SIZE, y: (i * 131) % SIZE });
    },
    onJoin(room, player) {
      player.control(room.world.ship.spawn({ x: SIZE / 2, y: SIZE / 2 }));
    },
    onTick(room, { tick }) {
      if (tick > rest.ticks) return;
      for (const drone of room.world.drone) {
        drone.heading += room.random() - 0.5;
        drone.x = Math.min(Math.max(drone.x + 10 * Math.cos(drone.heading), 0), SIZE - 1);
        drone.y = Math.min(Math.max(drone.y + 10 * Math.sin(drone.heading), 0), SIZE - 1);
        if (room.random() < 0.001) drone.isAngry = !drone.isAngry;
        if (room.random() < 0.001) drone.despawn();
      }
      if (room.world.drone.count < DRONES) room.world.drone.spawn({ x: room.random() * SIZE, y: room.random() * SIZE });
    },
  };
}

const cases: [string, LinkProfileName, Partial<RoomType<typeof game>>][] = [
  ['1,500 bytes a second', 'rtt50', { maxBytesPerSecond: 1_500 }],
  ['4,000 bytes a second and losses', 'hol3', { maxBytesPerSecond: 4_000, priority: { drone: 0.2 } }],
  ['far drones', 'rtt100', { interest: { radius: 300, far: 900 } }],
  ['far drones and 2,000 bytes a second', 'lte', { interest: { radius: 500, far: 900 }, maxBytesPerSecond: 2_000 }],
];

test.each(cases)('%s over %s', async (_name, link, options) => {
  const rest = { ticks: Number.POSITIVE_INFINITY };
  const simulation = createSimulation({ game, server: { rooms: { arena: arena(rest, options) } }, link, seed: 11 });
  const bots = await simulation.joinBots(4);
  await simulation.advance(30_000);
  const { stats } = simulation.server;
  const isBounded = options.maxBytesPerSecond !== undefined;
  expect(stats.entitiesHeld > 0).toBe(isBounded);
  for (const { net } of bots) {
    expect(net.state).toBe('playing');
    expect(net.stats).toMatchObject({ corrections: 0, resyncs: 0 });
  }
  // Once all rests, everybody has everything in its sight as it is.
  rest.ticks = 0;
  await simulation.advance(20_000);
  const [room] = simulation.server.rooms;
  const truth = new Set([...room!.world.drone].map(({ x, y }) => `${Math.round(x * 16)} ${Math.round(y * 16)}`));
  for (const { net } of bots) {
    const received = [...net.world.drone].map(
      ({ received: { x, y } }) => `${Math.round(x * 16)} ${Math.round(y * 16)}`,
    );
    expect(received.length).toBeGreaterThan(options.interest === undefined ? DRONES - 20 : 5);
    for (const drone of received) expect(truth).toContain(drone);
  }
  await simulation.close();
});

test('a player without a limit whose line becomes slow is found, served what it takes, and well again', async () => {
  const rest = { ticks: Number.POSITIVE_INFINITY };
  const simulation = createSimulation({ game, server: { rooms: { arena: arena(rest, {}) } }, link: 'rtt50', seed: 3 });
  // The line reads its profile with each message.
  const down = { delayMs: 25, bandwidthKbps: 8_000 };
  const [slow] = await simulation.joinBots(1, { down });
  const [other] = await simulation.joinBots(1);
  await simulation.advance(10_000);
  const [room] = simulation.server.rooms;
  const [player] = room!.players;
  const needed = room!.explain(player!).takenBytesPerSecond;
  down.bandwidthKbps = (needed * 8) / 1000 / 4;
  await simulation.advance(5_000);
  let oldest = 0;
  for (let second = 0; second < 30; second++) {
    await simulation.advance(1_000);
    oldest = Math.max(oldest, room!.tick - slow!.net.clock.playoutTick);
  }
  const limited = room!.explain(player!);
  expect(limited).toMatchObject({ isLimited: true });
  expect(limited.maxBytesPerSecond).toBeLessThan(needed / 2);
  expect(limited.heldByBudget).toBeGreaterThan(10);
  // Two seconds, at a quarter of what it needs.
  expect(oldest).toBeLessThan(2 * 20);
  down.bandwidthKbps = 8_000;
  await simulation.advance(30_000);
  expect(room!.explain(player!)).toMatchObject({ isLimited: false, heldByBudget: 0, sendEvery: 1 });
  expect(other!.net.stats).toMatchObject({ resyncs: 0 });
  await simulation.close();
});

test('what the budget held is sent for good once its client steers it', async () => {
  const rest = { ticks: Number.POSITIVE_INFINITY };
  const crowd: RoomType<typeof game> = {
    maxBytesPerSecond: 1_500,
    onCreate(room) {
      for (let i = 0; i < DRONES; i++) room.world.ship.spawn({ x: (i * 397) % SIZE, y: (i * 131) % SIZE });
    },
    onTick(room, { tick }) {
      if (tick > rest.ticks) return;
      for (const ship of room.world.ship) ship.x = Math.min(Math.max(ship.x + 20 * (room.random() - 0.5), 0), SIZE - 1);
    },
  };
  const simulation = createSimulation({ game, server: { rooms: { arena: crowd } }, link: 'rtt50', seed: 5 });
  await simulation.joinBots(1);
  await simulation.advance(10_000);
  const [room] = [...simulation.server.rooms];
  const [player] = [...room!.players];
  const heldId = room!.explain(player!).entities.find((entity) => entity.isHeldByBudget)!.id;
  player!.control([...room!.world.ship].find(({ id }) => id === heldId)!);
  await simulation.advance(2_000);
  const states: string[] = [];
  for (let i = 0; i < 40; i++) {
    await simulation.advance(50);
    const own = room!.explain(player!).entities.find(({ id }) => id === heldId)!;
    states.push(`${own.state} ${own.isHeldByBudget}`);
  }
  expect(new Set(states)).toEqual(new Set(['tracked false']));
  await simulation.close();
});

test('a burst of births is spread over messages, shared or not', async () => {
  const largest: number[] = [];
  const nursery: RoomType<typeof game> = {
    onJoin(_room, player) {
      const { link } = player as unknown as { link: { send(bytes: Uint8Array): void } };
      const send = link.send.bind(link);
      largest.push(0);
      const index = largest.length - 1;
      link.send = (bytes) => {
        largest[index] = Math.max(largest[index]!, bytes.length);
        send(bytes);
      };
    },
    onTick(room, { tick }) {
      if (tick !== 100) return;
      for (let i = 0; i < 3_000; i++) room.world.drone.spawn({ x: room.random() * SIZE, y: room.random() * SIZE });
    },
  };
  const simulation = createSimulation({ game, server: { rooms: { arena: nursery } }, link: 'rtt50', seed: 6 });
  await simulation.joinBots(4);
  await simulation.advance(10_000);
  await simulation.settle();
  expect(simulation.clients.map(({ net }) => net.world.drone.count)).toEqual([3_000, 3_000, 3_000, 3_000]);
  // 3,000 drones take some 27,000 bytes.
  expect(Math.max(...largest)).toBeLessThan(9_000);
  expect(simulation.server.stats.laneChanges).toBe(0);
  await simulation.close();
});
