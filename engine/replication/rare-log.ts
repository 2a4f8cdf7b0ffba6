/**
 * Rare values of a room: which changed when, and their bytes, encoded once per change for all clients.
 *
 *     rare  [[kind, slot, field, value], ...]
 *     kind = number of kinds      the room's state: slot 0, field = position in roomState
 *     kind = number of kinds + 1  a player: slot = its id, field 0 = is it there, 1 = [kind, slot] that it controls or nil,
 *                                 2 + position in playerState
 *
 * `rare-list.ts` decides what one client is told.
 */
import { refToWire } from '../state/rare.ts';
import type { RareField, Schema } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import { writeRareHead } from '../wire/state.ts';
import { type ValueCodec, writeValue } from '../wire/value-codec.ts';
import { Writer } from '../wire/writer.ts';

/** Changes that are kept apart; a client that missed more gets everything that changed since, found column by column. */
const LOG_LENGTH = 8192;
/** Players that left are remembered for clients that resume. */
const DEPARTURES = 256;
/** Field of a player that says what it steers. */
export const STEERED = 1;
/** Fields of a player before those of playerState. */
export const PLAYER_FIELDS = 2;

/** Values of the room or of a player: `StateRecord` is one. */
export interface RareRecord {
  /** As it travels. */
  toWire(index: number): unknown;
  isDefault(index: number): boolean;
  /** Of a ref: its target's id, 0 for none. */
  refId(index: number): number;
}

/** Whether a client may be told of an entity, by its id. */
export type Knows = (kind: number, id: number) => boolean;

/** An encoded value, and what it was encoded from. */
interface Cell {
  value: unknown;
  bytes: Uint8Array;
}

/** A player as everyone in the room sees it. */
export interface PlayerEntry {
  readonly id: number;
  readonly state: RareRecord;
  /** What it controls, kind -1 for nothing. Read when it is written. */
  readonly own: { readonly kind: number; readonly slot: number };
  readonly addedTick: number;
  /** Ticks of the last changes: its entity's, and by field. */
  controlTick: number;
  readonly ticks: Int32Array;
  readonly cells: (Cell | undefined)[];
}

/** The rare values of one room. */
export class RareLog {
  /** Index that stands for the room's state; one more stands for players. */
  readonly roomKind: number;
  readonly schema: Schema;
  readonly tables: readonly Table[];
  readonly room: RareRecord;
  /** By field: the tick of the last change, -1 for none. */
  readonly roomTicks: Int32Array;
  readonly players: Map<number, PlayerEntry>;
  /** Who steers the entity in a slot, as of the last `record`. */
  readonly steerers: Map<number, PlayerEntry>;
  /** Tick of the last change of any player. */
  playersTick: number;
  /** The last players that left: ids and ticks, a ring. */
  readonly departures: { readonly id: number; readonly tick: number }[];
  /** Changes at or before this tick are not all in the log. */
  floorTick: number;
  /** Changes, a ring: the newest is at `length - 1`, modulo LOG_LENGTH. */
  length: number;
  readonly #ticks: Int32Array;
  readonly #kinds: Uint8Array;
  /** slot << 8 | field */
  readonly #cellsChanged: Int32Array;
  readonly #values: ValueCodec;
  readonly #scratch: Writer;
  /** By kind, field, slot. */
  readonly #cells: (Cell | undefined)[][][];
  readonly #roomCells: (Cell | undefined)[];

  constructor(schema: Schema, tables: readonly Table[], room: RareRecord, values: ValueCodec) {
    this.schema = schema;
    this.tables = tables;
    this.room = room;
    this.roomKind = schema.kinds.length;
    this.roomTicks = new Int32Array(schema.roomState.length).fill(-1);
    this.players = new Map();
    this.steerers = new Map();
    this.playersTick = -1;
    this.departures = [];
    this.floorTick = -1;
    this.length = 0;
    this.#ticks = new Int32Array(LOG_LENGTH);
    this.#kinds = new Uint8Array(LOG_LENGTH);
    this.#cellsChanged = new Int32Array(LOG_LENGTH);
    this.#values = values;
    this.#scratch = new Writer(256);
    this.#cells = schema.kinds.map((kind) => kind.rare.map(() => []));
    this.#roomCells = [];
  }

  /** Takes over what the tables marked since the last call, and empties their lists. Once a tick, after the capture. */
  record(tick: number): void {
    this.steerers.clear();
    for (const entry of this.players.values()) if (entry.own.kind >= 0) this.steerers.set(entry.own.slot, entry);
    for (let kind = 0; kind < this.tables.length; kind++) {
      const table = this.tables[kind] as Table;
      const { rareDirty } = table;
      for (let i = 0; i < rareDirty.length; i++) this.#append(tick, kind, rareDirty[i] as number);
      if (rareDirty.length > 0) table.clearRareDirty();
    }
  }

  /** A field of the room's state changed. */
  noteRoom(field: number, tick: number): void {
    this.roomTicks[field] = tick;
    this.#roomCells[field] = undefined;
  }

  /** A player is in the room from now on. `own` is read whenever the player is told of. */
  addPlayer(id: number, state: RareRecord, own: { readonly kind: number; readonly slot: number }, tick: number): void {
    const ticks = new Int32Array(this.schema.playerState.length).fill(-1);
    this.players.set(id, { id, state, own, addedTick: tick, controlTick: tick, ticks, cells: [] });
    this.playersTick = tick;
  }

  /** A field of a player's state changed. */
  notePlayer(id: number, field: number, tick: number): void {
    const entry = this.players.get(id);
    if (entry === undefined) return;
    entry.ticks[field] = tick;
    entry.cells[field] = undefined;
    this.playersTick = tick;
  }

  /** A player controls another entity, or none. */
  noteControl(id: number, tick: number): void {
    const entry = this.players.get(id);
    if (entry === undefined) return;
    entry.controlTick = tick;
    this.playersTick = tick;
  }

  removePlayer(id: number, tick: number): void {
    if (!this.players.delete(id)) return;
    this.playersTick = tick;
    this.departures.push({ id, tick });
    if (this.departures.length > DEPARTURES) this.departures.shift();
  }

  /** How many of the newest changes are later than `since`. */
  countSince(since: number): number {
    const kept = Math.min(this.length, LOG_LENGTH);
    let count = 0;
    while (count < kept && (this.#ticks[(this.length - 1 - count) % LOG_LENGTH] as number) > since) count++;
    return count;
  }

  /** A change: `back` 0 is the newest. */
  tickOf(back: number): number {
    return this.#ticks[(this.length - 1 - back) % LOG_LENGTH] as number;
  }

  kindOf(back: number): number {
    return this.#kinds[(this.length - 1 - back) % LOG_LENGTH] as number;
  }

  /** slot << 8 | field */
  cellOf(back: number): number {
    return this.#cellsChanged[(this.length - 1 - back) % LOG_LENGTH] as number;
  }

  /**
   * Writes [kind, slot, field, value]; a reference to an entity that the client does not know as nil. False, and nothing, when there is
   * no such player any more.
   */
  write(writer: Writer, kind: number, slot: number, field: number, knows: Knows): boolean {
    if (kind > this.roomKind) return this.#writePlayer(writer, slot, field, knows);
    writeRareHead(writer, kind, slot, field);
    if (kind === this.roomKind) {
      this.#writeRecord(writer, this.#roomCells, this.room, this.schema.roomState[field] as RareField, knows);
      return true;
    }
    const table = this.tables[kind] as Table;
    const spec = table.kind.rare[field] as RareField;
    if (spec.type === 'ref') writeRef(writer, spec.refKind, (table.rare[field] as number[])[slot] as number, knows);
    else
      this.#writeCell(writer, this.#cells[kind]?.[field] as (Cell | undefined)[], slot, table.rareToWire(slot, spec));
    return true;
  }

  #writeRecord(
    writer: Writer,
    cells: (Cell | undefined)[],
    record: RareRecord,
    { type, refKind, index }: RareField,
    knows: Knows,
  ): void {
    if (type === 'ref') writeRef(writer, refKind, record.refId(index), knows);
    else this.#writeCell(writer, cells, index, record.toWire(index));
  }

  #writePlayer(writer: Writer, id: number, field: number, knows: Knows): boolean {
    const entry = this.players.get(id);
    if (entry === undefined && field > 0) return false;
    writeRareHead(writer, this.roomKind + 1, id, field);
    if (field === 0 || entry === undefined) {
      writer.bool(entry !== undefined);
    } else if (field >= PLAYER_FIELDS) {
      const spec = this.schema.playerState[field - PLAYER_FIELDS] as RareField;
      this.#writeRecord(writer, entry.cells, entry.state, spec, knows);
    } else if (entry.own.kind < 0 || !knows(entry.own.kind, this.#idOf(entry.own))) {
      writer.nil();
    } else {
      writer.array(2);
      writer.uint(entry.own.kind);
      writer.uint(entry.own.slot);
    }
    return true;
  }

  #idOf({ kind, slot }: { readonly kind: number; readonly slot: number }): number {
    return (this.tables[kind] as Table).idOf(slot);
  }

  #writeCell(writer: Writer, cells: (Cell | undefined)[], index: number, value: unknown): void {
    // Numbers and flags are written as fast as copied.
    if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) {
      writeValue(writer, this.#values, value);
      return;
    }
    let cell = cells[index];
    if (cell === undefined || cell.value !== value) {
      this.#scratch.reset();
      writeValue(this.#scratch, this.#values, value);
      cell = { value, bytes: this.#scratch.finish() };
      cells[index] = cell;
    }
    writer.raw(cell.bytes);
  }

  #append(tick: number, kind: number, cell: number): void {
    const at = this.length % LOG_LENGTH;
    if (this.length >= LOG_LENGTH) this.floorTick = this.#ticks[at] as number;
    this.#ticks[at] = tick;
    this.#kinds[at] = kind;
    this.#cellsChanged[at] = cell;
    this.length++;
    // Of the value before: nobody needs its bytes any more.
    const cells = this.#cells[kind]?.[cell & 0xff];
    if (cells !== undefined && cells[cell >>> 8] !== undefined) cells[cell >>> 8] = undefined;
  }
}

function writeRef(writer: Writer, kind: number, id: number, knows: Knows): void {
  if (id !== 0 && knows(kind, id)) writer.uint(refToWire(id) as number);
  else writer.nil();
}
