// Commands, replies, events, and the state that a room shares.
import type { RoomType } from 'tickwire/server';
import { createSimulation } from 'tickwire/testing';
import { describe, expect, test } from 'vitest';
import { flyRight, type Game, game, yard } from '../tooling/yard-game.ts';

describe('commands', () => {
  test('a reply, an error, a command without a reply', async () => {
    const simulation = createSimulation({
      game,
      server: { rooms: { yard }, onError: () => undefined },
      link: 'hol3',
    });
    const ann = await simulation.join();
    const bob = await simulation.join();
    const sums = await simulation.resolve(
      Promise.all(Array.from({ length: 10 }, (_, i) => ann.net.send('add', { a: i, b: 100 }))),
    );
    expect(sums.map(({ sum }) => sum)).toEqual(Array.from({ length: 10 }, (_, i) => i + 100));
    const heard: string[] = [];
    bob.net.on('note', ({ text }) => heard.push(text));
    expect(await simulation.resolve(ann.net.send('say', { text: 'grüß dich 🚀' }))).toBeUndefined();
    await simulation.advance(500);
    expect(heard).toEqual(['grüß dich 🚀']);
    expect(ann.net.state).toBe('playing');
    await simulation.close();
  });

  test('values that the declaration does not allow are refused where they are written', async () => {
    const simulation = createSimulation({ game, server: { rooms: { yard } } });
    const ann = await simulation.join();
    const wrong = async (payload: unknown) => ann.net.send('add', payload as { a: number; b: number });
    for (const payload of [{ a: 1 }, { a: 'x', b: 1 }, { a: 1, b: 1000 }, { a: Number.NaN, b: 1 }, null]) {
      await expect(wrong(payload)).rejects.toThrow();
    }
    expect(await simulation.resolve(ann.net.send('add', { a: 1, b: 2 }))).toEqual({ sum: 3 });
    await simulation.close();
  });

  test('a command hook that refuses tells the client; one that throws ends its room and no other', async () => {
    const { RefusedError } = await import('tickwire');
    const refusing: RoomType<Game> = {
      ...yard,
      onCommand: {
        ...yard.onCommand,
        say() {
          throw new RefusedError('forbidden', 'no talking');
        },
      },
    };
    const errors: string[] = [];
    const simulation = createSimulation({
      game,
      server: {
        rooms: { yard: refusing, other: yard },
        onError: (error, place) => errors.push(`${(error as Error).message} in ${place.roomType} ${place.hook}`),
      },
    });
    const ann = await simulation.join({ room: 'yard' });
    const bob = await simulation.join({ room: 'other' });
    await expect(simulation.resolve(ann.net.send('say', { text: 'x' }))).rejects.toMatchObject({ code: 'forbidden' });
    expect(ann.net.state).toBe('playing');

    const failing = ann.net.send('fail', {});
    await expect(simulation.resolve(failing)).rejects.toMatchObject({ name: 'RefusedError' });
    await simulation.advance(1_000);
    expect(errors).toEqual(['a hook that fails in yard onCommand.fail']);
    expect(bob.net.state).toBe('playing');
    expect(await simulation.resolve(bob.net.send('add', { a: 1, b: 1 }))).toEqual({ sum: 2 });
    await simulation.close();
  });
});

describe('shared state', () => {
  test('room and player state reach everybody, those who come later too', async () => {
    const simulation = createSimulation({
      game,
      server: {
        rooms: {
          yard: {
            ...yard,
            onTick(room) {
              if (room.tick % 30 === 0) room.state.round = Math.min(999, room.state.round + 1);
            },
          },
        },
      },
      link: 'hol3',
    });
    const ann = await simulation.join();
    await simulation.resolve(ann.net.send('add', { a: 1, b: 1 }));
    await simulation.advance(2_500);
    const bob = await simulation.join();
    await simulation.advance(500);
    for (const { net } of [ann, bob]) {
      expect(net.room.title).toBe('The yard');
      expect(net.room.round).toBeGreaterThanOrEqual(2);
      const players = [...net.players].map(({ state }) => [state.name, state.score]);
      expect(players.sort()).toEqual([
        [`p${ann.net.playerId}`, 1],
        [`p${bob.net.playerId}`, 0],
      ]);
    }
    bob.leave();
    await simulation.advance(1_000);
    expect([...ann.net.players]).toHaveLength(1);
    await simulation.close();
  });
});

describe('events', () => {
  test('one is shown when the picture reaches its tick', async () => {
    // The server tells of each crossing of x = 600 at the tick when it happens.
    const crossing: RoomType<Game> = {
      ...yard,
      onTick(room) {
        for (const ship of room.world.ship) {
          if (ship.x >= 600 && ship.hp === 100) {
            ship.hp = 99;
            room.emit('boom', { x: ship.x, y: ship.y });
          }
        }
      },
    };
    for (const link of ['lan', 'rtt200', 'hol3'] as const) {
      const simulation = createSimulation({ game, server: { rooms: { yard: crossing } }, link });
      await simulation.join({ play: flyRight });
      const bob = await simulation.join();
      const seen: { eventX: number; drawnX: number }[] = [];
      bob.net.on('boom', ({ x }) => {
        const other = [...bob.net.world.ship].find(({ isOwn }) => !isOwn)!;
        seen.push({ eventX: x, drawnX: other.x });
      });
      await simulation.advance(6_000);
      expect(seen).toHaveLength(1);
      // At most one frame of movement lies between the tick and the frame that first shows it.
      expect(Math.abs(seen[0]!.drawnX - seen[0]!.eventX)).toBeLessThan(8);
      await simulation.close();
    }
  });

  test('a tap fires once, however short, on both sides', async () => {
    const simulation = createSimulation({ game, server: { rooms: { yard } }, link: 'rtt100' });
    let isDown = false;
    const ann = await simulation.join({
      play: (input) => {
        input.fire = isDown;
        isDown = false;
      },
    });
    const bob = await simulation.join();
    const booms = { ann: 0, bob: 0 };
    ann.net.on('boom', () => booms.ann++);
    bob.net.on('boom', () => booms.bob++);
    await simulation.advance(1_000);
    for (let i = 0; i < 10; i++) {
      isDown = true;
      await simulation.advance(270);
    }
    await simulation.advance(1_000);
    expect(booms).toEqual({ ann: 10, bob: 10 });
    await simulation.close();
  });
});
