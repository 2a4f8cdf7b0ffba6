/** What everybody in a room is told whatever the interest: the room's state, who is there, each player's state. */
import { RareLog } from '../replication/rare-log.ts';
import { handleOf } from '../state/handle.ts';
import { StateRecord } from '../state/record.ts';
import type { RareField, Schema } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import type { ValueCodec } from '../wire/value-codec.ts';

/** A player as this module sees it. */
export interface SharedPlayer {
  readonly id: number;
  readonly record: StateRecord;
  readonly own: { readonly kind: number; readonly slot: number };
}

/** The records of a room and its players, and the log of their changes and of the world's rare values. */
export class SharedState {
  readonly room: StateRecord;
  readonly log: RareLog;
  /** The tick that changes belong to: the one that runs, or between two ticks the next one. */
  tick: number;
  readonly #schema: Schema;
  readonly #tables: readonly Table[];
  readonly #players: Set<SharedPlayer>;
  readonly #hasPlayerRefs: boolean;

  constructor(schema: Schema, tables: readonly Table[], values: ValueCodec) {
    this.#schema = schema;
    this.#tables = tables;
    this.#players = new Set();
    this.#hasPlayerRefs = schema.playerState.some(({ type }) => type === 'ref');
    this.tick = 0;
    this.room = this.#createRecord('roomState', schema.roomState, (field) => this.log.noteRoom(field, this.tick));
    this.log = new RareLog(schema, tables, this.room, values);
  }

  /** The record of the player with that id, who need not be there yet. */
  createPlayerRecord(id: number): StateRecord {
    return this.#createRecord('playerState', this.#schema.playerState, (field) =>
      this.log.notePlayer(id, field, this.tick),
    );
  }

  join(player: SharedPlayer): void {
    this.#players.add(player);
    this.log.addPlayer(player.id, player.record, player.own, this.tick);
  }

  leave(player: SharedPlayer): void {
    this.#players.delete(player);
    this.log.removePlayer(player.id, this.tick);
  }

  noteControl(player: SharedPlayer): void {
    this.log.noteControl(player.id, this.tick);
  }

  /** Takes over the tick's changes of the world's rare values, and forgets entities that ended. */
  record(): void {
    this.room.sweepRefs();
    if (this.#hasPlayerRefs) for (const player of this.#players) player.record.sweepRefs();
    this.log.record(this.tick);
  }

  #createRecord(name: string, fields: readonly RareField[], onChange: (field: number) => void): StateRecord {
    return new StateRecord(fields, {
      name,
      isWritable: true,
      onChange,
      refTargets: this.#tables,
      resolveRef: (kind, id) => {
        const table = this.#tables[kind]!;
        const slot = table.slotOf(id);
        return slot < 0 ? undefined : handleOf(table, slot);
      },
    });
  }
}
