/** Which room a client gets a seat in: the first of its type with a free one, one by id, or a new one. */
import { RefusedError } from '../core/errors.ts';

/** What matchmaking knows of a room. */
export interface SeatedRoom {
  readonly id: string;
  readonly type: string;
  /** Keeps a seat for somebody on the way; false when none is free or the room is closed. */
  takeSeat(): boolean;
  /** Whether who asks for these join options may be put here. */
  accepts(joinOptions: unknown): boolean;
}

/** How long who finds the server full may wait before asking again. */
const RETRY_AFTER_MS = 5_000;

/** All rooms of a server. Seats are taken without waiting for anything, so no two clients get the same one. */
export class Matchmaking<R extends SeatedRoom> {
  readonly #rooms: Map<string, R>;
  readonly #maxRooms: number;

  constructor(maxRooms: number) {
    this.#rooms = new Map();
    this.#maxRooms = maxRooms;
  }

  get rooms(): Iterable<R> {
    return this.#rooms.values();
  }

  get count(): number {
    return this.#rooms.size;
  }

  /** A seat in the first room of the type that has one and takes these options, else in one that `create` makes. */
  joinOrCreate(type: string, joinOptions: unknown, create: () => R): R {
    for (const room of this.#rooms.values()) {
      if (room.type === type && room.accepts(joinOptions) && room.takeSeat()) return room;
    }
    if (this.#rooms.size >= this.#maxRooms) throw new RefusedError('server_full', undefined, RETRY_AFTER_MS);
    const room = create();
    this.#rooms.set(room.id, room);
    if (!room.takeSeat()) throw new RefusedError('room_failed', undefined, RETRY_AFTER_MS);
    return room;
  }

  /** A seat in the room with that id. Its join options do not matter: who knows the id was told it. */
  joinById(type: string, id: string): R {
    const room = this.#rooms.get(id);
    if (room === undefined || room.type !== type) throw new RefusedError('room_not_found');
    if (!room.takeSeat()) throw new RefusedError('room_full', undefined, RETRY_AFTER_MS);
    return room;
  }

  remove(room: R): void {
    this.#rooms.delete(room.id);
  }
}
