// The own ship: predicted, checked, and corrected only when something outside its step touched it.
import { createSimulation, type LinkProfile, randomInput } from 'tickwire/testing';
import { describe, expect, test } from 'vitest';
import { flyDown, flyRight, game, yard } from '../tooling/yard-game.ts';

/** 150 ms of round trip with jitter, and a stall of up to 400 ms every two seconds. */
const ROUGH: LinkProfile = {
  delayMs: 75,
  jitterMs: 20,
  lossRatio: 0.01,
  stalls: { everyMs: 2_000, minMs: 100, maxMs: 400 },
};

describe('prediction', () => {
  test.each([1, 2, 3])('no correction in two minutes of wild steering over a rough line (seed %d)', async (seed) => {
    const simulation = createSimulation({ game, server: { rooms: { yard } }, link: ROUGH, seed });
    const ann = await simulation.join({ play: randomInput(game, seed) });
    const bob = await simulation.join({ play: randomInput(game, seed + 100) });
    await simulation.advance(120_000);
    for (const { net } of [ann, bob]) {
      expect(net.state).toBe('playing');
      expect(net.stats.corrections).toBe(0);
    }
    await simulation.close();
  });

  test('a write from outside the step costs one correction, blended and not jumped', async () => {
    const simulation = createSimulation({ game, server: { rooms: { yard } }, link: 'rtt100' });
    const ann = await simulation.join({ play: flyDown });
    await simulation.advance(3_000);
    const frames: number[] = [];
    ann.onFrame(() => frames.push(ann.net.own!.x));
    const before = ann.net.stats.corrections;
    await simulation.resolve(ann.net.send('shove', { by: 200 }));
    await simulation.advance(2_000);
    expect(ann.net.stats.corrections).toBe(before + 1);
    const steps = frames.slice(1).map((x, i) => Math.abs(x - frames[i]!));
    // A round trip and two ticks of 200 units a second were missing: they come back at no more than the ship's own pace.
    expect(Math.max(...steps)).toBeLessThan((2 * 200) / 60);
    expect(ann.net.own!.x).toBeGreaterThan(530);
    await simulation.close();
  });

  test('the drawn own ship never runs backward while it flies straight on', async () => {
    const simulation = createSimulation({ game, server: { rooms: { yard } }, link: ROUGH, seed: 9 });
    const ann = await simulation.join({ play: flyRight });
    await simulation.advance(500);
    const frames: number[] = [];
    ann.onFrame(() => frames.push(ann.net.own!.x));
    await simulation.advance(1_500);
    const steps = frames.slice(1).map((x, i) => x - frames[i]!);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(frames.at(-1)! - frames[0]!).toBeGreaterThan(100);
    await simulation.close();
  });

  test('what the server steps is what the client predicted', async () => {
    const server: { x: number; y: number }[] = [];
    const simulation = createSimulation({
      game,
      server: {
        rooms: {
          yard: {
            ...yard,
            onTick(room) {
              for (const { x, y } of room.world.ship) server.push({ x, y });
            },
          },
        },
      },
      link: 'rtt50',
    });
    let isOver = false;
    const random = randomInput(game, 4);
    const ann = await simulation.join({
      play: (input, timeMs) => {
        if (!isOver) return random(input, timeMs);
        input.right = input.down = 0;
        input.fire = false;
      },
    });
    await simulation.advance(10_000);
    isOver = true;
    await simulation.advance(20_000);
    const last = server.at(-1)!;
    expect(Math.abs(ann.net.own!.x - last.x)).toBeLessThan(0.1);
    expect(Math.abs(ann.net.own!.y - last.y)).toBeLessThan(0.1);
    await simulation.close();
  });
});
