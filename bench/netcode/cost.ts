/**
 * What drawing costs, through the client's `frame`: 1,000 entities between two snapshots against the same client with none.
 * A process of its own, with a young generation so large that nothing is collected in between: prints one line of JSON.
 */
import { getHeapStatistics } from 'node:v8';
import { defineGame, entity, num } from 'tickwire';
import { connect } from 'tickwire/client';
import { createServer } from 'tickwire/server';
import { createMemoryTransport, VirtualClock } from 'tickwire/testing';

/** What came of it. */
export interface DrawCost {
  /** Of one value of a field that is drawn along a straight line, and of one drawn along a curve, ns. */
  readonly lerpNs: number;
  readonly hermiteNs: number;
  /** That a frame with none of them leaves to the collector, and that they add to it, bytes. */
  readonly bytesPerFrame: number;
  readonly bytesAdded: number;
}

const ENTITIES = 1_000;
const ROUNDS = 60;
const FRAMES = 100;
const WARM_UP_FRAMES = 4_000;
const TICK_MS = 1_000 / 20;
/** Time between two frames: none to speak of, so that nothing arrives and the same two snapshots stay around them. */
const FRAME_MS = 0.001;

const place = { min: 0, max: 4_096, precision: 1 / 16 };
const speed = { min: -512, max: 512, precision: 1 / 8 };
const game = defineGame({
  tickRate: 20,
  entities: {
    straight: entity({ x: num(place), y: num(place) }),
    curved: entity({ x: num(place).hermite('vx'), y: num(place).hermite('vy'), vx: num(speed), vy: num(speed) }),
  },
});

type Kind = 'straight' | 'curved';

/** A client in the middle between two snapshots of a room with `count` entities that move, and what one more frame costs. */
async function prepare(kind: Kind, count: number): Promise<{ frame(): void }> {
  const clock = new VirtualClock();
  const transport = createMemoryTransport(clock, { up: { delayMs: 1 } });
  const server = createServer(game, {
    clock,
    transport: transport.server,
    rooms: {
      room: {
        onCreate({ world }) {
          for (let i = 0; i < count; i++) {
            if (kind === 'straight') world.straight.spawn({ x: i, y: i });
            else world.curved.spawn({ x: 1_000 + i, y: 1_000 + i });
          }
        },
        onTick({ world, tick }) {
          for (const row of world.straight) row.x = row.y = (row.id % 1_000) + ((tick * tick) % 97);
          for (const row of world.curved) {
            row.vx = row.vy = ((row.id + tick) % 64) - 32;
            row.x += row.vx / 20;
            row.y += row.vy / 20;
          }
        },
      },
    },
  });
  const { port } = await server.listen(0, 'cost');
  const joining = connect(game, `memory://cost:${port}`, { room: 'room', clock, transport: transport.client });
  const net = await clock.resolve(joining);
  for (let i = 0; i < 200; i++) {
    await clock.advance(16.7);
    net.frame(clock.now());
  }
  // Half a tick behind a snapshot, the playout is far from both of its neighbours.
  await clock.advance(TICK_MS / 2 - (clock.now() % TICK_MS));
  let nowMs = clock.now();
  return {
    frame() {
      nowMs += FRAME_MS;
      net.frame(nowMs);
    },
  };
}

function timeFrames(frame: () => void): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < FRAMES; i++) frame();
  return Number(process.hrtime.bigint() - start) / FRAMES;
}

async function measure(): Promise<DrawCost> {
  const stages = {
    none: await prepare('straight', 0),
    straight: await prepare('straight', ENTITIES),
    curved: await prepare('curved', ENTITIES),
  };
  for (const { frame } of Object.values(stages)) for (let i = 0; i < WARM_UP_FRAMES; i++) frame();
  // The least of interleaved rounds: others use the machine, too.
  const least = {
    none: Number.POSITIVE_INFINITY,
    straight: Number.POSITIVE_INFINITY,
    curved: Number.POSITIVE_INFINITY,
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ['none', 'straight', 'curved'] as const) {
      least[name] = Math.min(least[name], timeFrames(stages[name].frame));
    }
  }
  const bytesPerFrame = leastBytes(stages.none.frame);
  return {
    lerpNs: (least.straight - least.none) / (2 * ENTITIES),
    hermiteNs: (least.curved - least.none) / (4 * ENTITIES),
    bytesPerFrame,
    bytesAdded: leastBytes(stages.curved.frame) - bytesPerFrame,
  };
}

/** Of a few windows the one in which nothing was compiled. */
function leastBytes(frame: () => void): number {
  const windows = Array.from({ length: 4 }, () => {
    const before = getHeapStatistics().used_heap_size;
    for (let i = 0; i < 40 * FRAMES; i++) frame();
    return (getHeapStatistics().used_heap_size - before) / (40 * FRAMES);
  });
  return Math.min(...windows);
}

console.log(JSON.stringify(await measure()));
process.exit(0);
