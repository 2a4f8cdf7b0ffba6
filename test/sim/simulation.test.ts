// The simulator itself: what a game's author relies on.
import { createSimulation, randomInput } from 'tickwire/testing';
import { describe, expect, test } from 'vitest';
import { game, yard } from '../tooling/yard-game.ts';

const options = (seed: number) => ({ game, server: { rooms: { yard } }, seed, link: 'hol3' }) as const;

async function playForHash(seed: number): Promise<{ hash: string; messages: number; picture: string }> {
  const simulation = createSimulation(options(seed));
  const bots = await simulation.joinBots(4);
  await simulation.advance(2_000);
  bots[1]!.drop();
  bots[2]!.stall(700);
  await simulation.advance(8_000);
  const picture = bots
    .map(({ net }) => [...net.world.ship].map((ship) => `${ship.id} ${ship.x} ${ship.y} ${ship.heading}`).join())
    .join('\n');
  await simulation.close();
  return { hash: simulation.hash, messages: simulation.messages, picture };
}

describe('simulation', () => {
  test('ten lines are enough to test a game', async () => {
    const simulation = createSimulation({ game, server: { rooms: { yard } }, seed: 7, link: 'rtt100' });
    const ann = await simulation.join({
      play: (input) => {
        input.right = 1;
      },
    });
    const bob = await simulation.join();
    await simulation.advance(3_000);
    expect([...bob.net.world.ship].find((ship) => !ship.isOwn)!.x).toBeGreaterThan(560);
    expect(ann.net.stats.corrections).toBe(0);
    await simulation.close();
  });

  test('one seed gives one trace and one picture, another seed another', async () => {
    const first = await playForHash(3);
    expect(await playForHash(3)).toEqual(first);
    expect((await playForHash(4)).hash).not.toBe(first.hash);
    expect(first.messages).toBeGreaterThan(1_500);
  });

  test('what a hook throws reaches whoever lets time pass', async () => {
    const simulation = createSimulation({
      game,
      server: {
        rooms: {
          yard: {
            ...yard,
            onTick(room) {
              if (room.tick === 40) throw new Error('my mistake');
            },
          },
        },
      },
    });
    await simulation.join();
    await expect(simulation.advance(3_000)).rejects.toThrow('my mistake');
    await simulation.close();
  });

  test('waiting for what never happens ends with a sentence', async () => {
    const simulation = createSimulation(options(1));
    await expect(simulation.advanceUntil(() => false, 1_000)).rejects.toThrow('did not happen within 1000 virtual ms');
    await simulation.close();
  });

  test('what is left behind is told', async () => {
    const simulation = createSimulation(options(1));
    simulation.clock.schedule(() => undefined, 10_000_000);
    await expect(simulation.close()).rejects.toThrow('left behind: 1 timers');
  });

  test('random players use every value of every input field', () => {
    const script = randomInput(game, 5);
    const input = { right: 0, down: 0, fire: false };
    const seen = { right: new Set<number>(), down: new Set<number>(), fire: new Set<boolean>() };
    for (let timeMs = 0; timeMs < 60_000; timeMs += 16) {
      script(input, timeMs);
      seen.right.add(input.right);
      seen.down.add(input.down);
      seen.fire.add(input.fire);
    }
    expect([...seen.right].sort()).toEqual([-1, 0, 1]);
    expect([...seen.down].sort()).toEqual([-1, 0, 1]);
    expect(seen.fire.size).toBe(2);
  });
});
