// Objects and arrays of a game, for which `connect` loads the MessagePack library, over real sockets on loopback.
import { command, defineGame, entity, int, value } from 'tickwire';
import { connect } from 'tickwire/client';
import { createServer } from 'tickwire/server';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const rock = entity({ size: int(1, 9) });

test('join options that are an object, in a game that has none', async () => {
  const game = defineGame({ entities: { rock } });
  const heard: unknown[] = [];
  const server = createServer(game, {
    logger: silent,
    rooms: { yard: { onJoin: (_room, _player, options) => void heard.push(options) } },
  });
  const { port } = await server.listen(0, '127.0.0.1');
  const joinOptions = { team: 'red', colors: [1, 2.5, null] };
  const net = await connect(game, `ws://127.0.0.1:${port}`, { room: 'yard', WebSocket, joinOptions });
  expect(heard).toEqual([joinOptions]);
  net.close();
  await server.close();
});

test('values in state, commands and replies', async () => {
  const game = defineGame({
    entities: { rock },
    roomState: { map: value<unknown>() },
    commands: { echo: command({ said: value<unknown>() }).replies({ heard: value<unknown>() }) },
  });
  const server = createServer(game, {
    logger: silent,
    rooms: {
      yard: {
        onCreate: (room) => {
          room.state.map = { walls: [[0, 1]], name: 'yard' };
        },
        onCommand: { echo: (_room, _player, { said }) => ({ heard: [said] }) },
      },
    },
  });
  const { port } = await server.listen(0, '127.0.0.1');
  const net = await connect(game, `ws://127.0.0.1:${port}`, { room: 'yard', WebSocket });
  expect(net.room.map).toEqual({ walls: [[0, 1]], name: 'yard' });
  expect(await net.send('echo', { said: { deep: [{ a: 1 }] } })).toEqual({ heard: [{ deep: [{ a: 1 }] }] });
  net.close();
  await server.close();
});
