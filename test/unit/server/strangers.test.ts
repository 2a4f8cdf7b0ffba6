// What strangers, and players with bad luck, may not cost the others: their room.

import { command, defineGame, entity, input, int, RefusedError, value } from 'tickwire';
import { describe, expect, test } from 'vitest';
import type { RoomType, ServerRoom } from '../../../engine/server/types.ts';
import { createStage } from './raw-client.ts';
import { game } from './small-game.ts';

type Type = RoomType<typeof game>;
const TICK = 50;

/** Keeps what `onError` is told. */
function listen() {
  const errors: string[] = [];
  const onError = (error: unknown, { hook }: { hook: string }) => errors.push(`${hook}: ${(error as Error).message}`);
  return { errors, onError };
}

describe('matches', () => {
  test('that throws at a stranger’s options refuses that client, and no room ends', async () => {
    const { errors, onError } = listen();
    const yard: Type = {
      matches(_room, options) {
        if (options === 'full') throw new RefusedError('room_full');
        return (options as { team: { name: string } }).team.name === 'red';
      },
    };
    const stage = await createStage(game, { rooms: { yard }, onError });
    const red = { team: { name: 'red' } };
    const players = [await stage.join({ options: red }), await stage.join({ options: red })];
    expect((await stage.join({ options: null })).byeCode).toBe('internal');
    expect((await stage.join({ options: 'full' })).byeCode).toBe('room_full');
    await stage.clock.advance(1_000);
    expect(players.map(({ bye }) => bye)).toEqual([undefined, undefined]);
    expect(stage.server.stats).toMatchObject({ rooms: 1, players: 2 });
    expect(errors[0]).toMatch(/^matches: Cannot read properties of null/);
  });
});

describe('onJoin', () => {
  test('that fails after its client left is told, and the room goes on', async () => {
    const { errors, onError } = listen();
    const waiting: (() => void)[] = [];
    const yard: Type = {
      async onJoin(room, player) {
        if (player.id === 1) return;
        await new Promise<void>((resolve) => waiting.push(resolve));
        if (room.players.get(player.id) === undefined) throw new Error('is gone');
      },
    };
    const stage = await createStage(game, { rooms: { yard }, onError });
    const stayer = await stage.join();
    const leaver = await stage.join();
    leaver.close();
    await stage.clock.advance(3 * TICK);
    waiting[0]!();
    await stage.clock.advance(1_000);
    expect(errors).toEqual(['onJoin: is gone']);
    expect(stayer.bye).toBeUndefined();
    expect(stage.server.stats).toMatchObject({ rooms: 1, players: 1 });
  });
});

describe('a full table', () => {
  const shooting = defineGame({
    tickRate: 20,
    entities: { ship: entity({ x: int(0, 100) }), shot: entity({ x: int(0, 100) }, { max: 3 }) },
    input: input({ fire: int(0, 1) }),
    controls: 'ship',
    step: {
      ship(ship, held, ctx) {
        if (held.fire === 1) ctx.spawn('shot', { x: ship.x });
      },
    },
  });
  const yard: RoomType<typeof shooting> = {
    onJoin: (room, player) => player.control(room.world.ship.spawn()),
  };
  const shoot = async (strict: boolean) => {
    const { errors, onError } = listen();
    const stage = await createStage(shooting, { rooms: { yard }, onError, strict });
    const client = await stage.join();
    const room = [...stage.server.rooms][0]!;
    client.input(
      1,
      Array.from({ length: 8 }, () => Uint8Array.of(1)),
    );
    await stage.clock.advance(20 * TICK);
    return { stage, client, errors, room };
  };

  test('without strict: what a step spawns into it is dropped, and counted', async () => {
    const { stage, client, errors, room } = await shoot(false);
    expect([...room.world.shot].length).toBe(3);
    expect(stage.server.stats).toMatchObject({ rooms: 1, spawnsDropped: 5 });
    expect(errors).toEqual([]);
    expect(client.bye).toBeUndefined();
  });

  test('with strict: the room ends, with a sentence', async () => {
    const { stage, client, errors } = await shoot(true);
    expect(client.byeCode).toBe('room_failed');
    expect(errors).toEqual(['step: shot: all 3 slots are taken; despawn some first, or raise entity({ … }, { max })']);
    expect(stage.server.stats).toMatchObject({ rooms: 0, spawnsDropped: 0 });
  });

  test('hooks are told in any case', async () => {
    const { room } = await shoot(false);
    expect(() => room.world.shot.spawn()).toThrow(/all 3 slots are taken/);
  });
});

test('a reply too large for a message is no answer, and that concerns who asked alone', async () => {
  const { errors, onError } = listen();
  const asking = defineGame({
    tickRate: 20,
    entities: { ship: entity({ x: int(0, 9) }) },
    commands: { list: command({ length: int(0, 400) }).replies({ a: value<number[]>(), b: value<number[]>() }) },
  });
  const yard: RoomType<typeof asking> = {
    onCommand: {
      list: (_room, _player, { length }) => ({
        a: new Array<number>(length).fill(1),
        b: new Array<number>(length).fill(2),
      }),
    },
  };
  const stage = await createStage(asking, { rooms: { yard }, onError });
  const [client, other] = [await stage.join(), await stage.join()];
  // Each fits by itself, and so does what the client sent.
  client.command(1, 0, [400]);
  client.command(2, 0, [2]);
  await stage.clock.advance(3 * TICK);
  expect(client.replies).toEqual([
    { id: 1, code: 1011, payload: undefined },
    {
      id: 2,
      code: 0,
      payload: [
        [1, 1],
        [2, 2],
      ],
    },
  ]);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/^onCommand\.list: The reply/);
  expect([client.bye, other.bye]).toEqual([undefined, undefined]);
  // Its place among the commands that run was given back.
  for (let id = 3; id < 23; id++) client.command(id, 0, [400]);
  await stage.clock.advance(2_000);
  client.command(23, 0, [1]);
  await stage.clock.advance(3 * TICK);
  expect(client.replies.at(-1)).toEqual({ id: 23, code: 0, payload: [[1], [2]] });
});

describe('a room in which nobody ever played', () => {
  test('ends once nobody is on the way to it', async () => {
    const stage = await createStage(game, { rooms: { yard: {} } });
    const client = stage.connect();
    await stage.clock.advance(1);
    client.hello();
    await stage.clock.advance(5 * TICK);
    expect(stage.server.stats.rooms).toBe(1);
    client.drop();
    await stage.clock.advance(2 * TICK);
    expect(stage.server.stats).toMatchObject({ rooms: 0, playersTotal: 0 });
  });

  test('but one that was played in waits for its players', async () => {
    const stage = await createStage(game, { rooms: { yard: {} } });
    (await stage.join()).drop();
    await stage.clock.advance(11_000);
    expect(stage.server.stats.rooms).toBe(1);
  });
});

test('an event out of range is clamped without strict, and its room goes on', async () => {
  for (const strict of [false, true]) {
    const { errors, onError } = listen();
    const yard: Type = {
      onTick: (room, { tick }) => {
        if (tick === 6) room.emit('boom', { x: 1_500 });
      },
    };
    const stage = await createStage(game, { rooms: { yard }, onError, strict });
    const client = await stage.join();
    await stage.clock.advance(10 * TICK);
    expect([client.events.length, client.byeCode, errors.length]).toEqual(
      strict ? [0, 'room_failed', 1] : [1, undefined, 0],
    );
  }
});

test('a stall of twelve seconds of the whole process cuts nobody', async () => {
  const stage = await createStage(game, { rooms: { yard: {} } });
  const client = await stage.join();
  // What it acknowledges from now on is not read before the process goes on.
  client.acknowledges = false;
  await stage.clock.advance(3 * TICK);
  const now = stage.clock.now.bind(stage.clock);
  stage.clock.now = () => now() + 12_000;
  await stage.clock.advance(3 * TICK);
  expect([client.closeCode, client.bye]).toEqual([undefined, undefined]);
  client.acknowledges = true;
  client.acknowledge();
  await stage.clock.advance(1_000);
  expect(client.bye).toBeUndefined();
  expect(stage.server.stats.players).toBe(1);
});

test('a room ends before its ticks outgrow 32 bits, and its players may ask for another', async () => {
  const LAST_TICK = 2 ** 31 - 2;
  let lastTick = 0;
  const yard: Type = {
    onCreate(room) {
      // As after two years.
      if (lastTick === 0) (room as { tick: number }).tick = LAST_TICK - 40;
    },
    onJoin: (room, player) => player.control(room.world.ship.spawn({ x: 500, y: 500 })),
    onTick: (room: ServerRoom<typeof game>) => {
      lastTick = Math.max(lastTick, room.tick);
      for (const ship of room.world.ship) ship.name = `tick ${room.tick}`;
    },
  };
  const { errors, onError } = listen();
  const stage = await createStage(game, { rooms: { yard }, onError });
  const client = await stage.join();
  await stage.clock.advance(30 * TICK);
  expect(client.bye).toBeUndefined();
  expect(client.replica.newestTick).toBeGreaterThan(LAST_TICK - 12);
  await stage.clock.advance(20 * TICK);
  expect([lastTick, client.byeCode, errors]).toEqual([LAST_TICK, 'room_closed', []]);
  expect(client.replica.newestTick).toBe(LAST_TICK);
  const again = await stage.join();
  expect([again.bye, again.welcome!.roomId === client.welcome!.roomId]).toEqual([undefined, false]);
});
