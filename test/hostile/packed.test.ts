// Packed bodies with anything wrong in them: a WireError and a reset that heals it, or a state that could be. No other error,
// no more steps than there are bits, no more memory than the game's schema has room for.
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { WireError } from '../../engine/core/errors.ts';
import { Random } from '../../engine/core/random.ts';
import { applyBody } from '../../engine/replication/body-codec.ts';
import { ClientList } from '../../engine/replication/client-list.ts';
import { TRACKED } from '../../engine/replication/known-kind.ts';
import type { Lane } from '../../engine/replication/lane.ts';
import { MessagePlan, type OwnEntity } from '../../engine/replication/message-plan.ts';
import { packedCodec } from '../../engine/replication/packed-codec.ts';
import { Replica, type ReplicaKind } from '../../engine/replication/replica.ts';
import { defineGame, entity } from '../../engine/state/define-game.ts';
import { angle, int, num, text } from '../../engine/state/fields.ts';
import type { Schema } from '../../engine/state/schema.ts';
import { BitReader, BitWriter } from '../../engine/wire/bits.ts';
import { Reader } from '../../engine/wire/reader.ts';
import { Writer } from '../../engine/wire/writer.ts';
import { randomSchema, TruthWorld } from '../property/random-kinds.ts';
import { RandomBudget, RandomSight } from '../property/replication-chance.ts';

const NOBODY: OwnEntity = { kind: -1, slot: -1, isHeld: false };
const EVERYTHING = { everyone: true, has: () => true };

/** Every reason that the source spells out. */
const knownReasons = new Set(
  ['replication/packed-reader', 'replication/replica', 'wire/bits'].flatMap((name) => {
    const source = readFileSync(new URL(`../../engine/${name}.ts`, import.meta.url), 'utf8');
    return [...source.matchAll(/new WireError\('([^']+)'\)/g)].map((match) => match[1] as string);
  }),
);

// Reads are counted, and a body that makes too many of them ends: what hangs would not tell its seed.
const reads = { count: 0, limit: Number.POSITIVE_INFINITY };
const { get, expGolomb, rice } = BitReader.prototype;
function counted<A extends unknown[], R>(read: (this: BitReader, ...args: A) => R) {
  return function count(this: BitReader, ...args: A): R {
    if (++reads.count > reads.limit) throw new Error('more steps than bits');
    return read.apply(this, args);
  };
}
Object.assign(BitReader.prototype, { get: counted(get), expGolomb: counted(expGolomb), rice: counted(rice) });
afterAll(() => {
  Object.assign(BitReader.prototype, { get, expGolomb, rice });
});

function bodyOf(plan: MessagePlan, lane: Lane): Uint8Array {
  const writer = new Writer();
  packedCodec.write(writer, lane, plan);
  const reader = new Reader().open(writer.finish());
  return new Uint8Array(reader.bin(65_535));
}

/** Applies the bits of a body. Returns why it was refused, '' if it was not. */
function apply(bits: Uint8Array, replica: Replica, tick: number): string {
  const writer = new Writer();
  writer.bin(bits);
  reads.count = 0;
  // A code is one to three reads, and takes a bit at least; predictors and flags of empty groups are bits as well.
  reads.limit = 8 * bits.length * 4 + 64;
  try {
    return applyBody(packedCodec, new Reader().open(writer.finish()), replica, tick & 127) === 'applied'
      ? ''
      : 'skipped';
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    if (!replica.awaitsReset) throw new Error('no reset is awaited');
    return error.reason;
  } finally {
    reads.limit = Number.POSITIVE_INFINITY;
  }
}

function copyOf(replica: Replica, schema: Schema): Replica {
  const copy = new Replica(schema);
  copy.tick = replica.tick;
  copy.newestTick = replica.newestTick;
  copy.awaitsReset = replica.awaitsReset;
  replica.kinds.forEach((from, k) => {
    const kind = copy.kinds[k]!;
    if (from.high > 0) kind.reserve(from.high - 1);
    for (let slot = 0; slot < from.high; slot++) kind.setStatus(slot, from.status[slot]!);
    kind.instance.set(from.instance.subarray(0, from.high));
    for (const name of ['columns', 'steps', 'changed'] as const) {
      kind[name].forEach((list, i) => {
        if (list.length > 0) list.set(from[name][i]!.subarray(0, from.high));
      });
    }
  });
  return copy;
}

/** Whether a replica holds anything that no message can mean. */
function whatCannotBe({ kind, columns, steps, changed, status, instance, high }: ReplicaKind): string | undefined {
  if (high > kind.capacity || status.length > kind.capacity) return 'more slots than there are';
  for (let slot = 0; slot < high; slot++) {
    if (status[slot]! > 2) return 'a status';
    if (status[slot]! > 0 !== instance[slot]! > 0) return 'an instance';
    if (status[slot] === 0) continue;
    if (changed.some((flags) => flags[slot]! > 1)) return 'a flag';
    for (const c of kind.bodyFields) {
      const { levels, wraps, kernel } = kind.packed[c]!;
      const value = columns[c]![slot]!;
      const top = kernel === 'snap' ? levels - 1 : levels * 256 - (wraps ? 1 : 256);
      if (!(value >= 0 && value <= top)) return `a value ${value} of ${top}`;
      if (kernel !== 'snap' && Math.abs(steps[c]![slot]!) > levels) return 'a step';
    }
  }
  return undefined;
}

/** `bits` with something wrong. */
function harm(bits: Uint8Array, random: Random): Uint8Array {
  const copy = bits.slice();
  const at = random.int(0, Math.max(0, bits.length - 1));
  switch (random.int(0, 8)) {
    case 0:
      return Uint8Array.from({ length: random.int(0, 80) }, () => random.int(0, 255));
    case 1:
      return bits.slice(0, at);
    case 2:
      return Uint8Array.from([...bits, ...Array.from({ length: random.int(1, 4) }, () => random.int(0, 255))]);
    case 3:
      copy.fill(random.next() < 0.5 ? 0 : 255, at, at + random.int(1, 8));
      return copy;
    case 4:
      // All ones are counts of 0 and short codes: they go far.
      return Uint8Array.from([...bits.subarray(0, at), ...new Uint8Array(random.int(1, 300)).fill(random.int(0, 255))]);
    default:
      for (let i = random.int(1, 3); i > 0 && bits.length > 0; i--) {
        const bit = random.int(0, 8 * bits.length - 1);
        copy[bit >> 3]! ^= 1 << (bit & 7);
      }
      return copy;
  }
}

const tally = { cases: 0, taken: 0, healed: 0 };
const reasons = new Set<string>();

// Each seed is a game of its own; 26 bodies of 60 harms each.
test.each(Array.from({ length: 24 }, (_, i) => i + 1))('game %i: whatever is wrong, nothing breaks', (seed) => {
  const random = new Random(seed);
  const schema = randomSchema(random);
  const world = new TruthWorld(schema, random);
  const [lane] = world.lanes as [Lane, ...Lane[]];
  const plan = new MessagePlan(lane);
  const list = new ClientList(schema, packedCodec, new RandomBudget());
  const sight = new RandomSight(false);
  const good = new Replica(schema);
  for (let i = 0; i < 52; i++) {
    world.advance(() => undefined);
    sight.flip(random);
    if (i % 10 === 8) continue;
    if (i % 10 === 7) list.requestReset(random.next() < 0.8 ? good.tick : -1);
    list.prepare(plan, lane, sight, NOBODY, 0);
    const bits = bodyOf(plan, lane);
    const fresh = new ClientList(schema, packedCodec);
    fresh.prepare(plan, lane, EVERYTHING, NOBODY, 0);
    const cure = bodyOf(plan, lane);
    for (let j = 0; j < (i % 2) * 60; j++) {
      const victim = copyOf(good, schema);
      const reason = apply(harm(bits, random), victim, lane.tick);
      tally.cases++;
      if (reason === '') tally.taken++;
      else reasons.add(reason);
      const wrong = victim.kinds.map(whatCannotBe).find((each) => each !== undefined);
      if (reason === '' && wrong !== undefined) expect.fail(`seed ${seed}, tick ${lane.tick}, harm ${j}: ${wrong}`);
      if (j % 5 > 0) continue;
      expect(apply(cure, victim, lane.tick), `seed ${seed}, tick ${lane.tick}, harm ${j}`).toBe('');
      tally.healed++;
      const healthy = new Replica(schema);
      apply(cure, healthy, lane.tick);
      expect(packedCodec.checksum(victim)).toBe(packedCodec.checksum(healthy));
    }
    expect(apply(bits, good, lane.tick)).toBe('');
  }
});

test('both ways out were taken, and most ways to be wrong were found', () => {
  expect(tally.cases).toBeGreaterThan(20_000);
  expect([tally.taken > 2000, tally.healed > 4000], JSON.stringify(tally)).toEqual([true, true]);
  expect([...reasons].filter((reason) => !knownReasons.has(reason))).toEqual([]);
  expect(reasons.size, [...reasons].join(', ')).toBeGreaterThan(15);
});

test('counts that lie cost no memory but what the schema has room for', () => {
  const { schema } = defineGame({
    entities: {
      mote: entity({ x: num({ min: 0, max: 1, precision: 2 ** -20 }), a: angle(23), hp: int(0, 9) }, { max: 65_535 }),
      name: entity({ name: text(4) }, { max: 65_535 }),
    },
  });
  const random = new Random(5);
  const replica = new Replica(schema);
  globalThis.gc?.();
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 3000; i++) {
    const bits = new BitWriter();
    bits.put(0b010010, 6);
    for (const number of [64, 0, 0]) bits.putWide(number, 32);
    // A count of what is kept, of refreshes, and a slot: as large as can be.
    bits.expGolomb(random.next() < 0.2 ? 65_535 : 0, 1);
    bits.expGolomb(0, 1);
    bits.expGolomb(random.next() < 0.5 ? 65_535 : random.int(0, 2 ** 24), 1);
    bits.expGolomb(random.next() < 0.5 ? 65_534 : random.int(0, 2 ** 24), 8);
    for (let j = random.int(0, 60); j > 0; j--) bits.put(random.int(0, 0xffff), 16);
    bits.finish();
    expect(apply(bits.bytes.slice(0, bits.length), replica, 64)).not.toBe('');
  }
  globalThis.gc?.();
  const [mote] = replica.kinds;
  const perSlot = mote!.kind.packed.length * 8 + mote!.kind.groups.length + 16;
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 65_535 * (perSlot + 16) + 4_000_000);
  expect(mote!.status.length).toBe(65_535);
  expect(mote!.status.filter((status) => status === TRACKED).length).toBeLessThan(2);
});
