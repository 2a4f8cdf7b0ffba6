/**
 * The simulated line against real sockets: snapshots of a shipped server to shipped clients, over `ws` and a TCP proxy that
 * delays and stalls, and the same over the simulator's links. Prints one line of JSON: how late they come, by quantile.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { connect } from 'tickwire/client';
import { createServer, type ServerOptions } from 'tickwire/server';
import { createSimulation, type LinkProfile } from 'tickwire/testing';
import { WebSocket } from 'ws';
import { moverGame } from './game.ts';
import { startTcpProxy } from './tcp-proxy.ts';

/** Both ways of one line. */
export interface LineCheck {
  readonly quantiles: readonly number[];
  /** From a tick's run to its snapshot's arrival, by quantile, ms. */
  readonly realMs: readonly number[];
  readonly simulatedMs: readonly number[];
  readonly snapshots: number;
  /** How late this process's timers were, p75, ms: the machine's part in it. */
  readonly busyMs: number;
}

/** None where those that a stall held back begin: there a few samples decide. */
const QUANTILES = [0.05, 0.25, 0.5, 0.85, 0.9, 0.95];
const LINE: LinkProfile = { delayMs: 40, jitterMs: 12 };
const STALL_MS = 150;
/** No multiple of the ticks' interval, so that stalls strike them at all phases. */
const STALL_EVERY_MS = 730;
const CLIENTS = 4;
const STATE = 4;
const SETTLE_MS = 1_500;
const PROXY_SEED = 5;

/** When each tick ran, and how late its snapshots came. */
class Lateness {
  readonly samples: number[] = [];
  isOpen = false;
  readonly #runMs: number[] = [];
  #tick = 0;

  noteTick(tick: number, nowMs: number): void {
    this.#tick = tick;
    this.#runMs[tick] = nowMs;
  }

  noteMessage(bytes: Uint8Array, nowMs: number): void {
    if (!this.isOpen || bytes[1] !== STATE) return;
    const tick = this.#tick - ((this.#tick - bytes[2]!) & 127);
    this.samples.push(nowMs - this.#runMs[tick]!);
  }
}

function serverOptions(lateness: Lateness, now: () => number): ServerOptions<typeof moverGame> {
  return {
    origins: 'any',
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    rooms: {
      line: {
        sendEvery: 3,
        onCreate: ({ world }) => void world.mover.spawn(),
        onTick(room) {
          lateness.noteTick(room.tick, now());
          for (const mover of room.world.mover) mover.x = (room.tick * 5) % 8_000;
        },
      },
    },
  };
}

async function runReal(seconds: number): Promise<number[]> {
  const lateness = new Lateness();
  const server = createServer(
    moverGame,
    serverOptions(lateness, () => performance.now()),
  );
  const { port } = await server.listen(0, '127.0.0.1');
  const { delayMs, jitterMs = 0 } = LINE;
  const proxy = await startTcpProxy({ targetPort: port, delayMs, jitterMs, seed: PROXY_SEED });
  /** Its messages are seen before the client gets them. */
  class WatchedSocket extends WebSocket {
    constructor(url: string | URL) {
      super(url, { origin: 'http://localhost' });
      this.on('message', (data: Buffer | ArrayBuffer) =>
        lateness.noteMessage(new Uint8Array(data as ArrayBuffer), performance.now()),
      );
    }
  }
  const nets = await Promise.all(
    Array.from({ length: CLIENTS }, () =>
      connect(moverGame, `ws://127.0.0.1:${proxy.port}`, { room: 'line', WebSocket: WatchedSocket as never }),
    ),
  );
  const frames = setInterval(() => {
    for (const net of nets) net.frame(performance.now());
  }, 16);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  lateness.isOpen = true;
  const stalls = setInterval(() => proxy.stall(STALL_MS), STALL_EVERY_MS);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  lateness.isOpen = false;
  clearInterval(stalls);
  clearInterval(frames);
  for (const net of nets) net.close();
  await server.close();
  await proxy.close();
  return lateness.samples;
}

async function runSimulated(seconds: number): Promise<number[]> {
  const lateness = new Lateness();
  let now = (): number => 0;
  const simulation = createSimulation({
    game: moverGame,
    server: serverOptions(lateness, () => now()),
    link: LINE,
    check: false,
  });
  now = () => simulation.clock.now();
  for (let i = 0; i < CLIENTS; i++) await simulation.join();
  simulation.transport.observe = (way, _pair, bytes) => {
    if (way === 'down') lateness.noteMessage(bytes, now());
  };
  await simulation.advance(SETTLE_MS);
  lateness.isOpen = true;
  for (let ms = 0; ms < seconds * 1_000; ms += STALL_EVERY_MS) {
    await simulation.advance(Math.min(STALL_EVERY_MS, seconds * 1_000 - ms));
    for (const client of simulation.clients) client.stall(STALL_MS);
  }
  lateness.isOpen = false;
  await simulation.close();
  return lateness.samples;
}

function byQuantile(samples: number[]): number[] {
  samples.sort((a, b) => a - b);
  return QUANTILES.map((q) => samples[Math.floor(q * samples.length)] ?? Number.NaN);
}

const seconds = Number(process.argv[2] ?? 30);
const turns = monitorEventLoopDelay({ resolution: 5 });
turns.enable();
const real = await runReal(seconds);
turns.disable();
const simulated = await runSimulated(seconds);
const check: LineCheck = {
  quantiles: QUANTILES,
  realMs: byQuantile(real),
  simulatedMs: byQuantile(simulated),
  snapshots: real.length,
  busyMs: turns.percentile(75) / 1e6 - 5,
};
console.log(JSON.stringify(check));
process.exit(0);
