// The programs of engine/TESTING.md. What stands there between ```ts lines stands here word for word: `testing-page.test.ts`.
import { createSimulation, FAULTS, LINK_PROFILES, randomInput, seeIf } from 'tickwire/testing';
import { expect, test } from 'vitest';
import { yard as arena, game } from '../tooling/yard-game.ts';

test('eight players on bad lines see the same game', async () => {
  const simulation = createSimulation({ game, server: { rooms: { arena } }, seed: 7, link: 'lte' });
  await simulation.joinBots(8);
  const fired = await simulation.trouble(30_000);
  await simulation.settle();
  await simulation.close();
  expect(Object.values(fired)).not.toContain(0);
});

test('a ship that flies right is seen to', async () => {
  const simulation = createSimulation({ game, server: { rooms: { arena } }, link: 'rtt100' });
  const ann = await simulation.join({
    play: (input) => {
      input.right = 1;
    },
  });
  const bob = await simulation.join({ frameRate: 30 });
  await simulation.advance(2_000);
  const seen = [...bob.net.world.ship].find((ship) => !ship.isOwn);
  expect(seen!.x).toBeGreaterThan(540);
  expect(ann.net.stats.corrections).toBe(0);
  await simulation.close();
});

test('nobody is thrown out while the page is hidden for a minute', async () => {
  const simulation = createSimulation({ game, server: { rooms: { arena } } });
  const ann = await simulation.join({ play: randomInput(game, 1) });
  ann.sleep();
  await simulation.advance(60_000);
  ann.wake();
  await simulation.settle();
  expect(ann.net.state).toBe('playing');
  await simulation.close();
});

test('ships that come and go between two snapshots', async () => {
  const simulation = createSimulation({ game, server: { rooms: { arena } }, link: LINK_PROFILES.hol3 });
  await simulation.joinBots(4);
  const fired = await simulation.trouble(20_000, {
    ...FAULTS,
    rockfall: {
      everyMs: 500,
      strike({ random }) {
        const [room] = simulation.server.rooms;
        for (const rock of room!.world.rock) if (random.next() < 0.5) rock.despawn();
        room!.world.rock.spawn({ x: random.int(0, 1_000), y: 10 });
        return true;
      },
    },
  });
  expect(fired.rockfall).toBeGreaterThan(20);
  await simulation.settle();
  await simulation.close();
});

test('nobody is told of a ship without hit points', async () => {
  const isWhole = (_player: unknown, seen: { readonly kind: string; readonly hp?: number }) =>
    seen.kind !== 'ship' || seen.hp !== 0;
  const simulation = createSimulation({
    game,
    server: { rooms: { arena: { ...arena, visible: isWhole } } },
    rules: { arena: { sight: seeIf(isWhole), bytesPerSecond: 20_000 } },
  });
  await simulation.joinBots(3);
  const [ship] = [...simulation.server.rooms][0]!.world.ship;
  await simulation.advance(2_000);
  ship!.hp = 0;
  await simulation.advance(2_000);
  expect(simulation.checked!.hiddenJudged).toBeGreaterThan(0);
  await simulation.close();
});
