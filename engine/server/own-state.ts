/**
 * What a player must be told of the entity it steers: nothing, as long as its prediction holds.
 *
 * An exact row is due when control began, when something but `step` wrote to the entity, and when the player's digest differs from
 * the server's after the same input. It stays due until it is in a message that was really sent.
 */
import type { OwnEntity } from '../replication/message-plan.ts';
import { readRow } from '../simulation/row.ts';
import type { Kind } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import { writeOwn, writeOwnEnded } from '../wire/state.ts';
import type { Writer } from '../wire/writer.ts';

/** Who steers what, and what of it is still to be told. */
export class OwnState implements OwnEntity {
  /** Index of the steered entity's kind; -1 for none. */
  kind: number;
  /** Its slot; -1 for none. */
  slot: number;
  /** Its words need not be sent, for its player predicts it: where no message is shared with others. */
  readonly isHeld: boolean;
  /** Times that the digests began to differ. */
  mispredictions: number;
  /** Exact rows that were sent, modulo 65,536: a digest made before the last one was adopted says nothing. */
  rowsSent: number;
  #generation: number;
  /** A row is due whatever the digests say. */
  #isForced: boolean;
  /** A row is due because the newest digests that can be compared differ. */
  #isMismatched: boolean;
  /** The player must be told that its control ended. */
  #isEnded: boolean;
  /** The row as `step` left it, and behind it the teleport counter: what differs from it was written by others. */
  readonly #row: Float64Array;

  constructor(kinds: readonly Kind[], isHeld: boolean) {
    this.kind = -1;
    this.slot = -1;
    this.isHeld = isHeld;
    this.mispredictions = 0;
    this.rowsSent = 0;
    this.#generation = 0;
    this.#isForced = false;
    this.#isMismatched = false;
    this.#isEnded = false;
    this.#row = new Float64Array(1 + kinds.reduce((most, kind) => Math.max(most, kind.stepFields.length), 0));
  }

  /** Whether the next message must hold an own element. */
  get isDue(): boolean {
    return this.#isForced || this.#isMismatched || this.#isEnded;
  }

  /** Whether the steered entity still lives; true when there is none. */
  isAlive(tables: readonly Table[]): boolean {
    if (this.kind < 0) return true;
    const table = tables[this.kind]!;
    return table.isAlive[this.slot] === 1 && table.generation[this.slot] === this.#generation;
  }

  /** Control of the live entity in `slot` begins. */
  grant(table: Table, slot: number): void {
    this.kind = table.kind.index;
    this.slot = slot;
    this.#generation = table.generation[slot]!;
    this.#isForced = true;
    this.#isMismatched = false;
    this.#isEnded = false;
    this.noteStep(table);
  }

  /** Control ends, if there is any. */
  end(): void {
    if (this.kind < 0) return;
    this.kind = -1;
    this.slot = -1;
    this.#isForced = false;
    this.#isMismatched = false;
    this.#isEnded = true;
  }

  /** Notes the row that `step` left behind. */
  noteStep(table: Table): void {
    const { kind, columns } = table;
    readRow(kind, columns, this.slot, this.#row);
    this.#row[kind.stepFields.length] = kind.teleport < 0 ? 0 : columns[kind.teleport]![this.slot]!;
  }

  /** Finds what was written to the row since `noteStep`. Call before each step and after everything else. */
  noteWrites(table: Table): void {
    const { stepFields, teleport } = table.kind;
    const row = this.#row;
    let isSame = teleport < 0 || row[stepFields.length] === table.columns[teleport]![this.slot];
    for (let i = 0; isSame && i < stepFields.length; i++) {
      isSame = row[i] === table.columns[stepFields[i]!]![this.slot];
    }
    if (isSame) return;
    this.#isForced = true;
    this.noteStep(table);
  }

  /** Whether a client's digest (-1: none) that was made when it had adopted `adopted` rows says anything. */
  canCompare(digest: number, adopted: number): boolean {
    return digest >= 0 && adopted === this.rowsSent;
  }

  /** Compares the digests after one input. Returns whether this is a newly found misprediction. */
  compareDigests(clients: number, servers: number): boolean {
    const wasMismatched = this.#isMismatched;
    // The newest comparison counts: a client whose rounding fell on the other side for a tick needs no row any more.
    this.#isMismatched = clients !== servers;
    if (!this.#isMismatched || wasMismatched) return false;
    this.mispredictions++;
    return true;
  }

  /**
   * Writes what is due into a message that acknowledges `seq`, and counts on that message being sent. Call after
   * `noteWrites`, so that the row is the entity's.
   */
  take(writer: Writer, tables: readonly Table[], seq: number): void {
    if (this.kind < 0) {
      writeOwnEnded(writer);
    } else {
      const { stepFields } = tables[this.kind]!.kind;
      writeOwn(writer, this.kind, this.slot, seq, this.#row[stepFields.length]!, this.#row, stepFields.length);
      this.rowsSent = (this.rowsSent + 1) & 0xffff;
    }
    this.#isForced = false;
    this.#isMismatched = false;
    this.#isEnded = false;
  }
}
