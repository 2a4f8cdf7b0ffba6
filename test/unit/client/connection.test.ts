import { describe, expect, test } from 'vitest';
import { createValueCodec } from '../../../engine/client/value-codec.ts';
import { connect } from '../../../engine/client.ts';
import { RefusedError, TickwireError } from '../../../engine/core/errors.ts';
import { bool, command, defineGame, entity, event, input, int, num, value } from '../../../engine/index.ts';
import { decodeCommand } from '../../../engine/wire/command.ts';
import { decodeHello } from '../../../engine/wire/hello.ts';
import { MESSAGE } from '../../../engine/wire/message.ts';
import { encodeReply } from '../../../engine/wire/reply.ts';
import { decodeResync } from '../../../engine/wire/resync.ts';
import { FakeServer } from './fake-server.ts';

const game = defineGame({
  entities: { ship: entity({ x: num({ min: 0, max: 100, precision: 0.1 }) }) },
  input: input({ fire: bool().pulse() }),
  events: { boom: event({ x: int(0, 9) }) },
  commands: { buy: command({ item: int(0, 99) }).replies({ ok: bool() }), tell: command({ what: value<object>() }) },
  controls: 'ship',
});
const values = createValueCodec();

/** Plays frames for a while; a silent server would be left after 5 s, so it says something each second. */
async function pass<G extends typeof game>(server: FakeServer<G>, seconds: number, tick = 101): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await server.settle(1_000);
    server.nothing(tick + i);
  }
}

describe('joining', () => {
  test('HELLO says who comes and what for; connect resolves with the first snapshot', async () => {
    const server = new FakeServer(game, { room: { type: 'arena', id: 'x' }, token: 't', joinOptions: { team: 2 } });
    expect(server.last.sent).toHaveLength(0);
    server.last.handlers.open();
    const hello = decodeHello(values, server.last.sent[0] as Uint8Array);
    expect(hello).toMatchObject({ roomType: 'arena', roomId: 'x', token: 't', options: { team: 2 }, codecs: 1 });
    expect(hello.schemaHash).toEqual(game.schema.hash);
    server.welcome({ playerId: 7, roomId: 'x' });
    expect(server.last.of('ready')).toHaveLength(1);
    await server.settle();
    expect(server.net).toBeUndefined();
    server.reset(5);
    await server.settle();
    expect(server.net.state).toBe('playing');
    expect(server.net.playerId).toBe(7);
    expect(server.net.roomId).toBe('x');
    server.net.close();
  });

  test('PINGs come fast at first, then twice a second, and never in step with anything', async () => {
    const server = new FakeServer(game);
    await server.play();
    const times: number[] = [];
    for (let ms = 0; ms < 30_000; ms++) {
      if (ms % 1_000 === 0) server.nothing(101 + ms / 1_000);
      const before = server.last.of('ping').length;
      await server.settle(1);
      if (server.last.of('ping').length > before) times.push(ms);
    }
    const countOf = (fromMs: number, toMs: number) => times.filter((ms) => ms >= fromMs && ms < toMs).length;
    expect(countOf(0, 900)).toBeGreaterThanOrEqual(11);
    expect(countOf(2_000, 10_000)).toBeGreaterThan(8 * 3.2);
    expect(countOf(12_000, 30_000)).toBeLessThan(18 * 2.5);
    const gaps = times.slice(1).map((ms, i) => ms - times[i]!);
    const late = gaps.slice(-30);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(374);
    expect(Math.max(...late)).toBeLessThanOrEqual(626);
    expect(Math.max(...late) - Math.min(...late)).toBeGreaterThan(100);
    server.net.close();
  });

  test("with ready: 'manual' it resolves with the seat, and READY waits", async () => {
    const server = new FakeServer(game, { ready: 'manual' });
    server.last.handlers.open();
    server.welcome();
    await server.settle();
    expect(server.net.state).toBe('connecting');
    expect(server.last.of('ready')).toHaveLength(0);
    server.net.frame(1_000);
    server.net.ready();
    server.net.ready();
    expect(server.last.of('ready')).toHaveLength(1);
    server.net.close();
  });

  test('a refusal says why, and when to come again', async () => {
    const server = new FakeServer(game);
    server.last.handlers.open();
    server.last.sayBye('room_full', { retryAfterMs: 3_000 });
    await server.settle(60_000);
    expect(server.failure).toBeInstanceOf(RefusedError);
    expect(server.failure).toMatchObject({ code: 'room_full', retryAfterMs: 3_000 });
    expect(server.connections).toHaveLength(1);
    expect(server.clock.pending).toBe(0);
  });

  test('another schema: the message names the first line that differs', async () => {
    const server = new FakeServer(game);
    server.last.handlers.open();
    const lineHashes = game.schema.lineHashes.map((hash, i) => (i === 2 ? hash ^ 1 : hash));
    server.last.sayBye('version_mismatch', { lineHashes, reason: 'the schemas differ' });
    await server.settle();
    expect(server.failure).toMatchObject({
      code: 'version_mismatch',
      reason: "the schemas differ: first in 'field ship x'; build both sides from one game file",
    });
  });

  test.each<[string, readonly number[], string]>([
    ['a server that has more', [...game.schema.lineHashes, 1], "the server has more behind 'command tell what'"],
    ['a server that has less', game.schema.lineHashes.slice(0, 1), "first in 'entity ship'"],
    ['another tick rate', [1], "first in 'game'"],
  ])('another schema: %s', async (_, lineHashes, difference) => {
    const server = new FakeServer(game);
    server.last.handlers.open();
    server.last.sayBye('version_mismatch', { lineHashes });
    await server.settle();
    expect(server.failure).toMatchObject({ reason: `${difference}; build both sides from one game file` });
  });

  test.each([
    ['closed before WELCOME', (server: FakeServer<typeof game>) => server.last.handlers.close(1006, '')],
    ['silent for 10 s', (server: FakeServer<typeof game>) => server.settle(11_500)],
  ])('unreachable: %s', async (_, happen) => {
    const server = new FakeServer(game);
    await happen(server);
    await server.settle(1_000);
    expect(server.failure).toMatchObject({
      code: 'unreachable',
      reason: "no connection to ws://fake: does the server run there, and does it allow this page's origin?",
    });
    expect(server.clock.pending).toBe(0);
  });

  test('what cannot be asked is thrown before anything is sent', async () => {
    const server = new FakeServer(game, { joinOptions: { big: 'x'.repeat(20_000) } });
    await server.settle();
    expect(server.failure).toBeInstanceOf(TickwireError);
    expect(server.connections).toHaveLength(0);
  });
});

describe('losing and finding the server', () => {
  test('full jitter: random(0, min(30 s, 1 s * 2^n))', async () => {
    const delays: number[][] = [];
    for (let run = 0; run < 200; run++) {
      const server = new FakeServer(game);
      await server.settle(run * 13.7);
      await server.play();
      for (let n = 0; n < 8; n++) {
        const lostAt = server.clock.now();
        const dials = server.connections.length;
        server.last.handlers.close(1006, '');
        expect(server.net.state).toBe('reconnecting');
        await server.clock.advanceUntil(() => server.connections.length > dials, 40_000);
        const waited = server.clock.now() - lostAt;
        delays[n] = [...(delays[n] ?? []), waited];
      }
      server.net.close();
    }
    delays.forEach((waits, n) => {
      const most = Math.min(30_000, 1_000 * 2 ** n);
      expect(Math.max(...waits)).toBeLessThanOrEqual(most);
      expect(Math.max(...waits)).toBeGreaterThan(0.9 * most);
      expect(Math.min(...waits)).toBeLessThan(0.1 * most);
      const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
      expect(Math.abs(mean / most - 0.5)).toBeLessThan(0.1);
    });
  });

  test('ten seconds of play start the back-off anew, less do not', async () => {
    for (const [seconds, most] of [
      [11, 1_000],
      [5, 30_000],
    ] as const) {
      const waits: number[] = [];
      for (let run = 0; run < 40; run++) {
        const server = new FakeServer(game);
        await server.settle(run * 17.3);
        await server.play();
        for (let n = 0; n < 6; n++) {
          server.last.handlers.close(1006, '');
          const dials = server.connections.length;
          await server.clock.advanceUntil(() => server.connections.length > dials, 40_000);
        }
        await server.play();
        await pass(server, seconds);
        const lostAt = server.clock.now();
        const dials = server.connections.length;
        server.last.handlers.close(1006, '');
        await server.clock.advanceUntil(() => server.connections.length > dials, 40_000);
        waits.push(server.clock.now() - lostAt);
        server.net.close();
      }
      expect(Math.max(...waits)).toBeLessThanOrEqual(most);
      expect(Math.max(...waits)).toBeGreaterThan(most / 2);
    }
  });

  test('five seconds of silence end a connection without its close event; a late beat alone does not', async () => {
    const server = new FakeServer(game);
    const net = await server.play();
    const states: unknown[] = [];
    net.onState((state, reason) => states.push([state, reason?.code]));
    await server.settle(4_500);
    expect(net.state).toBe('playing');
    await server.settle(2_500);
    expect(states[0]).toEqual(['reconnecting', 'silent']);
    expect(server.connections[0]?.closedWith).toBe(4414);
    // Whatever the old connection still says is not heard.
    server.connections[0]?.handlers.close(1006, '');
    server.connections[0]?.say(new Uint8Array([0x91, 0x04]));
    expect(states).toHaveLength(1);
    net.close();
  });

  test('a server that goes away says for how long', async () => {
    const server = new FakeServer(game);
    await server.play();
    server.last.sayBye('shutting_down', { retryAfterMs: 7_000 });
    expect(server.net.state).toBe('reconnecting');
    await server.settle(6_990);
    expect(server.connections).toHaveLength(1);
    await server.settle(1_020);
    expect(server.connections).toHaveLength(2);
    server.net.close();
  });

  test.each(['kicked', 'replaced', 'unauthorized', 'forbidden', 'version_mismatch', 'bad_message'] as const)(
    'after %s nothing is tried again',
    async (code) => {
      const server = new FakeServer(game);
      await server.play();
      const reasons: unknown[] = [];
      server.net.onState((_, reason) => reasons.push(reason?.code));
      server.last.sayBye(code);
      await server.settle(120_000);
      expect(reasons).toEqual([code]);
      expect(server.net.state).toBe('closed');
      expect(server.connections).toHaveLength(1);
      expect(server.clock.pending).toBe(0);
    },
  );

  test('bytes that are no message end the connection with bad_message, and it is made anew', async () => {
    for (const bytes of [[], [0xc1], [0x91, 0x01], [0x92, 0x04, 0x01], [0x91, 0x02], [0x93, 0x08, 0x00, 0x91, 0x90]]) {
      const server = new FakeServer(game);
      await server.play();
      server.last.say(new Uint8Array(bytes));
      expect(server.last.closedWith).toBe(4400);
      expect(server.net.state).toBe('reconnecting');
      await server.settle(1_000);
      expect(server.connections).toHaveLength(2);
      server.net.close();
    }
  });

  test('close is final, twice is once, and frames go on harmlessly', async () => {
    const server = new FakeServer(game);
    const net = await server.play();
    let calls = 0;
    net.onState(() => calls++);
    net.close();
    net.close();
    expect(calls).toBe(1);
    expect(net.state).toBe('closed');
    expect(server.last.closedWith).toBe(1000);
    for (let now = 2_000; now < 3_000; now += 16) net.frame(now);
    await expect(net.send('buy', { item: 1 })).rejects.toMatchObject({ code: 'closed' });
    expect(server.clock.pending).toBe(0);
  });
});

describe('the state of a body', () => {
  test('a body that does not apply asks for a reset, once, and bodies without one are skipped', async () => {
    const server = new FakeServer(game);
    const net = await server.play();
    // A leave of an entity that nobody knows.
    const broken = (tick: number) =>
      server.state(tick, 0, (writer) => {
        writer.array(2);
        writer.nil();
        writer.array(1);
        writer.array(3);
        writer.uint(0);
        writer.array(1);
        writer.uint(3);
        writer.array(0);
      });
    broken(101);
    broken(102);
    server.nothing(103);
    expect(server.last.of('resync')).toHaveLength(1);
    expect(decodeResync(server.last.of('resync')[0] as Uint8Array).tick).toBe(101);
    expect(net.stats.resyncs).toBe(1);
    expect(net.stats.snapshots).toBe(1);
    server.reset(104);
    server.nothing(105);
    expect(net.stats.snapshots).toBe(3);
    broken(106);
    expect(server.last.of('resync')).toHaveLength(2);
    expect(net.state).toBe('playing');
    net.close();
  });
});

describe('commands', () => {
  const answer = (server: FakeServer<typeof game>, bytes: Uint8Array, code = 0): void => {
    const { id } = decodeCommand(values, bytes);
    server.last.say(encodeReply(values, { id, code, payload: code === 0 ? [1] : undefined }));
  };

  test('a command resolves with its reply, or rejects with its code', async () => {
    const server = new FakeServer(game);
    const net = await server.play();
    const bought = net.send('buy', { item: 3 });
    const refused = net.send('buy', { item: 4 });
    const [first, second] = server.last.of('command') as [Uint8Array, Uint8Array];
    expect(decodeCommand(values, first)).toMatchObject({ command: 0, payload: [3] });
    answer(server, second, 4403);
    answer(server, first);
    expect(await bought).toEqual({ ok: true });
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
    // A reply to nothing is ignored.
    answer(server, first);
    expect(net.state).toBe('playing');
    net.close();
  });

  test('without a connection it waits: sent once there is one, given up after 5 s, and 64 at most', async () => {
    const server = new FakeServer(game);
    const net = await server.play();
    server.last.handlers.close(1006, '');
    const outcome: string[] = [];
    const note = (name: string, promise: Promise<unknown>) =>
      promise.then(
        () => outcome.push(`${name} done`),
        (error: RefusedError) => outcome.push(`${name} ${error.code}`),
      );
    void note('first', net.send('buy', { item: 1 }));
    await server.settle(1_100);
    expect(server.connections).toHaveLength(2);
    await server.play();
    expect(server.last.of('command')).toHaveLength(1);
    answer(server, server.last.of('command')[0] as Uint8Array);
    await server.settle();
    expect(outcome).toEqual(['first done']);
    server.last.handlers.close(1006, '');
    for (let i = 0; i < 65; i++) void note(`${i}`, net.send('buy', { item: 1 }));
    await server.settle();
    expect(outcome).toEqual(['first done', '64 unreachable']);
    await server.settle(12_000);
    expect(outcome).toHaveLength(66);
    await server.play();
    expect(server.last.of('command')).toHaveLength(0);
    net.close();
  });

  test('one that was sent is never sent again', async () => {
    const server = new FakeServer(game);
    const net = await server.play();
    const bought = net.send('buy', { item: 3 });
    bought.catch(() => undefined);
    server.last.handlers.close(1006, '');
    await expect(bought).rejects.toBeInstanceOf(RefusedError);
    await server.settle(1_100);
    await server.play();
    expect(server.last.of('command')).toHaveLength(0);
    net.close();
  });

  test('values of the game travel whole, large integers too', async () => {
    const server = new FakeServer(game);
    const net = await server.play();
    const what = { list: [1, -5, 2 ** 40, -(2 ** 35), 1.5], text: 'ä€😀', bytes: new Uint8Array([1, 2]), none: null };
    net.send('tell', { what }).catch(() => undefined);
    expect(decodeCommand(values, server.last.of('command')[0] as Uint8Array).payload).toEqual([what]);
    net.close();
  });

  test('a mistake of the author is thrown at once', async () => {
    const server = new FakeServer(game);
    const net = await server.play();
    expect(() => net.send('buy', { item: 'x' as unknown as number })).toThrow(TickwireError);
    expect(() => net.send('sell' as 'buy', { item: 1 })).toThrow(/no command/);
    expect(() => net.on('bang' as 'boom', () => undefined)).toThrow(/no event/);
    net.close();
  });
});

describe('a page that is hidden', () => {
  test('acks go on while snapshots come, every 100 ms, without what nobody sees', async () => {
    const server = new FakeServer(game);
    const net = await server.play();
    const before = server.last.of('input').length;
    for (let i = 0; i < 60; i++) {
      await server.settle(1000 / 30);
      server.nothing(101 + i);
    }
    const acks = server.last.of('input').slice(before);
    expect(acks.length).toBeGreaterThanOrEqual(15);
    expect(acks.length).toBeLessThanOrEqual(20);
    // [5, nil, nil, held]
    expect([...(acks[acks.length - 1] as Uint8Array)].slice(0, 4)).toEqual([0x94, MESSAGE.input, 0xc0, 0xc0]);
    net.close();
  });
});

describe('what cannot be asked has a sentence, before anything is sent', () => {
  const room = "connect needs a room: { room: 'arena' } or { room: { type, id } }";
  const token = 'connect: token is a text of at most 4096 UTF-8 bytes';
  test.each<[object, string]>([
    [{ room: undefined }, room],
    [{ room: 5 }, room],
    [{ room: { type: 'arena' } }, room],
    [{ token: 5 }, token],
    [{ token: 'ü'.repeat(2_049) }, token],
    [{ joinOptions: { at: [new Date()] } }, 'joinOptions.at[0] is not a plain object. Send its fields, or an array.'],
    [{ joinOptions: () => 1 }, 'joinOptions is a function, which MessagePack does not hold.'],
    [{ rooom: 1 }, "connect has no option 'rooom'; it has room, joinOptions, token"],
  ])('%o', async (options, sentence) => {
    const server = new FakeServer(game, options);
    await server.settle();
    expect(server.failure).toBeInstanceOf(TickwireError);
    expect((server.failure as Error).message).toContain(sentence);
    expect(server.connections).toHaveLength(0);
  });

  test('no options at all', async () => {
    await expect(connect(game, 'ws://fake', undefined as never)).rejects.toThrow(room);
  });
});
