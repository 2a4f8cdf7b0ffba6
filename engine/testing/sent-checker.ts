/**
 * Reads every message that one client is sent, as a stranger would who has recorded the line: what the client may not see must not
 * be in it, and what it was told must be so.
 */
import { WireError } from '../core/errors.ts';
import { applyBody } from '../replication/body-codec.ts';
import { UNKNOWN } from '../replication/known-kind.ts';
import { Replica } from '../replication/replica.ts';
import type { Player } from '../server/player.ts';
import type { RareField } from '../state/schema.ts';
import { type EventView, readEventHead, readEventMessage } from '../wire/event.ts';
import { EVENTS_PER_MESSAGE, LONGEST_TEXT_BYTES } from '../wire/limits.ts';
import { MESSAGE, messageType } from '../wire/message.ts';
import { Reader } from '../wire/reader.ts';
import { createStateView, readState } from '../wire/state.ts';
import { readValue } from '../wire/value-codec.ts';
import type { EventLog } from './event-log.ts';
import type { Findings } from './findings.ts';
import { type Holds, isToldAs, maySee, type RareEntry, RareModel } from './rare-model.ts';
import type { Eye, SightRule } from './sight-rules.ts';

/** The messages to one player. */
export class SentChecker {
  readonly #where: string;
  readonly #eye: Eye;
  readonly #rule: SightRule;
  readonly #events: EventLog;
  readonly #findings: Findings;
  readonly #replica: Replica;
  readonly #told: RareModel;
  readonly #holds: Holds = (kind, slot) => (this.#replica.kinds[kind]?.status[slot] ?? UNKNOWN) !== UNKNOWN;
  readonly #reader = new Reader();
  readonly #view = createStateView();
  readonly #event: EventView = { ticksBack: 0, event: 0, isNow: false, argCount: 0 };
  readonly #eventMessage = { tick: 0, eventsStart: 0, eventsEnd: 0 };

  constructor(where: string, eye: Eye, rule: SightRule, events: EventLog, findings: Findings) {
    const { schema, values } = eye.room;
    this.#where = where;
    this.#eye = eye;
    this.#rule = rule;
    this.#events = events;
    this.#findings = findings;
    this.#replica = new Replica(schema);
    this.#replica.setSendEvery(eye.room.sendEvery);
    this.#told = new RareModel(schema, values);
  }

  /** A message is being sent. */
  read(bytes: Uint8Array): void {
    const type = messageType(bytes);
    if (type !== MESSAGE.state && type !== MESSAGE.event) return;
    this.#findings.counts.messagesRead++;
    try {
      if (type === MESSAGE.state) this.#readState(bytes);
      else this.#readEventMessage(bytes);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#report(`a message that cannot be read: ${error.message}`);
    }
  }

  get #player(): Player {
    return this.#eye.player;
  }

  #readState(bytes: Uint8Array): void {
    const view = this.#view;
    const replica = this.#replica;
    this.#eye.look();
    readState(this.#reader.open(bytes), view);
    if (view.hasTiming) replica.setSendEvery(view.sendEvery);
    const body = this.#reader.open(bytes, Math.max(0, view.bodyStart), view.bodyEnd);
    if (applyBody(this.#player.codec, body, replica, view.tickLow) !== 'applied') this.#report('a body before a reset');
    for (let i = 0; i < replica.entered.count; i++)
      this.#told.enter(replica.entered.kinds[i]!, replica.entered.slots[i]!);
    this.#checkKnown();
    if (view.rareStart >= 0) {
      this.#told.read(bytes, view.rareStart, view.rareEnd, (entry) => {
        this.#checkEntry(entry);
        return true;
      });
    }
    // What did not fit comes with the next message.
    if (this.#player.rare.count === 0) this.#checkTold();
    if (view.eventsStart >= 0) this.#readEvents(bytes, view.eventsStart, view.eventsEnd, replica.newestTick);
    const { own } = this.#player;
    if (view.hasOwn && !view.isOwnEnded && (view.ownKind !== own.kind || view.ownSlot !== own.slot))
      this.#report(`the exact row of ${view.ownKind} ${view.ownSlot}, which is not its own`);
  }

  /** After this message nothing is known that must not be seen. */
  #checkKnown(): void {
    for (const { kind, status, high } of this.#replica.kinds) {
      const table = this.#eye.room.tables[kind.index]!;
      for (let slot = 0; slot < Math.max(high, table.high); slot++) {
        const isKnown = (status[slot] ?? UNKNOWN) !== UNKNOWN;
        const isHidden = this.#eye.judge(this.#rule, kind.index, slot) === 'must not';
        if (isHidden && isKnown) this.#report(`${kind.name} ${slot} is known and must not be seen`);
        if (isHidden && table.isAlive[slot] === 1) this.#findings.counts.hiddenJudged++;
      }
    }
  }

  #checkEntry({ kind, slot, field, value }: RareEntry): void {
    const { tables, shared } = this.#eye.room;
    const table = tables[kind];
    if (table === undefined) {
      const { roomState, playerState } = this.#eye.room.schema;
      if (kind === tables.length) this.#checkTarget(roomState[field]!, value);
      else if (field > 1) this.#checkTarget(playerState[field - 2]!, value);
      else if (field === 1 && value !== null) this.#checkHeld(...(value as [number, number]));
      // Of the room and of players everybody is told everything; but only of those who are or were there.
      if (kind === tables.length + 1 && value !== false && !shared.log.players.has(slot))
        this.#report(`of player ${slot}, who is not there`);
      return;
    }
    const name = `${table.kind.name} ${slot}.${table.kind.rare[field]?.name}`;
    if (this.#eye.judge(this.#rule, kind, slot) === 'must not') this.#report(`${name}, which must not be seen`);
    else if (!this.#maySee(table.kind.rare[field]!, kind, slot)) this.#report(`${name}, which is not for this player`);
    else {
      this.#checkTarget(table.kind.rare[field]!, value);
      if (!isToldAs(table.kind.rare[field]!, value, table.rareToWire(slot, table.kind.rare[field]!), this.#holds))
        this.#report(`${name} as ${JSON.stringify(value)}`);
    }
  }

  #maySee(field: RareField, kind: number, slot: number): boolean {
    return maySee(this.#eye.room, this.#player, field, kind, slot);
  }

  /** All rare values that this client may see are as it has been told them. */
  #checkTold(): void {
    const { room } = this.#eye;
    const { counts } = this.#findings;
    for (const { kind, status, high } of this.#replica.kinds) {
      const table = room.tables[kind.index]!;
      for (const field of kind.rare) {
        const told = this.#told.cells[kind.index]![field.index]!;
        for (let slot = 0; slot < high; slot++) {
          if (status[slot] === UNKNOWN || !this.#maySee(field, kind.index, slot)) continue;
          counts.valuesCompared++;
          const truth = table.rareToWire(slot, field);
          if (!isToldAs(field, told[slot], truth, this.#holds))
            this.#reportTold(`${kind.name} ${slot}.${field.name}`, told[slot], truth);
        }
      }
    }
    for (const field of room.schema.roomState) {
      const truth = room.shared.room.toWire(field.index);
      const told = this.#told.room[field.index];
      if (!isToldAs(field, told, truth, this.#holds)) this.#reportTold(`room.${field.name}`, told, truth);
    }
    this.#checkPlayers();
  }

  #checkPlayers(): void {
    const { shared, schema } = this.#eye.room;
    for (const id of this.#told.players.keys())
      if (!shared.log.players.has(id)) this.#report(`nothing of the end of player ${id}`);
    for (const [id, { own, state }] of shared.log.players) {
      const told = this.#told.players.get(id);
      if (told === undefined) {
        this.#report(`nothing of player ${id}`);
        continue;
      }
      const isSame = told.kind === own.kind && (own.kind < 0 || told.slot === own.slot);
      const isUnknown = told.kind < 0 && own.kind >= 0 && !this.#holds(own.kind, own.slot);
      if (!isSame && !isUnknown)
        this.#reportTold(`what player ${id} steers`, [told.kind, told.slot], [own.kind, own.slot]);
      for (const field of schema.playerState) {
        const truth = state.toWire(field.index);
        const value = told.values[field.index];
        if (!isToldAs(field, value, truth, this.#holds)) this.#reportTold(`player ${id}.${field.name}`, value, truth);
      }
    }
  }

  /** A slot alone tells that there is somebody: it is told only of whom the client knows. */
  #checkTarget({ type, refKind }: RareField, value: unknown): void {
    if (type === 'ref' && value !== null) this.#checkHeld(refKind, value as number);
  }

  #checkHeld(kind: number, slot: number): void {
    if (!this.#holds(kind, slot))
      this.#report(`of ${this.#eye.room.schema.kinds[kind]?.name} ${slot} by name, which it does not know`);
  }

  #readEventMessage(bytes: Uint8Array): void {
    const message = this.#eventMessage;
    readEventMessage(this.#reader.open(bytes), message);
    this.#readEvents(bytes, message.eventsStart, message.eventsEnd, message.tick);
  }

  #readEvents(bytes: Uint8Array, start: number, end: number, tick: number): void {
    const { values, schema } = this.#eye.room;
    const reader = this.#reader.open(bytes, start, end);
    const head = this.#event;
    for (let left = reader.arrayHeader(EVENTS_PER_MESSAGE); left > 0; left--) {
      readEventHead(reader, head);
      const args = Array.from({ length: head.argCount }, () => readValue(reader, values, LONGEST_TEXT_BYTES));
      this.#findings.counts.eventsJudged++;
      this.#checkRefs(head.event, args);
      if (!this.#events.isMeant(head.event, args, tick - head.ticksBack, this.#player))
        this.#report(`event ${schema.events[head.event]?.name}, which was not for this player`);
    }
  }

  /** A slot alone tells that there is somebody: only of whom the client knows, or knew until now. */
  #checkRefs(event: number, args: readonly unknown[]): void {
    for (const field of this.#eye.room.schema.events[event]?.fields ?? []) {
      if (field.type !== 'ref' || args[field.index] === null) continue;
      const { status, kind } = this.#replica.kinds[field.refKind]!;
      const slot = args[field.index] as number;
      const isKnown = (status[slot] ?? UNKNOWN) !== UNKNOWN;
      const isThere = this.#eye.room.tables[field.refKind]!.isAlive[slot] === 1;
      if (!isKnown && isThere && this.#eye.judge(this.#rule, field.refKind, slot) === 'must not')
        this.#report(`of ${kind.name} ${slot} by an event, and it must not be seen`);
    }
  }

  #reportTold(what: string, told: unknown, truth: unknown): void {
    this.#report(`${what} is ${JSON.stringify(truth)}, and it has been told ${JSON.stringify(told)}`);
  }

  #report(problem: string): void {
    this.#findings.report(`sent to ${this.#where} in tick ${this.#eye.room.tick}`, `told ${problem}`);
  }
}
