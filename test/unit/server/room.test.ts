// A room's life: the order of its hooks, what becomes of players and their entities, and that its errors stay its own.
import { describe, expect, test } from 'vitest';
import { CODES, type Code, codeOfNumber, RefusedError } from '../../../engine/core/errors.ts';
import type { RoomType, ServerPlayer, ServerRoom } from '../../../engine/server/types.ts';
import { createStage, type RawClient } from './raw-client.ts';
import { COMMAND, game, press } from './small-game.ts';

type Game = typeof game;
type Room = ServerRoom<Game>;
type Player = ServerPlayer<Game>;
type Type = RoomType<Game>;

/** A room whose players each get a ship. */
const ships: Type = {
  onJoin(room, player) {
    player.control(room.world.ship.spawn({ x: 100, y: 100 }));
  },
};

/** Starts a server with one room type and keeps its errors. */
async function open(yard: Type, options: object = {}) {
  const errors: { error: unknown; hook: string; roomId: string | undefined }[] = [];
  const stage = await createStage(game, {
    onError: (error: unknown, place: { hook: string; roomId: string | undefined }) => errors.push({ error, ...place }),
    rooms: { yard },
    ...options,
  });
  const roomOf = (index = 0) => [...stage.server.rooms][index] as Room;
  return { ...stage, errors, roomOf };
}

const TICK = 50;
const replyOf = (client: RawClient, id: number) => {
  const reply = client.replies.find((candidate) => candidate.id === id);
  return reply && (reply.code === 0 ? (reply.payload ?? 'done') : codeOfNumber(reply.code));
};

describe('order of life', () => {
  test('onAuth, onCreate, onJoin, onTick, onLeave, onDispose', async () => {
    const calls: string[] = [];
    const note = (name: string) => () => {
      if (calls.at(-1) !== name) calls.push(name);
    };
    const stage = await open(
      {
        joinOptions: (value: unknown) => ({ team: value }),
        onAuth: (user, options) => {
          calls.push(`onAuth ${(user as { id: string }).id} ${String((options as { team: unknown }).team)}`);
          return true;
        },
        onCreate: note('onCreate'),
        onJoin: (room, player, options) => {
          calls.push(`onJoin ${player.id} ${String((options as { team: unknown }).team)} ${room.players.count}`);
        },
        onTick: note('onTick'),
        onLeave: (room, player, reason) => {
          calls.push(`onLeave ${player.id} ${reason} ${room.players.count}`);
        },
        onDispose: (room) => {
          calls.push(`onDispose ${room.players.count}`);
        },
      },
      {
        authenticate: () => {
          calls.push('authenticate');
          return { id: 'ann' };
        },
      },
    );
    const client = await stage.join({ options: 'red' });
    client.close();
    await stage.clock.advance(14_000);
    expect(calls).toEqual([
      'authenticate',
      'onAuth ann red',
      'onCreate',
      'onJoin 1 red 1',
      'onTick',
      'onLeave 1 closed 1',
      'onTick',
      'onDispose 0',
    ]);
    expect(stage.server.stats).toMatchObject({ rooms: 0, players: 0, roomsTotal: 1, gameErrors: 0 });
    // Nothing of it goes on: no timer is left.
    expect(stage.clock.pending).toBe(0);
  });

  test.each<[string, unknown, Code | undefined]>([
    ['nothing', undefined, undefined],
    ['false', false, 'forbidden'],
    ['a refusal', new RefusedError('room_full'), 'room_full'],
  ])('onAuth says %s', async (_, answer, code) => {
    const stage = await open({ onAuth: () => answer as never });
    const client = await stage.join();
    expect(client.byeCode).toBe(code);
    expect(stage.server.stats.rooms).toBe(code === undefined ? 1 : 0);
  });

  test('join options that their check throws at are refused', async () => {
    const stage = await open({
      joinOptions: (value: unknown) => {
        if (value !== 'good') throw new Error('bad');
        return value;
      },
    });
    expect((await stage.join({ options: 'evil' })).byeCode).toBe('bad_payload');
    expect((await stage.join({ options: 'good' })).bye).toBeUndefined();
    expect(stage.errors).toEqual([]);
  });

  test('players of one type share rooms as far as seats and `matches` go', async () => {
    const stage = await open({ maxPlayers: 2, matches: (room, options) => room.options === options });
    const idOf = async (options: unknown) => (await stage.join({ options })).welcome?.roomId;
    const [a, b, c, d] = [await idOf('red'), await idOf('blue'), await idOf('red'), await idOf('red')];
    expect(a).toBe(c);
    expect(new Set([a, b, d]).size).toBe(3);
  });

  test('a room is joined by its id, whatever the options', async () => {
    const stage = await open({ maxPlayers: 2, matches: () => false });
    const first = await stage.join();
    const roomId = first.welcome!.roomId;
    expect((await stage.join({ roomId })).welcome?.roomId).toBe(roomId);
    expect((await stage.join({ roomId })).byeCode).toBe('room_full');
  });

  test('a hundred who join at once while rooms are being made get a seat each, and no room too many', async () => {
    const stage = await open({
      maxPlayers: 10,
      onCreate: async () => {
        await undefined;
        await undefined;
      },
    });
    const clients = Array.from({ length: 100 }, () => stage.connect());
    await stage.clock.advance(1);
    for (const client of clients) client.hello();
    await stage.clock.advance(1);
    const rooms = new Map<string, number>();
    for (const { welcome } of clients) rooms.set(welcome!.roomId, (rooms.get(welcome!.roomId) ?? 0) + 1);
    expect([...rooms.values()]).toEqual(new Array(10).fill(10));
  });

  test('a room that is still being made is waited for; one whose making fails is not', async () => {
    let fail = false;
    const stage = await open({
      onCreate: () =>
        new Promise((resolve, reject) => {
          stage.clock.schedule(() => (fail ? reject(new Error('no map')) : resolve()), 300);
        }),
    });
    const greet = async () => {
      const client = stage.connect();
      await stage.clock.advance(1);
      client.hello();
      return client;
    };
    const [first, second] = [await greet(), await greet()];
    await stage.clock.advance(200);
    expect(first.welcome).toBeUndefined();
    await stage.clock.advance(200);
    expect(first.welcome?.roomId).toBe(second.welcome?.roomId);
    fail = true;
    stage.roomOf().close();
    const third = await greet();
    await stage.clock.advance(400);
    expect(third.byeCode).toBe('room_failed');
    expect(stage.errors).toMatchObject([{ hook: 'onCreate' }]);
    expect(stage.server.stats.rooms).toBe(0);
  });

  test('an onCreate that never ends is given up', async () => {
    const stage = await open({ onCreate: () => new Promise(() => undefined) });
    const greet = async () => {
      const client = stage.connect();
      await stage.clock.advance(1);
      client.hello();
      await stage.clock.advance(1);
      return client;
    };
    const early = await greet();
    await stage.clock.advance(4_000);
    const late = await greet();
    await stage.clock.advance(1_200);
    expect(early.byeCode).toBe('room_failed');
    expect(stage.server.stats.rooms).toBe(0);
    expect(late.byeCode).toBe('room_failed');
    expect(String(stage.errors[0]?.error)).toContain('5000 ms');
  });

  test('a room without players ends after twelve seconds, and not before', async () => {
    const stage = await open({});
    const client = await stage.join();
    client.close();
    await stage.clock.advance(11_000);
    expect(stage.server.stats.rooms).toBe(1);
    const other = await stage.join();
    await stage.clock.advance(30_000);
    expect(stage.server.stats.rooms).toBe(1);
    other.close();
    await stage.clock.advance(13_000);
    expect(stage.server.stats.rooms).toBe(0);
  });

  test('room.close() in a hook lets the tick end and tells everybody', async () => {
    const reasons: Code[] = [];
    const stage = await open({
      onTick: (room, { tick }) => {
        if (tick === 10) {
          room.emit('note', { text: 'over' }, { at: 'now' });
          room.close();
        }
      },
      onLeave: (_room, _player, reason) => {
        reasons.push(reason);
      },
    });
    const clients = [await stage.join(), await stage.join()];
    await stage.clock.advance(1_000);
    expect(clients.map(({ byeCode, events }) => [byeCode, events.length])).toEqual([
      ['room_closed', 1],
      ['room_closed', 1],
    ]);
    expect(reasons).toEqual(['room_closed', 'room_closed']);
    expect(stage.server.stats.rooms).toBe(0);
  });

  test('commands that came with the one that got their player kicked are not run', async () => {
    let runs = 0;
    const stage = await open({
      onCommand: {
        add: (_room, player) => {
          runs++;
          player.kick();
          return { sum: 0 };
        },
      },
    });
    const client = await stage.join();
    for (let id = 1; id <= 3; id++) client.command(id, COMMAND.add, [1, 1]);
    await stage.clock.advance(2 * TICK);
    expect([runs, client.byeCode]).toEqual([1, 'kicked']);
  });

  test('kick', async () => {
    const reasons: Code[] = [];
    const stage = await open({ ...ships, onLeave: (_r, _p, reason) => void reasons.push(reason) });
    const client = await stage.join();
    stage.roomOf().players.get(1)?.kick();
    await stage.clock.advance(2 * TICK);
    expect(client.byeCode).toBe('kicked');
    expect(reasons).toEqual(['kicked']);
  });

  test('the controlled entity goes with its player, unless released', async () => {
    const stage = await open({
      ...ships,
      onLeave: (_room, player) => {
        if (player.id === 2) player.release();
      },
    });
    const clients = [await stage.join(), await stage.join(), await stage.join()];
    const { world } = stage.roomOf();
    expect(world.ship.count).toBe(3);
    for (const client of clients) client.close();
    await stage.clock.advance(2 * TICK);
    expect([...world.ship].map(({ id }) => id % 65_536)).toEqual([1]);
  });

  test('numbers of players are never given twice', async () => {
    const stage = await open({});
    const ids: (number | undefined)[] = [];
    for (let i = 0; i < 3; i++) {
      const client = await stage.join();
      ids.push(client.welcome?.playerId);
      client.close();
      await stage.clock.advance(2 * TICK);
    }
    expect(ids).toEqual([1, 2, 3]);
  });
});

describe('errors of a game', () => {
  const boom = () => {
    throw new Error('boom');
  };

  test.each<[string, Type]>([
    ['onCreate', { onCreate: boom }],
    ['onJoin', { onJoin: boom }],
    ['onTick', { onTick: boom }],
    ['onJoin', { onJoin: async () => boom() }],
    ['onTick', { onTick: (async () => boom()) as never }],
    ['capture', { onTick: (room) => void room.world.ship.spawn({ x: Number.NaN }) }],
  ])('%s ends its room and no other', async (hook, yard) => {
    const stage = await open({}, { rooms: { yard, other: {} } });
    const healthy = await stage.join({ roomType: 'other' });
    const client = await stage.join();
    await stage.clock.advance(200);
    expect(client.byeCode).toBe('room_failed');
    expect(stage.errors[0]).toMatchObject({ hook, roomType: 'yard' });
    expect(stage.log.filter(({ level }) => level === 'error').length).toBeGreaterThan(0);
    expect(stage.server.stats).toMatchObject({ rooms: 1, players: 1 });
    const before = healthy.counts.get(4)!;
    await stage.clock.advance(500);
    expect(healthy.counts.get(4)! - before).toBe(10);
    expect(healthy.bye).toBeUndefined();
  });

  test('a step that throws', async () => {
    const stage = await open({
      onJoin(room, player) {
        const ship = room.world.ship.spawn();
        player.control(ship);
        for (let i = 0; i < 4096; i++) room.world.rock.spawn();
        room.world.rock.spawn();
      },
    });
    const client = await stage.join();
    expect(client.byeCode).toBe('room_failed');
    expect(String(stage.errors[0]?.error)).toContain('4096');
  });

  test('what fails while a room ends is told and stops nothing', async () => {
    const stage = await open({ ...ships, onTick: boom, onLeave: boom, onDispose: async () => boom() });
    await stage.join();
    await stage.clock.advance(500);
    expect(stage.errors.map(({ hook }) => hook).sort()).toEqual(['onDispose', 'onLeave', 'onTick']);
    expect(stage.server.stats).toMatchObject({ rooms: 0, players: 0 });
  });

  test('an onError that throws is no way out', async () => {
    const stage = await createStage(game, { rooms: { yard: { onTick: boom } }, onError: boom });
    await stage.join();
    expect(stage.server.stats.rooms).toBe(0);
  });

  test('without strict a bad value is repaired and counted, and its player told', async () => {
    const stage = await open(
      {
        ...ships,
        onTick: (room, { tick }) => {
          if (tick === 8) for (const ship of room.world.ship) ship.x = tick === 8 ? Number.NaN : ship.x;
          if (tick === 9) for (const ship of room.world.ship) ship.y = 1e9;
        },
      },
      { strict: false },
    );
    const client = await stage.join();
    await stage.clock.advance(500);
    expect(client.bye).toBeUndefined();
    expect(stage.server.stats.badValues).toBe(2);
    expect(client.rows.at(-1)?.row).toEqual([0, 1000 - 1 / 16, 100]);
  });
});

describe('commands', () => {
  const waiting: ((tick: number) => void)[] = [];
  const answering: Type = {
    ...ships,
    onTick: (room) => {
      for (const answer of waiting.splice(0)) answer(room.tick);
    },
    onCommand: {
      add: (_room, _player, { a, b }) => ({ sum: a + b }),
      later: (room) =>
        new Promise((resolve) => {
          const from = room.tick;
          waiting.push((tick) => resolve({ tick: tick - from }));
        }),
      fail: (_room, _player, { how }) => {
        if (how === 'refuse') throw new RefusedError('forbidden');
        if (how === 'reject') return Promise.reject(new RefusedError('room_full'));
        throw new Error(how);
      },
      hit: (_room, _player, { target }) => ({ found: target !== undefined }),
    },
  };

  test('run at the start of a tick, answered then or later', async () => {
    const stage = await open(answering);
    const client = await stage.join();
    client.command(1, COMMAND.add, [3, 4]);
    client.command(2, COMMAND.later, []);
    await stage.clock.advance(TICK);
    expect(replyOf(client, 1)).toEqual([7]);
    await stage.clock.advance(2 * TICK);
    expect(replyOf(client, 2)).toEqual([0]);
  });

  test('mistakes are answered with a code, and count', async () => {
    const stage = await open(answering);
    const client = await stage.join();
    client.command(1, 99, []);
    client.command(2, COMMAND.add, [3, 100]);
    await stage.clock.advance(TICK);
    expect([replyOf(client, 1), replyOf(client, 2)]).toEqual(['unknown_command', 'bad_payload']);
    expect(client.errors).toEqual([]);
    client.command(3, COMMAND.add, [3]);
    await stage.clock.advance(TICK);
    expect(replyOf(client, 3)).toBe('bad_payload');
    expect(client.byeCode).toBe('bad_message');
  });

  test('a command without a function is refused', async () => {
    const stage = await open(answering);
    const client = await stage.join();
    client.command(1, COMMAND.put, [{ deep: [1, 2] }]);
    await stage.clock.advance(TICK);
    expect(replyOf(client, 1)).toBe('unknown_command');
    expect(client.bye).toBeUndefined();
  });

  test('a refusal reaches the client, any other error ends the room', async () => {
    const stage = await open(answering);
    const client = await stage.join();
    client.command(1, COMMAND.fail, ['refuse']);
    client.command(2, COMMAND.fail, ['reject']);
    await stage.clock.advance(TICK);
    expect([replyOf(client, 1), replyOf(client, 2)]).toEqual(['forbidden', 'room_full']);
    client.command(3, COMMAND.fail, ['really']);
    await stage.clock.advance(TICK);
    expect(client.byeCode).toBe('room_failed');
    expect(stage.errors).toMatchObject([{ hook: 'onCommand.fail' }]);
  });

  test('a reference means what the client was shown, and nothing else', async () => {
    const stage = await open({
      ...answering,
      interest: { radius: 50 },
      onCreate: (room) => {
        room.world.rock.spawn({ x: 110, y: 100 });
        room.world.rock.spawn({ x: 900, y: 900 });
      },
    });
    const client = await stage.join();
    for (const slot of [0, 1, 2]) client.command(10 + slot, COMMAND.hit, [slot]);
    client.command(20, COMMAND.hit, [null]);
    await stage.clock.advance(TICK);
    expect([10, 11, 12, 20].map((id) => replyOf(client, id))).toEqual([[1], [0], [0], [0]]);
    // Gone within the same tick: the hook gets undefined, not a handle that throws.
    const room = stage.roomOf();
    client.command(30, COMMAND.hit, [0]);
    await stage.clock.advance(1);
    for (const rock of room.world.rock) rock.despawn();
    await stage.clock.advance(TICK);
    expect(replyOf(client, 30)).toEqual([0]);
  });

  test('commands beyond their rate are refused, not punished', async () => {
    const stage = await open(answering);
    const client = await stage.join();
    for (let id = 1; id <= 60; id++) client.command(id, COMMAND.add, [1, 1]);
    await stage.clock.advance(TICK);
    const answers = Array.from({ length: 60 }, (_, i) => replyOf(client, i + 1));
    expect(answers.filter((answer) => answer === 'rate_limited')).toHaveLength(20);
    expect(client.bye).toBeUndefined();
  });

  test('an answer for a player who left goes nowhere', async () => {
    const stage = await open(answering);
    const client = await stage.join();
    const other = await stage.join();
    client.command(1, COMMAND.later, []);
    client.close();
    await stage.clock.advance(3 * TICK);
    expect(stage.errors).toEqual([]);
    expect(other.bye).toBeUndefined();
  });

  test('a reply that does not fit its declaration is the author’s mistake', async () => {
    const stage = await open({ onCommand: { add: () => ({ sum: 5000 }) } });
    const client = await stage.join();
    client.command(1, COMMAND.add, [1, 1]);
    await stage.clock.advance(TICK);
    expect(stage.errors).toMatchObject([{ hook: 'onCommand.add' }]);
    expect(client.replies).toMatchObject([{ id: 1, code: CODES.internal.number }]);
    expect(client.byeCode).toBeUndefined();
  });
});

describe('control', () => {
  const misuse = async (use: (room: Room, player: Player) => void): Promise<string> => {
    const stage = await open({ onJoin: use });
    await stage.join();
    await stage.join();
    return String(stage.errors[0]?.error ?? '');
  };

  test('misuse is a sentence', async () => {
    expect(await misuse((room, player) => player.control(room.world.rock.spawn() as never))).toContain('takes a ship');
    expect(
      await misuse((room, player) => {
        const ship = room.world.ship.spawn();
        ship.despawn();
        player.control(ship);
      }),
    ).toMatch(/ship/);
    expect(
      await misuse((room, player) => player.control([...room.world.ship][0] ?? room.world.ship.spawn())),
    ).toContain('steered by player 1');
    expect(await misuse((_room, player) => (player.viewpoint = { x: Number.NaN, y: 0 }))).toContain('finite');
    expect(await misuse((room) => room.emit('nope' as never, {} as never))).toContain('no event');
  });

  test('control of another entity leaves the first in the world', async () => {
    const stage = await open(ships);
    const client = await stage.join();
    const room = stage.roomOf();
    const player = room.players.get(1)!;
    const second = room.world.ship.spawn({ x: 500, y: 500 });
    player.control(second);
    player.control(second);
    expect(player.entity).toBe(second);
    await stage.clock.advance(TICK);
    expect(room.world.ship.count).toBe(2);
    expect(client.rows.map(({ row }) => row[0])).toEqual([100, 500]);
  });

  test('when the entity dies or is released the player is told that control ended', async () => {
    const stage = await open(ships);
    const client = await stage.join();
    const room = stage.roomOf();
    const player = room.players.get(1)!;
    player.entity?.despawn();
    expect(player.entity).toBeUndefined();
    await stage.clock.advance(TICK);
    expect(client.controlEnds).toBe(1);
    player.control(room.world.ship.spawn());
    player.release();
    await stage.clock.advance(2 * TICK);
    expect(client.controlEnds).toBe(2);
    expect(room.world.ship.count).toBe(1);
  });
});

describe('events', () => {
  test('to everybody, to some, near a place', async () => {
    const stage = await open({
      onJoin(room, player) {
        player.control(room.world.ship.spawn({ x: player.id * 100, y: 0 }));
      },
    });
    const clients = [await stage.join(), await stage.join(), await stage.join()];
    const room = stage.roomOf();
    const [first, , third] = [...room.players];
    const received = async (emit: () => void) => {
      for (const client of clients) client.events.length = 0;
      emit();
      await stage.clock.advance(TICK);
      return clients.map(({ events }) => events.length);
    };
    expect(await received(() => room.emit('note', { text: 'a' }))).toEqual([1, 1, 1]);
    expect(await received(() => room.emit('note', { text: 'a' }, { to: first! }))).toEqual([1, 0, 0]);
    expect(await received(() => room.emit('note', { text: 'a' }, { to: [first!, third!] }))).toEqual([1, 0, 1]);
    const near = { x: 150, y: 0, radius: 60 };
    expect(await received(() => room.emit('note', { text: 'a' }, { near }))).toEqual([1, 1, 0]);
    first!.viewpoint = { x: 900, y: 900 };
    expect(await received(() => room.emit('note', { text: 'a' }, { near }))).toEqual([0, 1, 0]);
    first!.viewpoint = undefined;
    expect(await received(() => room.emit('note', { text: 'a' }, { near, to: first! }))).toEqual([1, 0, 0]);
  });

  test('carry their tick, and whether they are shown at once', async () => {
    const stage = await open({
      onTick: (room, { tick }) => {
        if (tick === 10) {
          room.emit('boom', { x: 5 });
          room.emit('note', { text: 'now' }, { at: 'now' });
        }
      },
    });
    const client = await stage.join();
    await stage.clock.advance(1_000);
    expect(client.events).toEqual([
      [0, false, 0],
      [1, true, 0],
    ]);
  });

  test('what a step emits reaches everybody, its author too', async () => {
    const stage = await open(ships);
    const clients = [await stage.join(), await stage.join()];
    clients[0]!.input(1, [press(0, true), press(0)]);
    await stage.clock.advance(4 * TICK);
    expect(clients.map(({ events }) => events.map(([event]) => event))).toEqual([[0], [0]]);
  });
});
