/**
 * One client's STATE message, made when the client can take one and sent at once: at most one a tick of its lane.
 *
 *     [4, tick, ack, body, rare, events, own, timing]      trailing parts that are absent are left off
 *
 * What of its interest a client gets, its `send-budget.ts` decides, and how much of that at once, `refresh-allowance.ts`. Clients
 * that know the whole world share one body, `common-body.ts`.
 */
import type { Clock } from '../core/clock.ts';
import type { CommonBody } from '../replication/common-body.ts';
import type { Lane } from '../replication/lane.ts';
import { MessagePlan } from '../replication/message-plan.ts';
import type { Schema } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import { writeStateHead, writeTiming } from '../wire/state.ts';
import { Writer } from '../wire/writer.ts';
import type { Lanes } from './lanes.ts';
import type { Player } from './player.ts';
import { CLIENT_REFRESH_BYTES, RefreshAllowance } from './refresh-allowance.ts';
import type { SharedState } from './shared-state.ts';
import type { ServerStats } from './stats.ts';

/** What an outbox needs of its room. */
export interface OutboxParts {
  readonly schema: Schema;
  readonly tables: readonly Table[];
  readonly lanes: Lanes;
  readonly shared: SharedState;
  readonly stats: ServerStats;
  readonly clock: Clock;
}

/** How often a client is told of the server's clock and its queue. */
const TIMINGS_PER_SECOND = 5;
/** Seconds between two resets that one client asks for: a small request must not cost a large answer each time. */
const RESET_SECONDS = 2;

/** Makes and sends the snapshots of one room. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #plan: MessagePlan;
  readonly #writer: Writer;
  readonly #timingTicks: number;
  readonly #resetTicks: number;
  readonly #allowance: RefreshAllowance;
  /** Of the message that was written last. */
  #bodyBytes: number;

  constructor(parts: OutboxParts) {
    const { tickRate } = parts.schema;
    this.#parts = parts;
    this.#plan = new MessagePlan(parts.lanes.first);
    this.#writer = new Writer(4096);
    this.#timingTicks = Math.max(1, Math.round(tickRate / TIMINGS_PER_SECOND));
    this.#resetTicks = RESET_SECONDS * tickRate;
    this.#allowance = new RefreshAllowance();
    this.#bodyBytes = 0;
  }

  /** Sends all players of the room their snapshots of this tick: first those who waited for refreshes. */
  sendAll(players: Iterable<Player>, tick: number): void {
    const now = this.#parts.clock.now();
    for (const player of players) {
      player.isSnapshotDue = this.#decide(player, tick, now);
      if (player.common !== undefined) this.#share(player, player.common);
    }
    this.#parts.lanes.prepareCommon();
    const waiting = this.#allowance.begin();
    for (let i = 0; i < waiting.length; i++) {
      const player = waiting[i]!;
      if (!player.isJoined || player.leaveReason !== undefined) continue;
      if (player.isSnapshotDue) this.#sendSnapshot(player, now);
      else this.#allowance.keep(player);
    }
    for (const player of players) if (player.isSnapshotDue) this.#sendSnapshot(player, now);
    this.#allowance.end();
  }

  /**
   * Whether `player` is sent the snapshot of this tick of the room: if it is one of its lane, unless it has not taken enough of
   * what it was sent before, or got all bytes that it may.
   */
  #decide(player: Player, tick: number, now: number): boolean {
    const { schema } = this.#parts;
    const { link, window, pace, budget } = player;
    const { bufferedBytes } = link;
    if (window.isStale(now, bufferedBytes)) {
      link.cut('too_slow');
      return false;
    }
    budget.refill(now, (pace.sendEvery * 1000) / schema.tickRate);
    const canSend = budget.canSend && window.canSend(tick, bufferedBytes);
    if (!pace.isDue(tick)) {
      if (canSend) this.#sendEvents(player, tick);
      return false;
    }
    if (!canSend) {
      this.#skip(player, tick);
      return false;
    }
    const keepsPace = !budget.isLimiting && window.keepsPace(bufferedBytes);
    if (pace.noteSendable(tick, keepsPace)) this.#parts.stats.laneChanges++;
    return true;
  }

  /** Whoever shares a body and cannot be sent that of this tick leaves. */
  #share(player: Player, common: CommonBody): void {
    const { pace, budget, isSnapshotDue } = player;
    const isOtherLane = pace.sendEvery !== common.lane.sendEvery;
    const isOfTick = isSnapshotDue || isOtherLane || common.lane.tick !== common.list.lastTick;
    if (!isOfTick) return;
    if (isSnapshotDue && !isOtherLane && !budget.isLimiting && !this.#isResetDue(player, common.lane)) common.want();
    else player.leaveCommon();
  }

  #isResetDue({ wantsReset, resetTick }: Player, lane: Lane): boolean {
    return wantsReset && lane.tick - resetTick >= this.#resetTicks;
  }

  /** Events that are to be shown on arrival do not wait for the next snapshot, but nobody gets them before the first. */
  #sendEvents(player: Player, tick: number): void {
    const { link, window, events, budget } = player;
    if (events.nowCount === 0 || window.lastSentTick < 0) return;
    this.#writer.reset();
    events.takeNow(this.#writer, tick);
    window.noteOthersSent(this.#writer.length);
    budget.noteOthersSent(this.#writer.length);
    link.send(this.#writer.finish());
  }

  #skip(player: Player, tick: number): void {
    const { stats } = this.#parts;
    player.snapshotsSkipped++;
    stats.snapshotsSkipped++;
    if (player.pace.noteSkipped(tick, player.window.ackedTick)) stats.laneChanges++;
  }

  #sendSnapshot(player: Player, now: number): void {
    const { lanes, stats } = this.#parts;
    const { budget, window, explainer } = player;
    const lane = lanes.take(player.pace.level);
    player.isSnapshotDue = false;
    this.#allowance.grant(player);
    // Past this point the message is sent: lists, events and rows are taken for told.
    const { common } = player;
    const plan =
      common === undefined ? this.#planBody(player, lane) : common.planFor(player.own, player.inputs.newestTaken);
    player.knownRefs.note(plan);
    const message = this.#write(player, lane, plan, now);
    const bytes = message.length;
    player.link.send(message);
    window.noteSent(lane.tick, now, bytes);
    budget.noteSent(bytes, this.#bodyBytes, plan);
    const mustWait = plan.deferred > 0 || (budget.isPostponing && plan.isPending);
    // What all share is made once, and bounded by itself.
    if (player.common !== undefined) this.#allowance.settle(player, 0, false);
    else this.#allowance.settle(player, plan.refreshBytes * plan.refreshScale, budget.isShort && mustWait);
    if (explainer !== undefined) this.#explain(player, plan, bytes, now);
    if (player.sight.everyone && player.common === undefined) this.#joinCommon(player);
    stats.snapshots++;
    stats.refreshesDeferred += plan.deferred;
    if (plan.isGap) stats.gaps++;
  }

  #explain(player: Player, plan: MessagePlan, bytes: number, now: number): void {
    if (player.explainer?.isIdle(now) === true) player.explainer = undefined;
    player.explainer?.note(plan, bytes, now);
  }

  #joinCommon(player: Player): void {
    const { pace, codec, list, budget } = player;
    if (budget.isLimiting) return;
    const common = this.#parts.lanes.takeCommon(pace.level, codec, CLIENT_REFRESH_BYTES);
    if (common.canJoin(list)) player.joinCommon(common);
  }

  #planBody(player: Player, lane: Lane): MessagePlan {
    const { own, sight, list } = player;
    if (this.#isResetDue(player, lane)) {
      player.wantsReset = false;
      list.requestReset();
    }
    player.look();
    sight.update(lane.tick, player.viewX, player.viewY, own.kind, own.slot);
    list.prepare(this.#plan, lane, sight, own, player.inputs.newestTaken);
    if (this.#plan.isReset) player.resetTick = lane.tick;
    return this.#plan;
  }

  /** Writes the message, and notes how many bytes of it are its body. */
  #write(player: Player, lane: Lane, plan: MessagePlan, now: number): Uint8Array {
    const { shared, tables, stats } = this.#parts;
    const { own, inputs, events, rare, common } = player;
    const writer = this.#writer;
    const hasRare = rare.collect(plan, shared.log, player.admits) > 0;
    const isOtherPace = lane.sendEvery !== player.toldSendEvery;
    const hasTiming = isOtherPace || lane.tick - player.timingTick >= this.#timingTicks;
    const isDue = own.isDue;
    const partCount = hasTiming ? 5 : isDue ? 4 : events.length > 0 ? 3 : hasRare ? 2 : 1;
    // What starts anew names the client's own input.
    const isShared = common !== undefined && !plan.isReset;
    if (isShared && partCount === 1) {
      this.#bodyBytes = common.writer.length;
      return common.messageFor(inputs.newestTaken);
    }
    writer.reset();
    writeStateHead(writer, partCount, lane.tick, inputs.newestTaken);
    const bodyStart = writer.length;
    if (isShared) writer.raw(common.writer.bytes, 0, common.writer.length);
    else player.codec.write(writer, lane, plan);
    this.#bodyBytes = writer.length - bodyStart;
    if (hasRare) rare.write(writer, shared.log);
    else if (partCount > 1) writer.nil();
    if (events.length > 0) events.take(writer, lane.tick);
    else if (partCount > 2) writer.nil();
    if (isDue) {
      if (own.kind >= 0) stats.exactRows++;
      own.take(writer, tables, inputs.newestTaken);
    } else if (partCount > 3) {
      writer.nil();
    }
    if (!hasTiming) return writer.finish();
    writeTiming(writer, now, inputs.newestTakenArrivalMs, inputs.lowDepth(), lane.sendEvery);
    player.timingTick = lane.tick;
    player.toldSendEvery = lane.sendEvery;
    return writer.finish();
  }
}
