/** `npm run demo`: builds the page, then serves it and the game on one port. */

import { createServer as createHttpServer } from 'node:http';
import { createArenaServer } from './arena.ts';
import { buildClient, distFolder } from './build-client.ts';
import { serveFolder } from './static-files.ts';

const DEFAULT_PORT = 8080;
const DEFAULT_BOTS = 16;
const DEFAULT_SIGHT = 1300;

const port = readNumber('PORT', DEFAULT_PORT, 65535);
const botCount = readNumber('BOTS', DEFAULT_BOTS, 400);
const sight = readNumber('SIGHT', DEFAULT_SIGHT, 10_000);
const host = process.env.HOST ?? '127.0.0.1';

await buildClient();
const http = createHttpServer(serveFolder(distFolder));
const arena = createArenaServer({ botCount, sight });
arena.attach(http, { path: '/play' });

http.once('error', (error) => {
  console.error(`Cannot listen on ${host}:${port}: ${error.message}. Choose another port with PORT=8081.`);
  process.exit(1);
});
http.listen(port, host, () => {
  const address = http.address();
  const actualPort = typeof address === 'object' && address ? address.port : port;
  const shownHost = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  console.log(`Tickwire demo with ${botCount} bots: http://${shownHost}:${actualPort}/`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void arena.close().finally(() => process.exit(0));
  });
}

function readNumber(name: string, fallback: number, highest: number): number {
  const raw = process.env[name];
  if (raw === undefined || raw === '') return fallback;
  const number = Number(raw);
  if (Number.isInteger(number) && number >= 0 && number <= highest) return number;
  console.error(`${name} must be a whole number from 0 to ${highest}, not "${raw}".`);
  process.exit(1);
}
