/** Seats of a room, and the players who are in the game: how they come and go. */
import type { Code } from '../core/errors.ts';
import type { ControlWatch } from './control-watch.ts';
import type { RoomHooks } from './hooks.ts';
import type { Player } from './player.ts';
import type { SharedState } from './shared-state.ts';
import type { ServerStats } from './stats.ts';
import type { Players } from './types.ts';

/** Who sits and who plays. Iterating gives those who play, in the order in which they joined; leaving meanwhile is safe. */
export class Roster implements Players<Player> {
  readonly #maxPlayers: number;
  readonly #hooks: RoomHooks;
  readonly #shared: SharedState;
  readonly #stats: ServerStats;
  readonly #controls: ControlWatch;
  readonly #seated: Set<Player>;
  readonly #joined: Map<number, Player>;
  /** Seats kept for clients that are on their way. */
  #reserved: number;
  #nextId: number;
  #hasPlayed: boolean;

  constructor(maxPlayers: number, hooks: RoomHooks, shared: SharedState, stats: ServerStats, controls: ControlWatch) {
    this.#maxPlayers = maxPlayers;
    this.#hooks = hooks;
    this.#shared = shared;
    this.#stats = stats;
    this.#controls = controls;
    this.#seated = new Set();
    this.#joined = new Map();
    this.#reserved = 0;
    this.#nextId = 1;
    this.#hasPlayed = false;
  }

  /** Whether anybody ever played. */
  get hasPlayed(): boolean {
    return this.#hasPlayed;
  }

  /** How many play. */
  get count(): number {
    return this.#joined.size;
  }

  get(id: number): Player | undefined {
    return this.#joined.get(id);
  }

  [Symbol.iterator](): IterableIterator<Player> {
    return this.#joined.values();
  }

  /** Whether nobody sits here and nobody is on the way. */
  get isEmpty(): boolean {
    return this.#seated.size + this.#reserved === 0;
  }

  /** Keeps a seat for somebody on the way. Returns false when none is free. */
  reserve(): boolean {
    if (this.#seated.size + this.#reserved >= this.#maxPlayers) return false;
    this.#reserved++;
    return true;
  }

  /** Gives a kept seat back. */
  release(): void {
    this.#reserved--;
  }

  /** A number for the next player; never given twice. */
  takeId(): number {
    return this.#nextId++;
  }

  /** Turns a kept seat into `player`'s. */
  sit(player: Player): void {
    this.#reserved--;
    this.#seated.add(player);
  }

  /** Takes players out whose connection ended since the last tick. */
  removeGone(): void {
    for (const player of this.#seated) {
      const { leaveReason } = player;
      if (leaveReason === undefined) continue;
      if (player.isJoined) this.#hooks.call('onLeave', player, leaveReason);
      this.#remove(player);
    }
  }

  /** Lets players in whose client became ready since the last tick. */
  joinReady(): void {
    for (const player of this.#seated) {
      if (!player.isReady || player.isJoined || player.leaveReason !== undefined) continue;
      player.isJoined = true;
      this.#hasPlayed = true;
      this.#joined.set(player.id, player);
      this.#shared.join(player);
      this.#stats.players++;
      this.#stats.playersTotal++;
      this.#hooks.call('onJoin', player, player.joinOptions);
    }
    if (this.#hasPlayed) this.#controls.look(this);
  }

  /** Sends everybody away: the room ends. */
  dismiss(code: Code, retryAfterMs: number | undefined): void {
    for (const player of this.#seated) {
      player.link.end(code, '', retryAfterMs);
      if (player.isJoined) this.#hooks.callAtEnd('onLeave', player, player.leaveReason ?? code);
      this.#remove(player);
    }
  }

  /** Takes a player out, and despawns what it controls. */
  #remove(player: Player): void {
    this.#seated.delete(player);
    if (!player.isJoined) return;
    const { entity } = player;
    player.release();
    entity?.despawn();
    this.#shared.leave(player);
    player.isJoined = false;
    this.#joined.delete(player.id);
    this.#stats.players--;
  }
}
