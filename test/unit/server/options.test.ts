// Options: finite and safe when left out, a sentence when wrong.
import { defineGame, entity, int } from 'tickwire';
import { createServer } from 'tickwire/server';
import { expect, test } from 'vitest';
import { TickwireError } from '../../../engine/core/errors.ts';
import { resolveOptions } from '../../../engine/server/options.ts';
import { game } from './small-game.ts';

const none = () => undefined;
const resolve = (options: object) => resolveOptions(game, { rooms: { yard: {} }, ...options } as never);
const sentence = (options: object): string => {
  try {
    resolve(options);
  } catch (error) {
    expect(error).toBeInstanceOf(TickwireError);
    return (error as Error).message;
  }
  return '';
};

test('every limit has a finite default', () => {
  const resolved = resolve({});
  const numbers = Object.entries(resolved).filter(([, value]) => typeof value === 'number');
  expect(numbers).toHaveLength(19);
  for (const [, value] of numbers) expect(Number.isFinite(value)).toBe(true);
  expect(resolved).toMatchObject({
    strict: true,
    maxConnections: 10_000,
    maxConnectionsPerUser: 5,
    roomsPerMinutePerAddress: 30,
    maxPayloadBytes: 16_384,
    // 1.5 times the tick rate, and 30.
    messagesPerSecond: 60,
    bytesPerSecond: 32_768,
    strikes: 3,
    helloDeadlineMs: 5_000,
    authenticateDeadlineMs: 5_000,
    seatReservationMs: 10_000,
    pingIntervalMs: 5_000,
    silentAfterMs: 15_000,
    softQueueBytes: 65_536,
    hardQueueBytes: 262_144,
    unackedMs: 1_000,
    staleAfterMs: 10_000,
  });
  expect(resolved.roomTypes.get('yard')).toMatchObject({
    maxPlayers: 64,
    emptyRoomTtlMs: 12_000,
    sendEvery: 1,
  });
});

test('an option that does not exist is an error that names its neighbour', () => {
  expect(sentence({ maxRoom: 5 })).toBe("createServer has no option 'maxRoom'. Did you mean 'maxRooms'?");
  expect(sentence({ rooms: { yard: { maxplayers: 5 } } })).toContain("Did you mean 'maxPlayers'?");
  expect(sentence({ rooms: { yard: { onJion: none } } })).toContain("Did you mean 'onJoin'?");
  expect(sentence({ frobnicate: 1 })).toContain('It has: maxConnections');
  expect(sentence({ rooms: { yard: { onCommand: { ad: none } } } })).toContain("Did you mean 'add'?");
  expect(sentence({ rooms: { yard: { interest: { radios: 5 } } } })).toContain("Did you mean 'radius'?");
});

test('values out of their range are errors', () => {
  for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', 1e12]) {
    expect(sentence({ silentAfterMs: wrong })).toMatch(
      /^createServer's silentAfterMs must be a whole number from 1 to /,
    );
  }
  for (const sendEvery of [0, 9, 1.5]) {
    expect(sentence({ rooms: { yard: { sendEvery } } })).toBe(
      "sendEvery of room type 'yard' must be a whole number from 1 to 8.",
    );
  }
  expect(sentence({ rooms: { yard: { maxPlayers: 0 } } })).toContain("maxPlayers of room type 'yard'");
  expect(sentence({ rooms: { yard: { interest: { radius: 0 } } } })).toContain('interest.radius');
  expect(sentence({ rooms: { yard: { interest: 'nobody' } } })).toContain("'everyone' or { radius }");
  expect(sentence({ rooms: { yard: { onTick: 5 } } })).toContain('onTick');
  expect(sentence({ authenticate: 'yes' })).toContain('authenticate');
});

test('a server has rooms', () => {
  expect(sentence({ rooms: {} })).toContain('at least one room type');
  expect(sentence({ rooms: undefined })).toContain('at least one room type');
});

test('what is left undefined has its default', () => {
  expect(resolve({ strikes: undefined }).strikes).toBe(3);
});

test.each<[object, string]>([
  [{ origins: 'a.b' }, "origins is 'any' or a list such as ['https://play.example.com']; 'a.b' is none."],
  [{ origins: ['https://a.b', 'a.b'] }, "'a.b' is none"],
  [{ origins: ['localhost:3000'] }, "'localhost:3000' is none"],
  [{ origins: ['https://a.b/game'] }, "'https://a.b/game' is none"],
  [{ trustedProxies: '10.0.0.1' }, "trustedProxies is a list of addresses such as ['10.0.0.1']; '10.0.0.1' is none."],
  [{ trustedProxies: [5] }, '5 is none'],
  [{ strict: 'no' }, 'strict is true or false'],
  [{ logger: { warn: none } }, 'logger takes an object with the functions info, warn and error'],
  [{ origins: 'any', trustedProxies: ['::1'], strict: false, logger: console }, ''],
  [{ origins: ['http://localhost:3000', 'https://bücher.example/', 'http://[::1]:80'] }, ''],
])('%o', (options, expected) => {
  expect(sentence(options)).toContain(expected);
  if (expected === '') expect(sentence(options)).toBe('');
});

test('createServer without a game or options says what it takes', () => {
  const takes = 'createServer takes a game, made by defineGame, and options with rooms';
  expect(() => createServer(undefined as never, { rooms: {} })).toThrow(takes);
  expect(() => createServer(game, undefined as never)).toThrow(takes);
  // Before the transport is made of them.
  expect(() => createServer(game, { rooms: { yard: {} }, origins: ['a.b'] })).toThrow("'a.b' is none");
});

test('a radius needs places', () => {
  const clocks = defineGame({ entities: { clock: entity({ hour: int(0, 23) }) } });
  expect(() => resolveOptions(clocks, { rooms: { yard: { interest: { radius: 5 } } } })).toThrow(
    "interest.radius of room type 'yard' needs entities with the fields x and y",
  );
});
