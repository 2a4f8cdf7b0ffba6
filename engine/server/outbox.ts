/**
 * One client's STATE message, made when the client can take one and sent at once: at most one a tick of its lane.
 *
 *     [4, tick, ack, body, rare, events, own, timing]      trailing parts that are absent are left off
 *
 * Here is the place of send budgets (what of the interest a client gets this tick) and of bodies that clients share.
 */
import type { Clock } from '../core/clock.ts';
import type { Lane } from '../replication/lane.ts';
import { MessagePlan } from '../replication/message-plan.ts';
import type { Schema } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import { writeStateHead, writeTiming } from '../wire/state.ts';
import { Writer } from '../wire/writer.ts';
import type { Lanes } from './lanes.ts';
import type { Player } from './player.ts';
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

  constructor(parts: OutboxParts) {
    const { tickRate } = parts.schema;
    this.#parts = parts;
    this.#plan = new MessagePlan(parts.lanes.first);
    this.#writer = new Writer(4096);
    this.#timingTicks = Math.max(1, Math.round(tickRate / TIMINGS_PER_SECOND));
    this.#resetTicks = RESET_SECONDS * tickRate;
  }

  /**
   * Sends `player` the snapshot of this tick of the room if it is one of its lane, unless it has not taken enough of what it
   * was sent before.
   */
  send(player: Player, tick: number): void {
    const { clock } = this.#parts;
    const { link, window, pace } = player;
    const now = clock.now();
    const { bufferedBytes } = link;
    if (window.isStale(now, bufferedBytes)) {
      link.cut('too_slow');
      return;
    }
    const canSend = window.canSend(tick, bufferedBytes);
    if (!pace.isDue(tick)) {
      if (canSend) this.#sendEvents(player, tick);
    } else if (canSend) {
      if (pace.noteSendable(tick, window.keepsPace(bufferedBytes))) this.#parts.stats.laneChanges++;
      this.#sendSnapshot(player, now);
    } else {
      this.#skip(player, tick);
    }
  }

  /** Events that are to be shown on arrival do not wait for the next snapshot, but nobody gets them before the first. */
  #sendEvents(player: Player, tick: number): void {
    const { link, window, events } = player;
    if (events.nowCount === 0 || window.lastSentTick < 0) return;
    this.#writer.reset();
    events.takeNow(this.#writer, tick);
    link.send(this.#writer.finish());
  }

  #skip(player: Player, tick: number): void {
    const { stats } = this.#parts;
    player.snapshotsSkipped++;
    stats.snapshotsSkipped++;
    if (player.pace.noteSkipped(tick, player.window.ackedTick)) stats.laneChanges++;
  }

  #sendSnapshot(player: Player, now: number): void {
    const lane = this.#parts.lanes.take(player.pace.level);
    // Past this point the message is sent: lists, events and rows are taken for told.
    this.#planBody(player, lane);
    this.#write(player, lane, now);
    player.link.send(this.#writer.finish());
    player.window.noteSent(lane.tick, now);
    this.#parts.stats.snapshots++;
  }

  #planBody(player: Player, lane: Lane): void {
    const { tables } = this.#parts;
    const { own, sight, list } = player;
    if (player.wantsReset && lane.tick - player.resetTick >= this.#resetTicks) {
      player.wantsReset = false;
      list.requestReset();
    }
    player.look();
    sight.update(tables, player.viewX, player.viewY, own.kind, own.slot);
    list.prepare(this.#plan, lane, sight, own, player.inputs.newestTaken);
    if (this.#plan.isReset) player.resetTick = lane.tick;
  }

  #write(player: Player, lane: Lane, now: number): void {
    const { shared, tables, stats } = this.#parts;
    const { own, inputs, events, rare } = player;
    const writer = this.#writer;
    const plan = this.#plan;
    const hasRare = rare.collect(plan, shared.log, player.admits) > 0;
    const isOtherPace = lane.sendEvery !== player.toldSendEvery;
    const hasTiming = isOtherPace || lane.tick - player.timingTick >= this.#timingTicks;
    const isDue = own.isDue;
    const partCount = hasTiming ? 5 : isDue ? 4 : events.length > 0 ? 3 : hasRare ? 2 : 1;
    writer.reset();
    writeStateHead(writer, partCount, lane.tick, inputs.newestTaken);
    player.codec.write(writer, lane, plan);
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
    if (!hasTiming) return;
    writeTiming(writer, now, inputs.newestTakenArrivalMs, inputs.lowDepth(), lane.sendEvery);
    player.timingTick = lane.tick;
    player.toldSendEvery = lane.sendEvery;
  }
}
