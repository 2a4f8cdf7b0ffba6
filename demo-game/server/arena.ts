/** The room of the demo: one match per room, its visitors steered by their inputs, its bots by the match. */

import { createServer } from 'tickwire/server';
import { game } from '../sim/game.ts';
import { Match } from './match.ts';
import type { Pilot } from './pilot.ts';
import type { Account } from './room-types.ts';

export interface ArenaOptions {
  readonly botCount: number;
  /** How far a pilot sees, in world units; 0: everything. */
  readonly sight: number;
}

const MAX_PLAYERS = 64;

/** A server with the arena as its only room type; attach it to a listening HTTP server. */
export function createArenaServer({ botCount, sight }: ArenaOptions) {
  const matches = new WeakMap<object, Match>();
  const pilots = new WeakMap<object, Pilot>();
  let nextVisitor = 1;

  return createServer(game, {
    // The demo has no accounts: the token is the name that a visitor would like to have.
    authenticate: async ({ token }): Promise<Account> => ({ id: nextVisitor++, name: token ?? '' }),
    rooms: {
      arena: {
        maxPlayers: MAX_PLAYERS,
        interest: sight > 0 ? { radius: sight } : 'everyone',
        onCreate(room) {
          matches.set(room, new Match(room, botCount, () => room.random()));
        },
        onJoin(room, player) {
          const pilot = matches.get(room)?.join(player, player.user.name);
          if (pilot) pilots.set(player, pilot);
        },
        onTick(room, { tick, dt }) {
          matches.get(room)?.advance(tick, dt);
        },
        onLeave(room, player) {
          const pilot = pilots.get(player);
          if (pilot) matches.get(room)?.leave(pilot);
        },
        onCommand: {
          chat(room, player, { text }) {
            const pilot = pilots.get(player);
            if (pilot) matches.get(room)?.chat(pilot, text);
          },
          setName(room, player, { name }) {
            const pilot = pilots.get(player);
            if (pilot) matches.get(room)?.rename(pilot, name);
          },
        },
      },
    },
  });
}
