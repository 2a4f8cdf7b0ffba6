/** One client of the model: what the server keeps for it, a line that delays and loses, and what it holds itself. */
import type { Random } from '../../engine/core/random.ts';
import { ClientList, type OwnEntity } from '../../engine/replication/client-list.ts';
import { HELD, TRACKED, UNKNOWN } from '../../engine/replication/known-kind.ts';
import type { Lane } from '../../engine/replication/lane.ts';
import type { MessagePlan } from '../../engine/replication/message-plan.ts';
import { packedCodec } from '../../engine/replication/packed-codec.ts';
import { plainCodec } from '../../engine/replication/plain-codec.ts';
import { RareList } from '../../engine/replication/rare-list.ts';
import type { RareLog } from '../../engine/replication/rare-log.ts';
import type { Replica } from '../../engine/replication/replica.ts';
import type { Table } from '../../engine/state/table.ts';
import type { ValueCodec } from '../../engine/wire/value-codec.ts';
import { Writer } from '../../engine/wire/writer.ts';
import { RandomBudget, RandomSight, type Tally } from './replication-chance.ts';
import { expectRare, RareStore } from './replication-rare.ts';
import { type Bodies, type Expected, expectAfter, Receivers, writeBodies } from './replication-receiver.ts';
import { game } from './replication-world.ts';

const { schema } = game;

/** What the client must hold once it applied a message. */
interface Expectation extends Expected {
  readonly isReset: boolean;
  readonly ack: number;
  readonly generation: readonly number[][];
  /** `kind/slot/field` → value, of what the client may see. */
  readonly rare: ReadonlyMap<string, unknown>;
}

interface Message {
  readonly bodies: Bodies;
  readonly rare: Uint8Array;
  readonly expected: Expectation;
}

/** A client and its server's side. */
export class ModelClient {
  readonly id: number;
  readonly sight: RandomSight;
  readonly own: { kind: number; slot: number; isHeld: boolean } = { kind: -1, slot: -1, isHeld: false };
  readonly budget: RandomBudget | undefined;
  readonly queue: Message[] = [];
  lane: Lane;
  list: ClientList;
  rareList: RareList;
  receivers: Receivers;
  rare: RareStore;
  /** A bit was turned in the replica: until a checksum finds it, nothing is compared. */
  isTainted = false;
  wantsReset = false;
  offlineTicks = 0;
  skipTicks = 0;
  stallTicks = 0;
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #values: ValueCodec;
  #shown: Map<number, string>[] = schema.kinds.map(() => new Map());
  #lastApplied: Expectation | undefined;
  #instances = new Map<string, number>();

  constructor(id: number, lane: Lane, log: RareLog, values: ValueCodec, random: Random, tally: Tally) {
    this.id = id;
    this.sight = new RandomSight(id % 2 === 0);
    this.lane = lane;
    this.budget = id % 3 === 2 ? new RandomBudget() : undefined;
    this.#random = random;
    this.#tally = tally;
    this.#values = values;
    this.list = this.#createList();
    this.rareList = new RareList(log);
    this.rare = new RareStore(values);
    this.receivers = new Receivers(schema);
  }

  /** The connection is new, and so is the player's life. */
  rejoin(log: RareLog): void {
    this.queue.length = 0;
    this.list = this.#createList();
    this.rareList = new RareList(log);
    this.receivers = new Receivers(schema);
    this.rare = new RareStore(this.#values);
    this.#shown = schema.kinds.map(() => new Map());
    this.#lastApplied = undefined;
    this.#instances = new Map();
    this.isTainted = false;
  }

  /** The connection is new, the player goes on: with what it holds, or with nothing if that is not to be trusted. */
  resume(): void {
    this.queue.length = 0;
    const canKeep = !this.receivers.awaitsReset && !this.isTainted;
    this.receivers.awaitsReset = true;
    this.list.requestReset(canKeep ? this.receivers.plain.tick : -1);
    this.#shown = schema.kinds.map((_, k) => new Map(this.#lastApplied?.codes[k] ?? []));
  }

  /** The server's side of a send tick. */
  send(plan: MessagePlan, log: RareLog, tables: readonly Table[], ack: number): void {
    const { lane, list } = this;
    list.prepare(plan, lane, this.sight, this.own as OwnEntity, ack);
    const admitted = new Set<string>();
    this.rareList.collect(plan, log, (rule, kind, slot) => {
      const id = (tables[kind] as Table).idOf(slot);
      const isAdmitted = rule({ id: this.id, user: undefined, entity: undefined }, { id, kind: '' });
      if (isAdmitted) admitted.add(`${kind}/${slot}`);
      return isAdmitted;
    });
    this.#checkPlan(plan, tables);
    const bodies = writeBodies(plan);
    const writer = new Writer();
    this.rareList.write(writer, log);
    this.#note(plan);
    this.queue.push({ bodies, rare: writer.finish(), expected: this.#expect(plan, tables, log, admitted) });
  }

  /** The client's side: applies the oldest message on its way. Returns what is wrong. */
  receive(): string[] {
    const message = this.queue.shift();
    if (message === undefined) return [];
    const { expected } = message;
    const { receivers } = this;
    const awaited = receivers.awaitsReset;
    const { outcome, reason, problems: found } = receivers.apply(message.bodies);
    this.#followChanges();
    if (outcome === 'refused') {
      if (!this.isTainted) return [`a good body was refused: ${reason}`];
      this.#tally.detected++;
      this.wantsReset = true;
      return [...found];
    }
    const problems = [...found];
    if (receivers.plain.newestTick !== expected.tick) problems.push('the tick was lost');
    if (awaited && !expected.isReset) {
      this.#tally.skipped++;
      this.#tally.rareValues += this.rare.apply(message.rare);
      if (outcome !== 'skipped') problems.push('a body without reset was applied');
      return problems;
    }
    if (outcome !== 'applied') return ['a good body was skipped'];
    if (expected.isReset) this.isTainted = false;
    if (!this.isTainted) this.#tally.messages++;
    // A checksum that agrees proves that the turned bit is gone; but it does not cover what is held.
    if (!this.isTainted) problems.push(...this.#compare(expected));
    this.#tally.rareValues += this.rare.apply(message.rare);
    if (!this.isTainted) problems.push(...this.rare.compare(expected.rare));
    this.#lastApplied = expected;
    return problems;
  }

  /** Turns a bit of an entity that is tracked, in both replicas. */
  corrupt(): void {
    const { plain, packed } = this.receivers;
    const slots = plain.kinds[0]!.listTracked();
    if (slots.count === 0 || this.receivers.awaitsReset) return;
    const slot = slots.slots[slots.count - 1]!;
    plain.kinds[0]!.columns[0]![slot]! ^= 0x400;
    // P in its whole steps or in its fraction, or D: the packed checksum covers them all.
    const { columns, steps } = packed.kinds[0]!;
    const way = this.#random.int(0, 2);
    if (way === 2) steps[0]![slot]! ^= 1;
    else columns[0]![slot]! ^= way === 1 ? 0x400 : 1;
    this.isTainted = true;
  }

  /** Nothing is known that is gone or hidden, and nothing is unknown that nobody withholds. */
  #checkPlan(plan: MessagePlan, tables: readonly Table[]): void {
    tables.forEach((table, k) => {
      const { known, lane } = plan.kinds[k] as MessagePlan['kinds'][number];
      for (let slot = 0; slot < table.high; slot++) {
        const status = known.status[slot] ?? UNKNOWN;
        const isThere = lane.isAlive[slot] === 1;
        const isOwn = this.own.kind === k && this.own.slot === slot;
        const isSeen = isThere && (this.sight.everyone || isOwn || this.sight.has(k, slot));
        if (status !== UNKNOWN && !isSeen) throw new Error(`${k}/${slot} is known and should not be`);
        if (status !== UNKNOWN && known.generation[slot] !== lane.generation[slot]) {
          throw new Error(`${k}/${slot} is known as another entity`);
        }
        const wanted = isOwn && this.own.isHeld ? HELD : TRACKED;
        if (isSeen && !plan.isPending && this.budget === undefined && status !== wanted) {
          throw new Error(`${k}/${slot} has status ${status}, wanted ${wanted}`);
        }
      }
    });
  }

  #note(plan: MessagePlan): void {
    const tally = this.#tally;
    if (plan.isGap) tally.gaps++;
    if (plan.isReset) tally.resets++;
    if (plan.hasChecksum) tally.checksums++;
    for (const kind of plan.kinds) {
      tally.keeps += kind.kept.count;
      tally.holds += kind.holds.count;
      tally.leaves += kind.removed.count + kind.outOfScope.count;
      tally.refreshes += kind.refreshes.count;
      for (let i = 0; i < kind.refreshes.count; i++) {
        const slot = kind.refreshes.slots[i] as number;
        if (kind.known.status[slot] === HELD) tally.keepsHeld++;
        if (kind.removed.slots.subarray(0, kind.removed.count).includes(slot)) tally.reuses++;
      }
    }
  }

  #expect(plan: MessagePlan, tables: readonly Table[], log: RareLog, admitted: ReadonlySet<string>): Expectation {
    return {
      ...expectAfter(plan, this.#shown),
      isReset: plan.isReset,
      ack: plan.isGap || plan.isReset ? plan.ack : -1,
      generation: plan.kinds.map(({ known }) => [...known.generation]),
      rare: expectRare(plan, tables, log, admitted),
    };
  }

  #compare(expected: Expectation): string[] {
    const problems = this.receivers.compare(expected);
    for (const replica of [this.receivers.plain, this.receivers.packed]) {
      if (replica.ack !== expected.ack) problems.push(`ack ${replica.ack} instead of ${expected.ack}`);
      for (const { instance, status } of replica.kinds) {
        if (instance.some((each, slot) => each > 0 !== status[slot]! > UNKNOWN)) problems.push('a wrong instance');
      }
    }
    this.#compareInstances(this.receivers.plain, expected, problems);
    return problems;
  }

  /** Clients say how large things are in either codec. */
  #createList(): ClientList {
    return new ClientList(schema, this.id % 2 === 0 ? packedCodec : plainCodec, this.budget);
  }

  /** What a client does with the two lists, after a body that was refused half way, too. */
  #followChanges(): void {
    const { left, entered } = this.receivers.plain;
    for (let i = 0; i < left.count; i++) {
      const key = `${left.kinds[i]}/${left.slots[i]}`;
      if (this.#instances.get(key) !== left.instances[i]) throw new Error(`${key} left as another instance`);
      this.#instances.delete(key);
      this.rare.forget(left.kinds[i]!, left.slots[i]!);
    }
    for (let i = 0; i < entered.count; i++) {
      const key = `${entered.kinds[i]}/${entered.slots[i]}`;
      if (this.#instances.has(key)) throw new Error(`${key} entered twice`);
      this.#instances.set(key, entered.instances[i]!);
      this.rare.forget(entered.kinds[i]!, entered.slots[i]!);
    }
  }

  /** An entity that stays known keeps its instance, and a new one never has an old one's. */
  #compareInstances(replica: Replica, expected: Expectation, problems: string[]): void {
    const entered = new Set<string>();
    for (let i = 0; i < replica.entered.count; i++) {
      entered.add(`${replica.entered.kinds[i]}/${replica.entered.slots[i]}`);
    }
    let known = 0;
    replica.kinds.forEach((kind, k) => {
      kind.instance.forEach((instance, slot) => {
        if (instance === 0) return;
        known++;
        const key = `${k}/${slot}`;
        if (this.#instances.get(key) !== instance) problems.push(`${key} changed its instance`);
        const before = this.#lastApplied?.generation[k]?.[slot];
        const wasKnown = this.#lastApplied?.status[k]?.[slot] !== UNKNOWN;
        if (wasKnown && before !== expected.generation[k]?.[slot] && !entered.has(key)) {
          problems.push(`${key} is another entity and did not enter`);
        }
      });
    });
    if (known !== this.#instances.size) problems.push('entered and left do not add up');
  }
}
