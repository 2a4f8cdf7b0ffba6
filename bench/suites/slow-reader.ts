/** One reader of fifty that takes 1 KB a second, over real sockets: what it costs the server and the others, and what it sees. */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pack } from 'msgpackr';
import { connect } from 'tickwire/client';
import { LightClient } from '../slow-reader/light-client.ts';
import { RateSocket, sharedNow } from '../slow-reader/rate-socket.ts';
import type { FromServer, ServerReport, ToServer } from '../slow-reader/spec.ts';
import { createArenaGame } from '../sockets/arena-game.ts';
import { atMost, quantile, type Suite, type SuiteResult } from '../suite.ts';
import { createArenaSmall } from '../traces/arena-small.ts';

const OTHERS = 49;
const SLOW_BYTES_PER_SECOND = 1_000;
const FRAME_MS = 1000 / 60;
const SAMPLE_MS = 100;
const MEGABYTE = 1_048_576;

const trace = createArenaSmall(1);
const game = createArenaGame(trace);
const snapshotMs = 1000 / trace.tickRate;

type Net = Awaited<ReturnType<typeof connect<typeof game>>>;

/** The server's process. */
class ServerProcess {
  /** Until now, oldest first. */
  readonly reports: ServerReport[] = [];
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: FromServer) => {
      if (message.kind === 'report') this.reports.push(message);
    });
  }

  static async start(): Promise<{ server: ServerProcess; port: number }> {
    const file = new URL('../slow-reader/server.ts', import.meta.url);
    const child = fork(fileURLToPath(file), { execArgv: [...process.execArgv, '--expose-gc'] });
    const server = new ServerProcess(child);
    const port = await new Promise<number>((resolve, reject) => {
      child.on('message', (message: FromServer) => message.kind === 'open' && resolve(message.port));
      child.once('exit', () => reject(new Error('the server process ended')));
    });
    return { server, port };
  }

  /** The server's tick at this moment, with its fraction. */
  tickAt(nowMs: number): number {
    const newest = this.reports.at(-1)!;
    return newest.tick + (nowMs - newest.tickMs) / snapshotMs;
  }

  tell(message: ToServer): void {
    this.#child.send(message);
  }

  stop(): void {
    this.#child.disconnect();
  }
}

/** A client as a page has it, over a socket whose speed is ours. */
class RealClient {
  readonly net: Net;
  readonly socket: RateSocket;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(net: Net, socket: RateSocket) {
    this.net = net;
    this.socket = socket;
    this.#timer = setInterval(() => net.frame(performance.now()), FRAME_MS);
  }

  static async join(url: string): Promise<RealClient> {
    let socket: RateSocket | undefined;
    const Constructor = class extends RateSocket {
      constructor(to: string) {
        super(to);
        socket = this;
      }
    };
    const net = await connect(game, url, { room: 'arena', WebSocket: Constructor });
    return new RealClient(net, socket!);
  }

  /** Of each entity: kind and received place, sorted. */
  picture(): string[] {
    const { ship, shot, pickup } = this.net.world;
    const rows: string[] = [];
    for (const [name, kind] of Object.entries({ ship, shot, pickup })) {
      for (const { received } of kind) rows.push(`${name} ${received.x} ${received.y} ${received.heading}`);
    }
    return rows.sort();
  }

  close(): void {
    clearInterval(this.#timer);
    this.net.close();
  }
}

/** What one stretch of time showed. */
interface Stretch {
  readonly name: string;
  /** Of the others: ms between two snapshots. */
  readonly gaps: number[];
  /** Of the slow one: how old its newest data was, ten times a second, ms, and how old they were on arrival. */
  readonly ages: number[];
  readonly arrivalAges: number[];
  readonly bytesRead: number;
  readonly seconds: number;
  /** Of the server: memory once garbage was collected, before and after. */
  readonly before: ServerReport;
  readonly after: ServerReport;
  readonly reports: readonly ServerReport[];
}

class Scene {
  readonly #server: ServerProcess;
  readonly #slow: RealClient;
  readonly #control: RealClient;
  readonly #others: readonly LightClient[];

  constructor(server: ServerProcess, slow: RealClient, control: RealClient, others: readonly LightClient[]) {
    this.#server = server;
    this.#slow = slow;
    this.#control = control;
    this.#others = others;
  }

  /** Has the slow client read so many bytes a second, for so long. */
  async watch(name: string, bytesPerSecond: number, seconds: number): Promise<Stretch> {
    const server = this.#server;
    const { socket } = this.#slow;
    const before = await this.#weigh();
    const gaps: number[] = [];
    const ages: number[] = [];
    const arrivalAges: number[] = [];
    for (const other of [this.#control, ...this.#others]) {
      let lastMs = 0;
      other.socket.onState = (_tick, atMs) => {
        if (lastMs > 0) gaps.push(atMs - lastMs);
        lastMs = atMs;
      };
    }
    socket.onState = (tick, atMs) => arrivalAges.push((server.tickAt(atMs) - tick) * snapshotMs);
    socket.bytesPerSecond = bytesPerSecond;
    const startBytes = socket.bytesRead;
    const startReport = server.reports.length;
    const startMs = sharedNow();
    while (sharedNow() - startMs < seconds * 1000) {
      await wait(SAMPLE_MS);
      ages.push((server.tickAt(sharedNow()) - socket.tick) * snapshotMs);
    }
    for (const other of [this.#control, ...this.#others]) other.socket.onState = undefined;
    const reports = server.reports.slice(startReport);
    const after = await this.#weigh();
    return {
      name,
      gaps,
      ages,
      arrivalAges,
      bytesRead: socket.bytesRead - startBytes,
      seconds,
      before,
      after,
      reports,
    };
  }

  /** From full speed on: ms until it holds all that another client holds, not older than one snapshot. */
  async catchUp(mostMs: number): Promise<number> {
    const startMs = sharedNow();
    while (sharedNow() - startMs < mostMs) {
      await wait(5);
      const behind = this.#control.socket.tick - this.#slow.socket.tick;
      const sendEvery = this.#server.reports.at(-1)!.sendEvery;
      const isWhole = [...this.#slow.net.world.ship, ...this.#slow.net.world.shot].every(({ isHeld }) => !isHeld);
      if (behind <= sendEvery && isWhole && this.#slow.picture().length === this.#control.picture().length) {
        return sharedNow() - startMs;
      }
    }
    return Number.POSITIVE_INFINITY;
  }

  /** The world stands still: entities of which the two pictures differ. */
  async countDifferences(): Promise<number> {
    this.#server.tell({ kind: 'stand' });
    await wait(1_000);
    const one = this.#slow.picture();
    const other = new Set(this.#control.picture());
    return one.filter((row) => !other.has(row)).length + Math.abs(one.length - other.size);
  }

  async #weigh(): Promise<ServerReport> {
    const { reports } = this.#server;
    const from = reports.length;
    this.#server.tell({ kind: 'collect' });
    for (;;) {
      await wait(20);
      const clean = reports.slice(from).find(({ isClean }) => isClean);
      if (clean !== undefined) return clean;
    }
  }
}

const round = (value: number): number => Number(value.toPrecision(3));

export const suite: Suite = {
  name: 'slow-reader',
  title: 'W1 over sockets, 50 clients, one of which reads 1 KB a second for a while',
  async run({ quick }): Promise<SuiteResult> {
    const seconds = quick ? 10 : 60;
    const { server, port } = await ServerProcess.start();
    const url = `ws://127.0.0.1:${port}`;
    const slow = await RealClient.join(url);
    const control = await RealClient.join(url);
    const hello = Uint8Array.from(pack([1, 1, game.schema.hash, 3, 'arena', null, null, null, '']));
    const others = Array.from({ length: OTHERS - 1 }, () => new LightClient(url, hello));
    await wait(3_000);
    const scene = new Scene(server, slow, control, others);
    const before = await scene.watch('all read at full speed', Number.POSITIVE_INFINITY, seconds / 2);
    const during = await scene.watch('one reads 1 KB/s', SLOW_BYTES_PER_SECOND, seconds);
    slow.socket.bytesPerSecond = Number.POSITIVE_INFINITY;
    const caughtUpMs = await scene.catchUp(30_000);
    const after = await scene.watch('all read at full speed again', Number.POSITIVE_INFINITY, seconds / 2);
    const differences = await scene.countDifferences();
    const stretches = [before, during, after];
    // It takes a moment to find that a client became slow.
    const steady = during.ages.slice(Math.ceil(during.ages.length / 2));
    const grown = (during.after.heap - during.before.heap) / MEGABYTE;
    const isConnected = slow.socket.readyState === 1 && others.every(({ socket }) => socket.readyState === 1);
    for (const client of [slow, control, ...others]) client.close();
    server.stop();
    const gapOf = (stretch: Stretch): number => quantile(stretch.gaps, 0.99);
    return {
      tables: [
        {
          title: 'The others, the server, and the one reader',
          columns: [
            'stretch',
            'others: gap p50 ms',
            'p99',
            'max',
            'server MB (heap, buffers)',
            'RSS MB',
            'reader: age p50 ms',
            'p99',
            'max',
            'read B/s',
            'most in flight',
            'most buffered',
          ],
          rows: stretches.map((stretch) => [
            stretch.name,
            round(quantile(stretch.gaps, 0.5)),
            round(gapOf(stretch)),
            round(quantile(stretch.gaps, 1)),
            round(stretch.after.heap / MEGABYTE),
            round(stretch.after.rss / MEGABYTE),
            round(quantile(stretch.ages, 0.5)),
            round(quantile(stretch.ages, 0.99)),
            round(quantile(stretch.ages, 1)),
            round(stretch.bytesRead / stretch.seconds),
            round(Math.max(...stretch.reports.map(({ inFlightBytes }) => inFlightBytes))),
            Math.max(...stretch.reports.map(({ bufferedBytes }) => bufferedBytes)),
          ]),
        },
      ],
      charts: [
        {
          title: "Age of the slow reader's newest data",
          xLabel: 'seconds at 1 KB/s',
          yLabel: 'ms',
          x: during.ages.map((_, i) => (i * SAMPLE_MS) / 1000),
          series: [{ name: 'age', y: during.ages }],
        },
        {
          title: 'What the server allows it',
          xLabel: 'seconds at 1 KB/s',
          yLabel: 'bytes a second',
          x: during.reports.map((_, i) => (i * SAMPLE_MS) / 1000),
          series: [{ name: 'allowed', y: during.reports.map(({ allowed }) => (allowed < 0 ? null : allowed)) }],
        },
      ],
      bars: [
        atMost('memory that the slow reader costs the server', grown, 'MB', 2),
        atMost(
          'bytes of it in the send buffer, at most',
          Math.max(...during.reports.map((r) => r.bufferedBytes)),
          'B',
          65_536,
        ),
        atMost('age of its data on arrival, median', quantile(during.arrivalAges, 0.5), 'ms', 2_000),
        atMost('age of its data in the second half, at most', quantile(steady, 1), 'ms', 2_000),
        atMost(
          "others' p99 gap, beside all at full speed",
          gapOf(during) - Math.max(gapOf(before), gapOf(after)),
          'ms',
          2,
        ),
        atMost('at full speed again: all it should hold, one snapshot old', caughtUpMs, 'ms', 10_000),
        atMost('entities that differ once the world stands still', differences, '', 0),
        atMost('connections lost', isConnected ? 0 : 1, '', 0),
      ],
      notes: [
        `Server in its own process; clients speak TCP over loopback. Tick ${round(snapshotMs)} ms; ${OTHERS} others, one of them a whole client.`,
        'Age: time of the server minus the tick of the newest snapshot that was read, ten times a second.',
      ],
    };
  },
};
