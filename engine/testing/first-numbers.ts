/**
 * Where a simulation's counters begin: near the ends of 8, 16, 31 and 32 bits, which years of play would take to reach. All of it is
 * set from outside, before anything was counted; the engine knows nothing of it.
 */
import type { Session } from '../client/session.ts';
import type { Player } from '../server/player.ts';
import type { Room } from '../server/room.ts';
import type { RoomType } from '../server/types.ts';

/** What counters stand at before anything is counted. */
export interface FirstNumbers {
  /** Ticks that a room has behind it. Default 0. */
  readonly tick?: number;
  /** Inputs that a player has behind it. Default 0. */
  readonly seq?: number;
  /** Exact rows that a player has been sent and has adopted, 16 bits. Default 0. */
  readonly rows?: number;
  /** What the server's clock shows, ms. Default 5,000. */
  readonly serverMs?: number;
  /** What clients' clocks show, ms. Default: each something of its own. */
  readonly clientMs?: number;
}

/** The same room types, whose rooms and players count on from `first`. What is none is left for the server to refuse. */
export function startRooms<R extends object>(rooms: R, first: FirstNumbers): R {
  if (typeof rooms !== 'object' || rooms === null) return rooms;
  const isType = (type: unknown): type is RoomType => typeof type === 'object' && type !== null;
  return Object.fromEntries(
    Object.entries(rooms).map(([name, type]) => [name, isType(type) ? startRoomType(type, first) : type]),
  ) as R;
}

/** Has a client's counters go on from `first` at the start of each of its lives. */
export function startClient(session: Session, { rows = 0 }: FirstNumbers): void {
  const { prediction } = session.parts;
  if (prediction === undefined || rows === 0) return;
  const restart = prediction.restart.bind(prediction);
  prediction.restart = (roomSeed, playerId) => {
    restart(roomSeed, playerId);
    prediction.adopted = rows;
  };
}

function startRoomType(type: RoomType, { tick = 0, seq = 0, rows = 0 }: FirstNumbers): RoomType {
  const hooks: Pick<RoomType, 'onCreate' | 'onJoin'> = {
    onCreate: (room, options) => {
      startRoom(room as unknown as Room, tick);
      return type.onCreate?.(room, options);
    },
    onJoin: (room, player, options) => {
      const { inputs, own } = player as unknown as Player;
      // The client follows: the first exact row says after which input it is.
      inputs.newestReceived = inputs.newestTaken = seq;
      own.rowsSent = rows;
      return type.onJoin?.(room, player, options);
    },
  };
  return Object.assign(Object.create(Object.getPrototypeOf(type)), type, hooks);
}

/** A room that did not tick yet: the number of its last tick, and what its writes belong to. */
function startRoom(room: Room, tick: number): void {
  room.tick = tick;
  room.shared.tick = tick + 1;
  for (const table of room.tables) table.tick = tick + 1;
}
