/** Tickwire itself: the shipped server and client over connections that cost nothing, on a clock that the bench turns. */
import { pack } from 'msgpackr';
import { angle, defineGame, entity, int, num, text } from 'tickwire';
import { connect } from 'tickwire/client';
import { createServer } from 'tickwire/server';
import { VirtualClock } from 'tickwire/testing';
import { ARENA_SIZE, ARENA_TICK_RATE, type ArenaSmall, type TraceEntity } from '../traces/arena-small.ts';
import type { Contestant, TickFigures } from './contestant.ts';
import { LoopTransport, type SinkClient } from './loop-transport.ts';

const place = { min: 0, max: ARENA_SIZE, precision: 1 / 16 };
const speed = { min: -512, max: 512, precision: 1 / 8 };
const motion = {
  x: num(place).hermite('vx'),
  y: num(place).hermite('vy'),
  vx: num(speed),
  vy: num(speed),
  heading: angle(10),
};

export const arenaGame = defineGame({
  tickRate: ARENA_TICK_RATE,
  entities: {
    ship: entity({ ...motion, hp: int(0, 100), score: int(0, 9999), name: text(24) }),
    shot: entity({ ...motion, hp: int(0, 1) }),
    pickup: entity({ ...motion, hp: int(0, 1) }),
  },
});

interface Motion {
  x: number;
  y: number;
  vx: number;
  vy: number;
  heading: number;
}

function copyMotion(from: TraceEntity, to: Motion): void {
  to.x = from.x;
  to.y = from.y;
  to.vx = from.vx;
  to.vy = from.vy;
  to.heading = from.heading;
}

/** Adds up the time that the server's own timers take. */
class MeteredClock {
  busyMs = 0;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  schedule(run: () => void, delayMs: number): () => void {
    const metered = (): void => {
      const start = performance.now();
      run();
      this.busyMs += performance.now() - start;
    };
    return this.#clock.schedule(metered, delayMs);
  }
}

/** Ticks after which the picture has caught up with a trace that stands still. */
const CATCH_UP_TICKS = 60;
/** The dead band is half a step, and what is received is rounded: one step of 1/16. */
const TOLERANCE = 1 / 16 + 1e-9;

/** Tickwire with so many clients, of which one is the real one. */
export function createTickwire(clients: number): Contestant {
  const clock = new VirtualClock();
  const serverClock = new MeteredClock(clock);
  const transport = new LoopTransport();
  const tickMs = 1000 / ARENA_TICK_RATE;
  let trace: ArenaSmall | undefined;
  let net: Awaited<ReturnType<typeof connect<typeof arenaGame>>> | undefined;
  let readMs = 0;
  let ticks = 0;
  const sinks: SinkClient[] = [];
  const server = createServer(arenaGame, {
    clock: serverClock,
    transport,
    strict: false,
    maxConnectionsPerUser: 1_000,
    rooms: {
      arena: {
        maxPlayers: 1_024,
        onTick(room) {
          ticks++;
          if (trace !== undefined) takeOver(room.world, trace);
        },
      },
    },
  });

  const handles = new Map<number, { entity: TraceEntity; write(): void; despawn(): void }>();
  type World = Parameters<
    NonNullable<Parameters<typeof createServer<typeof arenaGame>>[1]['rooms'][string]['onTick']>
  >[0]['world'];
  const enter = (world: World, entity: TraceEntity): void => {
    if (entity.kind === 'ship') {
      const ship = world.ship.spawn({ hp: entity.hp, score: entity.score, name: entity.name });
      const write = (): void => {
        copyMotion(entity, ship);
        ship.hp = entity.hp;
        ship.score = entity.score;
      };
      handles.set(entity.id, { entity, write, despawn: () => ship.despawn() });
    } else {
      const body = world[entity.kind].spawn({ hp: 1 });
      handles.set(entity.id, { entity, write: () => copyMotion(entity, body), despawn: () => body.despawn() });
    }
  };
  const takeOver = (world: World, from: ArenaSmall): void => {
    for (const entity of from.left) {
      handles.get(entity.id)?.despawn();
      handles.delete(entity.id);
    }
    for (const entity of from.entities) if (!handles.has(entity.id)) enter(world, entity);
    for (const handle of handles.values()) handle.write();
  };

  const hello = (): Uint8Array =>
    Uint8Array.from(pack([1, 1, arenaGame.schema.hash, 3, 'arena', null, null, null, '']));

  const runTick = async (from: ArenaSmall): Promise<TickFigures> => {
    trace = from;
    const before = serverClock.busyMs;
    const next = ticks + 1;
    await clock.advance(tickMs);
    // Rounded sums of ticks fall short of the server's due time now and then; a trace tick must not be lost for that.
    while (ticks < next) await clock.advance(0.5);
    for (const sink of sinks) sink.acknowledge();
    // The real client reads inside of the server's `send`.
    const serverMs = serverClock.busyMs - before - readMs;
    const start = performance.now();
    net?.frame(clock.now());
    return { bytes: transport.first?.newestBytes ?? 0, serverMs, readMs, frameMs: performance.now() - start };
  };

  /** Takes each entity of the trace off what the client received of its kind; false if one is missing or one is left. */
  const isReceived = (from: ArenaSmall, kind: TraceEntity['kind']): boolean => {
    const received = [...(net?.world[kind] ?? [])].map((entity) => entity.received);
    for (const entity of from.entities) {
      if (entity.kind !== kind) continue;
      const index = received.findIndex(
        ({ x, y, hp }) =>
          Math.abs(x - entity.x) <= TOLERANCE && Math.abs(y - entity.y) <= TOLERANCE && hp === entity.hp,
      );
      if (index < 0) return false;
      received.splice(index, 1);
    }
    return received.length === 0;
  };

  return {
    name: `Tickwire, ${clients} client${clients === 1 ? '' : 's'}`,
    async start(from) {
      trace = from;
      await server.listen(0, 'loop');
      const joined = connect(arenaGame, 'loop://server', { room: 'arena', clock, transport: transport.client });
      for (let i = 1; i < clients; i++) sinks.push(transport.join(hello()));
      net = await clock.resolve(joined);
      await clock.advance(500);
      net.frame(clock.now());
      transport.onRead = (milliseconds) => {
        readMs = milliseconds;
      };
    },
    runTick,
    async check(from) {
      for (let tick = 0; tick < CATCH_UP_TICKS; tick++) await runTick(from);
      for (const kind of ['ship', 'shot', 'pickup'] as const) {
        if (!isReceived(from, kind)) throw new Error(`Tickwire: a client's ${kind}s differ from the trace's`);
      }
    },
    stop() {
      net?.close();
      void server.close();
    },
  };
}
