/** A TCP proxy on this machine that delays, jitters and stalls what goes through it: real sockets over a line of one's choice. */
import { connect, createServer, type Socket } from 'node:net';
import { createRandom } from '../traces/trace.ts';

/** What the line is like, each way. Times in ms. */
export interface TcpProxyOptions {
  /** Where to, on 127.0.0.1. */
  readonly targetPort: number;
  readonly delayMs: number;
  /** Uniform, of +- so much. Never out of order: what is late holds up what follows, as TCP does. */
  readonly jitterMs?: number;
  readonly seed?: number;
}

/** A running proxy. */
export interface TcpProxy {
  /** Connect here instead, on 127.0.0.1. */
  readonly port: number;
  /** For so long nothing arrives in either direction; then all of it at once. */
  stall(durationMs: number): void;
  /** Cuts all connections, as if a cable was pulled: both ends see a reset. */
  cut(): void;
  /** Cuts all connections and stops. */
  close(): Promise<void>;
}

/** Bytes on their way in one direction of one connection; undefined bytes are the end of the stream. */
interface Chunk {
  readonly bytes: Buffer | undefined;
  readonly dueMs: number;
}

/** Starts a proxy on a free port. */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const line = { stalledUntilMs: Number.NEGATIVE_INFINITY };
  const random = createRandom(options.seed ?? 1);
  const server = createServer((near) => {
    const far = connect(options.targetPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      sockets.add(from);
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on('error', () => to.destroy());
      carry(from, to, options, line, random);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    stall: (durationMs) => {
      line.stalledUntilMs = Math.max(line.stalledUntilMs, performance.now() + durationMs);
    },
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}

/** One direction: each chunk leaves when it is due, behind all before it, and not during a stall. */
function carry(
  from: Socket,
  to: Socket,
  { delayMs, jitterMs = 0 }: TcpProxyOptions,
  line: { readonly stalledUntilMs: number },
  random: () => number,
): void {
  const queue: Chunk[] = [];
  let isWaiting = false;
  const run = (): void => {
    isWaiting = false;
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      const waitMs = Math.max(head.dueMs, line.stalledUntilMs) - performance.now();
      if (waitMs > 0) {
        wait(waitMs);
        return;
      }
      queue.shift();
      if (head.bytes === undefined) to.end();
      else to.write(head.bytes);
    }
  };
  // Timers are whole ms and late; the rest of the last one is waited for turn by turn.
  const wait = (waitMs: number): void => {
    isWaiting = true;
    if (waitMs > 3) setTimeout(run, waitMs - 3);
    else setImmediate(run);
  };
  const add = (bytes: Buffer | undefined): void => {
    const travelMs = Math.max(0, delayMs + (random() * 2 - 1) * jitterMs);
    queue.push({ bytes, dueMs: performance.now() + travelMs });
    if (!isWaiting) run();
  };
  from.on('data', add);
  from.once('end', () => add(undefined));
}
