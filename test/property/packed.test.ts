/**
 * Packed bodies of games of any shape: whatever the fields, the truth, the predictors and the client's fate, both codecs and
 * a foreign client hold the same, and it is the lane's P, D and flags. `replication.test.ts` has the fates of clients in
 * full; this one has the widths, and the crowds.
 *
 * Broken on purpose, missed there and found here: velocities that do not round on both sides alike, a search for few words
 * that ends at the first that is not in the list. And found by it: few words that were more than a buffer held.
 */
import { describe, expect, test } from 'vitest';
import { Random } from '../../engine/core/random.ts';
import { ClientList } from '../../engine/replication/client-list.ts';
import { Lane } from '../../engine/replication/lane.ts';
import { MessagePlan, type OwnEntity } from '../../engine/replication/message-plan.ts';
import { packedCodec } from '../../engine/replication/packed-codec.ts';
import { LINEAR, PREVIOUS, VELOCITY } from '../../engine/replication/predictor.ts';
import { defineGame, entity } from '../../engine/state/define-game.ts';
import { angle, int, num } from '../../engine/state/fields.ts';
import type { Schema } from '../../engine/state/schema.ts';
import { BODY_BYTES } from '../../engine/wire/limits.ts';
import { randomSchema, TruthWorld } from './random-kinds.ts';
import { RandomBudget, RandomSight } from './replication-chance.ts';
import { type Bodies, type Expected, expectAfter, Receivers, writeBodies } from './replication-receiver.ts';

/** What happened, so that a test in which nothing does is found out. */
const tally = { messages: 0, gaps: 0, kept: 0, laneChanges: 0, leftHeld: 0, outOfSight: 0, keepsHeld: 0, checksums: 0 };
const predicted = [0, 0, 0];

/** A client that has sight of some, loses its connection, and changes lanes. */
class Player {
  readonly sight: RandomSight;
  readonly budget: RandomBudget | undefined;
  readonly list: ClientList;
  readonly receivers: Receivers;
  readonly own: OwnEntity = { kind: -1, slot: -1, isHeld: false };
  readonly #random: Random;
  readonly #shown: Map<number, string>[];
  #lane: Lane;

  constructor(world: TruthWorld, id: number, random: Random) {
    this.#random = random;
    this.sight = new RandomSight(false);
    this.budget = id === 1 ? new RandomBudget() : undefined;
    this.list = new ClientList(world.schema, packedCodec, this.budget);
    this.receivers = new Receivers(world.schema);
    this.#shown = world.schema.kinds.map(() => new Map());
    this.#lane = world.lanes[0]!;
  }

  /** One tick of both ends. Returns what is wrong. */
  serve(world: TruthWorld, plan: MessagePlan): string[] {
    const random = this.#random;
    this.sight.flip(random);
    if (this.budget !== undefined && random.next() < 0.3) this.budget.seed = random.uint32();
    if (random.next() < 0.02 && world.tick % 2 === 0) {
      this.#lane = world.lanes[1 - world.lanes.indexOf(this.#lane)]!;
      tally.laneChanges++;
    }
    if (this.#lane.tick !== world.tick || random.next() < 0.08) return [];
    if (random.next() < 0.04) this.list.requestReset(random.next() < 0.7 ? this.receivers.plain.tick : -1);
    this.list.prepare(plan, this.#lane, this.sight, this.own, 4_000_000_000 + world.tick);
    this.#count(plan);
    const bodies = writeBodies(plan);
    const expected = expectAfter(plan, this.#shown);
    return receive(this.receivers, bodies, expected);
  }

  #count(plan: MessagePlan): void {
    tally.messages++;
    if (plan.isGap) tally.gaps++;
    if (plan.hasChecksum) tally.checksums++;
    for (const { kept, leftHeld, outOfScope, lane, words, refreshes, known } of plan.kinds) {
      tally.kept += kept.count;
      tally.leftHeld += leftHeld.count;
      tally.outOfSight += outOfScope.count;
      for (let i = 0; i < refreshes.count; i++) if (known.status[refreshes.slots[i]!] === 2) tally.keepsHeld++;
      if (words.count === 0) continue;
      for (const { model, predictor } of lane.bodyFields) if (model !== undefined) predicted[predictor]!++;
    }
  }
}

function receive(receivers: Receivers, bodies: Bodies, expected: Expected): string[] {
  const { outcome, reason, problems } = receivers.apply(bodies);
  if (outcome !== 'applied') return [`${outcome}: ${reason}`];
  return [...problems, ...receivers.compare(expected)];
}

function forceAny(lane: Lane, random: Random): void {
  for (const field of lane.kinds.flatMap((kind) => kind.bodyFields)) {
    if (field.model === undefined) continue;
    field.nextPredictor = random.int(PREVIOUS, field.model.velocity === -1 ? LINEAR : VELOCITY);
  }
}

// In parts, so that none is long on a busy machine.
test.each([1, 11, 21, 31])('games of any shape, at the limits of every field: ten from seed %i on', (first) => {
  for (let seed = first; seed < first + 10; seed++) {
    const random = new Random(seed);
    const world = new TruthWorld(randomSchema(random), random);
    const plan = new MessagePlan(world.lanes[0]!);
    const players = [new Player(world, 0, random), new Player(world, 1, random)];
    for (let i = 0; i < 100; i++) {
      world.advance((lane) => {
        if (seed % 3 !== 0) forceAny(lane, random);
      });
      const problems = players.flatMap((player) => player.serve(world, plan));
      if (problems.length > 0) expect.fail(`seed ${seed}, tick ${world.tick}: ${problems.slice(0, 4).join('; ')}`);
    }
  }
});

test('everything happened to them', () => {
  expect(Math.min(...Object.values(tally), ...predicted), JSON.stringify([tally, predicted])).toBeGreaterThan(50);
});

/** One kind, full of entities, and a client that sees all of them. */
class Crowd {
  readonly isAlive: Uint8Array;
  readonly generation: Uint32Array;
  readonly high: number;
  readonly columns: Int32Array[];
  readonly lane: Lane;
  readonly plan: MessagePlan;
  tick = 0;
  readonly #list: ClientList;
  readonly #receivers: Receivers;
  readonly #shown: Map<number, string>[] = [new Map()];
  #expected: () => Expected;

  constructor(schema: Schema, count: number) {
    this.isAlive = new Uint8Array(count).fill(1);
    this.generation = new Uint32Array(count);
    this.high = count;
    this.columns = schema.kinds[0]!.packed.map(() => new Int32Array(count));
    this.lane = new Lane(schema, 1);
    this.plan = new MessagePlan(this.lane);
    this.#list = new ClientList(schema, packedCodec);
    this.#receivers = new Receivers(schema);
    this.#expected = () => expectAfter(this.plan, this.#shown);
  }

  get tracked(): number {
    return this.#list.kinds[0]!.tracked.count;
  }

  advance(): void {
    this.lane.advance([this], { columns: [this.columns] }, ++this.tick);
  }

  /** A tick and its message. */
  exchange(): void {
    this.advance();
    this.#list.prepare(this.plan, this.lane, { everyone: true, has: () => true }, NOBODY, 0);
    const bodies = writeBodies(this.plan);
    expect(bodies.packed.length).toBeLessThanOrEqual(BODY_BYTES + 3);
    const { outcome, reason, problems } = this.#receivers.apply(bodies);
    expect([outcome, reason, ...problems]).toEqual(['applied', '']);
  }

  /** What the receivers hold otherwise than they should. */
  check(): string[] {
    return this.#receivers.compare(this.#expected()).slice(0, 5);
  }
}

const NOBODY: OwnEntity = { kind: -1, slot: -1, isHeld: false };

describe('65,000 entities', () => {
  const CROWD = 65_000;
  const { schema } = defineGame({
    tickRate: 20,
    entities: {
      mote: entity(
        { x: num({ min: 0, max: 4096, precision: 1 / 16 }), turn: angle(8), hp: int(0, 100) },
        { max: 65_535 },
      ),
    },
  });
  const [X, TURN, HP] = [0, 1, 2] as const;
  const crowd = new Crowd(schema, CROWD);

  test('come in as many messages as their bodies need', () => {
    let messages = 0;
    do {
      crowd.exchange();
      messages++;
    } while (crowd.plan.isPending && messages < 60);
    expect([messages > 5, messages < 60, crowd.tracked]).toEqual([true, true, CROWD]);
    expect(crowd.check()).toEqual([]);
  });

  // On both sides of what is looked up and what is walked, of what is sparse and what is dense.
  test.each([1, 256, 257, 4062, 4063, 12_000])('%i of them have words', (count) => {
    for (let i = 0; i < count; i++) {
      const slot = Math.floor((i * CROWD) / count);
      crowd.columns[X]![slot] = ((crowd.tick + i) % 4000) * 4096 + 77;
      crowd.columns[TURN]![slot] = (i % 256) * 256;
    }
    crowd.exchange();
    expect(crowd.lane.kinds[0]!.groups[0]!.words).toBeGreaterThanOrEqual(count);
    // And then they are expected to go on, and do not.
    crowd.exchange();
    expect(crowd.check()).toEqual([]);
  });

  test('all of them have words: more than a body holds', () => {
    for (let slot = 0; slot < CROWD; slot++) crowd.columns[HP]![slot] = 100 - crowd.columns[HP]![slot]!;
    crowd.exchange();
    expect(crowd.plan.kinds[0]!.holds.count).toBeGreaterThan(1000);
    for (let i = 0; crowd.plan.isPending && i < 60; i++) crowd.exchange();
    expect(crowd.tracked).toBe(CROWD);
    expect(crowd.check()).toEqual([]);
  });

  test('a gap over which most of them rested', () => {
    crowd.columns[HP]![40_000] = 7;
    crowd.advance();
    crowd.advance();
    crowd.exchange();
    expect([crowd.plan.isGap, crowd.plan.kinds[0]!.holds.count]).toEqual([true, 1]);
    expect(crowd.check()).toEqual([]);
  });

  test('a third goes at once, then all', () => {
    for (let slot = 0; slot < CROWD; slot += 3) crowd.isAlive[slot] = 0;
    crowd.exchange();
    expect(crowd.check()).toEqual([]);
    for (let i = 0; crowd.plan.isPending && i < 60; i++) crowd.exchange();
    crowd.isAlive.fill(0);
    crowd.exchange();
    expect(crowd.tracked).toBe(0);
    expect(crowd.check()).toEqual([]);
  });
});
