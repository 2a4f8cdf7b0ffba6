// What a hostile peer may do to the server's transport, on real sockets, byte by byte.
import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection, ServerTransport } from '../../../engine/transport/transport.ts';
import { Doorkeeper } from '../../../engine/transport/upgrade.node.ts';
import { createWsTransport, type WsTransportOptions } from '../../../engine/transport/ws.node.ts';
import {
  closeCodeOf,
  closeFrame,
  frame,
  headEnds,
  openRaw,
  openWebSocket,
  serverFrames,
  upgradeRequest,
} from '../../tooling/raw-socket.ts';

interface Seen {
  connection: Connection;
  messages: Uint8Array[];
  closes: string[];
}

let transport: ServerTransport;
let port: number;
let seen: Seen[];
let faults: unknown[];
let onMessage: (seen: Seen) => void;

async function start(options: WsTransportOptions = {}, host = '127.0.0.1'): Promise<void> {
  transport = createWsTransport({ onFault: (error) => faults.push(error), ...options });
  ({ port } = await transport.listen(0, host, (connection) => {
    const entry: Seen = { connection, messages: [], closes: [] };
    seen.push(entry);
    return {
      message: (bytes) => {
        entry.messages.push(bytes.slice());
        onMessage(entry);
      },
      close: (code, reason) => entry.closes.push(`${code} ${reason}`),
    };
  }));
}

beforeEach(async () => {
  seen = [];
  faults = [];
  onMessage = () => undefined;
  await start();
});

afterEach(async () => {
  await transport.close();
  expect(faults).toEqual([]);
  expect(seen.every(({ closes }) => closes.length === 1)).toBe(true);
});

/** The server still serves: a well-behaved client gets through. */
async function expectAlive(): Promise<void> {
  const raw = await openWebSocket(port);
  raw.socket.write(frame('hello'));
  while (!seen.at(-1)!.messages.some((message) => Buffer.from(message).equals(Buffer.from('hello')))) await turn();
  raw.socket.write(closeFrame(1000));
  expect(closeCodeOf(await raw.closed())).toBe(1000);
}

const statusOf = (received: Buffer) => Number(/^HTTP\/1\.1 (\d+)/.exec(received.toString('latin1'))?.[1]);

describe('handshake', () => {
  test.each<[string, string, number[]]>([
    ['plain request', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', [426]],
    ['not HTTP', '\u0016\u0003\u0001 hello\r\n\r\n', [400]],
    ['no key', upgradeRequest({ 'Sec-WebSocket-Key': '' }), [400]],
    ['bad key', upgradeRequest({ 'Sec-WebSocket-Key': 'short' }), [400]],
    ['bad version', upgradeRequest({ 'Sec-WebSocket-Version': '99' }), [400]],
    ['post', upgradeRequest().replace('GET', 'POST'), [400, 405]],
    ['other upgrade', upgradeRequest({ Upgrade: 'h2c' }), [400]],
    ['bad protocol list', upgradeRequest({ 'Sec-WebSocket-Protocol': ',,"' }), [400]],
    ['64 kB header', upgradeRequest({ 'X-Long': 'a'.repeat(65_536) }), [431]],
    ['8 kB address', upgradeRequest({}, `/${'a'.repeat(8_192)}`), [431]],
    [
      '2,500 headers',
      upgradeRequest(Object.fromEntries(Array.from({ length: 2_500 }, (_, i) => [`X-${i}`, 'a']))),
      [431],
    ],
  ])('%s is refused', async (_name, request, statuses) => {
    const raw = openRaw(port);
    raw.socket.write(request, 'latin1');
    expect(statuses).toContain(statusOf(await raw.closed()));
    await expectAlive();
    expect(seen).toHaveLength(1);
  });

  test.each<[string, string | undefined, string, boolean]>([
    ['absent', undefined, 'game.example', true],
    ['same host', 'http://game.example', 'game.example', true],
    ['same host over TLS ended by a proxy', 'https://game.example', 'game.example', true],
    ['same host and port', 'http://game.example:8080', 'game.example:8080', true],
    ['default port spelled out', 'http://game.example', 'game.example:80', true],
    ['localhost on any port', 'http://localhost:5173', 'game.example', true],
    ['loopback address', 'http://127.0.0.1:5173', 'game.example', true],
    ['listed', 'https://portal.example', 'game.example', true],
    ['null', 'null', 'game.example', false],
    ['empty', '', 'game.example', false],
    ['foreign', 'https://evil.example', 'game.example', false],
    ['good name as a prefix', 'https://game.example.evil.com', 'game.example', false],
    ['good name as a suffix', 'https://evil-game.example', 'game.example', false],
    ['localhost as a prefix', 'http://localhost.evil.com', 'game.example', false],
    ['good name as user info', 'https://game.example@evil.com', 'game.example', false],
    ['other port', 'http://game.example:8081', 'game.example:8080', false],
    ['other port of a listed one', 'https://portal.example:444', 'game.example', false],
    ['other scheme of a listed one', 'http://portal.example', 'game.example', false],
    ['with a path', 'https://portal.example/path', 'game.example', false],
    ['two', 'https://portal.example, https://evil.example', 'game.example', false],
    ['of a file', 'file://', 'game.example', false],
    ['of an extension', 'chrome-extension://game.example', 'game.example', false],
    ['host missing', 'https://evil.example', '', false],
  ])('Origin: %s', async (_name, origin, host, isAllowed) => {
    await transport.close();
    await start({ origins: ['https://portal.example'] });
    const raw = openRaw(port);
    raw.socket.write(upgradeRequest({ Host: host, ...(origin === undefined ? {} : { Origin: origin }) }));
    const answer = await raw.until(headEnds);
    expect(statusOf(answer)).toBe(isAllowed ? 101 : 403);
    if (isAllowed) raw.socket.destroy();
    await raw.closed();
  });

  test('reset at every moment of the handshake', async () => {
    const request = upgradeRequest();
    for (let length = 0; length <= request.length; length += 3) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(request.slice(0, length));
      if (length % 2 === 0) await turn();
      socket.resetAndDestroy();
    }
    for (let i = 0; i < 50; i++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => socket.destroy());
      socket.write(request);
      for (let turns = 0; turns < i % 7; turns++) await turn();
      socket.resetAndDestroy();
    }
    await expectAlive();
  });

  test('end of stream straight after the request', async () => {
    const raw = openRaw(port);
    raw.socket.end(upgradeRequest());
    await raw.closed();
    await expectAlive();
  });

  test('a refused peer that does not read is gone when the transport closes', async () => {
    const raw = openRaw(port);
    raw.socket.pause();
    raw.socket.write(upgradeRequest({ Origin: 'https://evil.example' }));
    await expectAlive();
    raw.socket.resume();
    await raw.closed();
  });

  test('frames behind the request are heard, after accept', async () => {
    const raw = openRaw(port);
    raw.socket.write(Buffer.concat([Buffer.from(upgradeRequest()), frame('a'), frame('b')]));
    while ((seen[0]?.messages.length ?? 0) < 2) await turn();
    raw.socket.write(closeFrame(1000));
    await raw.closed();
    expect(seen[0]!.messages.map((message) => Buffer.from(message).toString())).toEqual(['a', 'b']);
  });

  test('compression is not negotiated, and of several protocols only the own name comes back', async () => {
    const raw = await openWebSocket(port, {
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
      'Sec-WebSocket-Protocol': 'secret-token, tickwire',
    });
    const head = raw.received().toString('latin1').toLowerCase();
    expect(head).not.toContain('deflate');
    expect(head).not.toContain('secret');
    expect(head).toContain('sec-websocket-protocol: tickwire\r\n');
    raw.socket.destroy();
    await raw.closed();
  });
});

describe('caps', () => {
  test('of the process: 503 with Retry-After, and free again after an end', async () => {
    await transport.close();
    await start({ maxConnections: 2 });
    const first = await openWebSocket(port);
    const second = await openWebSocket(port);
    const third = openRaw(port);
    third.socket.write(upgradeRequest());
    const answer = await third.closed();
    expect(statusOf(answer)).toBe(503);
    expect(answer.toString()).toMatch(/Retry-After: \d+/);
    // An upgrade that `ws` refuses without a word must not keep its place.
    const bad = openRaw(port);
    first.socket.destroy();
    await first.closed();
    while (seen[0]!.closes.length === 0) await turn();
    bad.socket.write(upgradeRequest({ 'Sec-WebSocket-Key': 'bad' }));
    expect(statusOf(await bad.closed())).toBe(400);
    const fourth = await openWebSocket(port);
    fourth.socket.destroy();
    second.socket.destroy();
    await Promise.all([fourth.closed(), second.closed()]);
  });

  test('of an address: 429, loopback exempt, X-Forwarded-For only from listed proxies', async () => {
    await transport.close();
    await start({ maxConnectionsPerAddress: 2, trustedProxies: ['127.0.0.1', '10.0.0.9'] });
    const via = (chain: string) => ({ 'X-Forwarded-For': chain });
    const statuses: number[] = [];
    const sockets = [];
    for (const chain of [
      '203.0.113.5',
      '1.2.3.4, 203.0.113.5',
      '203.0.113.5',
      '203.0.113.5, 10.0.0.9',
      '203.0.113.6',
      '2001:db8::1',
      '2001:db8:0:0:1::2',
      '2001:db8:0:0:2::3',
      '2001:db8:0:1::3',
      'not an address',
      'not an address',
      'not an address',
    ]) {
      const raw = openRaw(port);
      raw.socket.write(upgradeRequest(via(chain)));
      statuses.push(statusOf(await raw.until(headEnds)));
      sockets.push(raw);
    }
    expect(statuses).toEqual([101, 101, 429, 429, 101, 101, 101, 429, 101, 101, 101, 101]);
    expect(seen.map(({ connection }) => connection.remoteAddress).slice(0, 2)).toEqual(['203.0.113.5', '203.0.113.5']);
    for (const { socket } of sockets) socket.destroy();
    await Promise.all(sockets.map((raw) => raw.closed()));

    await transport.close();
    await start({ maxConnectionsPerAddress: 2 });
    const liar = await openWebSocket(port, via('203.0.113.5'));
    expect(seen.at(-1)!.connection.remoteAddress).toBe('127.0.0.1');
    liar.socket.destroy();
    await liar.closed();
  });

  test('of sockets that ask for nothing: twice the connections of an address; loopback and listed proxies are exempt', () => {
    const doorkeeper = new Doorkeeper({ maxConnectionsPerAddress: 2, trustedProxies: ['10.0.0.9'] });
    const receive = (remoteAddress: string) => {
      const socket = Object.assign(new EventEmitter(), { remoteAddress, isDestroyed: false, destroy });
      function destroy(): typeof socket {
        socket.isDestroyed = true;
        socket.emit('close');
        return socket;
      }
      doorkeeper.receive(socket as unknown as Socket);
      return socket;
    };
    const destroyed = (addresses: readonly string[]) =>
      addresses.map((each) => receive(each)).map((each) => each.isDestroyed);
    const first = receive('203.0.113.5');
    expect(destroyed(['::ffff:203.0.113.5', '203.0.113.5', '203.0.113.5', '203.0.113.5', '203.0.113.6'])).toEqual([
      false,
      false,
      false,
      true,
      false,
    ]);
    first.destroy();
    expect(destroyed(['203.0.113.5', '203.0.113.5'])).toEqual([false, true]);
    expect(destroyed(['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8::4', '2001:db8::5'])[4]).toBe(true);
    for (const address of ['127.0.0.1', '::1', '10.0.0.9']) {
      expect(destroyed(new Array<string>(9).fill(address))).not.toContain(true);
    }
  });

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
  test.skipIf(outside === undefined)('of sockets that ask for nothing, on a port of its own', async () => {
    await transport.close();
    await start({ maxConnectionsPerAddress: 2 }, '0.0.0.0');
    const silent = Array.from({ length: 20 }, () => connect(port, outside!));
    const closed = silent.map((socket) =>
      once(
        socket.on('error', () => undefined),
        'close',
      ),
    );
    while (silent.filter((socket) => socket.closed).length < 16) await turn();
    expect(silent.filter((socket) => !socket.closed)).toHaveLength(4);
    await expectAlive();
    for (const socket of silent) socket.destroy();
    await Promise.all(closed);
    let answer = '';
    const socket = connect(port, outside!);
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
    });
    socket.write(upgradeRequest());
    while (!answer.includes('\r\n\r\n')) await turn();
    expect(answer).toMatch(/^HTTP\/1\.1 101/);
    socket.destroy();
    while (seen.at(-1)!.closes.length === 0) await turn();
  });
});

describe('frames', () => {
  test.each<[string, Buffer, number | undefined]>([
    ['unmasked', frame('x', { isMasked: false }), 1002],
    ['reserved bit', frame('x', { rsv: 4 }), 1002],
    ['unknown opcode', frame('x', { opcode: 3 }), 1002],
    ['unknown control opcode', frame('x', { opcode: 11 }), 1002],
    ['continuation of nothing', frame('x', { opcode: 0 }), 1002],
    ['new message inside a fragmented one', Buffer.concat([frame('x', { isFinal: false }), frame('x')]), 1002],
    ['fragmented control frame', frame('x', { opcode: 9, isFinal: false }), 1002],
    ['ping of 126 bytes', frame(Buffer.alloc(126), { opcode: 9 }), 1002],
    ['length of 2^63', Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 1009],
    ['claims 100 MB', frame('', { claimedLength: 100_000_000 }), 1009],
    ['one byte too long', frame(Buffer.alloc(16_385)), 1009],
    [
      'fragments that add up',
      Buffer.concat([frame(Buffer.alloc(9_000), { isFinal: false }), frame(Buffer.alloc(9_000), { opcode: 0 })]),
      1009,
    ],
    ['close code 999', frame(Buffer.from([0x03, 0xe7]), { opcode: 8 }), 1002],
    ['close code 1006', closeFrame(1006), 1002],
    ['close frame of one byte', frame('x', { opcode: 8 }), 1002],
    ['close reason that is no UTF-8', frame(Buffer.from([0x03, 0xe8, 0xff, 0xfe]), { opcode: 8 }), 1007],
    ['text', frame('hello', { opcode: 1 }), 1003],
    ['empty text', frame('', { opcode: 1 }), 1003],
    ['text that is no UTF-8', frame(Buffer.from([0xc0, 0x80]), { opcode: 1 }), 1007],
    [
      'endless fragments',
      Buffer.concat([
        frame('a', { isFinal: false }),
        ...Array.from({ length: 5_000 }, () => frame('a', { opcode: 0, isFinal: false })),
      ]),
      1008,
    ],
    [
      'endless empty fragments',
      Buffer.concat([
        frame('', { isFinal: false }),
        ...Array.from({ length: 5_000 }, () => frame('', { opcode: 0, isFinal: false })),
      ]),
      1008,
    ],
  ])('%s', async (_name, bytes, code) => {
    const raw = await openWebSocket(port);
    raw.socket.write(bytes);
    const received = await raw.until((all) => closeCodeOf(all) !== undefined);
    expect(closeCodeOf(received)).toBe(code);
    raw.socket.destroy();
    await raw.closed();
    while (seen[0]!.closes.length === 0) await turn();
    expect(seen[0]!.messages).toEqual([]);
    await expectAlive();
  });

  test('an empty binary message and one of the full length arrive', async () => {
    const raw = await openWebSocket(port);
    raw.socket.write(
      Buffer.concat([
        frame(''),
        frame(Buffer.alloc(16_384, 7)),
        frame(Buffer.from('ab'), { isFinal: false }),
        frame('c', { opcode: 0 }),
        closeFrame(1000, 'done'),
      ]),
    );
    await raw.closed();
    expect(seen[0]!.messages.map(({ length }) => length)).toEqual([0, 16_384, 3]);
    expect(seen[0]!.messages[2]!.constructor).toBe(Uint8Array);
    while (seen[0]!.closes.length === 0) await turn();
    expect(seen[0]!.closes).toEqual(['1000 done']);
  });

  test('after the verdict nothing of a flood is heard', async () => {
    const raw = await openWebSocket(port);
    onMessage = ({ connection, messages }) => {
      if (messages.length === 3) connection.close(4400, 'bad message');
    };
    raw.socket.write(Buffer.concat(Array.from({ length: 9_000 }, () => frame('flood'))));
    await raw.closed();
    while (seen[0]!.closes.length === 0) await turn();
    expect(seen[0]!.messages).toHaveLength(3);
  });

  test('a flood is heard one message a turn, so that timers run in between', async () => {
    const raw = await openWebSocket(port);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    raw.socket.write(Buffer.concat(Array.from({ length: 500 }, () => frame('flood'))));
    while (seen[0]!.messages.length < 500) await turn();
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(400);
    raw.socket.destroy();
    await raw.closed();
  });

  test('pings without reading the answers end the socket', async () => {
    const raw = await openWebSocket(port);
    raw.socket.pause();
    const ping = frame(Buffer.alloc(125), { opcode: 9 });
    const batch = Buffer.concat(Array.from({ length: 1_000 }, () => ping));
    while (seen[0]!.closes.length === 0) {
      raw.socket.write(batch);
      await turn();
    }
    raw.socket.resume();
    await raw.closed();
    await expectAlive();
  });

  test.each([
    ['pings', 9],
    ['pongs', 10],
  ])('%s count for something: without messages between them they end the socket', async (_, opcode) => {
    const raw = await openWebSocket(port);
    const some = Buffer.concat(Array.from({ length: 60 }, () => frame('', { opcode })));
    for (let i = 0; i < 5; i++) raw.socket.write(Buffer.concat([some, frame('message')]));
    while ((seen[0]?.messages.length ?? 0) < 5) await turn();
    expect(seen[0]!.closes).toEqual([]);
    raw.socket.write(Buffer.concat([some, some]));
    while (seen[0]!.closes.length === 0) await turn();
    await raw.closed();
    expect(seen[0]!.closes).toEqual(['1006 ']);
    await expectAlive();
  });

  test('a peer that never answers the close is cut', async () => {
    await transport.close();
    await start({ closeTimeoutMs: 50 });
    const raw = await openWebSocket(port);
    while (seen.length === 0) await turn();
    seen[0]!.connection.close(4410, 'kicked');
    await raw.until((all) => closeCodeOf(all) !== undefined);
    expect(serverFrames(raw.received()).at(-1)!.payload.subarray(2).toString()).toBe('kicked');
    await raw.closed();
    while (seen[0]!.closes.length === 0) await turn();
    expect(seen[0]!.closes).toEqual(['4410 kicked']);
  });

  test('reset while the server sends', async () => {
    const raw = await openWebSocket(port);
    raw.socket.pause();
    const { connection } = seen[0]!;
    const chunk = new Uint8Array(1_000_000);
    for (let i = 0; i < 20; i++) connection.send(chunk);
    expect(connection.bufferedBytes).toBeGreaterThan(1_000_000);
    raw.socket.resetAndDestroy();
    while (seen[0]!.closes.length === 0) {
      connection.send(chunk);
      await turn();
    }
    connection.send(chunk);
    connection.close(1000, '');
    connection.terminate();
    expect(connection.bufferedBytes).toBe(0);
    expect(seen[0]!.closes).toEqual(['1006 ']);
    await expectAlive();
  });
});

describe('faults of the code above', () => {
  test('an exception while hearing a message ends that connection with 1011 and no other', async () => {
    const other = await openWebSocket(port);
    const raw = await openWebSocket(port);
    onMessage = ({ messages }) => {
      if (messages[0]![0] === 120) throw new Error('author');
    };
    raw.socket.write(frame('x'));
    expect(closeCodeOf(await raw.until((all) => closeCodeOf(all) !== undefined))).toBe(1011);
    raw.socket.write(closeFrame(1011));
    await raw.closed();
    other.socket.write(frame('y'));
    while (seen[0]!.messages.length === 0) await turn();
    expect(seen[0]!.closes).toEqual([]);
    other.socket.destroy();
    await other.closed();
    expect(faults.splice(0)).toEqual([new Error('author')]);
  });
});
