// A world of ships that turn and pickups that rest, and a client whose bytes are few: sent to as an outbox does, tick by tick.
import { defineGame, entity, int, num } from 'tickwire';
import { Random } from '../../../engine/core/random.ts';
import { HELD, TRACKED, UNKNOWN } from '../../../engine/replication/known-kind.ts';
import { plainCodec } from '../../../engine/replication/plain-codec.ts';
import type { PriorityOf } from '../../../engine/server/priorities.ts';
import { SendBudget } from '../../../engine/server/send-budget.ts';
import { SendWindow } from '../../../engine/server/send-window.ts';
import { createStats, type ServerStats } from '../../../engine/server/stats.ts';
import { Client, Scene } from '../replication/scene.ts';

export const RATE = 20;
const TICK_MS = 1000 / RATE;
/** What a message has besides its body. */
const OTHER_BYTES = 8;

const place = { min: 0, max: 4096, precision: 1 / 16 };
export const { schema } = defineGame({
  tickRate: RATE,
  entities: {
    ship: entity({ x: num(place), y: num(place), hp: int(0, 100) }),
    pickup: entity({ x: num(place), y: num(place) }),
  },
});
export const [SHIP, PICKUP] = [0, 1] as const;

/** A scene. */
export interface BudgetSceneOptions {
  readonly ships: number;
  readonly pickups?: number;
  readonly maxBytesPerSecond?: number;
  readonly priorities?: readonly PriorityOf[];
  readonly hasFar?: boolean;
  readonly seed?: number;
}

/** The world, the client and its budget. */
export class BudgetScene {
  readonly scene: Scene;
  readonly client: Client;
  readonly budget: SendBudget;
  readonly window: SendWindow;
  readonly stats: ServerStats = createStats();
  readonly random: Random;
  /** Ships that fly; the others rest. */
  moving: number;
  nowMs = 0;
  /** Of each tick: bytes sent; 0 where nothing was. */
  readonly sent: number[] = [];
  /** By kind and slot: the tick of the last change of state, and how often it changed between tracked and held. */
  readonly changes = new Map<string, { status: number; tick: number; count: number; shortest: number }>();
  /** By ship: the tick of its newest value, and the longest that one was old. */
  readonly oldest = new Map<number, number>();

  constructor(options: BudgetSceneOptions) {
    const { ships, pickups = 0, maxBytesPerSecond = Number.POSITIVE_INFINITY, hasFar = false, seed = 1 } = options;
    this.random = new Random(seed);
    this.scene = new Scene(schema);
    for (let i = 0; i < ships; i++) {
      this.scene.tables[SHIP]!.spawn({ x: this.random.int(0, 4095), y: this.random.int(0, 4095), hp: 50 });
    }
    for (let i = 0; i < pickups; i++) this.scene.tables[PICKUP]!.spawn({ x: this.random.int(0, 4095), y: 5 });
    this.moving = ships;
    this.window = new SendWindow(
      { softQueueBytes: 65_536, hardQueueBytes: 262_144, unackedMs: 1_000, staleAfterMs: 10_000 },
      RATE,
    );
    this.budget = new SendBudget({
      schema,
      tables: this.scene.tables,
      codec: plainCodec,
      options: { maxBytesPerSecond, priorities: options.priorities ?? schema.kinds.map(() => 1), hasFar },
      window: this.window,
      viewpoint: { viewX: 0, viewY: 0 },
      stats: this.stats,
      turn: 1,
    });
    this.client = new Client(this.scene, this.budget);
  }

  /** Plays a tick. Returns the bytes that were sent in it. */
  tick(): number {
    const { scene, client, budget, window } = this;
    this.nowMs += TICK_MS;
    this.#fly();
    scene.advance();
    budget.refill(this.nowMs, TICK_MS);
    let bytes = 0;
    if (budget.canSend && window.canSend(scene.tick, 0)) {
      const body = client.send();
      client.receive(body);
      bytes = body.length + OTHER_BYTES;
      window.noteSent(scene.tick, this.nowMs, bytes);
      budget.noteSent(bytes, body.length, scene.plan);
      window.noteAck(scene.tick & 127, this.nowMs);
      this.#follow();
    }
    this.sent.push(bytes);
    return bytes;
  }

  play(ticks: number): void {
    for (let i = 0; i < ticks; i++) this.tick();
  }

  status(kind: number, slot: number): number {
    return this.client.list.kinds[kind]!.status[slot] ?? UNKNOWN;
  }

  slotsWith(kind: number, status: number): number[] {
    const { isAlive, high } = this.scene.tables[kind]!;
    return Array.from({ length: high }, (_, slot) => slot).filter(
      (slot) => isAlive[slot] === 1 && this.status(kind, slot) === status,
    );
  }

  /** Ships turn at every moment, so that each has a word in each tick. */
  #fly(): void {
    const { x, y } = { x: this.scene.tables[SHIP]!.columns[0]!, y: this.scene.tables[SHIP]!.columns[1]! };
    for (let slot = 0; slot < this.moving; slot++) {
      x[slot] = Math.min(4090, Math.max(0, x[slot]! + this.random.int(-40, 40)));
      y[slot] = Math.min(4090, Math.max(0, y[slot]! + this.random.int(-40, 40)));
    }
  }

  #follow(): void {
    const { tick } = this.scene;
    for (const kind of [SHIP, PICKUP]) {
      const { isAlive, high } = this.scene.tables[kind]!;
      for (let slot = 0; slot < high; slot++) {
        if (isAlive[slot] !== 1) continue;
        this.#followOne(kind, slot, tick);
      }
    }
  }

  #followOne(kind: number, slot: number, tick: number): void {
    const status = this.status(kind, slot);
    const key = `${kind}/${slot}`;
    const last = this.changes.get(key) ?? { status: UNKNOWN, tick, count: 0, shortest: Number.POSITIVE_INFINITY };
    if (status !== last.status) {
      const isReturn = last.status === HELD && status === TRACKED;
      const shortest = isReturn ? Math.min(last.shortest, tick - last.tick) : last.shortest;
      this.changes.set(key, { status, tick, count: last.count + 1, shortest });
    } else {
      this.changes.set(key, last);
    }
    if (kind !== SHIP) return;
    const known = this.client.list.kinds[kind]!;
    const age = status === TRACKED ? 0 : status === HELD ? tick - known.refreshTick[slot]! : tick;
    this.oldest.set(slot, Math.max(this.oldest.get(slot) ?? 0, age));
  }
}
