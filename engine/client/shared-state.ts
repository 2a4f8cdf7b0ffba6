/** What everybody in the room knows: the room's state, the players, and each player's state. */
import { WireError } from '../core/errors.ts';
import { StateRecord } from '../state/record.ts';
import type { RareField, Schema } from '../state/schema.ts';
import type { World } from './world.ts';

const IS_PRESENT = 0;
/** Field of a player that says what it steers: [kind, slot] or nil. */
export const STEERED = 1;
const FIRST_FIELD = 2;

/** One player in the room; the author's view of it is `ClientPlayer`. */
class Player {
  readonly id: number;
  readonly isOwn: boolean;
  readonly state: object;
  readonly record: StateRecord;
  readonly #world: World;
  #kind = -1;
  #slot = -1;

  constructor(id: number, isOwn: boolean, record: StateRecord, world: World) {
    this.id = id;
    this.isOwn = isOwn;
    this.state = record.view;
    this.record = record;
    this.#world = world;
  }

  /** What the player steers, if it is drawn. */
  get entity(): object | undefined {
    return this.#kind < 0 ? undefined : this.#world.resolve(this.#kind, this.#slot);
  }

  /** It steers an entity from now on; kind -1 for nothing. Throws a WireError. */
  control(kind: number, slot: number): void {
    const isEntity = slot < (this.#world.kinds[kind]?.kind.capacity ?? 0);
    if (kind >= 0 && !isEntity) throw new WireError('player steers no entity');
    this.#kind = kind;
    this.#slot = slot;
  }
}

/** Room and players as the server last told of them. */
export class SharedState {
  readonly room: StateRecord;
  /** By id. */
  readonly #players = new Map<number, Player>();
  /** The author's `ClientPlayers`. */
  readonly view: object;
  readonly #schema: Schema;
  readonly #world: World;

  constructor(schema: Schema, world: World) {
    this.#schema = schema;
    this.#world = world;
    const players = this.#players;
    this.view = {
      get count() {
        return players.size;
      },
      get: (id: number) => players.get(id),
      [Symbol.iterator]: () => players.values(),
    };
    this.room = this.#createRecord('roomState', schema.roomState);
  }

  /** Forgets all: another room. */
  reset(): void {
    this.room.reset();
    this.#players.clear();
  }

  /** Takes a value of the room. Throws a WireError. */
  applyRoom(field: number, value: unknown): void {
    if (field >= this.#schema.roomState.length) throw new WireError('unknown rare field');
    this.room.applyWire(field, value);
  }

  /** Takes a value of a player. Throws a WireError. */
  applyPlayer(id: number, field: number, value: unknown, ownId: number): void {
    const { playerState } = this.#schema;
    if (field >= FIRST_FIELD + playerState.length) throw new WireError('unknown rare field');
    if (field === IS_PRESENT && value === false) {
      this.#players.delete(id);
      return;
    }
    const player = this.#playerOf(id, ownId);
    if (field >= FIRST_FIELD) player.record.applyWire(field - FIRST_FIELD, value);
  }

  /** A player steers an entity from now on; kind -1 for nothing. Throws a WireError. */
  applyControl(id: number, kind: number, slot: number, ownId: number): void {
    this.#playerOf(id, ownId).control(kind, slot);
  }

  #playerOf(id: number, ownId: number): Player {
    let player = this.#players.get(id);
    if (player === undefined) {
      player = new Player(id, id === ownId, this.#createRecord('playerState', this.#schema.playerState), this.#world);
      this.#players.set(id, player);
    }
    return player;
  }

  #createRecord(name: string, fields: readonly RareField[]): StateRecord {
    return new StateRecord(fields, {
      name,
      isWritable: false,
      onChange: () => undefined,
      refTargets: [],
      resolveRef: (kind, stored) => this.#world.resolve(kind, stored - 1),
    });
  }
}
