// What the netcode bench measures with: its figures of a picture whose faults are known, and its proxy.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Film, measureFilm } from '../../bench/netcode/metrics.ts';
import { startTcpProxy, type TcpProxy } from '../../bench/netcode/tcp-proxy.ts';
import { MOVERS, SPEED, TICK_MS, Truth, WANDER } from '../../bench/netcode/truth.ts';

const FRAMES = 1_200;
const truth = new Truth(3, 2_000);

/** A film of the truth as it was at `shownMs(now)`; what the picture says it shows is the same. */
function film(shownMs: (timeMs: number) => number): Film {
  const made = new Film(FRAMES);
  for (let i = 0; i < FRAMES; i++) {
    const timeMs = 5_000 + i * TICK_MS;
    const tick = shownMs(timeMs) / TICK_MS;
    for (const mover of MOVERS) made.put(mover, truth.at(truth.x, mover, tick), truth.at(truth.y, mover, tick));
    made.end(timeMs, shownMs(timeMs));
  }
  return made;
}

test('a picture that is right but late has its delay and no other fault', () => {
  const quality = measureFilm(
    film((timeMs) => timeMs - 83),
    truth,
  );
  expect(quality.delayMs).toBeCloseTo(83);
  expect(quality.bestDelayMs).toBeCloseTo(83, 0);
  expect(quality.errorP95Px).toBeLessThan(0.1);
  expect(quality.jerk).toBeCloseTo(1, 1);
  expect(quality.speedPercent).toBeLessThan(0.5);
  expect([quality.snaps, quality.stalls, quality.violations]).toEqual([0, 0, 0]);
});

test('a picture that stands still for 100 ms each second and then jumps has a stall and a snap for each', () => {
  const hold = (timeMs: number): number => timeMs - 50 - Math.max(0, (timeMs % 1_000) - 900);
  const quality = measureFilm(film(hold), truth);
  expect(quality.stalls).toBeCloseTo(60, 0);
  // The mover that turns round may have done so meanwhile, and then it is not far.
  expect(quality.snaps).toBeGreaterThan(54);
  expect(quality.snaps).toBeLessThanOrEqual(60.1);
  expect(quality.speedPercent).toBeGreaterThan(20);
  expect(quality.violations).toBe(0);
});

test('a picture that goes back in time, or is where nothing ever was, is found out', () => {
  const back = measureFilm(
    film((timeMs) => timeMs - (timeMs > 15_000 ? 120 : 50)),
    truth,
  );
  expect(back.violations).toBe(1);
  const wrong = film((timeMs) => timeMs - 50);
  wrong.x[WANDER]![700] = Number.NaN;
  wrong.y[WANDER]![800]! += SPEED;
  expect(measureFilm(wrong, truth).violations).toBe(2);
});

/** A server that sends back what it gets, a proxy before it, and a socket through both. */
async function startEcho(delayMs: number, jitterMs: number): Promise<{ proxy: TcpProxy; socket: Socket }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const proxy = await startTcpProxy({ targetPort: port, delayMs, jitterMs, seed: 7 });
  const socket = connect(proxy.port, '127.0.0.1');
  onTestFinished(async () => {
    socket.destroy();
    await proxy.close();
    server.close();
  });
  await once(socket, 'connect');
  return { proxy, socket };
}

test('through the proxy all bytes come in order, none before its time', async () => {
  const { socket } = await startEcho(20, 15);
  const sentMs: number[] = [];
  const earlyMs: number[] = [];
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (part: string) => {
    // 5 ms each way at least. Only what is too early is a fault of the proxy's; late is whoever has much to do.
    for (let i = text.length; i < text.length + part.length; i++) earlyMs.push(performance.now() - sentMs[i]! - 10);
    text += part;
  });
  const letters = Array.from({ length: 200 }, (_, i) => String.fromCharCode(33 + (i % 90)));
  for (const letter of letters) {
    sentMs.push(performance.now());
    socket.write(letter);
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (text.length < letters.length) await once(socket, 'data');
  expect(text).toBe(letters.join(''));
  expect(Math.min(...earlyMs)).toBeGreaterThan(-0.5);
});

test('a stall holds everything back until it ends, and a cut resets both ends', async () => {
  const { proxy, socket } = await startEcho(0, 0);
  const endMs = performance.now() + 150;
  proxy.stall(150);
  socket.write('late');
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  expect(bytes.toString()).toBe('late');
  expect(performance.now()).toBeGreaterThanOrEqual(endMs - 0.5);
  const broken = once(socket, 'error');
  proxy.cut();
  const [error] = (await broken) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
});
