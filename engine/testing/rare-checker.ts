/**
 * Checks what one client makes of rare values: after each message its numbers, the room's and the players' state are what it was told,
 * and once nothing waits for its moment, what it draws is, too.
 */
import type { Session } from '../client/session.ts';
import { UNKNOWN } from '../replication/known-kind.ts';
import { SLOTS_PER_GENERATION } from '../state/limits.ts';
import type { Kind, Schema } from '../state/schema.ts';
import { Reader } from '../wire/reader.ts';
import { createStateView, readState } from '../wire/state.ts';
import type { ValueCodec } from '../wire/value-codec.ts';
import type { Findings } from './findings.ts';
import { drawnForm, isSameValue, RareModel, receivedForm } from './rare-model.ts';

/** Frames from one look at all that is drawn to the next. */
const PICTURE_EVERY = 7;

/** As the client's `shared.view` shows them. */
export interface ShownPlayers {
  readonly count: number;
  get(
    id: number,
  ): { readonly record: { toWire(index: number): unknown }; readonly entity: object | undefined } | undefined;
}

/** One client's rare values. */
export class RareChecker {
  readonly #where: string;
  readonly #session: Session;
  readonly #schema: Schema;
  readonly #values: ValueCodec;
  readonly #findings: Findings;
  readonly #reader = new Reader();
  readonly #view = createStateView();
  #told: RareModel;
  #frames = 0;

  constructor(where: string, session: Session, schema: Schema, values: ValueCodec, findings: Findings) {
    this.#where = where;
    this.#session = session;
    this.#schema = schema;
    this.#values = values;
    this.#findings = findings;
    this.#told = new RareModel(schema, values);
  }

  /** Another life, in which nothing was told yet. */
  restart(): void {
    this.#told = new RareModel(this.#schema, this.#values);
  }

  /** The client has taken in a STATE; `isNew` if it applied its body. */
  receive(bytes: Uint8Array, isNew: boolean): void {
    const { replica } = this.#session.parts;
    const view = this.#view;
    readState(this.#reader.open(bytes), view);
    for (let i = 0; isNew && i < replica.entered.count; i++)
      this.#told.enter(replica.entered.kinds[i]!, replica.entered.slots[i]!);
    if (view.rareStart >= 0) {
      this.#told.read(bytes, view.rareStart, view.rareEnd, ({ kind, slot }) => {
        const received = replica.kinds[kind];
        return received === undefined || (received.status[slot] ?? UNKNOWN) !== UNKNOWN;
      });
    }
    this.#checkShared();
    if (isNew) for (const { kind } of replica.kinds) this.#checkNumbers(kind);
  }

  /** A frame was drawn. */
  checkPicture(): void {
    const { timeline, replica, world } = this.#session.parts;
    if (this.#frames++ % PICTURE_EVERY !== 0) return;
    if (timeline.length > 0 || replica.awaitsReset || this.#session.state !== 'playing') return;
    for (const { kind, rare, presence, high } of world.kinds) {
      for (const field of kind.rare) {
        if (field.packed >= 0) continue;
        const told = this.#told.cells[kind.index]![field.index]!;
        const drawn = rare[field.index]!;
        for (let slot = 0; slot < high; slot++) {
          if (presence[slot] === 0) continue;
          this.#findings.counts.valuesDrawn++;
          const value = drawnForm(field, drawn[slot]);
          if (!isSameValue(value, told[slot]))
            this.#report(`${kind.name} ${slot}.${field.name} is drawn`, value, told[slot]);
        }
      }
    }
  }

  /** Numbers that not everybody may see are in the replica's columns, like those of the body. */
  #checkNumbers(kind: Kind): void {
    const { status, columns, high } = this.#session.parts.replica.kinds[kind.index]!;
    for (const field of kind.rare) {
      if (field.packed < 0) continue;
      const told = this.#told.cells[kind.index]![field.index]!;
      const scale = kind.packed[field.packed]!.kernel === 'snap' ? 1 : 256;
      for (let slot = 0; slot < high; slot++) {
        if (status[slot] === UNKNOWN) continue;
        const value = columns[field.packed]![slot]! / scale;
        if (value !== told[slot]) this.#report(`${kind.name} ${slot}.${field.name} is`, value, told[slot]);
      }
    }
  }

  #checkShared(): void {
    const { shared, world } = this.#session.parts;
    const { roomState, playerState } = this.#schema;
    for (const field of roomState) {
      const value = receivedForm(field, shared.room.toWire(field.index));
      const told = this.#told.room[field.index];
      if (!isSameValue(value, told)) this.#report(`room.${field.name} is`, value, told);
    }
    const players = shared.view as ShownPlayers;
    if (players.count !== this.#told.players.size) this.#report('players are', players.count, this.#told.players.size);
    for (const [id, { kind, slot, values }] of this.#told.players) {
      const player = players.get(id);
      if (player === undefined) continue;
      for (const field of playerState) {
        const value = receivedForm(field, player.record.toWire(field.index));
        if (!isSameValue(value, values[field.index]))
          this.#report(`player ${id}.${field.name} is`, value, values[field.index]);
      }
      const isDrawn = kind >= 0 && world.kinds[kind]!.presence[slot] !== 0;
      const shown = player.entity as { readonly id: number; readonly kind: string } | undefined;
      const entity = shown && `${shown.kind} ${shown.id % SLOTS_PER_GENERATION}`;
      const wanted = isDrawn ? `${world.kinds[kind]!.kind.name} ${slot}` : undefined;
      if (isDrawn && entity !== wanted) this.#report(`player ${id} steers`, entity, wanted);
    }
  }

  #report(what: string, value: unknown, told: unknown): void {
    const problem = `${what} ${JSON.stringify(value)} instead of ${JSON.stringify(told)}`;
    this.#findings.report(`${this.#where} at tick ${this.#session.parts.replica.newestTick}`, problem);
  }
}
