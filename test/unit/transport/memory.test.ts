import { describe, expect, test } from 'vitest';
import { createMemoryTransport, type MemoryLinkOptions } from '../../../engine/transport/memory.ts';
import type { Connection } from '../../../engine/transport/transport.ts';
import { VirtualClock } from '../../../engine/transport/virtual-clock.ts';

interface Log {
  connection: Connection;
  messages: Uint8Array[];
  closes: string[];
}

async function makePair(link: MemoryLinkOptions = {}) {
  const clock = new VirtualClock();
  const network = createMemoryTransport(clock, link);
  const servers: Log[] = [];
  const { port } = await network.server.listen(0, '127.0.0.1', (connection) => {
    const log: Log = { connection, messages: [], closes: [] };
    servers.push(log);
    return {
      message: (bytes) => log.messages.push(bytes),
      close: (code, reason) => log.closes.push(`${code} ${reason}`),
    };
  });
  const connect = (url = `ws://localhost:${port}`) => {
    const messages: Uint8Array[] = [];
    const closes: string[] = [];
    let opens = 0;
    const connection = network.client.connect(url, {
      open: () => opens++,
      message: (bytes) => messages.push(bytes),
      close: (code, reason) => closes.push(`${code} ${reason}`),
    });
    return { connection, messages, closes, opens: () => opens };
  };
  return { clock, network, servers, port, connect };
}

const bytes = (...values: number[]) => new Uint8Array(values);

describe('memory transport', () => {
  test('opens, carries messages both ways in order, and nothing happens inside a call', async () => {
    const { clock, connect, servers } = await makePair();
    const client = connect();
    client.connection.send(bytes(9));
    expect([client.opens(), servers.length]).toEqual([0, 0]);
    await clock.advance(0);
    expect([client.opens(), servers.length]).toEqual([1, 1]);
    for (let i = 0; i < 5; i++) client.connection.send(bytes(i));
    servers[0]!.connection.send(bytes(100));
    expect(servers[0]!.messages).toEqual([]);
    await clock.advance(0);
    expect(servers[0]!.messages).toEqual([0, 1, 2, 3, 4].map((i) => bytes(i)));
    expect(client.messages).toEqual([bytes(100)]);
    expect(servers[0]!.connection.remoteAddress).toBe('127.0.0.1');
  });

  test('copies the bytes', async () => {
    const { clock, connect, servers } = await makePair();
    const client = connect();
    await clock.advance(0);
    const message = bytes(1, 2, 3);
    client.connection.send(message.subarray(1));
    message.fill(0);
    await clock.advance(0);
    expect(servers[0]!.messages[0]).toEqual(bytes(2, 3));
    expect(servers[0]!.messages[0]!.buffer.byteLength).toBe(2);
  });

  test('what accept sends comes after open', async () => {
    const clock = new VirtualClock();
    const network = createMemoryTransport(clock, { up: 'rtt100' });
    const seen: string[] = [];
    const { port } = await network.server.listen(0, '', (connection) => {
      connection.send(bytes(1));
      connection.close(4401, 'no');
      return { message: () => seen.push('server message'), close: (code) => seen.push(`server close ${code}`) };
    });
    network.client.connect(`ws://localhost:${port}/path?x`, {
      open: () => seen.push('open'),
      message: () => seen.push('message'),
      close: (code, reason) => seen.push(`close ${code} ${reason}`),
    });
    await clock.advance(1_000);
    expect(seen).toEqual(['open', 'message', 'close 4401 no', 'server close 4401']);
    expect(network.pairs.size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('a close arrives after all messages; each end hears exactly one', async () => {
    const { clock, connect, servers, network } = await makePair({ up: 'hol3', seed: 4 });
    const client = connect();
    await clock.advance(500);
    for (let i = 0; i < 100; i++) client.connection.send(bytes(i));
    client.connection.close(1000, 'bye');
    client.connection.close(1000, 'again');
    client.connection.send(bytes(200));
    servers[0]!.connection.send(bytes(1));
    expect(client.closes).toEqual([]);
    await clock.advance(5_000);
    expect(servers[0]!.messages).toHaveLength(100);
    expect(servers[0]!.closes).toEqual(['1000 bye']);
    expect(client.closes).toEqual(['1000 bye']);
    expect(client.messages).toEqual([]);
    expect(network.pairs.size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('after its own close the server hears no message', async () => {
    const { clock, connect, servers } = await makePair({ up: { delayMs: 50 } });
    const client = connect();
    await clock.advance(200);
    client.connection.send(bytes(1));
    servers[0]!.connection.close(1006, 'x'.repeat(500));
    await clock.advance(1_000);
    expect(servers[0]!.messages).toEqual([]);
    expect(client.closes).toEqual([`1011 ${'x'.repeat(123)}`]);
  });

  test('a server whose peer never answers gives up after five seconds', async () => {
    const { clock, connect, servers, network } = await makePair();
    const client = connect();
    await clock.advance(0);
    for (const pair of network.pairs) pair.up.pause();
    servers[0]!.connection.close(4410, 'kicked');
    await clock.advance(4_900);
    expect(servers[0]!.closes).toEqual([]);
    await clock.advance(200);
    expect(servers[0]!.closes).toEqual(['1006 ']);
    expect(client.closes).toEqual(['4410 kicked']);
  });

  test('terminate loses what is on its way; drop breaks both ends; a cut wire says nothing', async () => {
    const { clock, connect, servers, network } = await makePair({ up: { delayMs: 20 } });
    const [a, b, c] = [connect(), connect(), connect()];
    await clock.advance(100);
    servers[0]!.connection.send(bytes(1));
    servers[0]!.connection.terminate();
    const pairs = [...network.pairs];
    pairs[1]!.drop();
    pairs[2]!.up.pause();
    pairs[2]!.down.pause();
    c.connection.send(bytes(1));
    await clock.advance(60_000);
    expect([a.closes, a.messages]).toEqual([['1006 '], []]);
    expect(b.closes).toEqual(['1006 ']);
    expect(c.closes).toEqual([]);
    expect(servers.map(({ closes }) => closes)).toEqual([['1006 '], ['1006 '], []]);
    expect(c.connection.bufferedBytes).toBe(0);
    for (let i = 0; i < 100; i++) c.connection.send(new Uint8Array(1_000));
    expect(c.connection.bufferedBytes).toBe(100_001 - 65_536);
  });

  test('nobody listens: close with 1006 and no open', async () => {
    const { clock, connect, network } = await makePair();
    const urls = ['ws://localhost:1', 'not a url'].map((url) => connect(url));
    await clock.advance(10);
    expect(urls.map((client) => [client.opens(), client.closes])).toEqual([
      [0, ['1006 ']],
      [0, ['1006 ']],
    ]);
    expect(network.pairs.size).toBe(0);
  });

  test('a message that is too long closes with 1009', async () => {
    const { clock, connect, servers } = await makePair();
    const client = connect();
    await clock.advance(0);
    client.connection.send(new Uint8Array(16_384));
    client.connection.send(new Uint8Array(16_385));
    await clock.advance(0);
    expect(servers[0]!.messages).toHaveLength(1);
    expect(client.closes).toEqual(['1009 ']);
  });

  test('a server ends its connections and its port, not those of its neighbour', async () => {
    const { clock, connect, network, port, servers } = await makePair({ up: 'rtt50' });
    const other = network.addServer();
    await expect(other.listen(port, '', () => servers[0]!.connection as never)).rejects.toThrow('taken');
    const seen: string[] = [];
    const { port: otherPort } = await other.listen(0, '', () => ({
      message: () => undefined,
      close: (code) => seen.push(`neighbour ${code}`),
    }));
    other.attach({}, '/play', () => ({ message: () => undefined, close: () => undefined }));
    const own = connect();
    const theirs = connect(`ws://localhost:${otherPort}`);
    const attached = connect('ws://anything/play');
    await clock.advance(200);
    expect([own.opens(), theirs.opens(), attached.opens()]).toEqual([1, 1, 1]);
    await clock.resolve(network.server.close());
    await network.server.close();
    expect(own.closes).toEqual(['1012 ']);
    expect(theirs.closes).toEqual([]);
    const late = connect();
    await clock.advance(200);
    expect(late.closes).toEqual(['1006 ']);
    await clock.resolve(other.close());
    expect(seen).toEqual(['neighbour 1012']);
    await clock.advance(100);
    expect(network.pairs.size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('each client has its own luck: another one’s traffic does not change it', async () => {
    const arrivals = async (others: number) => {
      const { clock, network, port } = await makePair();
      const times: number[] = [];
      const first = network.clientVia({ up: 'hol3', seed: 9 }).connect(`ws://localhost:${port}`, {
        open: () => undefined,
        message: () => undefined,
        close: () => undefined,
      });
      const rest = Array.from({ length: others }, (_, i) =>
        network.clientVia({ up: 'hol3', seed: 10 + i }).connect(`ws://localhost:${port}`, {
          open: () => undefined,
          message: () => undefined,
          close: () => undefined,
        }),
      );
      await clock.advance(1_000);
      const pair = [...network.pairs][0]!;
      for (let i = 0; i < 200; i++) {
        first.send(bytes(1));
        for (const other of rest) other.send(bytes(2));
        await clock.advance(20);
        times.push(pair.up.inFlight);
      }
      return times;
    };
    expect(await arrivals(3)).toEqual(await arrivals(0));
  });
});
