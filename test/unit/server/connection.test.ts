// One socket: who gets in, who is turned away and why, and what ends a connection.
import { defineGame, entity, int } from 'tickwire';
import { describe, expect, test } from 'vitest';
import { CODES, type Code, FINAL_CODES, RefusedError } from '../../../engine/core/errors.ts';
import { MESSAGE } from '../../../engine/wire/message.ts';
import { writePing } from '../../../engine/wire/ping.ts';
import { encodeReady } from '../../../engine/wire/ready.ts';
import { encodeResync } from '../../../engine/wire/resync.ts';
import { Writer } from '../../../engine/wire/writer.ts';
import { createStage, type RawClient, type Stage } from './raw-client.ts';
import { COMMAND, game, press } from './small-game.ts';

const yard = { rooms: { yard: {} } };

function ping(nonce: number): Uint8Array {
  const writer = new Writer();
  writePing(writer, nonce, 1);
  return writer.finish();
}

async function greet(stage: Stage<typeof game>, hello: object = {}): Promise<RawClient> {
  const client = stage.connect();
  await stage.clock.advance(1);
  client.hello(hello);
  await stage.clock.advance(1);
  return client;
}

describe('handshake', () => {
  test('HELLO is answered by WELCOME with all limits', async () => {
    const stage = await createStage(game, yard);
    const client = await greet(stage);
    expect(client.welcome).toMatchObject({
      protocol: 1,
      codec: 0,
      tickRate: 20,
      sendEvery: 1,
      playerId: 1,
      isStrict: true,
    });
    expect(client.welcome?.limits).toMatchObject({
      maxPayloadBytes: 16_384,
      messagesPerSecond: 60,
      silentAfterMs: 15_000,
    });
    expect(client.welcome?.roomId).toMatch(/^[\w-]{16}$/);
  });

  test('snapshots start with READY, not before', async () => {
    const stage = await createStage(game, yard);
    const client = await greet(stage);
    await stage.clock.advance(1_000);
    expect(client.counts.get(MESSAGE.state)).toBeUndefined();
    expect(stage.server.stats.players).toBe(0);
    client.send(encodeReady());
    await stage.clock.advance(200);
    expect(client.counts.get(MESSAGE.state)).toBeGreaterThan(1);
    expect(stage.server.stats.players).toBe(1);
  });

  test.each<[string, object, Code]>([
    ['another protocol', { protocol: 2 }, 'version_mismatch'],
    ['another schema', { schemaHash: new Uint8Array(8) }, 'version_mismatch'],
    ['no codec in common', { codecs: 0 }, 'version_mismatch'],
    ['an unknown room type', { roomType: 'cellar' }, 'room_not_found'],
    ['an unknown room', { roomId: 'nowhere' }, 'room_not_found'],
  ])('%s is refused', async (_, hello, code) => {
    const stage = await createStage(game, yard);
    const client = await greet(stage, hello);
    expect(client.byeCode).toBe(code);
    await stage.clock.advance(10);
    expect(client.closeCode).toBe(client.bye?.code);
    expect(stage.server.stats.connections).toBe(0);
    expect(stage.server.stats.closed[code]).toBe(1);
  });

  test('of two schemas the client can tell the first difference', async () => {
    const stage = await createStage(game, yard);
    const client = await greet(stage, { schemaHash: new Uint8Array(8) });
    expect(client.bye?.lineHashes).toEqual([...game.schema.lineHashes]);
  });

  test('who says nothing is gone after five seconds', async () => {
    const stage = await createStage(game, yard);
    const client = stage.connect();
    await stage.clock.advance(4_900);
    expect(client.bye).toBeUndefined();
    await stage.clock.advance(1_200);
    expect(client.byeCode).toBe('handshake_timeout');
  });

  test('who is never ready loses the seat after ten seconds', async () => {
    const stage = await createStage(game, { rooms: { yard: { maxPlayers: 1 } }, maxRooms: 1 });
    const first = await greet(stage);
    await stage.clock.advance(9_000);
    expect((await greet(stage)).byeCode).toBe('server_full');
    await stage.clock.advance(2_000);
    expect(first.byeCode).toBe('handshake_timeout');
    expect((await greet(stage)).welcome).toBeDefined();
  });

  test('the first mistake before a seat ends the connection', async () => {
    const stage = await createStage(game, yard);
    const client = stage.connect();
    await stage.clock.advance(1);
    client.send(encodeReady());
    client.send(encodeReady());
    await stage.clock.advance(10);
    expect(client.byeCode).toBe('bad_message');
    expect(stage.server.stats.badMessages).toBe(1);
  });

  test('what is sent behind HELLO before its answer is not read', async () => {
    const stage = await createStage(game, { ...yard, authenticate: () => new Promise(() => undefined) });
    const client = stage.connect();
    await stage.clock.advance(1);
    client.hello();
    client.command(1, COMMAND.add, [1, 2]);
    await stage.clock.advance(10);
    expect(client.byeCode).toBe('bad_message');
    expect(stage.server.stats.commands).toBe(0);
  });
});

describe('authenticate', () => {
  const tokens: Record<string, unknown> = {
    good: { id: 'ann' },
    falsy: null,
    refused: new RefusedError('forbidden', undefined, 777),
  };
  const authenticate = async ({ token }: { token: string | undefined }) => {
    if (token === 'throws') throw new RefusedError('room_full');
    if (token === 'breaks') throw new Error('the database said: secret');
    return tokens[token ?? 'falsy'];
  };

  test.each<[string | undefined, Code]>([
    [undefined, 'unauthorized'],
    ['falsy', 'unauthorized'],
    ['refused', 'forbidden'],
    ['throws', 'room_full'],
    ['breaks', 'internal'],
  ])('token %s', async (token, code) => {
    const places: unknown[] = [];
    const stage = await createStage(game, {
      ...yard,
      authenticate,
      onError: (_: unknown, place: unknown) => places.push(place),
    });
    const client = await greet(stage, { token });
    expect(client.byeCode).toBe(code);
    expect(client.bye?.retryAfterMs).toBe(code === 'forbidden' ? 777 : undefined);
    expect(client.bye?.reason).toBe('');
    expect(places).toEqual(code === 'internal' ? [{ roomId: undefined, roomType: 'yard', hook: 'authenticate' }] : []);
    expect(stage.server.stats.rooms).toBe(0);
  });

  test('its user is the player’s, and its request knows what the client wants', async () => {
    const requests: unknown[] = [];
    const users: unknown[] = [];
    const stage = await createStage(game, {
      authenticate: (request: object) => {
        requests.push(request);
        return { id: 5, name: 'ann' };
      },
      rooms: { yard: { onJoin: (_: unknown, player: { user: unknown }) => users.push(player.user) } },
    });
    await stage.join({ token: 't', options: { team: 1 } });
    expect(requests).toEqual([{ token: 't', roomType: 'yard', joinOptions: { team: 1 }, remoteAddress: '127.0.0.1' }]);
    expect(users).toEqual([{ id: 5, name: 'ann' }]);
  });

  test('one that never answers is given up after five seconds', async () => {
    const stage = await createStage(game, { ...yard, authenticate: () => new Promise(() => undefined) });
    const client = await greet(stage);
    await stage.clock.advance(6_000);
    expect(client.byeCode).toBe('handshake_timeout');
    expect(stage.server.stats.connections).toBe(0);
  });

  test('a user without an id is the author’s mistake', async () => {
    const errors: unknown[] = [];
    const stage = await createStage(game, {
      ...yard,
      authenticate: () => ({ name: 'x' }),
      onError: (error: unknown) => errors.push(error),
    });
    expect((await greet(stage)).byeCode).toBe('internal');
    expect(String(errors[0])).toContain('id');
  });

  test.each([
    ['a fraction', new RefusedError('server_full', undefined, 1234.5), 'server_full', 1235],
    ['never', new RefusedError('server_full', undefined, Number.POSITIVE_INFINITY), 'server_full', 0xffff_ffff],
    ['a code that is none', new RefusedError('banned' as Code, 'you know why'), 'internal', undefined],
  ])('a refusal that its author made of %s is told all the same', async (_, refusal, code, retryAfterMs) => {
    const stage = await createStage(game, {
      ...yard,
      authenticate: () => {
        throw refusal;
      },
    });
    const client = await greet(stage);
    expect(client.bye).toMatchObject({ code: CODES[code as Code].number, reason: '', retryAfterMs });
    await stage.clock.advance(10);
    expect(stage.server.stats.connections).toBe(0);
  });

  test('one account has five connections, and a closed one makes place', async () => {
    const stage = await createStage(game, { ...yard, authenticate: () => ({ id: 'ann' }) });
    const clients: RawClient[] = [];
    for (let i = 0; i < 5; i++) clients.push(await stage.join());
    // Not a final code: dead connections of a user who comes back count until they are found silent.
    const sixth = await greet(stage);
    expect([sixth.byeCode, sixth.bye?.retryAfterMs]).toEqual(['server_full', 5_000]);
    expect(FINAL_CODES.has(sixth.byeCode as Code)).toBe(false);
    clients[0]!.close();
    await stage.clock.advance(50);
    expect((await greet(stage)).welcome).toBeDefined();
  });

  test('guests are somebody else each time', async () => {
    const ids: string[] = [];
    const stage = await createStage(game, {
      rooms: { yard: { onJoin: (_: unknown, player: { user: { id: string } }) => ids.push(player.user.id) } },
    });
    for (let i = 0; i < 7; i++) await stage.join();
    expect(new Set(ids).size).toBe(7);
  });
});

describe('abuse', () => {
  test('three mistakes within a minute end a connection; what came with them is not read', async () => {
    const stage = await createStage(game, yard);
    const client = await stage.join();
    for (let i = 0; i < 100; i++) client.send(Uint8Array.of(0xc1, 1, 2, 3));
    await stage.clock.advance(10);
    expect(client.errors).toEqual(['bad_message', 'bad_message']);
    expect(client.byeCode).toBe('bad_message');
    expect(stage.server.stats.badMessages).toBe(3);
  });

  test('a mistake a minute is forgiven', async () => {
    const stage = await createStage(game, { ...yard, silentAfterMs: 1_000_000 });
    const client = await stage.join();
    for (let i = 0; i < 5; i++) {
      client.send(Uint8Array.of(0x91, 99));
      await stage.clock.advance(61_000);
    }
    expect(client.errors).toHaveLength(5);
    expect(client.bye).toBeUndefined();
  });

  test('what a client may say after its seat, it may not say before, nor twice', async () => {
    const stage = await createStage(game, yard);
    const client = await stage.join();
    client.hello();
    client.send(encodeReady());
    await stage.clock.advance(10);
    expect(client.errors).toEqual(['bad_message', 'bad_message']);
  });

  test('messages beyond the rate are not read, and end the connection', async () => {
    const stage = await createStage(game, yard);
    const client = await stage.join();
    for (let i = 0; i < 1_000; i++) client.send(ping(i));
    await stage.clock.advance(10);
    expect(client.byeCode).toBe('rate_limited');
    // Twice the rate may come at once, less what the handshake took.
    expect(client.counts.get(MESSAGE.pong)).toBeGreaterThan(100);
    expect(client.counts.get(MESSAGE.pong)).toBeLessThanOrEqual(120);
  });

  test('bytes are limited too', async () => {
    const stage = await createStage(game, yard);
    const client = await stage.join();
    for (let i = 0; i < 10; i++) client.command(i, COMMAND.put, ['x'.repeat(250)]);
    await stage.clock.advance(10);
    expect(client.bye).toBeUndefined();
    for (let i = 0; i < 40; i++) client.send(new Uint8Array(2_000).fill(0xc1));
    await stage.clock.advance(10);
    expect(client.bye).toBeDefined();
  });

  test('a steady client at the rate of its game is never cut', async () => {
    const stage = await createStage(game, yard);
    const client = await stage.join();
    for (let i = 0; i < 2_000; i++) {
      client.input(i + 1, [press(0)]);
      if (i % 20 === 0) client.send(ping(i));
      await stage.clock.advance(50);
    }
    expect(client.bye).toBeUndefined();
    expect(stage.server.stats.inputsApplied).toBeGreaterThan(1_990);
  });

  test('errors and logs never hold what a client sent', async () => {
    const stage = await createStage(game, { ...yard, authenticate: () => ({ id: 'ann' }) });
    const client = await stage.join({ token: 'canary-token' });
    client.command(1, COMMAND.fail, ['canary-text'.repeat(10)]);
    client.command(2, COMMAND.add, ['canary', 'canary']);
    client.send(new TextEncoder().encode('canary'));
    await stage.clock.advance(100);
    expect(JSON.stringify([stage.log, client.bye, client.errors, client.replies])).not.toContain('canary');
  });

  test('resets are answered once in two seconds, however often they are asked for', async () => {
    const stage = await createStage(game, yard);
    const client = await stage.join();
    await stage.clock.advance(3_000);
    const resync = encodeResync({ reason: 0, tick: 1, checksum: 0 });
    let resets = 0;
    for (let i = 0; i < 80; i++) {
      client.replica.awaitsReset = true;
      client.send(resync);
      await stage.clock.advance(50);
      if (!client.replica.awaitsReset) resets++;
    }
    expect(resets).toBeGreaterThanOrEqual(2);
    expect(resets).toBeLessThanOrEqual(3);
    expect(client.bye).toBeUndefined();
  });
});

describe('liveness', () => {
  test('the server asks every five seconds, and gives up after fifteen seconds of silence', async () => {
    const stage = await createStage(game, { ...yard, staleAfterMs: 100_000 });
    const client = await stage.join();
    stage.transport.pairs.values().next().value?.up.pause();
    await stage.clock.advance(9_000);
    expect(client.counts.get(MESSAGE.ping)).toBe(1);
    expect(client.bye).toBeUndefined();
    await stage.clock.advance(7_500);
    expect(client.byeCode).toBe('silent');
    expect(stage.server.stats.players).toBe(0);
  });

  test('a client that answers nothing but says something is alive', async () => {
    const stage = await createStage(game, yard);
    const client = await stage.join();
    await stage.clock.advance(60_000);
    expect(client.counts.get(MESSAGE.ping)).toBeGreaterThan(10);
    expect(client.bye).toBeUndefined();
  });

  test('a stall of the whole process makes nobody silent', async () => {
    const stage = await createStage(game, yard);
    const client = await stage.join();
    // As after a stop of 20 s: no timer ran, and what the client said lies unread.
    const now = stage.clock.now.bind(stage.clock);
    stage.clock.now = () => now() + 20_000;
    await stage.clock.advance(1_000);
    expect(client.bye).toBeUndefined();
  });

  test('a client that leaves is gone at the next tick', async () => {
    const stage = await createStage(game, yard);
    const client = await stage.join();
    client.close();
    await stage.clock.advance(100);
    expect(stage.server.stats).toMatchObject({ players: 0, connections: 0, rooms: 1 });
  });
});

describe('a refusal’s own message reaches the client', () => {
  const refuse = (message?: string) => () => {
    throw new RefusedError('forbidden', message);
  };
  test.each<[string, object, string]>([
    ['authenticate', { ...yard, authenticate: refuse('no beta key') }, 'no beta key'],
    ['onAuth', { rooms: { yard: { onAuth: () => new RefusedError('forbidden', 'banned') } } }, 'banned'],
    ['joinOptions', { rooms: { yard: { joinOptions: refuse('no such team') } } }, 'no such team'],
    ['none', { ...yard, authenticate: refuse() }, ''],
    ['one that is too long', { ...yard, authenticate: refuse('x'.repeat(100_000)) }, ''],
    ['one that is no text', { ...yard, authenticate: refuse(5 as never) }, '5'],
  ])('%s', async (_, options, reason) => {
    const client = await greet(await createStage(game, options));
    expect([client.byeCode, client.bye?.reason]).toEqual(['forbidden', reason]);
  });

  test('of another schema: with the version that the server runs', async () => {
    const versioned = defineGame({ entities: { clock: entity({ hour: int(0, 23) }) }, version: '1.0' });
    const stage = await createStage(versioned, yard);
    const client = stage.connect();
    await stage.clock.advance(1);
    client.hello({ schemaHash: new Uint8Array(8) });
    await stage.clock.advance(1);
    expect(client.bye?.reason).toBe("the game's schemas differ; the server runs version 1.0");
  });
});

test('what joinOptions throws is a warning, without what the client sent', async () => {
  const error = new TypeError('not a team');
  const joinOptions = () => {
    throw error;
  };
  const stage = await createStage(game, { rooms: { yard: { joinOptions } } });
  const client = await greet(stage, { options: { team: 'secret' } });
  expect([client.byeCode, client.bye?.reason]).toEqual(['bad_payload', '']);
  const warnings = stage.log.filter(({ level }) => level === 'warn');
  expect(warnings).toEqual([
    { level: 'warn', message: "joinOptions of room type 'yard' refused a client", fields: { error } },
  ]);
});
