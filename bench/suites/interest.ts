/** Who is near whom: spatial indexes side by side, and what a room of many players pays for looking around. */
import { pack } from 'msgpackr';
import { defineGame, entity, num } from 'tickwire';
import { createServer } from 'tickwire/server';
import { VirtualClock } from 'tickwire/testing';
import { LoopTransport, type SinkClient } from '../contestants/loop-transport.ts';
import { createSpatialIndexes, type SpatialIndex } from '../contestants/spatial-indexes.ts';
import { installPeers } from '../peers/install.ts';
import { median, type Suite, type SuiteResult, type Table } from '../suite.ts';

const SIZE = 16_384;
const RADIUS = 1_024;
/** As the engine asks: with the default margin. */
const REACH = RADIUS * 1.1;
const VIEWERS = 256;
const MOVERS = [500, 2_000, 10_000] as const;
const LOOK_EVERY = [1, 2, 4, 8] as const;
const TICK_RATE = 20;
const SPEED = 200;

/** A small seeded generator: the same world on every machine. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** Movers that fly straight and turn back at the edges. The first `VIEWERS` of them look. */
class Movers {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly #vxs: Float64Array;
  readonly #vys: Float64Array;

  constructor(count: number, seed = 1) {
    const random = createRandom(seed);
    const column = (value: () => number): Float64Array => Float64Array.from({ length: count }, value);
    this.xs = column(() => random() * (SIZE - 1));
    this.ys = column(() => random() * (SIZE - 1));
    this.#vxs = column(() => (random() * 2 - 1) * SPEED);
    this.#vys = column(() => (random() * 2 - 1) * SPEED);
  }

  step(): void {
    moveAll(this.xs, this.#vxs);
    moveAll(this.ys, this.#vys);
  }
}

function moveAll(places: Float64Array, speeds: Float64Array): void {
  for (let i = 0; i < places.length; i++) {
    const next = (places[i] as number) + (speeds[i] as number) / TICK_RATE;
    if (next < 0 || next >= SIZE - 1) speeds[i] = -(speeds[i] as number);
    else places[i] = next;
  }
}

interface IndexFigures {
  readonly buildUs: number[];
  readonly findUs: number[];
  found: number;
}

/** Time of this process, in us: what takes long would else be charged for what other processes do meanwhile. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** One tick of one index: all viewers look. */
function measureTick(index: SpatialIndex, { xs, ys }: Movers, into: Int32Array, figures: IndexFigures): void {
  const start = cpuUs();
  index.build(xs, ys);
  const built = cpuUs();
  let found = 0;
  for (let i = 0; i < VIEWERS; i++) found += index.find(xs[i] as number, ys[i] as number, REACH, into);
  figures.findUs.push(cpuUs() - built);
  figures.buildUs.push(built - start);
  figures.found += found;
}

async function measureIndexes(count: number, ticks: number): Promise<(string | number)[][]> {
  const movers = new Movers(count);
  const into = new Int32Array(count);
  const indexes = await createSpatialIndexes(SIZE, count, REACH);
  const figures = indexes.map((): IndexFigures => ({ buildUs: [], findUs: [], found: 0 }));
  // In turn within each tick, so that whatever else the machine does meets all of them alike.
  for (let tick = 0; tick < ticks; tick++) {
    movers.step();
    for (const [i, index] of indexes.entries()) measureTick(index, movers, into, figures[i] as IndexFigures);
  }
  const first = (figures[0] as IndexFigures).found;
  return indexes.map((index, i) => {
    const { buildUs, findUs, found } = figures[i] as IndexFigures;
    if (found !== first) throw new Error(`${index.name} found ${found} where the grid found ${first}`);
    const build = median(buildUs.slice(ticks / 4));
    const find = median(findUs.slice(ticks / 4));
    const row = [count, index.name, found / ticks / VIEWERS, build, find, build + find, build + find / 4];
    return row.map((cell) => (typeof cell === 'number' ? Number(cell.toPrecision(3)) : cell));
  });
}

const place = num({ min: 0, max: SIZE, precision: 1 / 16 });
const game = defineGame({ tickRate: TICK_RATE, entities: { mover: entity({ x: place, y: place }, { max: 16_384 }) } });

/** A room with `VIEWERS` players, each with a camera on a mover of its own. */
class BenchRoom {
  readonly #movers: Movers;
  readonly #clock = new VirtualClock();
  readonly #transport = new LoopTransport();
  readonly #sinks: SinkClient[] = [];
  readonly #server: ReturnType<typeof createServer<typeof game>>;
  #busyUs = 0;

  constructor(count: number, lookEveryTicks: number) {
    const movers = new Movers(count);
    this.#movers = movers;
    this.#server = createServer(game, {
      clock: {
        now: () => this.#clock.now(),
        schedule: (run, delayMs) => this.#clock.schedule(this.#metered(run), delayMs),
      },
      transport: this.#transport,
      strict: false,
      rooms: {
        arena: {
          maxPlayers: 1_024,
          interest: { radius: RADIUS, lookEveryTicks },
          onCreate(room) {
            for (let i = 0; i < count; i++) room.world.mover.spawn();
          },
          onTick(room) {
            room.world.mover.columns.x.set(movers.xs);
            room.world.mover.columns.y.set(movers.ys);
            for (const player of room.players) {
              const at = player.id - 1;
              player.viewpoint = { x: movers.xs[at] as number, y: movers.ys[at] as number };
            }
          },
        },
      },
    });
  }

  async open(): Promise<void> {
    await this.#server.listen(0, 'loop');
    const hello = Uint8Array.from(pack([1, 1, game.schema.hash, 1, 'arena', null, null, null, '']));
    for (let i = 0; i < VIEWERS; i++) this.#sinks.push(this.#transport.join(hello));
    await this.#clock.advance(1_000);
  }

  /** One tick; what it took the server, in us. */
  async tick(): Promise<number> {
    this.#movers.step();
    const before = this.#busyUs;
    await this.#clock.advance(1000 / TICK_RATE);
    for (const sink of this.#sinks) sink.acknowledge();
    return this.#busyUs - before;
  }

  get bytes(): number {
    return this.#sinks.reduce((sum, { newestBytes }) => sum + newestBytes, 0) / VIEWERS;
  }

  close(): void {
    void this.#server.close();
  }

  #metered(run: () => void): () => void {
    return () => {
      const start = cpuUs();
      run();
      this.#busyUs += cpuUs() - start;
    };
  }
}

async function measureRooms(count: number, ticks: number): Promise<(string | number)[][]> {
  const rooms = LOOK_EVERY.map((every) => new BenchRoom(count, every));
  for (const room of rooms) await room.open();
  const figures = rooms.map((): { us: number[]; bytes: number[] } => ({ us: [], bytes: [] }));
  for (let tick = 0; tick < ticks; tick++) {
    for (let i = 0; i < rooms.length; i++) {
      const us = await (rooms[i] as BenchRoom).tick();
      if (tick < ticks / 4) continue;
      figures[i]?.us.push(us);
      figures[i]?.bytes.push((rooms[i] as BenchRoom).bytes);
    }
  }
  for (const room of rooms) room.close();
  return figures.map(({ us, bytes }, i) => [
    count,
    LOOK_EVERY[i] as number,
    Math.round(median(us)),
    Math.round(median(bytes)),
  ]);
}

export const suite: Suite = {
  name: 'interest',
  title: `Interest: ${VIEWERS} viewers of radius ${RADIUS} in ${SIZE} x ${SIZE}, everything moves`,
  async run({ quick }): Promise<SuiteResult> {
    await installPeers();
    const indexTicks = quick ? 60 : 400;
    const roomTicks = quick ? 60 : 300;
    const indexRows: (string | number)[][] = [];
    for (const count of MOVERS) indexRows.push(...(await measureIndexes(count, indexTicks)));
    const roomRows: (string | number)[][] = [];
    for (const count of MOVERS.slice(1)) roomRows.push(...(await measureRooms(count, roomTicks)));
    const indexes: Table = {
      title: `Indexes: us per tick, median of ${indexTicks}`,
      columns: [
        'movers',
        'index',
        'found each',
        'build',
        `${VIEWERS} queries`,
        'both',
        'build + a quarter of the queries',
      ],
      rows: indexRows,
    };
    const looks: Table = {
      title: `A whole room of Tickwire with ${VIEWERS} players, by \`lookEveryTicks\`: us per tick, median of ${roomTicks}`,
      columns: ['movers', 'ticks from look to look', 'server us', 'bytes/client'],
      rows: roomRows,
    };
    return {
      tables: [indexes, looks],
      charts: [],
      bars: [],
      notes: [
        'Times are of the processor. Indexes run in turn within each tick, and must find the same. Libraries return new arrays; the grid and the scan write into one.',
        'The room: step, capture, sent state, sights and all messages, over connections that cost nothing.',
      ],
    };
  },
};
