// The server's process stands still, for a moment or for seconds: that is nobody else's fault, and nobody pays for it.
import { createSimulation, FAULTS } from 'tickwire/testing';
import { describe, expect, test, vi } from 'vitest';
import type { Session } from '../../engine/client/session.ts';
import { CATCH_UP_TICKS } from '../../engine/server/tick-loop.ts';
import { Checks } from '../../engine/testing/checks.ts';
import { flyRight, game, yard } from '../tooling/yard-game.ts';

const TICK_MS = 1_000 / game.schema.tickRate;
/** A client that heard nothing for 5 s gives its connection up, and another second passes until it looks. */
const PATIENCE_MS = 4_900;

const start = (seed = 1) => createSimulation({ game, server: { rooms: { yard } }, seed, link: 'rtt100' });

describe('a server that stands still', () => {
  test.each([50, 120, 200, 400, 1_000, 2_500, PATIENCE_MS])('for %d ms', async (durationMs) => {
    const simulation = start();
    const bots = await simulation.joinBots(6);
    const states: string[] = [];
    for (const { net } of bots) net.onState((state, reason) => states.push(`${state} ${reason?.code}`));
    await simulation.advance(2_000);
    const { stats } = simulation.server;
    const before = { ...stats, startMs: simulation.clock.now() };
    simulation.freeze(durationMs);
    await simulation.advance(durationMs - 1);
    expect(stats.ticks).toBe(before.ticks);
    await simulation.advance(3_000);

    // Nobody is sent away, nobody goes, and nobody is taken for one who breaks rules.
    expect(states).toEqual([]);
    expect(Object.values(stats.closed).reduce((sum, count) => sum + count, 0)).toBe(0);
    expect(stats.badMessages).toBe(0);
    // A few ticks are made up for at once; the others are dropped and counted, and none is lost otherwise.
    const dropped = stats.ticksDropped - before.ticksDropped;
    const due = (simulation.clock.now() - before.startMs) / TICK_MS;
    expect(Math.abs(stats.ticks - before.ticks + dropped - due)).toBeLessThanOrEqual(1);
    expect(Math.abs(dropped - Math.max(0, durationMs / TICK_MS - CATCH_UP_TICKS))).toBeLessThanOrEqual(1);
    await simulation.settle();
    expect(states).toEqual([]);
    await simulation.close();
  });

  test('for 6 s: clients take it for gone, and come back', async () => {
    const simulation = start();
    const bots = await simulation.joinBots(4);
    await simulation.advance(1_000);
    simulation.freeze(6_000);
    await simulation.advance(6_000);
    await simulation.settle();
    expect(bots.map(({ net }) => net.state)).toEqual(bots.map(() => 'playing'));
    expect(simulation.server.stats.players).toBe(4);
    await simulation.close();
  });

  test('a picture that ran ahead of the server is back among what is known within two seconds', async () => {
    const sessions: Session[] = [];
    const { watchClient } = Checks.prototype;
    const watch = vi.spyOn(Checks.prototype, 'watchClient').mockImplementation(function (this: Checks, index, session) {
      sessions.push(session);
      watchClient.call(this, index, session);
    });
    const simulation = start();
    await simulation.join({ play: flyRight });
    const bob = await simulation.join();
    watch.mockRestore();
    await simulation.advance(1_000);
    const { playout, ring, tickMs } = sessions[1]!.parts;
    const aheadMs: number[] = [];
    bob.onFrame(() => aheadMs.push(playout.timeMs - ring.at(0).tick * tickMs));
    simulation.freeze(2_000);
    await simulation.advance(2_200);
    expect(Math.max(...aheadMs)).toBeGreaterThan(1_000);
    await simulation.advance(1_800);
    aheadMs.length = 0;
    await simulation.advance(2_000);
    expect(aheadMs.filter((ms) => ms > 0).length).toBeLessThan(0.1 * aheadMs.length);
  });

  test('again and again, among all else that goes wrong', async () => {
    for (const seed of [1, 2, 3]) {
      const simulation = start(seed);
      await simulation.joinBots(5);
      const freeze = { ...FAULTS.freeze, everyMs: 3_000 };
      const fired = await simulation.trouble(30_000, { ...FAULTS, freeze });
      expect(fired.freeze).toBeGreaterThan(5);
      await simulation.settle();
      await simulation.close();
    }
  });

  test('while players come and while the server is told to close', async () => {
    const simulation = start();
    simulation.freeze(3_000);
    const ann = await simulation.join();
    expect(simulation.clock.now()).toBeGreaterThan(3_000);
    const joining = simulation.join();
    simulation.freeze(500);
    await joining;
    expect(ann.net.state).toBe('playing');
    simulation.freeze(800);
    await simulation.close();
  });
});
