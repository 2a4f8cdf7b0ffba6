/** Finds the room type that forgot to give its players something to steer: nothing else would say so. */
import type { Schema } from '../state/schema.ts';
import type { ResolvedRoomType } from './options.ts';
import type { Player } from './player.ts';
import type { Logger } from './types.ts';

/** Room types, each of one server, that were warned about. */
const warned = new WeakSet<ResolvedRoomType>();

/** Watches one room for the first second after its first join. */
export class ControlWatch {
  readonly #schema: Schema;
  readonly #roomType: ResolvedRoomType;
  readonly #logger: Logger;
  /** Ticks until it is said; 0 when there is nothing to watch any more. */
  #ticksLeft: number;

  constructor(schema: Schema, roomType: ResolvedRoomType, logger: Logger) {
    this.#schema = schema;
    this.#roomType = roomType;
    this.#logger = logger;
    this.#ticksLeft = schema.controls < 0 || warned.has(roomType) ? 0 : schema.tickRate;
  }

  /** Call once a tick, from the first join on. */
  look(players: Iterable<Player>): void {
    if (this.#ticksLeft === 0) return;
    for (const player of players) {
      if (player.own.kind < 0) continue;
      this.#ticksLeft = 0;
      return;
    }
    if (--this.#ticksLeft > 0 || warned.has(this.#roomType)) return;
    warned.add(this.#roomType);
    const { name } = this.#roomType;
    const kind = this.#schema.kinds[this.#schema.controls]!.name;
    this.#logger.warn(
      `nobody steers anything in room type '${name}': call player.control(room.world.${kind}.spawn()) in its onJoin`,
    );
  }
}
