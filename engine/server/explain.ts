/**
 * What one player is told of each entity, and why: for tools that draw it, and for authors who wonder.
 *
 * Bytes are counted by entity only for a few seconds after somebody asked, for it takes a walk over all that is tracked with
 * each message. Otherwise it costs a comparison a message.
 */
import type { BodyWriter } from '../replication/body-codec.ts';
import type { ClientList, OwnEntity, VisibleSet } from '../replication/client-list.ts';
import { HELD, TRACKED, UNKNOWN } from '../replication/known-kind.ts';
import type { KindPlan, MessagePlan } from '../replication/message-plan.ts';
import type { Schema } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import type { SendBudget } from './send-budget.ts';
import type { SendPace } from './send-pace.ts';
import type { SendWindow } from './send-window.ts';
import type { ExplainedEntity, Explanation } from './types.ts';

/** What is looked at of a player. */
export interface ExplainedPlayer {
  readonly codec: BodyWriter;
  readonly list: ClientList;
  readonly sight: VisibleSet;
  readonly own: OwnEntity;
  readonly window: SendWindow;
  readonly pace: SendPace;
  readonly budget: SendBudget;
  readonly snapshotsSkipped: number;
  explainer: Explainer | undefined;
  /** Finds out where the player looks from. */
  look(): void;
}

/** Bytes are counted for so long after the last question. */
const COUNTED_MS = 5_000;
/** The last second is counted in so many parts. */
const PARTS = 4;
const PART_MS = 1_000 / PARTS;

/** Counts what one player's entities take. */
export class Explainer {
  readonly #codec: BodyWriter;
  readonly #refreshBytes: readonly number[];
  readonly #budget: SendBudget;
  /** By part and kind: bytes by slot, as estimated. */
  readonly #parts: readonly Float32Array[][];
  readonly #totals: Float64Array;
  #part: number;
  #partStartMs: number;
  #askedMs: number;

  constructor(schema: Schema, codec: BodyWriter, budget: SendBudget, nowMs: number) {
    this.#codec = codec;
    this.#refreshBytes = schema.kinds.map((kind) => codec.refreshBytes(kind));
    this.#budget = budget;
    this.#parts = Array.from({ length: PARTS }, () => schema.kinds.map(() => new Float32Array(0)));
    this.#totals = new Float64Array(PARTS);
    this.#part = 0;
    this.#partStartMs = nowMs;
    this.#askedMs = nowMs;
  }

  /** Bytes of all messages in the last second. */
  get totalBytes(): number {
    return this.#totals.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Somebody asks. */
  ask(nowMs: number): void {
    this.#askedMs = nowMs;
    this.#advance(nowMs);
  }

  /** Nobody asked for long. */
  isIdle(nowMs: number): boolean {
    return nowMs - this.#askedMs > COUNTED_MS;
  }

  /** Counts a message of so many bytes. */
  note(plan: MessagePlan, bytes: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#totals[this.#part] = this.#totals[this.#part]! + bytes;
    const { scale } = this.#budget;
    for (let kind = 0; kind < plan.kinds.length; kind++) {
      const { lane, words, refreshes } = plan.kinds[kind] as KindPlan;
      const column = this.#columnOf(kind, lane.high);
      for (let i = 0; i < words.count; i++) {
        const slot = words.slots[i]!;
        column[slot] = column[slot]! + this.#codec.measureWords(lane, slot) * scale;
      }
      for (let i = 0; i < refreshes.count; i++) {
        const slot = refreshes.slots[i]!;
        column[slot] = column[slot]! + this.#refreshBytes[kind]! * scale;
      }
    }
  }

  /** Bytes that an entity took in the last second, as estimated. */
  bytesOf(kind: number, slot: number): number {
    let bytes = 0;
    for (const part of this.#parts) bytes += part[kind]![slot] ?? 0;
    return bytes;
  }

  #columnOf(kind: number, high: number): Float32Array {
    const part = this.#parts[this.#part]!;
    if (part[kind]!.length < high) {
      const grown = new Float32Array(2 * high);
      grown.set(part[kind]!);
      part[kind] = grown;
    }
    return part[kind]!;
  }

  #advance(nowMs: number): void {
    for (let i = 0; i < PARTS && nowMs - this.#partStartMs >= PART_MS; i++) {
      this.#part = (this.#part + 1) % PARTS;
      this.#partStartMs += PART_MS;
      this.#totals[this.#part] = 0;
      for (const column of this.#parts[this.#part]!) column.fill(0);
    }
    if (nowMs - this.#partStartMs >= PART_MS) this.#partStartMs = nowMs;
  }
}

/** Explains what `player` is told. Starts to count its bytes. */
export function explainPlayer(
  player: ExplainedPlayer,
  schema: Schema,
  tables: readonly Table[],
  nowMs: number,
): Explanation {
  player.explainer ??= new Explainer(schema, player.codec, player.budget, nowMs);
  const { budget, window, pace, explainer } = player;
  explainer.ask(nowMs);
  player.look();
  const entities: ExplainedEntity[] = [];
  for (const table of tables) explainKind(player, table, explainer, entities);
  return {
    entities,
    bytesPerSecond: explainer.totalBytes,
    maxBytesPerSecond: budget.bytesPerSecond,
    isLimited: budget.isLimiting,
    heldByBudget: budget.isLimiting ? budget.heldCount : 0,
    inFlightBytes: window.inFlightBytes,
    maxInFlightBytes: window.limitBytes,
    takenBytesPerSecond: window.delivery.bytesPerSecond,
    ackRttMs: window.delivery.rttMs,
    ackRttMinMs: window.delivery.rttMinMs,
    sendEvery: pace.sendEvery,
    snapshotsSkipped: player.snapshotsSkipped,
  };
}

function explainKind(player: ExplainedPlayer, table: Table, explainer: Explainer, entities: ExplainedEntity[]): void {
  const { sight, list, budget, own } = player;
  const { kind, isAlive, high } = table;
  const { status, generation } = list.kinds[kind.index]!;
  for (let slot = 0; slot < high; slot++) {
    if (isAlive[slot] !== 1) continue;
    const isSame = generation[slot] === table.generation[slot];
    const known = isSame ? (status[slot] ?? UNKNOWN) : UNKNOWN;
    const isOwn = own.kind === kind.index && own.slot === slot;
    const isInSight = sight.everyone || isOwn || sight.has(kind.index, slot);
    if (known === UNKNOWN && !isInSight) continue;
    const squared = budget.priorities.distanceSquared(kind.index, slot);
    entities.push({
      kind: kind.name,
      id: table.idOf(slot),
      state: !isInSight ? 'hidden' : known === TRACKED ? 'tracked' : known === HELD ? 'held' : 'waiting',
      isOwn,
      isFar: sight.isFar?.(kind.index, slot) ?? false,
      isHeldByBudget: known === HELD && budget.holds(kind.index, slot),
      priority: budget.priorities.of(kind.index, slot),
      distance: Number.isNaN(squared) ? undefined : Math.sqrt(squared),
      bytesPerSecond: explainer.bytesOf(kind.index, slot),
    });
  }
}
