// The client against the shipped server, over simulated lines.
import { createSimulation } from 'tickwire/testing';
import { describe, expect, test } from 'vitest';
import { bool, command, defineGame, entity, event, input, int, num, ref, text } from '../../../engine/index.ts';

const place = { min: 0, max: 4096, precision: 1 / 16 };
const Ship = entity({
  x: num(place).hermite('vx'),
  y: num(place),
  vx: num({ min: -512, max: 512, precision: 1 / 8 }),
  fuel: int(0, 1000).default(1000).visibleTo('owner'),
  rank: int(0, 9).visibleTo('all'),
  name: text(24),
  mate: ref('ship'),
});
const game = defineGame({
  tickRate: 30,
  entities: { ship: Ship },
  input: input({ push: int(-1, 1), jump: bool().pulse() }),
  events: { boom: event({ who: ref('ship') }), alarm: event({ n: int(0, 99) }) },
  commands: { order: command({ what: text(16) }) },
  controls: 'ship',
  roomState: { round: int(0, 99), leader: ref('ship') },
  playerState: { score: int(0, 999) },
  step: {
    ship(ship, held, ctx) {
      ship.vx = held.push * 200;
      ship.x += ship.vx * ctx.dt;
      ship.fuel -= Math.abs(held.push);
      if (held.jump) ship.y += 100;
    },
  },
});

function start(link: 'rtt50' | 'rtt100' = 'rtt100') {
  return createSimulation({
    game,
    link,
    server: {
      rooms: {
        arena: {
          onJoin(room, player) {
            const ship = room.world.ship.spawn({ x: 1000, y: 100 * player.id, name: `p${player.id}` });
            player.control(ship);
            player.state.score = player.id;
            room.state.leader = ship;
          },
          onCommand: {
            order(room, player, { what }) {
              const ship = player.entity;
              if (what === 'score') player.state.score += 10;
              else if (what === 'release') player.release();
              else if (what === 'die' && ship !== undefined) {
                room.emit('boom', { who: ship });
                ship.despawn();
              } else if (what === 'teleport' && ship !== undefined) ship.teleport({ x: 3000 });
              else if (what === 'alarm') room.emit('alarm', { n: 7 }, { at: 'now' });
              else if (what === 'born') player.control(room.world.ship.spawn({ x: 500, name: 'again' }));
            },
          },
        },
      },
    },
  });
}

describe('with a server', () => {
  test('fields for the owner alone, rare values and references arrive', async () => {
    const simulation = start();
    const ann = await simulation.join({ play: (held) => Object.assign(held, { push: 1 }) });
    const bob = await simulation.join();
    await simulation.advance(2_000);
    expect(ann.net.own?.fuel).toBeLessThan(960);
    const seen = [...bob.net.world.ship].find((ship) => !ship.isOwn);
    expect(seen?.name).toBe('p1');
    expect(seen?.fuel).toBe(1000);
    expect(bob.net.room.leader?.isOwn).toBe(true);
    expect(ann.net.room.leader?.isOwn).toBe(false);
    await simulation.close();
  });

  test('players come, score and go', async () => {
    const simulation = start();
    const ann = await simulation.join();
    const bob = await simulation.join();
    await simulation.advance(500);
    await simulation.resolve(bob.net.send('order', { what: 'score' }));
    await simulation.advance(500);
    const scores = [...ann.net.players].map(({ id, isOwn, state }) => [id, isOwn, state.score]);
    expect(scores).toEqual([
      [1, true, 1],
      [2, false, 12],
    ]);
    expect(ann.net.players.count).toBe(2);
    expect(ann.net.players.get(2)?.entity?.name).toBe('p2');
    bob.leave();
    await simulation.advance(1_000);
    expect(ann.net.players.get(2)).toBeUndefined();
    expect(ann.net.players.count).toBe(1);
    await simulation.close();
  });

  test('an own ship that dies is gone at once, and its explosion still knows it; the next one is there at once', async () => {
    const simulation = start();
    const ann = await simulation.join();
    const bob = await simulation.join();
    await simulation.advance(1_000);
    const told: string[] = [];
    for (const [name, { net }] of [
      ['ann', ann],
      ['bob', bob],
    ] as const) {
      net.world.ship.onLeave((ship, reason) => told.push(`${name}: ${ship.name} left, ${reason}`));
      net.on('boom', ({ who }) => told.push(`${name}: boom of ${who?.name} at ${Math.round(who?.x ?? 0)}`));
    }
    await simulation.resolve(ann.net.send('order', { what: 'die' }));
    expect(told).toEqual([]);
    await simulation.advance(20);
    expect(ann.net.own).toBeUndefined();
    expect(told).toEqual(['ann: p1 left, removed']);
    await simulation.advance(1_000);
    expect(told.filter((line) => line.startsWith('ann'))).toEqual(['ann: p1 left, removed', 'ann: boom of p1 at 1000']);
    expect(told.filter((line) => line.startsWith('bob'))).toEqual(['bob: p1 left, removed', 'bob: boom of p1 at 1000']);
    await simulation.resolve(ann.net.send('order', { what: 'born' }));
    await simulation.advance(20);
    expect(ann.net.own?.name).toBe('again');
    expect(ann.net.own?.x).toBeCloseTo(500, 0);
    await simulation.close();
  });

  test('a ship that is let go glides into the past, and does not jump there', async () => {
    const simulation = start();
    const ann = await simulation.join({ play: (held) => Object.assign(held, { push: 1 }) });
    await simulation.advance(2_000);
    const xs: number[] = [];
    ann.onFrame(() => xs.push([...ann.net.world.ship][0]?.x ?? Number.NaN));
    await simulation.resolve(ann.net.send('order', { what: 'release' }));
    await simulation.advance(2_000);
    expect(ann.net.own).toBeUndefined();
    expect(ann.net.world.ship.count).toBe(1);
    const steps = xs.slice(1).map((x, i) => Math.abs(x - (xs[i] as number)));
    expect(Math.max(...steps)).toBeLessThan(10);
    await simulation.close();
  });

  test('a teleport of the own ship is shown at once, on other screens without a path', async () => {
    const simulation = start();
    const ann = await simulation.join();
    const bob = await simulation.join();
    await simulation.advance(1_000);
    const xs = { ann: new Set<number>(), bob: new Set<number>() };
    ann.onFrame(() => xs.ann.add(Math.round(ann.net.own?.x ?? 0)));
    bob.onFrame(() => xs.bob.add(Math.round([...bob.net.world.ship].find((ship) => !ship.isOwn)?.x ?? 0)));
    await simulation.resolve(ann.net.send('order', { what: 'teleport' }));
    await simulation.advance(1_000);
    expect([...xs.ann]).toEqual([1000, 3000]);
    expect([...xs.bob]).toEqual([1000, 3000]);
    await simulation.close();
  });

  test('an event for now does not wait for the picture', async () => {
    const simulation = start();
    const ann = await simulation.join();
    await simulation.advance(1_000);
    let at = 0;
    ann.net.on('alarm', () => {
      at = simulation.clock.now();
    });
    const asked = simulation.clock.now();
    void ann.net.send('order', { what: 'alarm' });
    await simulation.advance(1_000);
    expect(at - asked).toBeGreaterThan(70);
    expect(at - asked).toBeLessThan(180);
    await simulation.close();
  });

  test('the clock agrees with the server, the lead stays small', async () => {
    const simulation = start();
    const ann = await simulation.join();
    await simulation.advance(20_000);
    const { stats, clock } = ann.net;
    expect(stats.rttMs).toBeGreaterThan(60);
    expect(stats.rttMs).toBeLessThan(101);
    expect(stats.ticksAhead).toBeLessThan(9);
    // The simulated server's clock starts at 5 s.
    expect(Math.abs(clock.now() - (simulation.clock.now() + 5_000))).toBeLessThan(6);
    expect(stats.corrections).toBe(0);
    expect(stats.isStale).toBe(false);
    expect(stats.bytesInPerSecond).toBeGreaterThan(100);
    ann.cut();
    await simulation.advance(1_000);
    expect(ann.net.stats.isStale).toBe(true);
    ann.mend();
    await simulation.close();
  });

  test('after a new connection the game goes on with a new ship, a new player and no old input', async () => {
    const simulation = start();
    const ann = await simulation.join({ play: (held) => Object.assign(held, { push: 1 }) });
    await simulation.advance(2_000);
    const left: unknown[] = [];
    const entered: string[] = [];
    ann.net.world.ship.onLeave((ship) => left.push(ship.name));
    ann.net.world.ship.onEnter((ship) => entered.push(ship.name));
    const before = ann.net.own?.x as number;
    ann.drop();
    await simulation.advance(100);
    expect(ann.net.state).toBe('reconnecting');
    // The picture stays while the connection is away.
    expect(ann.net.world.ship.count).toBe(1);
    await simulation.advance(3_000);
    expect(ann.net.state).toBe('playing');
    expect(ann.net.playerId).toBe(2);
    expect(ann.net.own?.name).toBe('p2');
    expect(ann.net.own?.x).toBeLessThan(before + 800);
    expect(left).toEqual(['p1']);
    expect(entered).toEqual(['p2']);
    expect(ann.net.world.ship.count).toBe(1);
    expect(ann.net.stats.corrections).toBe(0);
    await simulation.close();
  });
});
