/**
 * Interest: which entities each player of a room may see.
 *
 * A sight looks around every few ticks, players in turn, in grids that are filled once a tick for all of them (`places.ts`). In
 * between it follows what was born, ended, or became hidden (`sight.ts`). `interest-options.ts` is the room option.
 */
import { TickwireError } from '../core/errors.ts';
import type { Table } from '../state/table.ts';
import type { ResolvedInterest } from './interest-options.ts';
import { RoomPlaces } from './places.ts';
import { type IsVisible, PlayerSight, type Sight } from './sight.ts';

/** Everybody sees everything: one for all players. */
export const EVERYTHING: Sight = {
  everyone: true,
  has: () => true,
  update: () => undefined,
  watch(_kind, _slot, how) {
    if (how !== 'never') return;
    throw new TickwireError(
      "player.watch(…, 'never') needs a room type with an interest other than 'everyone', or with visible(player, entity)",
    );
  },
};

/** Makes the sights of one room. */
export class RoomInterest {
  readonly #places: RoomPlaces;
  readonly #limitsNobody: boolean;

  constructor(tables: readonly Table[], interest: ResolvedInterest) {
    this.#places = new RoomPlaces(tables, interest);
    this.#limitsNobody = interest.kinds.every(({ scope }) => scope === 'always');
  }

  /**
   * The sight of one player. `turn`: any whole number, by which players share out the ticks in which they look around.
   * `isVisible`: whether the player may know of an entity at all; without it of each one.
   */
  createSight(turn: number, isVisible?: IsVisible): Sight {
    return this.#limitsNobody && isVisible === undefined ? EVERYTHING : new PlayerSight(this.#places, turn, isVisible);
  }
}
