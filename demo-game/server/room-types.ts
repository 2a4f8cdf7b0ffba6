/** The types of the arena's room, for modules that are only given its parts. */

import type { ServerHandle } from 'tickwire';
import type { EmitOptions, ServerPlayer, ServerRoom } from 'tickwire/server';
import type { game } from '../sim/game.ts';

type Game = typeof game;

/** What `authenticate` makes of a visitor. */
export interface Account {
  readonly id: number;
  readonly name: string;
}

export type ShipHandle = ServerHandle<Game, 'ship'>;
export type ShotHandle = ServerHandle<Game, 'shot'>;
export type PickupHandle = ServerHandle<Game, 'pickup'>;

export type Visitor = ServerPlayer<Game, Account>;
export type NoticeOptions = EmitOptions<Game, Account>;

/** The part of the room that the match needs. */
export type Arena = Pick<ServerRoom<Game, Account>, 'world' | 'state' | 'emit'>;
