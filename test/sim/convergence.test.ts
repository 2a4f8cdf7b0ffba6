// After any amount of trouble every client shows what the server has.
import type { RoomType } from 'tickwire/server';
import { createSimulation, LINK_PROFILES, type LinkProfileName } from 'tickwire/testing';
import { describe, expect, test } from 'vitest';
import { Random } from '../../engine/core/random.ts';
import { type Game, game, yard } from '../tooling/yard-game.ts';

const profiles = Object.keys(LINK_PROFILES) as LinkProfileName[];

/** Rocks come, go and change, so that slots are used again. */
const restless: RoomType<Game> = {
  ...yard,
  onTick(room) {
    if (room.tick > 1_500) return;
    const rocks = [...room.world.rock];
    if (room.random() < 0.2) rocks[Math.floor(room.random() * rocks.length)]?.despawn();
    if (room.random() < 0.25 && rocks.length < 40) {
      room.world.rock.spawn({
        x: room.random() * 1_000,
        y: room.random() * 1_000,
        size: 1 + Math.floor(room.random() * 9),
      });
    }
    const changing = rocks[Math.floor(room.random() * rocks.length)];
    if (changing !== undefined && [...room.world.rock].includes(changing))
      changing.size = 1 + Math.floor(room.random() * 9);
  },
};

interface Body {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** A step of the wire, and half a one: what is sent may stay that far off before it is worth a word. */
const TOLERANCE = 1.5 / 16;

/** Slots are the same on both sides, generations are each side's own. */
const bySlot = <B extends Body>(bodies: Iterable<B>) => new Map([...bodies].map((body) => [body.id % 65_536, body]));

function expectSame<B extends Body>(shown: Iterable<B>, truth: Iterable<B>, rest: (body: B) => unknown): void {
  const shownBySlot = bySlot(shown);
  const truthBySlot = bySlot(truth);
  expect([...shownBySlot.keys()].sort()).toEqual([...truthBySlot.keys()].sort());
  for (const [slot, body] of truthBySlot) {
    const seen = shownBySlot.get(slot)!;
    expect(Math.abs(seen.x - body.x)).toBeLessThanOrEqual(TOLERANCE);
    expect(Math.abs(seen.y - body.y)).toBeLessThanOrEqual(TOLERANCE);
    expect(rest(seen)).toEqual(rest(body));
  }
}

describe('convergence', () => {
  // A shared body for all in odd seeds, lists of their own in even ones.
  test.each([1, 2, 3, 4, 5, 6])(
    'seed %d: all links, stalls, drops, hidden pages and churn, then rest',
    async (seed) => {
      const interest = seed % 2 === 1 ? 'everyone' : { radius: 5_000 };
      const simulation = createSimulation({
        game,
        server: { rooms: { yard: { ...restless, interest } } },
        seed,
      });
      const random = new Random(seed);
      for (const link of profiles) await simulation.joinBots(1, { link });
      for (let round = 0; round < 12; round++) {
        const client = simulation.clients[random.int(0, profiles.length - 1)]!;
        const fault = random.int(0, 3);
        // Two seconds of input is what a server keeps: after longer stalls the oldest are dropped, and that is corrected.
        if (fault === 0) client.stall(random.int(200, 1_200));
        else if (fault === 1) client.drop();
        else if (fault === 2) client.sleep();
        await simulation.advance(random.int(500, 3_000));
        client.wake();
      }
      for (const client of simulation.clients) client.play(undefined);
      await simulation.advanceUntil(() => simulation.clients.every(({ net }) => net.state === 'playing'));
      // Drag ends all movement; the last churn ends at tick 1,500.
      await simulation.advance(60_000);

      const [room] = [...simulation.server.rooms];
      const { ship, rock } = room!.world;
      expect(ship.count).toBe(profiles.length);
      expect(rock.count).toBeGreaterThan(3);
      for (const { net } of simulation.clients) {
        expectSame<{ id: number; x: number; y: number; name: string; hp: number }>(
          net.world.ship,
          ship,
          ({ name, hp }) => [name, hp],
        );
        expectSame<{ id: number; x: number; y: number; size: number }>(net.world.rock, rock, ({ size }) => size);
        expect(net.stats.resyncs).toBe(0);
        expect(net.stats.corrections).toBe(0);
        expect(net.players.count).toBe(profiles.length);
      }
      await simulation.close();
    },
  );
});
