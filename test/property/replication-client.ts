/** One client of the model: what the server keeps for it, a line that delays and loses, and what it holds itself. */
import { WireError } from '../../engine/core/errors.ts';
import type { Random } from '../../engine/core/random.ts';
import { applyBody } from '../../engine/replication/body-codec.ts';
import { ClientList, type OwnEntity } from '../../engine/replication/client-list.ts';
import { HELD, TRACKED, UNKNOWN } from '../../engine/replication/known-kind.ts';
import type { Lane } from '../../engine/replication/lane.ts';
import type { MessagePlan } from '../../engine/replication/message-plan.ts';
import { plainCodec } from '../../engine/replication/plain-codec.ts';
import { roundP } from '../../engine/replication/predictor.ts';
import { RareList } from '../../engine/replication/rare-list.ts';
import type { RareLog } from '../../engine/replication/rare-log.ts';
import { Replica } from '../../engine/replication/replica.ts';
import type { Table } from '../../engine/state/table.ts';
import { Reader } from '../../engine/wire/reader.ts';
import type { ValueCodec } from '../../engine/wire/value-codec.ts';
import { Writer } from '../../engine/wire/writer.ts';
import { RandomBudget, RandomSight, type Tally } from './replication-chance.ts';
import { expectRare, RareStore } from './replication-rare.ts';
import {
  compareWords,
  type Entry,
  trackedEntries,
  type WordMessage,
  WordReceiver,
  writeWords,
} from './replication-receiver.ts';
import { game } from './replication-world.ts';

const { schema } = game;

/** What the client must hold once it applied a message. */
interface Expectation {
  readonly tick: number;
  readonly isReset: boolean;
  readonly ack: number;
  readonly status: readonly number[][];
  readonly generation: readonly number[][];
  /** By kind, slot: codes of the body's fields that the client shows, held ones included. */
  readonly codes: readonly ReadonlyMap<number, string>[];
  readonly entries: readonly ReadonlyMap<number, Entry>[];
  /** `kind/slot/field` → value, of what the client may see. */
  readonly rare: ReadonlyMap<string, unknown>;
}

interface Message {
  readonly body: Uint8Array;
  readonly rare: Uint8Array;
  readonly words: WordMessage;
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
  replica: Replica;
  receiver: WordReceiver;
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
    this.list = new ClientList(schema, plainCodec, this.budget);
    this.rareList = new RareList(log);
    this.rare = new RareStore(values);
    this.replica = new Replica(schema);
    this.receiver = new WordReceiver(schema.kinds);
  }

  /** The connection is new, and so is the player's life. */
  rejoin(log: RareLog): void {
    this.queue.length = 0;
    this.list = new ClientList(schema, plainCodec, this.budget);
    this.rareList = new RareList(log);
    this.replica = new Replica(schema);
    this.receiver = new WordReceiver(schema.kinds);
    this.rare = new RareStore(this.#values);
    this.#shown = schema.kinds.map(() => new Map());
    this.#lastApplied = undefined;
    this.#instances = new Map();
    this.isTainted = false;
  }

  /** The connection is new, the player goes on: with what it holds, or with nothing if that is not to be trusted. */
  resume(): void {
    this.queue.length = 0;
    const canKeep = !this.replica.awaitsReset && !this.isTainted;
    this.replica.awaitsReset = true;
    this.list.requestReset(canKeep ? this.replica.tick : -1);
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
    const writer = new Writer();
    plainCodec.write(writer, lane, plan);
    const body = writer.finish();
    writer.reset();
    this.rareList.write(writer, log);
    this.#note(plan);
    this.queue.push({
      body,
      rare: writer.finish(),
      words: writeWords(plan, () => this.#random.next() < 0.5),
      expected: this.#expect(plan, tables, log, admitted),
    });
  }

  /** The client's side: applies the oldest message on its way. Returns what is wrong. */
  receive(): string[] {
    const message = this.queue.shift();
    if (message === undefined) return [];
    const { expected } = message;
    const awaited = this.replica.awaitsReset;
    let outcome = 'refused';
    try {
      outcome = applyBody(plainCodec, new Reader().open(message.body), this.replica, expected.tick & 127);
      this.#followChanges();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#followChanges();
      if (!this.isTainted) return [`a good body was refused: ${error.reason}`];
      this.#tally.detected++;
      this.wantsReset = true;
      return this.replica.awaitsReset ? [] : ['no reset is awaited after a WireError'];
    }
    if (this.replica.newestTick !== expected.tick) return ['the tick was lost'];
    if (awaited && !expected.isReset) {
      this.#tally.skipped++;
      this.#tally.rareValues += this.rare.apply(message.rare);
      return outcome === 'skipped' ? [] : ['a body without reset was applied'];
    }
    if (outcome !== 'applied') return ['a good body was skipped'];
    if (expected.isReset) this.isTainted = false;
    if (!this.isTainted) this.#tally.messages++;
    // A checksum that agrees proves that the turned bit is gone; but it does not cover what is held.
    const problems = this.isTainted ? [] : this.#compare(message);
    this.#tally.rareValues += this.rare.apply(message.rare);
    if (!this.isTainted) problems.push(...this.rare.compare(expected.rare));
    this.#lastApplied = expected;
    return problems;
  }

  /** Turns a bit of a tracked entity. */
  corrupt(): void {
    const kind = this.replica.kinds[0];
    if (kind === undefined || this.replica.awaitsReset) return;
    for (let slot = kind.high - 1; slot >= 0; slot--) {
      if (kind.status[slot] !== TRACKED) continue;
      const column = kind.columns[0] as Int32Array;
      column[slot] = (column[slot] as number) ^ 0x400;
      this.isTainted = true;
      return;
    }
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
    plan.kinds.forEach(({ lane, known }, k) => {
      const before = this.#shown[k] as Map<number, string>;
      const now = new Map<number, string>();
      known.status.forEach((status, slot) => {
        const isFresh = status === TRACKED || (status === HELD && known.refreshTick[slot] === plan.tick);
        if (isFresh) {
          const codes = lane.bodyFields.map(({ p, model }) =>
            model === undefined ? p[slot] : roundP(p[slot]!, model.levels, model.wraps),
          );
          now.set(slot, codes.join(' '));
        } else if (status === HELD) {
          now.set(slot, before.get(slot) ?? 'nothing');
        }
      });
      this.#shown[k] = now;
    });
    return {
      tick: plan.tick,
      isReset: plan.isReset,
      ack: plan.isGap || plan.isReset ? plan.ack : -1,
      status: plan.kinds.map(({ known }) => [...known.status]),
      generation: plan.kinds.map(({ known }) => [...known.generation]),
      codes: [...this.#shown],
      entries: trackedEntries(plan),
      rare: expectRare(plan, tables, log, admitted),
    };
  }

  #compare({ expected, words }: Message): string[] {
    const { replica } = this;
    const problems: string[] = [];
    if (replica.tick !== expected.tick) problems.push(`tick ${replica.tick} instead of ${expected.tick}`);
    if (replica.ack !== expected.ack) problems.push(`ack ${replica.ack} instead of ${expected.ack}`);
    replica.kinds.forEach((kind, k) => {
      expected.status[k]?.forEach((status, slot) => {
        const at = `${k}/${slot}`;
        const held = kind.status[slot] ?? UNKNOWN;
        if (held !== status) problems.push(`${at} has status ${held} instead of ${status}`);
        if ((kind.instance[slot] ?? 0) > 0 !== held > UNKNOWN) problems.push(`${at} has a wrong instance`);
        if (held === UNKNOWN) return;
        const codes = kind.kind.bodyFields.map((index) => {
          const field = kind.kind.packed[index]!;
          const value = kind.columns[index]![slot]!;
          return field.kernel === 'snap' ? value : value / 256;
        });
        const shown = expected.codes[k]?.get(slot);
        if (codes.join(' ') !== shown) problems.push(`${at} (${status}) shows ${codes.join(' ')} instead of ${shown}`);
      });
    });
    this.#compareInstances(expected, problems);
    this.receiver.apply(words);
    problems.push(...compareWords(this.receiver, expected.entries));
    return problems;
  }

  /** What a client does with the two lists, after a body that was refused half way, too. */
  #followChanges(): void {
    const { left, entered } = this.replica;
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
  #compareInstances(expected: Expectation, problems: string[]): void {
    const { replica } = this;
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
