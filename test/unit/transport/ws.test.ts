// The server's transport and the client's, one against the other, on real sockets.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Connection } from '../../../engine/transport/transport.ts';
import { createBrowserTransport } from '../../../engine/transport/websocket.browser.ts';
import { createWsTransport } from '../../../engine/transport/ws.node.ts';
import { headEnds, openRaw, openWebSocket, upgradeRequest } from '../../tooling/raw-socket.ts';

const client = createBrowserTransport(WebSocket);

function hear() {
  const log: string[] = [];
  let wake = (): void => undefined;
  const note = (line: string): void => {
    log.push(line);
    wake();
  };
  return {
    log,
    handlers: {
      open: () => note('open'),
      message: (bytes: Uint8Array) => note(`message ${Buffer.from(bytes).toString()}`),
      close: (code: number, reason: string) => note(`close ${code} ${reason}`),
    },
    /** Waits for that line. */
    async until(line: string): Promise<void> {
      while (!log.includes(line)) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

async function startServer() {
  const transport = createWsTransport();
  const hears: ReturnType<typeof hear>[] = [];
  const connections: Connection[] = [];
  const accept = (connection: Connection) => {
    connections.push(connection);
    const ear = hear();
    hears.push(ear);
    return ear.handlers;
  };
  const { port } = await transport.listen(0, '127.0.0.1', accept);
  return { transport, port, hears, connections, accept };
}

describe('both ends', () => {
  test('messages in order both ways, a close from the client', async () => {
    const { transport, port, hears, connections } = await startServer();
    const ear = hear();
    const connection = client.connect(`ws://127.0.0.1:${port}`, ear.handlers);
    connection.send(Buffer.from('too early'));
    await ear.until('open');
    connection.send(Buffer.from('a'));
    connection.send(Buffer.from('b'));
    await hears[0]!.until('message b');
    connections[0]!.send(Buffer.from('c'));
    await ear.until('message c');
    expect(connections[0]!.remoteAddress).toBe('127.0.0.1');
    connection.close(4400, 'ä'.repeat(100));
    expect(ear.log.at(-1)).toBe('message c');
    await hears[0]!.until(`close 4400 ${'ä'.repeat(61)}`);
    connection.send(Buffer.from('too late'));
    connection.close(1000, '');
    connection.terminate();
    expect(ear.log).toEqual(['open', 'message c', `close 4400 ${'ä'.repeat(61)}`]);
    expect(hears[0]!.log).toEqual(['message a', 'message b', `close 4400 ${'ä'.repeat(61)}`]);
    await transport.close();
  });

  test('a close from the server reaches both with its code; messages on their way are not heard', async () => {
    const { transport, port, hears, connections } = await startServer();
    const ear = hear();
    const connection = client.connect(`ws://127.0.0.1:${port}`, ear.handlers);
    await ear.until('open');
    connection.send(Buffer.from('on its way'));
    connections[0]!.send(Buffer.from('last'));
    connections[0]!.close(4410, 'kicked');
    await ear.until('close 4410 kicked');
    await hears[0]!.until('close 4410 kicked');
    expect(ear.log).toEqual(['open', 'message last', 'close 4410 kicked']);
    expect(hears[0]!.log).toEqual(['close 4410 kicked']);
    await transport.close();
  });

  test('terminate of either end is 1006 at both', async () => {
    const { transport, port, hears, connections } = await startServer();
    const [a, b] = [hear(), hear()];
    const first = client.connect(`ws://127.0.0.1:${port}`, a.handlers);
    await a.until('open');
    first.terminate();
    await hears[0]!.until('close 1006 ');
    client.connect(`ws://127.0.0.1:${port}`, b.handlers);
    await b.until('open');
    connections[1]!.terminate();
    await b.until('close 1006 ');
    await hears[1]!.until('close 1006 ');
    expect(a.log).toEqual(['open', 'close 1006 ']);
    await transport.close();
  });

  test('closing before it is open', async () => {
    const { transport, port } = await startServer();
    const ear = hear();
    client.connect(`ws://127.0.0.1:${port}`, ear.handlers).close(1000, 'changed my mind');
    expect(ear.log).toEqual([]);
    await ear.until('close 1000 changed my mind');
    await transport.close();
    expect(ear.log).toHaveLength(1);
  });

  test('what cannot be reached is a close with 1006, later', async () => {
    const { transport, port } = await startServer();
    await transport.close();
    const none = createBrowserTransport();
    for (const [make, url] of [
      [client, `ws://127.0.0.1:${port}`],
      [client, 'no url'],
      [none, `ws://127.0.0.1:${port}`],
    ] as const) {
      const ear = hear();
      const connection = make.connect(url, ear.handlers);
      expect(ear.log).toEqual([]);
      while (ear.log.length === 0) await turn();
      expect(ear.log[0]).toMatch(/^close 1006 /);
      connection.send(new Uint8Array(1));
      expect(connection.bufferedBytes).toBeLessThanOrEqual(1);
    }
  });
});

describe('server', () => {
  test('close ends clients with 1012 and frees the port; twice is no mistake', async () => {
    const { transport, port, hears } = await startServer();
    const ear = hear();
    client.connect(`ws://127.0.0.1:${port}`, ear.handlers);
    await ear.until('open');
    const idle = connectTcp(port, '127.0.0.1');
    await once(idle, 'connect');
    await Promise.all([transport.close(), transport.close()]);
    await transport.close();
    if (!idle.closed) await once(idle, 'close');
    await ear.until('close 1012 ');
    await hears[0]!.until('close 1012 ');
    const next = createWsTransport();
    expect(await next.listen(port, '127.0.0.1', () => hear().handlers)).toEqual({ port });
    await expect(createWsTransport().listen(port, '127.0.0.1', () => hear().handlers)).rejects.toThrow('EADDRINUSE');
    await next.close();
  });

  test('a port that opens while the server closes is closed too, and no other opens after it', async () => {
    const transport = createWsTransport();
    const listening = transport.listen(0, 'localhost', () => hear().handlers);
    const refused = expect(listening).rejects.toThrow('was closed');
    await transport.close();
    await refused;
    await expect(transport.listen(0, '127.0.0.1', () => hear().handlers)).rejects.toThrow('was closed');
    expect(() => transport.attach(createServer(), '/', () => hear().handlers)).toThrow('was closed');
    while (process.getActiveResourcesInfo().some((name) => name === 'TCPServerWrap')) await turn();
  });

  test('attach takes its path only, leaves other routes and other upgrades alone, and lets go', async () => {
    const http = createServer((_request, response) => response.end('a route'));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const port = (http.address() as { port: number }).port;
    const { transport, accept, hears } = await startServer();
    transport.attach(http, '/play', accept);

    expect(await (await fetch(`http://127.0.0.1:${port}/play`)).text()).toBe('a route');
    const ear = hear();
    const connection = client.connect(`ws://127.0.0.1:${port}/play?room=1`, ear.handlers);
    await ear.until('open');
    connection.send(Buffer.from('hi'));
    await hears[0]!.until('message hi');

    // Alone on the server, an unknown path is answered; with a neighbour it is the neighbour's.
    const unknown = openRaw(port);
    unknown.socket.write(upgradeRequest({}, '/other'));
    expect((await unknown.closed()).toString()).toMatch(/^HTTP\/1\.1 404/);
    http.on('upgrade', (request, socket) => {
      if (request.url === '/other') socket.end('HTTP/1.1 418 Teapot\r\n\r\n');
    });
    const theirs = openRaw(port);
    theirs.socket.write(upgradeRequest({}, '/other'));
    expect((await theirs.until(headEnds)).toString()).toMatch(/^HTTP\/1\.1 418/);
    await theirs.closed();

    await transport.close();
    await ear.until('close 1012 ');
    expect(http.listening).toBe(true);
    expect(http.listenerCount('upgrade')).toBe(1);
    http.close();
    http.closeAllConnections();
    await once(http, 'close');
  });

  test('two that claim one path do not end the process', async () => {
    const http = createServer();
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const faults: unknown[] = [];
    const ears = [hear(), hear()];
    const transports = ears.map((ear) => {
      const transport = createWsTransport({ onFault: (error) => faults.push(error) });
      transport.attach(http, '/play', () => ear.handlers);
      return transport;
    });
    const raw = openRaw((http.address() as { port: number }).port);
    raw.socket.write(upgradeRequest({}, '/play'));
    await raw.closed();
    expect(String(faults)).toContain('more than once');
    await Promise.all(transports.map((transport) => transport.close()));
    http.close();
    await once(http, 'close');
  });

  test('attach says what it needs', () => {
    const accept = () => hear().handlers;
    for (const wrong of [undefined, null, {}, () => undefined]) {
      expect(() => createWsTransport().attach(wrong, '/', accept)).toThrow('http.Server');
    }
    expect(() => createWsTransport().attach(createServer(), 'play', accept)).toThrow("must start with '/'");
  });

  test('an exception in accept closes that connection', async () => {
    const faults: unknown[] = [];
    const transport = createWsTransport({ onFault: (error) => faults.push(error) });
    const { port } = await transport.listen(0, '127.0.0.1', () => {
      throw new Error('author');
    });
    const ear = hear();
    client.connect(`ws://127.0.0.1:${port}`, ear.handlers);
    await ear.until('close 1011 ');
    expect(faults).toEqual([new Error('author')]);
    await transport.close();
  });

  test('a text message from the server closes the client with 4400', async () => {
    const { WebSocketServer } = await import('ws');
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const codes: number[] = [];
    server.on('connection', (socket) => {
      socket.on('close', (code) => codes.push(code));
      socket.send('text');
      socket.send(Buffer.from('binary'));
    });
    const ear = hear();
    client.connect(`ws://127.0.0.1:${(server.address() as { port: number }).port}`, ear.handlers);
    await ear.until('close 4400 text message');
    while (codes.length === 0) await turn();
    expect(codes).toEqual([4400]);
    expect(ear.log).toEqual(['open', 'close 4400 text message']);
    server.close();
    await once(server, 'close');
  });

  test('two hundred connections come and go without a trace', async () => {
    const { transport, port, hears } = await startServer();
    for (let round = 0; round < 10; round++) {
      const sockets = await Promise.all(Array.from({ length: 20 }, () => openWebSocket(port)));
      for (const { socket } of sockets) socket.resetAndDestroy();
      await Promise.all(sockets.map((raw) => raw.closed()));
    }
    await transport.close();
    expect(hears).toHaveLength(200);
    expect(hears.every(({ log }) => log.length === 1)).toBe(true);
  });
});
