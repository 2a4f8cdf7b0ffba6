// Rooms that send seldom: the picture between two snapshots is still movement.
import { defineGame, entity, num } from 'tickwire';
import { createSimulation } from 'tickwire/testing';
import { expect, test } from 'vitest';

const SPEED = 120;
const Buoy = entity({
  x: num({ min: 0, max: 4_096, precision: 1 / 16 }).hermite('vx'),
  vx: num({ min: -512, max: 512, precision: 1 / 8 }),
});
const game = defineGame({ tickRate: 20, entities: { buoy: Buoy } });

test.each([1, 4, 6, 8])('%d ticks of 50 ms from one snapshot to the next', async (sendEvery) => {
  const simulation = createSimulation({
    game,
    server: {
      rooms: {
        sea: {
          sendEvery,
          onCreate(room) {
            room.world.buoy.spawn({ x: 100, vx: SPEED });
          },
          onTick(room, { dt }) {
            for (const buoy of room.world.buoy) buoy.x += buoy.vx * dt;
          },
        },
      },
    },
    link: 'rtt50',
  });
  const ann = await simulation.join();
  await simulation.advance(6_000);
  const places: number[] = [];
  ann.onFrame(() => {
    for (const buoy of ann.net.world.buoy) places.push(buoy.x);
  });
  await simulation.advance(6_000);
  const steps = places.slice(1).map((x, i) => x - places[i]!);
  const fair = SPEED / 60;
  expect(steps.length).toBeGreaterThan(350);
  expect(Math.min(...steps)).toBeGreaterThan(fair * 0.7);
  expect(Math.max(...steps)).toBeLessThan(fair * 1.3);
  await simulation.close();
});
