// A server and a client that play for a while: what a warm tick and a warm frame allocate, and what they leave behind.
//
// Run by `warm-play.test.ts` in a process of its own: `warm-play.ts everyone|near ticks`. Prints one line of JSON.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { getHeapStatistics, writeHeapSnapshot } from 'node:v8';
import { angle, bool, command, defineGame, entity, event, input, int, num, text } from 'tickwire';
import { connect } from 'tickwire/client';
import { createServer, type RoomType } from 'tickwire/server';
import { LoopClock, LoopNetwork } from '../tooling/loop-network.ts';

const DRONES = 996;
const SINKS = 1;
const WARM_UP_TICKS = 2_000;
const CALM_WINDOWS = 9;
/** One window holds a stall of the line, several PINGs and two checksums: what happens now and then is in each of them. */
const WINDOW_TICKS = 120;
/** For so many ticks of each window the client gets nothing, so that it draws on without snapshots, and then blends back. */
const STALL_TICKS = 14;
const SHOT_TICKS = 30;
const SPEAK_TICKS = 16;
const TICK_MS = 1000 / 60;
const SIZE = 4096;

const place = { min: 0, max: SIZE, precision: 1 / 16 };
const speed = { min: -256, max: 256, precision: 1 / 8 };
const motion = {
  x: num(place).hermite('vx'),
  y: num(place).hermite('vy'),
  vx: num(speed),
  vy: num(speed),
  heading: angle(10),
};

const game = defineGame({
  tickRate: 60,
  entities: {
    ship: entity({ ...motion, name: text(24) }),
    drone: entity({ ...motion, hp: int(0, 100), isArmed: bool() }),
    shot: entity({ x: num(place), y: num(place) }),
  },
  input: input({ right: int(-1, 1), fire: bool().pulse() }),
  events: { boom: event({ x: num(place), y: num(place) }) },
  commands: { add: command({ a: int(0, 99) }).replies({ sum: int(0, 199) }) },
  roomState: { title: text(40) },
  playerState: { score: int(0, 9999) },
  controls: 'ship',
  step: {
    ship(ship, held, ctx) {
      ship.vx = (ship.vx + held.right * 240 * ctx.dt + ctx.random()) * 0.98;
      ship.x = Math.min(SIZE - 8, Math.max(8, ship.x + ship.vx * ctx.dt));
    },
    drone(drone, ctx) {
      drone.heading += 0.01;
      drone.vx = Math.cos(drone.heading) * 40;
      drone.vy = Math.sin(drone.heading) * 40;
      drone.x += drone.vx * ctx.dt;
      drone.y += drone.vy * ctx.dt;
      if (drone.x < 8 || drone.x > SIZE - 8) drone.x = SIZE / 2;
      if (drone.y < 8 || drone.y > SIZE - 8) drone.y = SIZE / 2;
    },
  },
});

/** Whether things also come and go: shots, events, texts, commands. They are objects, so a tick allocates for them. */
let isEventful = true;
const shots: ({ despawn(): void } | undefined)[] = [];

const arena: RoomType<typeof game> = {
  onCreate(room) {
    for (let i = 0; i < DRONES; i++) {
      room.world.drone.spawn({ x: 20 + ((i * 37) % 4000), y: 20 + ((i * 61) % 4000), heading: i });
    }
  },
  onJoin(room, player) {
    player.control(room.world.ship.spawn({ x: 500 * player.id, y: 2000, name: `p${player.id}` }));
  },
  onTick(room, { tick }) {
    // An author's own loop over handles.
    for (const drone of room.world.drone) if (drone.hp === 0) drone.isArmed = tick % 2 === 0;
    for (const shot of room.world.shot) shot.x = Math.min(shot.x + 5, SIZE - 8);
    if (!isEventful) return;
    const shot = room.world.shot.spawn({ x: (tick * 7) % 3000, y: 100 });
    shots[tick % SHOT_TICKS]?.despawn();
    shots[tick % SHOT_TICKS] = shot;
    if (tick % 4 === 0) room.emit('boom', { x: 1, y: tick % 4000 });
    if (tick % 8 === 0) room.state.title = `tick ${tick}`;
    for (const player of room.players) player.state.score = tick % 9999;
  },
  onCommand: { add: (_room, _player, { a }) => ({ sum: a + 1 }) },
};

const [sight, ticks] = process.argv.slice(2);
const serverClock = new LoopClock();
const clientClock = new LoopClock();
const network = new LoopNetwork();
const quiet = { info: () => undefined, warn: () => undefined, error: console.error };
const server = createServer(game, {
  clock: serverClock,
  transport: network,
  logger: quiet,
  rooms: { arena: { ...arena, interest: sight === 'near' ? { radius: 1500 } : 'everyone' } },
});
await server.listen(0, 'loop');
for (let i = 0; i < SINKS; i++) network.join(game, 'arena');

type Client = Awaited<ReturnType<typeof connect<typeof game>>>;
let net: Client | undefined;
void connect(game, 'loop://server', { room: 'arena', clock: clientClock, transport: network.client }).then((joined) => {
  net = joined;
});

function runTick(): void {
  network.deliverUp();
  serverClock.advance(TICK_MS);
}

function runFrame(client: Client, frame: number): void {
  clientClock.advance(TICK_MS);
  if (frame % WINDOW_TICKS >= STALL_TICKS) network.deliverDown();
  client.frame(clientClock.now() + 0.2);
}

for (let i = 0; net === undefined; i++) {
  if (i > 1000) throw new Error('the client was not let in');
  runTick();
  await turn();
  clientClock.advance(TICK_MS);
  network.deliverDown();
  await turn();
}
const client = net;

let heard = 0;
let frames = 0;
client.sampleInput((held) => {
  held.right = (frames >> 5) & 1;
  held.fire = frames % 40 === 0;
});
client.on('boom', () => heard++);
client.world.shot.onEnter(() => heard++);
client.world.shot.onLeave(() => heard++);

/** Plays on, in promise jobs as in life. */
async function play(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) {
    runTick();
    runFrame(client, frames++);
    if (tick % SPEAK_TICKS !== 0) continue;
    client.send('add', { a: tick % 99 }).then(() => heard++);
    await turn();
  }
}

/** What `used_heap_size` grows by is what was allocated, dead or not, until a collection makes it less. */
const readHeap = (): number => getHeapStatistics().used_heap_size;

/** Bytes that one tick and one frame allocate, in the middle one of windows that no collection came into. */
function measure(windows: number): { bytesPerTick: number; bytesPerFrame: number } {
  const perTick: number[] = [];
  const perFrame: number[] = [];
  for (let window = 0; window < windows; window++) {
    let tickBytes = 0;
    let frameBytes = 0;
    let isWhole = true;
    for (let tick = 0; tick < WINDOW_TICKS; tick++) {
      const before = readHeap();
      runTick();
      const between = readHeap();
      runFrame(client, frames++);
      const after = readHeap();
      isWhole &&= between >= before && after >= between;
      tickBytes += between - before;
      frameBytes += after - between;
    }
    if (!isWhole) continue;
    perTick.push(tickBytes / WINDOW_TICKS);
    perFrame.push(frameBytes / WINDOW_TICKS);
  }
  return { bytesPerTick: medianOf(perTick), bytesPerFrame: medianOf(perFrame) };
}

function medianOf(values: number[]): number {
  return Math.round(values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN);
}

/** The part of a heap snapshot that is looked at here. */
interface HeapSnapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: string[]; readonly node_types: [string[]] } };
  readonly nodes: number[];
  readonly strings: string[];
}

/** Bytes held by each sort of object, buffers included. What the compiler makes is left out: it never quite ends. */
function weigh(file: string): Map<string, number> {
  const { snapshot, nodes, strings } = JSON.parse(readFileSync(file, 'utf8')) as HeapSnapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [typeAt, nameAt, sizeAt] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field));
  const bytes = new Map<string, number>();
  for (let at = 0; at < nodes.length; at += fields.length) {
    const type = types[0][nodes[at + typeAt!]!]!;
    if (['code', 'hidden', 'synthetic', 'object shape'].includes(type)) continue;
    const name = type.includes('string') ? '' : strings[nodes[at + nameAt!]!];
    const sort = `${type} ${name}`;
    bytes.set(sort, (bytes.get(sort) ?? 0) + nodes[at + sizeAt!]!);
  }
  return bytes;
}

/** Bytes by which what is held grew from one snapshot to the next, and what grew most. */
function compare(before: Map<string, number>, after: Map<string, number>): { retained: number; most: string[] } {
  const growths = [...after].map(([sort, bytes]) => ({ sort, growth: bytes - (before.get(sort) ?? 0) }));
  const vanished = [...before].filter(([sort]) => !after.has(sort)).reduce((sum, [, bytes]) => sum + bytes, 0);
  const retained = growths.reduce((sum, { growth }) => sum + growth, -vanished);
  growths.sort((a, b) => b.growth - a.growth);
  return { retained, most: growths.slice(0, 5).map(({ sort, growth }) => `${growth} of ${sort}`) };
}

const folder = mkdtempSync(join(tmpdir(), 'tickwire-heap-'));
await play(WARM_UP_TICKS);
const first = writeHeapSnapshot(join(folder, 'first.heapsnapshot'));
await play(Number(ticks) - CALM_WINDOWS * WINDOW_TICKS);
isEventful = false;
const { bytesPerTick, bytesPerFrame } = measure(CALM_WINDOWS);
isEventful = true;
// What waits to be shown, and slots that wait to be used again, are in both snapshots.
await play(WINDOW_TICKS);
const second = writeHeapSnapshot(join(folder, 'second.heapsnapshot'));
const { retained, most } = compare(weigh(first), weigh(second));
rmSync(folder, { recursive: true });

const { entities, underruns, corrections, resyncs } = client.stats;
const { snapshotsSkipped, gameErrors } = server.stats;
const troubles = corrections + resyncs + snapshotsSkipped + gameErrors;
console.log(JSON.stringify({ bytesPerTick, bytesPerFrame, retained, most, entities, underruns, heard, troubles }));
process.exit(0);
