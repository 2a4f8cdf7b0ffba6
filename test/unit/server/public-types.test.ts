// The public types: what an author writes is inferred and checked. The compiler proves it; the test only runs it.
import { defineGame, entity, event, int } from 'tickwire';
import { createServer, RefusedError } from 'tickwire/server';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../engine/transport/virtual-clock.ts';
import { game } from './small-game.ts';

const clock = new VirtualClock();
const verify = async (token: string | undefined): Promise<{ id: string; name: string } | null> =>
  token === undefined ? null : { id: token, name: token };

test('the user has the type of authenticate’s answer in every hook, join options that of their check', () => {
  const server = createServer(game, {
    clock,
    authenticate: async ({ token }) => verify(token),
    rooms: {
      yard: {
        maxPlayers: 64,
        interest: { radius: 900 },
        joinOptions: (value: unknown) => ({ team: Number(value) }),
        matches: (room, options) => room.players.count + options.team === 1,
        onAuth: (user) => user.name !== 'mallory',
        onJoin(room, player, options) {
          const ship = room.world.ship.spawn({ x: 100, y: 100, name: player.user.name });
          player.control(ship);
          room.state.round = options.team;
          player.state.score = 5;
          // @ts-expect-error a rock cannot be steered
          player.control(room.world.rock.spawn());
          // @ts-expect-error the state has no such field
          player.state.lives = 5;
        },
        onTick(room, { dt, tick }) {
          for (const ship of room.world.ship)
            if (ship.hp === 0) room.emit('boom', ship, { at: 'now', to: room.players });
          for (const { user, entity, quality } of room.players) {
            if (entity) entity.x += dt * tick * quality.rttMs * user.name.length;
          }
          // @ts-expect-error no such event
          room.emit('bang', {});
        },
        onLeave(_room, player, reason) {
          if (reason === 'kicked') player.release();
          // @ts-expect-error no such reason
          if (reason === 'bored') player.release();
        },
        onCommand: {
          add: (_room, player, { a, b }) => ({ sum: a + b + player.user.name.length }),
          later: async (room) => ({ tick: room.tick }),
          fail(_room, _player, { how }) {
            throw new RefusedError('forbidden', how);
          },
        },
      },
      lobby: {
        onJoin(_room, _player, options) {
          // @ts-expect-error without a check join options are unknown
          return options.team;
        },
      },
    },
  });
  expect([...server.rooms]).toEqual([]);
});

test('without authenticate users are guests', () => {
  createServer(game, { clock, rooms: { yard: { onJoin: (_room, { user }) => void (user.id satisfies string) } } });
});

test('mistakes that the compiler finds', () => {
  // @ts-expect-error a user has an id
  createServer(game, { clock, authenticate: () => ({ name: 'x' }), rooms: { yard: {} } });
  // @ts-expect-error this command has a reply
  createServer(game, { clock, rooms: { yard: { onCommand: { add: () => undefined } } } });
  // @ts-expect-error a server has rooms
  expect(() => createServer(game, { clock })).toThrow('at least one room type');
  // @ts-expect-error no such option
  expect(() => createServer(game, { clock, rooms: { yard: {} }, tickRate: 5 })).toThrow("no option 'tickRate'");
});

test('a refusal may be returned or thrown', () => {
  createServer(game, {
    clock,
    authenticate: ({ token }) => {
      if (token === 'a') throw new RefusedError('forbidden');
      return token === 'b' ? { id: 1, isAdmin: true } : new RefusedError('unauthorized');
    },
    rooms: { yard: { onJoin: (_room, { user }) => void (user.isAdmin satisfies boolean) } },
  });
});

test('an event without fields needs no payload, one with fields does', () => {
  const bells = defineGame({
    entities: { clock: entity({ hour: int(0, 23) }) },
    events: { bell: event(), boom: event({ x: int(0, 9) }) },
  });
  createServer(bells, {
    clock,
    rooms: {
      yard: {
        onTick(room) {
          room.emit('bell');
          room.emit('bell', {}, { at: 'now' });
          room.emit('bell', undefined, { to: room.players });
          // @ts-expect-error this one has fields
          room.emit('boom');
        },
      },
    },
  });
});
