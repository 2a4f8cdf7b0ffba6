/** What the words of each entity cost one client, and who is held when they cost too much: the lowest priorities. */
import type { BodyWriter } from '../replication/body-codec.ts';
import { HELD, TRACKED } from '../replication/known-kind.ts';
import type { KindPlan, MessagePlan } from '../replication/message-plan.ts';
import { grownBytes, grownInts, grownLength } from '../replication/slot-list.ts';
import type { Schema } from '../state/schema.ts';
import type { Priorities } from './priorities.ts';

/** Averages move by this part of what is new. */
const SMOOTH = 1 / 8;
/** Below it an entity's words cost nothing worth a hold. */
const LEAST_COST = 0.05;

/** By slot of one kind. Empty until the bytes are first too few, or something is far. */
export class KindRank {
  /** 1: held because bytes are too few. */
  isHeld: Uint8Array = new Uint8Array(0);
  /** Since which tick. */
  heldTick: Int32Array = new Int32Array(0);
  /** Bytes of its words in a message on average, as the codec bounds them. */
  cost: Float32Array = new Float32Array(0);
  /** Sum of its priorities since it was refreshed. */
  urgency: Float32Array = new Float32Array(0);

  grow(high: number, capacity: number): void {
    if (high <= this.isHeld.length) return;
    const length = grownLength(this.isHeld.length, high, capacity);
    this.isHeld = grownBytes(this.isHeld, length);
    this.heldTick = grownInts(this.heldTick, length);
    this.cost = grownFloats(this.cost, length);
    this.urgency = grownFloats(this.urgency, length);
  }
}

function grownFloats(from: Float32Array, length: number): Float32Array {
  const grown = new Float32Array(length);
  grown.set(from);
  return grown;
}

/** One client's. All bytes are as the codec bounds them. */
export class WordCosts {
  readonly ranks: readonly KindRank[];
  /** Entities that are held because bytes are too few. */
  heldCount: number;
  /** What a message's words take: those of the tracked on average and in this one, and those of the held if they were tracked. */
  mean: number;
  now: number;
  held: number;
  readonly #codec: BodyWriter;
  readonly #priorities: Priorities;
  /** So long an entity stays held at least. */
  readonly #heldTicks: number;

  constructor(schema: Schema, codec: BodyWriter, priorities: Priorities, heldTicks: number) {
    this.ranks = schema.kinds.map(() => new KindRank());
    this.heldCount = 0;
    this.mean = 0;
    this.now = 0;
    this.held = 0;
    this.#codec = codec;
    this.#priorities = priorities;
    this.#heldTicks = heldTicks;
  }

  /** Nobody is held. */
  release(): void {
    this.heldCount = 0;
    for (const rank of this.ranks) rank.isHeld.fill(0);
  }

  /** Makes room for what lives in the plan's lane. */
  grow({ kinds }: MessagePlan): void {
    for (let kind = 0; kind < kinds.length; kind++) {
      const { lane } = kinds[kind] as KindPlan;
      this.ranks[kind]!.grow(lane.high, lane.kind.capacity);
    }
  }

  /** Brings all costs up to date. Leaves are known, and holds are not. */
  weigh({ kinds }: MessagePlan): void {
    this.mean = this.now = this.held = 0;
    this.heldCount = 0;
    for (let kind = 0; kind < kinds.length; kind++) {
      const { known, lane } = kinds[kind] as KindPlan;
      const { cost, isHeld } = this.ranks[kind]!;
      for (let i = 0; i < known.tracked.count; i++) {
        const slot = known.tracked.slots[i]!;
        if (known.status[slot] !== TRACKED) continue;
        const bytes = this.#codec.measureWords(lane, slot);
        cost[slot] = cost[slot]! + (bytes - cost[slot]!) * SMOOTH;
        this.mean += cost[slot]!;
        this.now += bytes;
      }
      for (let i = 0; i < known.held.count; i++) {
        const slot = known.held.slots[i]!;
        if (known.status[slot] !== HELD) continue;
        cost[slot] = cost[slot]! + (this.#codec.measureWords(lane, slot) - cost[slot]!) * SMOOTH;
        if (isHeld[slot] === 0) continue;
        this.held += cost[slot]!;
        this.heldCount++;
      }
    }
  }

  /** Holds the tracked entities of lowest priority, until the words of the rest take no more. Returns how many. */
  holdLowest(plan: MessagePlan, mean: number, now: number): number {
    const { ranking } = plan;
    ranking.clear();
    for (let kind = 0; kind < plan.kinds.length; kind++) {
      const { known } = plan.kinds[kind] as KindPlan;
      const { cost } = this.ranks[kind]!;
      for (let i = 0; i < known.tracked.count; i++) {
        const slot = known.tracked.slots[i]!;
        // Who rests costs nothing.
        if (known.status[slot] !== TRACKED || cost[slot]! < LEAST_COST || plan.isOwn(kind, slot)) continue;
        ranking.push(kind, slot, -this.#priorities.of(kind, slot));
      }
    }
    ranking.build();
    let count = 0;
    while ((this.mean > mean || this.now > now) && ranking.pop()) {
      const { kind, slot } = ranking;
      const rank = this.ranks[kind]!;
      rank.isHeld[slot] = 1;
      rank.heldTick[slot] = plan.tick;
      rank.urgency[slot] = 0;
      this.mean -= rank.cost[slot]!;
      this.now -= this.#codec.measureWords((plan.kinds[kind] as KindPlan).lane, slot);
      this.heldCount++;
      count++;
    }
    return count;
  }

  /** Lets those of highest priority be tracked again whose words fit into `mean`; their next refresh makes them so. */
  letReturn(plan: MessagePlan, mean: number): void {
    const { ranking } = plan;
    const heldUntil = plan.tick - this.#heldTicks;
    ranking.clear();
    for (let kind = 0; kind < plan.kinds.length; kind++) {
      const { known } = plan.kinds[kind] as KindPlan;
      const { isHeld, heldTick } = this.ranks[kind]!;
      for (let i = 0; i < known.held.count; i++) {
        const slot = known.held.slots[i]!;
        if (isHeld[slot] === 0 || known.status[slot] !== HELD || heldTick[slot]! > heldUntil) continue;
        ranking.push(kind, slot, this.#priorities.of(kind, slot));
      }
    }
    ranking.build();
    let sum = this.mean;
    while (ranking.pop()) {
      const rank = this.ranks[ranking.kind]!;
      sum += rank.cost[ranking.slot]!;
      // What is less important must not come back first because it is cheaper.
      if (sum > mean) return;
      rank.isHeld[ranking.slot] = 0;
      this.heldCount--;
    }
  }

  /** What the words of this message take. Holds are known. */
  measure({ kinds }: MessagePlan): number {
    let bytes = 0;
    for (let kind = 0; kind < kinds.length; kind++) {
      const { known, lane } = kinds[kind] as KindPlan;
      const { slots, count } = known.tracked;
      for (let i = 0; i < count; i++) bytes += this.#codec.measureWords(lane, slots[i]!);
    }
    return bytes;
  }
}
