/**
 * What a receiver of rare values makes of them: entities' that are not in a body, the room's, the players'. Read from the bytes of
 * messages by the protocol's sentences. On the server's side it is what a client was told, on the client's what it should hold.
 */
import type { Player } from '../server/player.ts';
import type { Room } from '../server/room.ts';
import { handleOf } from '../state/handle.ts';
import { codeOf } from '../state/quantize.ts';
import type { PackedField, RareField, Schema } from '../state/schema.ts';
import { LONGEST_TEXT_BYTES, RARE_PER_MESSAGE } from '../wire/limits.ts';
import { Reader } from '../wire/reader.ts';
import { readRareHead } from '../wire/state.ts';
import { readValue, type ValueCodec } from '../wire/value-codec.ts';

/** A player, as everybody in the room knows it. */
export interface KnownPlayer {
  /** What it steers, -1 for nothing. */
  kind: number;
  slot: number;
  /** By position in `playerState`, as they travel. */
  readonly values: unknown[];
}

/** One entry that was read. Used again and again. */
export interface RareEntry {
  kind: number;
  slot: number;
  field: number;
  value: unknown;
}

/** Rare values as one client has been told them. */
export class RareModel {
  /** By kind, rare index, slot: as they travel. */
  readonly cells: unknown[][][];
  readonly room: unknown[];
  readonly players = new Map<number, KnownPlayer>();
  readonly #schema: Schema;
  readonly #values: ValueCodec;
  readonly #reader = new Reader();
  readonly #entry: RareEntry = { kind: 0, slot: 0, field: 0, value: null };

  constructor(schema: Schema, values: ValueCodec) {
    this.#schema = schema;
    this.#values = values;
    this.cells = schema.kinds.map((kind) => kind.rare.map(() => []));
    this.room = schema.roomState.map(defaultOf);
  }

  /** An entity became known: all its rare values are the defaults until others come. */
  enter(kind: number, slot: number): void {
    for (const field of this.#schema.kinds[kind]!.rare) this.cells[kind]![field.index]![slot] = defaultOf(field);
  }

  /** Takes in the rare values between two places of a message. `look` is shown each; its answer says whether to take it. */
  read(bytes: Uint8Array, start: number, end: number, look: (entry: RareEntry) => boolean): void {
    const { kinds } = this.#schema;
    const reader = this.#reader.open(bytes, start, end);
    const entry = this.#entry;
    for (let left = reader.arrayHeader(RARE_PER_MESSAGE); left > 0; left--) {
      readRareHead(reader, entry);
      if (entry.kind === kinds.length + 1 && entry.field === 1) entry.value = readSteered(reader);
      else entry.value = readValue(reader, this.#values, LONGEST_TEXT_BYTES);
      if (look(entry)) this.#take(entry);
    }
  }

  #take({ kind, slot, field, value }: RareEntry): void {
    const { kinds, playerState } = this.#schema;
    if (kind < kinds.length) this.cells[kind]![field]![slot] = value;
    else if (kind === kinds.length) this.room[field] = value;
    else if (field === 0 && value === false) this.players.delete(slot);
    else {
      let player = this.players.get(slot);
      if (player === undefined) {
        player = { kind: -1, slot: -1, values: playerState.map(defaultOf) };
        this.players.set(slot, player);
      }
      if (field > 1) player.values[field - 2] = value;
      if (field === 1) [player.kind, player.slot] = (value ?? [-1, -1]) as [number, number];
    }
  }
}

/** [kind, slot], or null for a player who steers nothing. */
function readSteered(reader: Reader): unknown {
  if (reader.takeNil()) return null;
  reader.arrayHeader(2);
  return [reader.uint(), reader.uint()];
}

/** A field's default as it travels. */
function defaultOf(field: RareField): unknown {
  if (field.spec !== undefined) return codeOf(field.spec as PackedField, field.default as number);
  return field.type === 'ref' ? null : (field.default ?? null);
}

/** Whether two values that travel are the same. */
export function isSameValue(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

/** Whether a client holds the entity in a slot. */
export type Holds = (kind: number, slot: number) => boolean;

/**
 * Whether a client that was told `told` of a value is up to date. Of an entity that it does not know it is told nothing; what it
 * was told while it knew it may stay.
 */
export function isToldAs({ type, refKind }: RareField, told: unknown, truth: unknown, holds: Holds): boolean {
  if (isSameValue(told, truth)) return true;
  return type === 'ref' && told === null && typeof truth === 'number' && !holds(refKind, truth);
}

/** A ref of a client's record as it travels: records keep the slot + 1, whichever side they are of. */
export function receivedForm({ type }: RareField, wire: unknown): unknown {
  return type === 'ref' && typeof wire === 'number' ? wire - 1 : wire;
}

/** A value of a client's picture as it travels: a ref is kept as the slot + 1, 0 for none. */
export function drawnForm({ type }: RareField, drawn: unknown): unknown {
  if (type !== 'ref') return drawn ?? null;
  return drawn === 0 ? null : (drawn as number) - 1;
}

/** Whether a field's own rule lets `player` see it; the entity is in its sight. */
export function maySee(room: Room, player: Player, { visibleTo }: RareField, kind: number, slot: number): boolean {
  const { own } = player;
  if (visibleTo === 'server') return false;
  if (visibleTo === 'owner') return own.kind === kind && own.slot === slot;
  return visibleTo === 'all' || visibleTo(player, handleOf(room.tables[kind]!, slot) as never);
}
