// Server and client as users start them, over real sockets on loopback.

import { once } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import { defineGame, entity, input, int, num } from 'tickwire';
import { connect } from 'tickwire/client';
import { createServer, type RoomType, type ServerOptions } from 'tickwire/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openHandles, until } from '../tooling/real-time.ts';
import { type Game, game, yard } from '../tooling/yard-game.ts';

const host = '127.0.0.1';
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let handles: string[];
const servers: { close(): Promise<void> }[] = [];

beforeEach(() => {
  handles = openHandles();
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  // Sockets of clients end a moment after their server.
  await until(() => openHandles().length <= handles.length);
});

async function start(options: Partial<ServerOptions<Game, { id: string }>> = {}) {
  const rooms: Record<string, RoomType<Game, { id: string }>> = { yard };
  const server = createServer<Game, { id: string }>(game, { rooms, logger: silent, ...options });
  servers.push(server);
  const { port } = await server.listen(0, host);
  const join = (more: { room?: string; token?: string } = {}) =>
    connect(game, `ws://${host}:${port}`, { room: 'yard', WebSocket, ...more });
  return { server, port, join };
}

describe('over real sockets', () => {
  test('join, play, leave', async () => {
    const { server, join } = await start();
    const ann = await join();
    const bob = await join();
    expect(ann.state).toBe('playing');
    ann.sampleInput((held) => {
      held.right = 1;
    });
    const annSeen = () => [...bob.world.ship].find(({ isOwn }) => !isOwn);
    await until(() => (annSeen()?.x ?? 0) > 540, [ann, bob]);
    expect([...bob.players]).toHaveLength(2);
    expect(ann.stats.corrections).toBe(0);
    await until(() => ann.stats.bytesInPerSecond > 0, [ann, bob]);

    ann.close();
    await until(() => bob.world.ship.count === 1, [bob]);
    await until(() => ann.state === 'closed');
    bob.close();
    await server.close();
  });

  test('commands with reply and error, events, shared state', async () => {
    const { server, join } = await start({ onError: () => undefined });
    const ann = await join();
    const bob = await join();
    expect(await ann.send('add', { a: 40, b: 2 })).toEqual({ sum: 42 });
    const heard: string[] = [];
    bob.on('note', ({ text }) => heard.push(text));
    await ann.send('say', { text: 'hello' });
    await until(() => heard.length > 0, [ann, bob]);
    await until(() => [...bob.players].some(({ state }) => state.score === 1), [ann, bob]);
    expect(bob.room.title).toBe('The yard');
    await expect(ann.send('fail', {})).rejects.toMatchObject({ name: 'RefusedError' });
    await Promise.all([ann, bob].map((net) => net.close()));
    await server.close();
  });

  test('refusals: token, room, schema, nobody there', async () => {
    const { server, port, join } = await start({
      authenticate: async ({ token }) => token === 'good' && { id: 'ann' },
    });
    await expect(join({ token: 'bad' })).rejects.toMatchObject({ name: 'RefusedError', code: 'unauthorized' });
    await expect(join({ token: 'good', room: 'attic' })).rejects.toMatchObject({ code: 'room_not_found' });
    const other = defineGame({
      tickRate: 30,
      entities: { ship: entity({ x: num({ min: 0, max: 9, precision: 1 }) }) },
      input: input({ go: int(0, 1) }),
      controls: 'ship',
    });
    const stranger = connect(other, `ws://${host}:${port}`, { room: 'yard', WebSocket });
    await expect(stranger).rejects.toMatchObject({ code: 'version_mismatch' });
    await expect(stranger).rejects.toThrow('first in');
    await server.close();
    await expect(join({ token: 'good' })).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('a server that closes tells its clients, and they find the next one on its port', async () => {
    const { server, port, join } = await start();
    const ann = await join();
    const states: string[] = [];
    ann.onState((state) => states.push(state));
    await server.close();
    await until(() => states.length > 0, [ann]);
    expect(states).toEqual(['reconnecting']);
    const next = createServer(game, { rooms: { yard } });
    await next.listen(port, host);
    await until(() => ann.state === 'playing' && ann.world.ship.count === 1, [ann]);
    ann.close();
    await next.close();
  });

  test('two servers in one process', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    const [ann, bob] = await Promise.all([first.join(), second.join()]);
    await until(() => ann.world.ship.count === 1 && bob.world.ship.count === 1, [ann, bob]);
    await first.server.close();
    const tick = bob.clock.playoutTick;
    await until(() => bob.clock.playoutTick > tick + 10, [bob]);
    expect(bob.state).toBe('playing');
    ann.close();
    bob.close();
    await second.server.close();
  });

  test('beside other routes of an HTTP server', async () => {
    const http = createHttpServer((_request, response) => response.end('a page'));
    http.listen(0, host);
    await once(http, 'listening');
    const port = (http.address() as { port: number }).port;
    const server = createServer(game, { rooms: { yard } });
    server.attach(http, { path: '/play' });
    const ann = await connect(game, `ws://${host}:${port}/play`, { room: 'yard', WebSocket });
    await until(() => ann.world.ship.count === 1, [ann]);
    const page = request({ host, port, path: '/', agent: false }).end();
    const [response] = (await once(page, 'response')) as [AsyncIterable<Buffer>];
    let text = '';
    for await (const chunk of response) text += chunk.toString();
    expect(text).toBe('a page');
    await expect(connect(game, `ws://${host}:${port}/elsewhere`, { room: 'yard', WebSocket })).rejects.toMatchObject({
      code: 'unreachable',
    });
    ann.close();
    await server.close();
    expect(http.listening).toBe(true);
    http.close();
    await once(http, 'close');
  });
});

describe('hooks', () => {
  test('a slow hook costs its server time, and nobody is thrown out', async () => {
    let slowTicks = 10;
    const { server, join } = await start({
      rooms: {
        yard: {
          ...yard,
          onTick() {
            if (slowTicks-- <= 0) return;
            const endMs = performance.now() + 150;
            while (performance.now() < endMs);
          },
        },
      },
    });
    const ann = await join();
    await until(() => slowTicks < -20, [ann]);
    expect(ann.state).toBe('playing');
    expect(await ann.send('add', { a: 1, b: 1 })).toEqual({ sum: 2 });
    ann.close();
    await server.close();
  });

  test('a hook that throws ends its room and no other', async () => {
    const errors: string[] = [];
    const { server, join } = await start({
      rooms: {
        yard,
        broken: {
          ...yard,
          onTick(room) {
            if (room.players.count > 0) throw new Error('my mistake');
          },
        },
      },
      onError: (error) => errors.push((error as Error).message),
    });
    const ann = await join();
    const victim = await join({ room: 'broken' }).catch((error: unknown) => error as { code: string });
    await until(() => errors.length > 0, [ann]);
    expect(errors[0]).toBe('my mistake');
    if ('close' in victim) victim.close();
    else expect(victim.code).toBe('room_failed');
    expect(await ann.send('add', { a: 1, b: 1 })).toEqual({ sum: 2 });
    ann.close();
    await server.close();
  });
});
