// Counters near the ends of 7, 16, 31 and 32 bits: play goes on, and the last tick of a room is an end like any other.
import { defineGame, entity, int } from 'tickwire';
import type { RoomType } from 'tickwire/server';
import { createSimulation, FAULTS, type Fault, type SimulatedClient } from 'tickwire/testing';
import { describe, expect, test } from 'vitest';
import { InputQueue, LAST_SEQ } from '../../engine/server/input-queue.ts';
import type { Player } from '../../engine/server/player.ts';
import { createStats } from '../../engine/server/stats.ts';
import { Table } from '../../engine/state/table.ts';
import { type Game, game, yard } from '../tooling/yard-game.ts';
import { createReef, type Game as Reef, game as reef } from './seeds/reef-game.ts';

/** A room ends in this tick. */
const LAST_TICK = 2 ** 31 - 2;
const SECONDS_BEFORE = 4;
const TICKS_BEFORE = SECONDS_BEFORE * reef.schema.tickRate;

/** Everything that can happen, from four seconds before the numbers are met. */
async function playAcross(first: object, seed: number): Promise<{ tick: number; seqs: number[] }> {
  const simulation = createSimulation<Reef>({
    game: reef,
    server: { rooms: { reef: createReef(seed, new Map()) } },
    link: 'hol1',
    seed,
    first,
  });
  await simulation.joinBots(4);
  const often = (fault: Fault<Reef>) => ({ ...fault, everyMs: 2_500 });
  const { flip, rejoin, stall, deafen } = FAULTS;
  const faults = { flip: often(flip), rejoin: often(rejoin), stall: often(stall), deafen: often(deafen) };
  const fired = await simulation.trouble(14_000, faults);
  expect(Object.values(fired)).not.toContain(0);
  await simulation.settle();
  const [room] = [...simulation.server.rooms];
  const tick = room!.tick;
  const seqs = [...room!.players].map((player) => (player as unknown as Player).inputs.newestTaken);
  expect(simulation.checked!.mispredictions).toBe(0);
  expect(simulation.checked!.gaps).toBeGreaterThan(0);
  await simulation.close();
  return { tick, seqs };
}

describe('across the ends of numbers', () => {
  test.each([
    ['2^7', 2 ** 7],
    ['2^8', 2 ** 8],
    ['2^16', 2 ** 16],
    ['2^24', 2 ** 24],
    ['2^30', 2 ** 30],
  ])('ticks and inputs at %s', async (_name, end) => {
    const tick = Math.max(0, end - TICKS_BEFORE);
    const across = await playAcross({ tick, seq: tick, rows: 2 ** 16 - 1 }, 2);
    expect(across.tick).toBeGreaterThan(end);
    expect(Math.max(...across.seqs)).toBeGreaterThan(end);
  });

  // A room has fewer ticks, but a client counts its inputs by itself.
  test('inputs at 2^31', async () => {
    const { seqs } = await playAcross({ seq: 2 ** 31 - TICKS_BEFORE, tick: 2 ** 16 - TICKS_BEFORE }, 3);
    expect(Math.max(...seqs)).toBeGreaterThan(2 ** 31);
  });

  test.each([
    ['2^16', 2 ** 16],
    ['2^31', 2 ** 31],
    ['2^32', 2 ** 32],
    ['2^43', 2 ** 43],
  ])('clocks of both sides at %s ms', async (_name, end) => {
    const startMs = end - 1_000 * SECONDS_BEFORE;
    await playAcross({ serverMs: startMs, clientMs: startMs }, 4);
  });

  test('the largest epoch and the largest seed', async () => {
    const simulation = createSimulation({
      game,
      server: { rooms: { yard }, randomBytes: (length) => new Uint8Array(length).fill(0xff) },
    });
    await simulation.joinBots(2);
    await simulation.trouble(5_000, { drop: FAULTS.drop });
    await simulation.settle();
    await simulation.close();
  });
});

describe('the last tick', () => {
  const starting = (before: number, log: string[] = []) => {
    const type: RoomType<Game> = {
      ...yard,
      onLeave: (room, player, reason) => {
        log.push(`${player.id} ${reason} in ${room.tick}`);
      },
      onDispose: (room) => {
        log.push(`end in ${room.tick}`);
      },
    };
    return createSimulation({ game, server: { rooms: { yard: type } }, first: { tick: LAST_TICK - before } });
  };

  test('its players are told, and play on in another room', async () => {
    const log: string[] = [];
    const simulation = starting(150, log);
    const bots = await simulation.joinBots(3);
    const ends = bots.map((client: SimulatedClient<Game>) => {
      const states: string[] = [];
      client.net.onState((state, reason) => states.push(`${state} ${reason?.code ?? ''}`.trim()));
      return states;
    });
    await simulation.advance(7_000);
    expect(log.slice(0, 4).sort()).toEqual([
      `1 room_closed in ${LAST_TICK}`,
      `2 room_closed in ${LAST_TICK}`,
      `3 room_closed in ${LAST_TICK}`,
      `end in ${LAST_TICK}`,
    ]);
    for (const states of ends) expect(states.slice(0, 2)).toEqual(['reconnecting room_closed', 'playing']);
    expect(simulation.server.stats.gameErrors).toBe(0);
    await simulation.close();
  });

  test('also when ticks are caught up: none comes after it', async () => {
    const log: string[] = [];
    const simulation = starting(60, log);
    await simulation.joinBots(2);
    await simulation.advance(1_000);
    simulation.freeze(5_000);
    await simulation.advance(6_000);
    expect(log.filter((line) => line.startsWith('end'))).toEqual([`end in ${LAST_TICK}`]);
    await simulation.close();
  });

  test('nobody stays in a room that goes from one end to the next', async () => {
    const simulation = starting(200);
    await simulation.joinBots(4);
    const fired = await simulation.trouble(40_000, { drop: FAULTS.drop, rejoin: FAULTS.rejoin, stall: FAULTS.stall });
    expect(Object.values(fired)).not.toContain(0);
    for (const { net } of simulation.clients) net.close();
    await simulation.advance(40_000);
    expect(simulation.server.stats).toMatchObject({ rooms: 0, players: 0, connections: 0, gameErrors: 0 });
    await simulation.close();
  });
});

describe('what cannot be reached', () => {
  test('a slot lives once a tick at most, so that a room ends before its generations do, which have 32 bits', () => {
    const { schema } = defineGame({ tickRate: 30, entities: { mote: entity({ x: int(0, 9) }, { max: 1 }) } });
    const table = new Table(schema.kinds[0]!, schema.tickRate);
    const ticks = 500;
    for (table.tick = 1; table.tick <= ticks; table.tick++) {
      for (let i = 0; i < 3; i++) {
        table.despawn(0);
        if (table.hasRoom) table.spawn();
      }
    }
    expect(table.generation[0]).toBeGreaterThan(ticks / 2 - 1);
    expect(table.generation[0]).toBeLessThanOrEqual(ticks);
    expect(LAST_TICK).toBeLessThan(2 ** 32);
  });

  test('an input beyond 2^32 - 1 is refused, for an ack or an exact row could not name it', () => {
    const stats = createStats();
    const queue = new InputQueue(1, 30, stats);
    queue.newestReceived = queue.newestTaken = LAST_SEQ - 2;
    for (let seq = LAST_SEQ - 1; seq <= LAST_SEQ + 3; seq++) queue.push(seq, Uint8Array.of(0), 0, 0);
    expect(queue.length).toBe(2);
    expect(stats.inputsRefused).toBe(3);
    expect([queue.take(), queue.take()]).toEqual([LAST_SEQ - 1, LAST_SEQ]);
    expect(LAST_SEQ).toBe(2 ** 32 - 1);
  });
});
