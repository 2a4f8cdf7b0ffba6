// Who sees what, with a radius.
import { createSimulation } from 'tickwire/testing';
import { expect, test } from 'vitest';
import { flyRight, game, yard } from '../tooling/yard-game.ts';

test('entities enter and leave at the radius, with hysteresis, for each player alone', async () => {
  const simulation = createSimulation({
    game,
    server: {
      rooms: {
        yard: {
          ...yard,
          interest: { radius: 200, hysteresis: 0.1 },
          onCreate(room) {
            // A row of rocks along the way.
            for (let x = 20; x < 1_024; x += 100) room.world.rock.spawn({ x, y: 512 });
          },
          onJoin(room, player) {
            player.control(room.world.ship.spawn({ x: 100, y: 512 }));
          },
        },
      },
    },
  });
  const ann = await simulation.join({ play: flyRight });
  const still = await simulation.join();
  await simulation.advance(300);
  const log: string[] = [];
  ann.net.world.rock.onEnter(({ x }) => log.push(`enter ${x}`));
  ann.net.world.rock.onLeave(({ x }, reason) => log.push(`leave ${x} ${reason}`));
  const worst = { far: 0, near: 1_000 };
  ann.onFrame(() => {
    const own = ann.net.own;
    if (own === undefined) return;
    const drawn = [...ann.net.world.rock].map(({ x }) => x);
    for (const x of drawn) worst.far = Math.max(worst.far, Math.abs(x - own.x));
    for (let x = 20; x < 1_024; x += 100) {
      if (!drawn.includes(x)) worst.near = Math.min(worst.near, Math.abs(x - own.x));
    }
  });
  await simulation.advance(6_000);
  expect(ann.net.own!.x).toBeGreaterThan(700);
  // The player's own ship is ahead of the server's by a round trip and a bit, at up to 400 units a second.
  expect(worst.far).toBeLessThan(200 * 1.1 + 120);
  expect(worst.near).toBeGreaterThan(200 - 120);
  expect(log).toContain('enter 520');
  expect(log).toContain('leave 20 scope');
  for (const rock of [20, 120, 220, 320]) {
    expect(log.filter((line) => line.startsWith(`leave ${rock} `))).toHaveLength(1);
  }
  expect([...still.net.world.rock].map(({ x }) => x)).toEqual([20, 120, 220]);
  // Out of sight, yet told of by room-wide state.
  expect([...still.net.world.ship]).toHaveLength(1);
  expect([...still.net.players]).toHaveLength(2);
  await simulation.close();
});
