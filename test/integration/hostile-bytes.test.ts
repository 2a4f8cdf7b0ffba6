// Bytes that no client of ours sends, before and after the handshake, while an honest player plays on.
import { setImmediate as turn } from 'node:timers/promises';
import { connect } from 'tickwire/client';
import { createServer } from 'tickwire/server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Random } from '../../engine/core/random.ts';
import { closeCodeOf, frame, openWebSocket } from '../tooling/raw-socket.ts';
import { until } from '../tooling/real-time.ts';
import { game, yard } from '../tooling/yard-game.ts';

const host = '127.0.0.1';
const faults: unknown[] = [];
process.on('unhandledRejection', (reason) => faults.push(reason));

const server = createServer(game, {
  rooms: { yard },
  maxConnectionsPerUser: 1_000,
  helloDeadlineMs: 1_000,
  onError: (error) => faults.push(error),
  logger: { info: () => undefined, warn: () => undefined, error: (message) => faults.push(message) },
});
let port: number;
let honest: Awaited<ReturnType<typeof join>>;

/** A client of ours whose socket the test can write to. */
async function join() {
  let socket: WebSocket | undefined;
  class TappedSocket extends WebSocket {
    constructor(url: string) {
      super(url);
      socket = this;
    }
  }
  const net = await connect(game, `ws://${host}:${port}`, { room: 'yard', WebSocket: TappedSocket });
  return { net, socket: socket! };
}

beforeAll(async () => {
  ({ port } = await server.listen(0, host));
  honest = await join();
});

afterEach(async () => {
  // The honest player has not noticed, and the process is well.
  expect(await honest.net.send('add', { a: 1, b: 2 })).toEqual({ sum: 3 });
  expect(honest.net.state).toBe('playing');
  expect(faults).toEqual([]);
});

afterAll(async () => {
  honest.net.close();
  await server.close();
});

const randomBytes = (random: Random, length: number) => Uint8Array.from({ length }, () => random.int(0, 255));

/** Messages that look like ours: an array that starts with a type. */
const nearMiss = (random: Random) => {
  const bytes = randomBytes(random, random.int(2, 60));
  bytes[0] = 0x90 + random.int(0, 15);
  bytes[1] = random.int(0, 20);
  return bytes;
};

describe('before HELLO', () => {
  test.each([1, 2, 3])(
    'random bytes and near misses end the connection with a code of ours (seed %d)',
    async (seed) => {
      const random = new Random(seed);
      for (let round = 0; round < 40; round++) {
        const raw = await openWebSocket(port);
        const bytes = round % 2 === 0 ? randomBytes(random, random.int(0, 300)) : nearMiss(random);
        for (let i = 0; i < 5; i++) raw.socket.write(frame(bytes));
        const received = await raw.until((all) => closeCodeOf(all) !== undefined);
        expect([4400, 4406, 4408, 4420]).toContain(closeCodeOf(received));
        raw.socket.destroy();
        await raw.closed();
      }
    },
  );

  test('silence ends with 4408', async () => {
    const raw = await openWebSocket(port);
    expect(closeCodeOf(await raw.until((all) => closeCodeOf(all) !== undefined))).toBe(4408);
    raw.socket.destroy();
    await raw.closed();
  });

  test.each<[string, Buffer, number]>([
    ['text', frame('hello', { opcode: 1 }), 1003],
    ['oversize', frame(Buffer.alloc(16_385)), 1009],
    ['unmasked', frame('x', { isMasked: false }), 1002],
  ])('%s', async (_name, bytes, code) => {
    const raw = await openWebSocket(port);
    raw.socket.write(bytes);
    expect(closeCodeOf(await raw.until((all) => closeCodeOf(all) !== undefined))).toBe(code);
    raw.socket.destroy();
    await raw.closed();
  });
});

describe('after HELLO', () => {
  test.each([1, 2, 3])('random bytes and near misses: three strikes (seed %d)', async (seed) => {
    const random = new Random(seed + 50);
    for (let round = 0; round < 10; round++) {
      const { net, socket } = await join();
      const codes: number[] = [];
      socket.on('close', (code) => codes.push(code));
      while (codes.length === 0) {
        socket.send(round % 2 === 0 ? randomBytes(random, random.int(1, 300)) : nearMiss(random));
        await turn();
      }
      expect([4400, 4420]).toContain(codes[0]);
      net.close();
    }
  });

  test('text, oversize', async () => {
    for (const [message, code] of [
      ['hello', 1003],
      [Buffer.alloc(16_385), 1009],
    ] as const) {
      const { net, socket } = await join();
      const codes: number[] = [];
      socket.on('close', (number) => codes.push(number));
      socket.send(message);
      await until(() => codes.length > 0);
      expect(codes).toEqual([code]);
      net.close();
    }
  });

  test('a flood of well-formed messages is cut off, and the honest player keeps its pace', async () => {
    const { net, socket } = await join();
    const codes: number[] = [];
    socket.on('close', (code) => codes.push(code));
    // PING with a nonce and a time: as small and as valid as a message can be.
    const ping = Uint8Array.of(0x93, 9, 1, 1);
    for (let i = 0; i < 5_000; i++) socket.send(ping);
    await until(() => codes.length > 0, [honest.net]);
    expect([4420, 4400, 1006]).toContain(codes[0]);
    net.close();
  });

  test('one that stops reading is not waited for', async () => {
    const { net, socket } = await join();
    socket.pause();
    for (let i = 0; i < 20; i++) expect(await honest.net.send('add', { a: i, b: 0 })).toEqual({ sum: i });
    socket.resume();
    net.close();
  });
});
