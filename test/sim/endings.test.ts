// The ways in which a player's life in a room ends, and those who do not take what they are sent.
import type { RoomType, ServerPlayer, ServerRoom } from 'tickwire/server';
import { createSimulation } from 'tickwire/testing';
import { describe, expect, test } from 'vitest';
import { type Game, game, yard } from '../tooling/yard-game.ts';

function watched() {
  const ends: string[] = [];
  const rooms: ServerRoom<Game>[] = [];
  const players: ServerPlayer<Game>[] = [];
  const type: RoomType<Game> = {
    ...yard,
    onCreate: (room) => {
      rooms.push(room);
      yard.onCreate?.(room, undefined);
    },
    onJoin: (room, player) => {
      players.push(player);
      yard.onJoin?.(room, player, undefined);
    },
    onLeave: (_room, player, reason) => {
      ends.push(`${player.id} ${reason}`);
    },
  };
  return { ends, rooms, players, type };
}

describe('endings', () => {
  test('a kicked player stays away', async () => {
    const { ends, players, type } = watched();
    const simulation = createSimulation({ game, server: { rooms: { yard: type } } });
    const ann = await simulation.join();
    const bob = await simulation.join();
    await simulation.advance(300);
    const states: string[] = [];
    ann.net.onState((state, reason) => states.push(`${state} ${reason?.code}`));
    players[0]!.kick();
    await simulation.advance(60_000);
    expect(states).toEqual(['closed kicked']);
    expect(ends).toEqual(['1 kicked']);
    expect(bob.net.world.ship.count).toBe(1);
    await expect(ann.net.send('add', { a: 1, b: 1 })).rejects.toMatchObject({ name: 'RefusedError' });
    await simulation.close();
  });

  test('a room that is closed tells why; its players find another one', async () => {
    const { ends, rooms, type } = watched();
    const simulation = createSimulation({ game, server: { rooms: { yard: type } } });
    const ann = await simulation.join();
    await simulation.advance(300);
    const reasons: (string | undefined)[] = [];
    ann.net.onState((_state, reason) => reasons.push(reason?.code));
    rooms[0]!.close();
    await simulation.advance(10_000);
    expect(reasons[0]).toBe('room_closed');
    expect(ends[0]).toBe('1 room_closed');
    expect([...simulation.server.rooms].every((room) => room !== rooms[0])).toBe(true);
    await simulation.close();
  });

  test('a player whose line is dead, in both directions or in one, is gone within 17 s', async () => {
    const { ends, type } = watched();
    const simulation = createSimulation({ game, server: { rooms: { yard: type } } });
    await simulation.join();
    await simulation.join();
    await simulation.join();
    await simulation.advance(1_000);
    // One line is cut both ways; over the other only the server's way is blocked.
    const [, silentPair, deafPair] = [...simulation.transport.pairs];
    silentPair!.up.pause();
    silentPair!.down.pause();
    deafPair!.down.pause();
    const startMs = simulation.clock.now();
    await simulation.advanceUntil(() => ends.length === 2, 40_000);
    expect(simulation.clock.now() - startMs).toBeLessThan(17_000);
    expect(ends.map((end) => end.split(' ')[0]).sort()).toEqual(['2', '3']);
    await simulation.close();
  });

  test('a crowd comes and goes, and nothing is left of it', async () => {
    const { type } = watched();
    const simulation = createSimulation({
      game,
      server: { rooms: { yard: { ...type, maxPlayers: 8 } }, maxConnectionsPerUser: 100 },
      link: 'lan',
    });
    for (let round = 0; round < 5; round++) {
      const crowd = await simulation.joinBots(20);
      expect([...simulation.server.rooms].length).toBeGreaterThanOrEqual(3);
      await simulation.advance(1_000);
      for (const [i, client] of crowd.entries()) {
        if (i % 2 === 0) client.drop();
        client.leave();
      }
      await simulation.advance(20_000);
      expect([...simulation.server.rooms]).toHaveLength(0);
      expect(simulation.transport.pairs.size).toBe(0);
      expect(simulation.server.stats.connections).toBe(0);
    }
    expect(simulation.clock.pending).toBe(0);
    await simulation.close();
  });
});
