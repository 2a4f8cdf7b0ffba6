// The line breaks at every boundary between two messages of a player's life: it ends well, or with a typed error, and nothing is left.
import { RefusedError } from 'tickwire';
import { createSimulation, type MemoryPair, type Simulation } from 'tickwire/testing';
import { describe, expect, test } from 'vitest';
import { flyRight, type Game, game, yard } from '../tooling/yard-game.ts';

type Way = 'up' | 'down';

/** What happens to the line when its n-th message one way has arrived; of n = 0, before the first could. */
const BREAKS: { readonly [name: string]: (pair: MemoryPair) => void } = {
  // Both ends are told.
  closes: (pair) => pair.drop(),
  // Nobody is told.
  'falls silent': (pair) => {
    pair.up.pause();
    pair.down.pause();
  },
  'is deaf upwards': (pair) => pair.up.pause(),
  'is deaf downwards': (pair) => pair.down.pause(),
};

const SEATS = 3;
/** Short, for there are hundreds of lives to live. */
const DEADLINES = {
  helloDeadlineMs: 2_000,
  authenticateDeadlineMs: 2_000,
  seatReservationMs: 3_000,
  pingIntervalMs: 1_000,
  silentAfterMs: 3_000,
  staleAfterMs: 3_000,
};
/** Longer than any of them, the end of a close that nobody answers, and of an empty room. */
const QUIET_MS = 12_000;

/** Connect, join, play, ask, leave. Resolves with what went wrong, if anything did. */
async function live(simulation: Simulation<Game>): Promise<unknown> {
  let refusal: unknown;
  const ann = await simulation.join({ play: flyRight }).catch((error: unknown) => {
    refusal = error;
  });
  if (!ann) return refusal;
  await simulation.advance(100);
  const reply = ann.net.send('add', { a: 1, b: 2 }).then(
    ({ sum }) => (sum === 3 ? undefined : new Error(`the sum was ${sum}`)),
    (error: unknown) => error,
  );
  await simulation.advance(150);
  ann.leave();
  await simulation.advance(100);
  return simulation.resolve(reply);
}

/** Messages that arrive each way in a whole life. */
async function countMessages(): Promise<Record<Way, number>> {
  const counts = { up: 0, down: 0 };
  const simulation = await start((way) => {
    counts[way]++;
  });
  expect(await live(simulation)).toBeUndefined();
  const { up, down } = counts;
  await end(simulation);
  return { up, down };
}

/** A server with somebody in its one room, and a look at each message of those who come. */
async function start(look: (way: Way, pair: MemoryPair) => void) {
  const simulation = createSimulation({
    game,
    server: { rooms: { yard: { ...yard, maxPlayers: SEATS, emptyRoomTtlMs: 1_000 } }, maxRooms: 1, ...DEADLINES },
    link: 'lan',
  });
  await simulation.join({ frameRate: 10 });
  const [first] = simulation.transport.pairs;
  const { observe } = simulation.transport;
  simulation.transport.observe = (way, pair, bytes) => {
    observe?.(way, pair, bytes);
    if (pair !== first) look(way, pair);
  };
  return simulation;
}

/** All is over: every seat can be taken again, and what took them leaves nothing behind. */
async function end(simulation: Simulation<Game>): Promise<void> {
  await simulation.advance(QUIET_MS);
  const { stats } = simulation.server;
  expect(stats).toMatchObject({ rooms: 1, players: 1, connections: 1, badMessages: 0, gameErrors: 0 });
  expect(simulation.transport.pairs.size).toBe(1);
  // One room, all its seats, and not one more.
  for (let seat = 1; seat < SEATS; seat++) await simulation.join();
  await expect(simulation.join()).rejects.toBeInstanceOf(RefusedError);
  await simulation.settle();
  for (const client of simulation.clients) client.leave();
  await simulation.advance(QUIET_MS);
  expect(stats).toMatchObject({ rooms: 0, players: 0, connections: 0 });
  // Nothing is armed but what closing takes.
  expect(simulation.clock.pending).toBe(0);
  await simulation.close();
}

const counts = await countMessages();

describe.each(['up', 'down'] as const)(`%s: ${counts.up} messages one way, ${counts.down} the other`, (way) => {
  test.each(Object.entries(BREAKS))('the line %s after each of them', async (_name, happen) => {
    expect(counts[way]).toBeGreaterThan(10);
    let broken = 0;
    const outcomes = new Set<string>();
    for (let n = 0; n <= counts[way]; n++) {
      let seen = 0;
      let isDone = false;
      let silent: MemoryPair | undefined;
      const breakDown = (pair: MemoryPair): void => {
        isDone = true;
        broken++;
        silent = pair;
        happen(pair);
      };
      const simulation = await start((of, pair) => {
        if (!isDone && of === way && ++seen === n) breakDown(pair);
      });
      if (n === 0) {
        const known = new Set(simulation.transport.pairs);
        simulation.clock.schedule(() => {
          for (const pair of simulation.transport.pairs) if (!known.has(pair)) breakDown(pair);
        }, 0.1);
      }
      const problem = await live(simulation);
      if (problem !== undefined) expect(problem).toBeInstanceOf(RefusedError);
      outcomes.add(problem === undefined ? 'well' : (problem as RefusedError).code);
      // Both ends have given up long before what was on its way comes after all.
      await simulation.advance(QUIET_MS);
      expect(simulation.server.stats).toMatchObject({ players: 1, connections: 1 });
      silent?.up.resume();
      silent?.down.resume();
      await end(simulation);
    }
    // Each cut was made, and each way to end was seen.
    expect(broken).toBe(counts[way] + 1);
    expect([...outcomes]).not.toContain('bad_message');
    expect(outcomes.size).toBeGreaterThan(1);
  });
});
