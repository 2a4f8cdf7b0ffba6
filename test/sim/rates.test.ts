// Every tick rate over every line: predictions hold, nothing has to be sent anew, the picture is as late as it must be.
import { bool, defineGame, entity, event, input, int, num } from 'tickwire';
import { createSimulation, LINK_PROFILES, type LinkProfileName } from 'tickwire/testing';
import { expect, test } from 'vitest';

const SIZE = 1_024;

function makeGame(tickRate: number) {
  const place = { min: 0, max: SIZE, precision: 1 / 16 };
  const speed = { min: -1_024, max: 1_024, precision: 1 / 8 };
  const keepInside = (value: number) => Math.min(Math.max(value, 8), SIZE - 8);
  return defineGame({
    tickRate,
    entities: {
      ship: entity({ x: num(place).hermite('vx'), y: num(place).hermite('vy'), vx: num(speed), vy: num(speed) }),
    },
    input: input({ right: int(-1, 1), down: int(-1, 1), fire: bool().pulse() }),
    events: { boom: event({ x: num(place) }) },
    controls: 'ship',
    step: {
      ship(ship, held, ctx) {
        const kept = 1 - 0.6 * ctx.dt;
        ship.vx = (ship.vx + held.right * 240 * ctx.dt) * kept;
        ship.vy = (ship.vy + held.down * 240 * ctx.dt) * kept;
        ship.x = keepInside(ship.x + ship.vx * ctx.dt);
        ship.y = keepInside(ship.y + ship.vy * ctx.dt);
        if (held.fire) ctx.emit('boom', { x: ship.x });
      },
    },
  });
}

const links = Object.keys(LINK_PROFILES) as LinkProfileName[];
const cases = [10, 20, 30, 60, 120].flatMap((tickRate) => links.map((link) => [tickRate, link] as const));

test.each(cases)('%d Hz over %s', async (tickRate, link) => {
  const simulation = createSimulation({
    game: makeGame(tickRate),
    server: {
      rooms: {
        yard: {
          onJoin(room, player) {
            player.control(room.world.ship.spawn({ x: SIZE / 2, y: SIZE / 2 }));
          },
        },
      },
    },
    link,
    seed: tickRate,
  });
  const bots = await simulation.joinBots(3);
  await simulation.advance(30_000);
  for (const { net } of bots) {
    expect(net.state).toBe('playing');
    expect(net.stats).toMatchObject({ corrections: 0, resyncs: 0, isStale: false });
    expect(net.world.ship.count).toBe(3);
    // One interval, the way from the server, and at most 70 ms for stragglers.
    const profile = LINK_PROFILES[link];
    expect(net.stats.playoutDelayMs).toBeLessThan(1_000 / tickRate + 1.5 * profile.delayMs + 70 + 20);
  }
  const { inputsDropped, inputsRefused, badMessages, snapshotsSkipped } = simulation.server.stats;
  expect({ inputsDropped, inputsRefused, badMessages }).toEqual({ inputsDropped: 0, inputsRefused: 0, badMessages: 0 });
  expect(snapshotsSkipped).toBe(0);
  await simulation.close();
});
