/**
 * How many bytes one client's messages may take, and who gets them when they are too few.
 *
 * A token bucket: what was sent is taken from it, and nothing is sent while it is empty. As long as it stays half full it decides
 * nothing. When it does not, the entities of lowest priority are held, as many as it takes for the words of the others to fit;
 * what is left goes to refreshes, the most urgent first: urgency grows by an entity's priority with each message that does
 * not refresh it. Those of highest priority come back when there is clearly room for their words.
 *
 *     unlimited ──bucket half empty──> limiting ──nobody held and bucket full for two seconds──> unlimited
 *
 * Far entities (`VisibleSet.isFar`) are held in either state, and refreshed a few times a second at most.
 */
import type { BodyWriter } from '../replication/body-codec.ts';
import { HELD } from '../replication/known-kind.ts';
import type { KindPlan, MessageBudget, MessagePlan } from '../replication/message-plan.ts';
import type { Schema } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import type { Delivery } from './delivery.ts';
import { Priorities, type PriorityOf, type Viewpoint } from './priorities.ts';
import type { SendWindow } from './send-window.ts';
import type { ServerStats } from './stats.ts';
import { WordCosts } from './word-costs.ts';

/** The bucket holds what comes in in this time, and at least so many bytes: the longest refresh must fit. */
export const BURST_SECONDS = 0.5;
const LEAST_BURST_BYTES = 512;
/**
 * Parts of what comes in between two messages. Words that take more than the first have entities held until they take no more
 * than the second: the rest is for refreshes of those. Below the third some come back, up to the second; all of them do when
 * everybody's words take no more than the fourth.
 */
const HOLD_ABOVE = 0.85;
const HOLD_TO = 0.6;
const RETURN_BELOW = 0.5;
const RETURN_ALL = 0.75;
/** Who was held by the budget stays so for this long, and it is looked so often who may come back. */
const HELD_SECONDS = 1;
const RETURNS_PER_SECOND = 4;
/** Part of what comes in between two messages that refreshes leave in the bucket, for words that come unexpected. */
const RESERVE_SHARE = 0.25;
/** Not limited any more after this long with nobody held and the bucket nearly full. */
const CALM_MS = 2_000;
const FULL_SHARE = 0.9;
/** An entity that the client never saw is so much more urgent than one whose place is old. */
const UNKNOWN_FACTOR = 16;
/** Refreshes of far entities: rounds a second, and bytes a second in all. */
const FAR_ROUNDS_PER_SECOND = 4;
export const FAR_BYTES_PER_SECOND = 4_096;
/** Averages move by this part of what is new. */
const SMOOTH = 1 / 8;
const LONGEST_LOOK_MS = 1_000;

/** What a room type says of sending. */
export interface SendOptions {
  /** Infinity: as much as the client demonstrably takes. */
  readonly maxBytesPerSecond: number;
  /** By kind index. */
  readonly priorities: readonly PriorityOf[];
  /** Whether entities in sight can be far. */
  readonly hasFar: boolean;
}

/** What a budget needs of its player. */
export interface SendBudgetParts {
  readonly schema: Schema;
  readonly tables: readonly Table[];
  readonly codec: BodyWriter;
  readonly options: SendOptions;
  readonly window: SendWindow;
  readonly viewpoint: Viewpoint;
  readonly stats: ServerStats;
  /** Any whole number, by which players share out the ticks in which far entities are refreshed. */
  readonly turn: number;
}

/** One client's. */
export class SendBudget implements MessageBudget {
  isRanking: boolean;
  /** The bucket decides who is held. */
  isLimiting: boolean;
  /** Bytes in the bucket; Infinity where nothing limits the client. Below 0 after a message that took more than it held. */
  level: number;
  /** What comes in, bytes a second; Infinity where nothing limits the client. */
  bytesPerSecond: number;
  /** Real bytes of a body for each byte as the codec bounds them. */
  scale: number;
  /** Estimated bytes of refreshes that the room gives this client in this tick. */
  grantBytes: number;
  /** Refreshes of the last message had to wait because the room gave no more. */
  isShort: boolean;
  isPostponing: boolean;
  readonly priorities: Priorities;
  readonly #parts: SendBudgetParts;
  readonly #delivery: Delivery;
  readonly #costs: WordCosts;
  #plan: MessagePlan | undefined;
  #plannedTick: number;
  #now: number;
  #calmMs: number;
  #isDeferring: boolean;
  /** Bytes that come in between two messages, and those of a message besides its body. */
  #incomeBytes: number;
  #otherBytes: number;
  /** Bytes of the message's words, as the codec bounds them; -1: not known. */
  #wordBytes: number;
  #returnTick: number;
  #farTick: number;
  #farBytes: number;
  #isFarRound: boolean;

  constructor(parts: SendBudgetParts) {
    this.isRanking = false;
    this.isLimiting = false;
    this.level = Number.POSITIVE_INFINITY;
    this.bytesPerSecond = Number.POSITIVE_INFINITY;
    this.scale = 1;
    this.grantBytes = Number.POSITIVE_INFINITY;
    this.isShort = false;
    this.isPostponing = false;
    this.priorities = new Priorities(parts.schema, parts.tables, parts.options.priorities, parts.viewpoint);
    this.#parts = parts;
    this.#delivery = parts.window.delivery;
    const heldTicks = HELD_SECONDS * parts.schema.tickRate;
    this.#costs = new WordCosts(parts.schema, parts.codec, this.priorities, heldTicks);
    this.#plan = undefined;
    this.#plannedTick = -1;
    this.#now = 0;
    this.#calmMs = 0;
    this.#isDeferring = false;
    this.#incomeBytes = 0;
    this.#otherBytes = 16;
    this.#wordBytes = -1;
    this.#returnTick = 0;
    this.#farTick = 0;
    this.#farBytes = 0;
    this.#isFarRound = false;
  }

  /** Entities that the bucket holds. */
  get heldCount(): number {
    return this.#costs.heldCount;
  }

  /** Whether the bucket lets a message out. */
  get canSend(): boolean {
    return this.level > 0;
  }

  /** Whether this entity, which the client knows, is held because there are too few bytes for it. */
  holds(kind: number, slot: number): boolean {
    return this.isLimiting && this.#costs.ranks[kind]!.isHeld[slot] === 1;
  }

  // ----------------------------------------------------------------------------------------------------- the bucket

  /** Fills the bucket up to now. Call it in every tick. `intervalMs`: from one message of the client to the next. */
  refill(nowMs: number, intervalMs: number): void {
    const elapsedMs = Math.min(nowMs - this.#now, LONGEST_LOOK_MS);
    this.#now = nowMs;
    if (this.#parts.options.hasFar) {
      this.#farBytes = Math.min(FAR_BYTES_PER_SECOND, this.#farBytes + (FAR_BYTES_PER_SECOND * elapsedMs) / 1000);
    }
    const rate = Math.min(this.#parts.options.maxBytesPerSecond, this.#delivery.limitBytesPerSecond);
    this.bytesPerSecond = rate;
    if (rate === Number.POSITIVE_INFINITY) {
      this.level = rate;
      return;
    }
    const burst = Math.max(rate * BURST_SECONDS, LEAST_BURST_BYTES);
    if (this.level === Number.POSITIVE_INFINITY) this.level = this.#delivery.isLimited ? 0 : burst;
    this.level = Math.min(burst, this.level + (rate * elapsedMs) / 1000);
    this.#incomeBytes = (rate * intervalMs) / 1000;
    if (this.level < burst / 2) this.#delivery.noteUse();
    if (!this.isLimiting) {
      if (this.level < burst / 2) this.#limit();
      return;
    }
    const isCalm = this.heldCount === 0 && !this.#isDeferring && this.level >= FULL_SHARE * burst;
    this.#calmMs = isCalm ? this.#calmMs + elapsedMs : 0;
    if (this.#calmMs < CALM_MS) return;
    this.isLimiting = false;
    this.#delivery.lift();
  }

  /** Notes what a message took, and how much of it was its body. */
  noteSent(bytes: number, bodyBytes: number, plan: MessagePlan): void {
    this.level -= bytes;
    this.#otherBytes += (bytes - bodyBytes - this.#otherBytes) * SMOOTH;
    this.#isDeferring = plan.deferred > 0;
    // A body that is shared was not planned here.
    if (plan !== this.#plan || plan.tick !== this.#plannedTick) return;
    // Without the words, the estimate holds only where there are many refreshes beside them.
    const bound = plan.refreshBytes + Math.max(0, this.#wordBytes);
    if (bound < (this.#wordBytes >= 0 ? 64 : 2_048)) return;
    this.scale += (Math.min(1, Math.max(0.05, bodyBytes / bound)) - this.scale) * SMOOTH;
  }

  /** Notes bytes of another message. */
  noteOthersSent(bytes: number): void {
    this.level -= bytes;
  }

  #limit(): void {
    this.isLimiting = true;
    this.#calmMs = 0;
    this.#costs.release();
  }

  // ---------------------------------------------------------------------------------------------------- one message

  open(plan: MessagePlan): void {
    const hasFar = this.#parts.options.hasFar && !plan.visible.everyone;
    this.#plan = plan;
    this.#plannedTick = plan.tick;
    this.#wordBytes = -1;
    this.isRanking = this.isLimiting || hasFar;
    if (!this.isRanking) return;
    this.priorities.open(plan);
    this.#costs.grow(plan);
    this.#isFarRound = hasFar && plan.tick >= this.#farTick;
    if (!this.#isFarRound) return;
    const round = Math.ceil(this.#parts.schema.tickRate / FAR_ROUNDS_PER_SECOND);
    this.#farTick = plan.tick + round - ((plan.tick + this.#parts.turn) % round);
  }

  choose(plan: MessagePlan): void {
    if (!this.isLimiting) return;
    const costs = this.#costs;
    costs.weigh(plan);
    const { tickRate } = this.#parts.schema;
    const income = Math.max(0, this.#incomeBytes - this.#otherBytes) / this.scale;
    const room = (this.level - this.#otherBytes) / this.scale;
    if (costs.mean > income * HOLD_ABOVE || costs.now > room) {
      this.#parts.stats.entitiesHeld += costs.holdLowest(plan, income * HOLD_TO, room);
      this.#returnTick = plan.tick + tickRate * HELD_SECONDS;
    } else if (costs.heldCount > 0 && plan.tick >= this.#returnTick) {
      this.#returnTick = plan.tick + Math.ceil(tickRate / RETURNS_PER_SECOND);
      if (costs.mean + costs.held <= income * RETURN_ALL) costs.letReturn(plan, Number.POSITIVE_INFINITY);
      else if (costs.mean < income * RETURN_BELOW) costs.letReturn(plan, income * HOLD_TO);
    }
  }

  isHeld(kind: number, slot: number): boolean {
    const { isHeld } = this.#costs.ranks[kind]!;
    // What the client steers now is refreshed at once, and so never comes back by itself.
    if (this.#plan!.isOwn(kind, slot)) isHeld[slot] = 0;
    return (this.isLimiting && isHeld[slot] === 1) || this.#isFar(kind, slot);
  }

  allow(plan: MessagePlan): void {
    let own = this.#parts.window.refreshBytes;
    if (this.level !== Number.POSITIVE_INFINITY) {
      const reserve = this.isLimiting ? this.#otherBytes + RESERVE_SHARE * this.#incomeBytes : 0;
      if (this.isLimiting) this.#wordBytes = this.#costs.measure(plan);
      own = Math.min(own, Math.max(0, this.level - reserve - Math.max(0, this.#wordBytes) * this.scale));
    }
    this.isShort = this.grantBytes < own;
    plan.refreshLeft = Math.min(own, this.grantBytes);
    plan.refreshScale = this.scale;
  }

  urgency(kind: number, slot: number): number {
    const { known, lane } = this.#plan!.kinds[kind] as KindPlan;
    const rank = this.#costs.ranks[kind]!;
    const isKnown = known.status[slot] === HELD;
    if (isKnown) {
      const isFar = this.#isFar(kind, slot);
      if (isFar && !this.#isFarRound) return 0;
      const staysHeld = isFar || (this.isLimiting && rank.isHeld[slot] === 1);
      // Nothing is new.
      if (staysHeld && lane.changeTick[slot]! <= known.refreshTick[slot]!) return 0;
    }
    const urgency = rank.urgency[slot]! + this.priorities.of(kind, slot);
    rank.urgency[slot] = urgency;
    return isKnown ? urgency : UNKNOWN_FACTOR * urgency;
  }

  take(kind: number, slot: number, bytes: number): boolean {
    const rank = this.#costs.ranks[kind]!;
    if ((this.#plan!.kinds[kind] as KindPlan).known.status[slot] !== HELD) {
      // Whoever had this slot before had its own standing.
      rank.isHeld[slot] = 0;
      rank.cost[slot] = 0;
    } else if (this.#isFar(kind, slot)) {
      if (this.#farBytes <= 0) return false;
      this.#farBytes -= bytes * this.scale;
    }
    rank.urgency[slot] = 0;
    return true;
  }

  // ---------------------------------------------------------------------------------------------------- who is held

  #isFar(kind: number, slot: number): boolean {
    const { visible } = this.#plan!;
    return this.#parts.options.hasFar && !visible.everyone && visible.isFar?.(kind, slot) === true;
  }
}
