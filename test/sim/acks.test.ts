// What a client acknowledges: seven bits of a tick, which the server extends.
import { createSimulation } from 'tickwire/testing';
import { expect, test } from 'vitest';
import { game, yard } from '../tooling/yard-game.ts';

test('an ack of before a silence of 128 ticks is not taken for a newer one', async () => {
  // The server stops after three snapshots without an ack; then the client reads nothing for 141 ticks.
  const simulation = createSimulation({ game, server: { rooms: { yard }, unackedMs: 100 }, link: 'rtt200' });
  const ann = await simulation.join();
  await simulation.advance(1_000);
  ann.deafen();
  await simulation.advance(4_700);
  ann.hear();
  // The checkers see that nothing is acknowledged that was not sent.
  await simulation.advance(2_000);
  expect(ann.net.state).toBe('playing');
  await simulation.close();
});
