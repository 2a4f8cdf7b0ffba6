/** Checks one room in each of its ticks: numbers, queues, what only grows. And looks on as its snapshots are made. */
import type { Clock } from '../core/clock.ts';
import type { Lane } from '../replication/lane.ts';
import type { MessagePlan } from '../replication/message-plan.ts';
import { DEBT_TICKS, QUEUE_INPUTS } from '../server/input-queue.ts';
import type { Link, Player } from '../server/player.ts';
import type { Room } from '../server/room.ts';
import { EVENTS_PER_MESSAGE, SERVER_MESSAGE_BYTES, UNACKED_TICKS } from '../wire/limits.ts';
import { BudgetChecker } from './budget-checker.ts';
import { EventLog } from './event-log.ts';
import type { Findings } from './findings.ts';
import type { InputChecker } from './input-checker.ts';
import { LaneChecker } from './lane-checker.ts';
import { SentChecker } from './sent-checker.ts';
import { Eye, type RoomRules } from './sight-rules.ts';
import { ToldChecker } from './told-checker.ts';

/** A player, and what is known of it apart from the engine. */
export interface Watched {
  readonly player: Player;
  readonly told: ToldChecker;
  readonly inputs: InputChecker;
  readonly eye: Eye;
  ackedTick: number;
  /** Ticks that were sent and not acknowledged when the last one was looked at, oldest first. */
  readonly unacked: number[];
}

/** One room. */
export class RoomChecker {
  readonly room: Room;
  readonly watched = new Map<number, Watched>();
  readonly #rules: RoomRules;
  readonly #clock: Clock;
  readonly #events: EventLog;
  readonly #findings: Findings;
  readonly #lanes = new Map<Lane, LaneChecker>();
  #tick: number;
  readonly #ids = new Set<number>();
  /** What players steered who left in this tick. */
  readonly #orphans: { readonly kind: number; readonly slot: number; readonly generation: number }[] = [];

  constructor(room: Room, rules: RoomRules, clock: Clock, findings: Findings) {
    this.room = room;
    this.#rules = rules;
    this.#clock = clock;
    this.#events = new EventLog(room, this.watched);
    this.#findings = findings;
    // Made by the first player, who joins at the start of a tick.
    this.#tick = room.tick - 1;
  }

  /** A player joined; nothing was sent to it yet. */
  join(player: Player, inputs: InputChecker): Watched {
    const { room } = this;
    if (this.#ids.has(player.id)) this.#report(`a second player ${player.id} joined`);
    this.#ids.add(player.id);
    const where = `player ${player.id} of ${room.type}`;
    const eye = new Eye(room, player);
    const told = new ToldChecker(where, eye, this.#rules.sight, player.codec, this.#findings);
    const watched: Watched = { player, told, inputs, eye, ackedTick: -1, unacked: [] };
    this.watched.set(player.id, watched);
    inputs.watch(player, room.stats);
    // Bodies may be shared, but what goes behind them is gathered for each client.
    const { rare } = player;
    const collect = rare.collect.bind(rare);
    rare.collect = (plan, log, admits) => {
      this.#noteSnapshot(plan.lane, plan, watched);
      return collect(plan, log, admits);
    };
    this.#watchSends(where, player.link, eye);
    return watched;
  }

  /** Looks at all that goes to a client from now on. */
  #watchSends(where: string, link: Link, eye: Eye): void {
    const sent = new SentChecker(where, eye, this.#rules.sight, this.#events, this.#findings);
    const budget = new BudgetChecker(where, this.#clock, this.#rules.bytesPerSecond, this.#findings);
    const send = link.send.bind(link);
    link.send = (bytes) => {
      sent.read(bytes);
      budget.note(bytes);
      send(bytes);
    };
  }

  /** A player left. */
  leave(player: Player): void {
    this.watched.get(player.id)?.inputs.checkPrediction(player);
    this.watched.delete(player.id);
    const { kind, slot } = player.own;
    if (kind < 0 || !player.own.isAlive(this.room.tables)) return;
    this.#orphans.push({ kind, slot, generation: this.room.tables[kind]!.generation[slot]! });
  }

  /** In the middle of a tick, before its world pass: everything is as the tick before left it, but for what steps did. */
  check(): void {
    const { room } = this;
    this.#findings.counts.ticks++;
    if (room.tick !== this.#tick + 1) this.#report(`tick ${room.tick} after ${this.#tick}`);
    this.#tick = room.tick;
    for (const lane of this.#lanes.values()) lane.keep();
    for (const { kind, slot, generation } of this.#orphans.splice(0)) {
      const { isAlive, generation: generations } = room.tables[kind]!;
      const isThere = isAlive[slot] === 1 && generations[slot] === generation;
      if (isThere) this.#report(`${room.schema.kinds[kind]!.name} ${slot} outlives the player who steered it`);
    }
    for (const watched of this.watched.values()) this.#checkPlayer(watched);
    this.#checkNumbers();
  }

  #noteSnapshot(lane: Lane, plan: MessagePlan, { told, unacked }: Watched): void {
    let checker = this.#lanes.get(lane);
    if (checker === undefined) {
      // A lane that nobody used for long was dropped, and another one has its place.
      for (const other of this.#lanes.keys()) if (other.sendEvery === lane.sendEvery) this.#lanes.delete(other);
      checker = new LaneChecker(lane, this.room.tables, this.#findings);
      this.#lanes.set(lane, checker);
    }
    checker.check();
    if (plan.tick !== this.room.tick) this.#report(`a snapshot of tick ${plan.tick} in tick ${this.room.tick}`);
    told.note(lane, plan, checker);
    unacked.push(plan.tick);
  }

  #checkPlayer(watched: Watched): void {
    const { player, inputs } = watched;
    const { window, events, link } = player;
    const { limits } = this.room;
    const who = `player ${player.id}`;
    inputs.checkPrediction(player);
    this.#atMost(`${who}: inputs that wait`, player.inputs.length, QUEUE_INPUTS);
    this.#atMost(`${who}: debt`, player.inputs.debt, DEBT_TICKS);
    this.#atMost(`${who}: events that wait`, events.length, EVENTS_PER_MESSAGE);
    this.#atMost(`${who}: buffered bytes`, link.bufferedBytes, limits.hardQueueBytes + SERVER_MESSAGE_BYTES);
    this.#checkAcks(watched);
    watched.ackedTick = window.ackedTick;
  }

  /** Acks name what was sent, in order, and never lag so far that seven bits could mean two of them. */
  #checkAcks({ player, ackedTick, unacked }: Watched): void {
    const { window, id } = player;
    const who = `player ${id}`;
    const acked = window.ackedTick;
    if (acked < ackedTick) this.#report(`${who}: ack ${acked} after ${ackedTick}`);
    if (acked !== ackedTick && ackedTick >= 0 && !unacked.includes(acked))
      this.#report(`${who}: ack of ${acked}, which was not sent`);
    while (unacked.length > 0 && unacked[0]! <= acked) unacked.shift();
    if (unacked.length === 0) return;
    const sent = unacked[unacked.length - 1]!;
    if (window.lastSentTick !== sent)
      this.#report(`${who}: ${sent} was sent, and ${window.lastSentTick} is said to be`);
    this.#atMost(`${who}: ticks without an ack`, sent - unacked[0]!, UNACKED_TICKS);
  }

  #checkNumbers(): void {
    for (const { kind, columns, isAlive, high } of this.room.tables) {
      for (let i = 0; i < columns.length; i++) {
        const column = columns[i]!;
        for (let slot = 0; slot < high; slot++) {
          if (isAlive[slot] === 0 || Number.isFinite(column[slot])) continue;
          this.#report(`${kind.name} ${slot}.${kind.packed[i]!.name} is ${column[slot]}`);
        }
      }
    }
  }

  #atMost(what: string, value: number, limit: number): void {
    if (!(value <= limit)) this.#report(`${what}: ${value}, and ${limit} is the most`);
  }

  #report(problem: string): void {
    this.#findings.report(`${this.room.type}, tick ${this.room.tick}`, problem);
  }
}
