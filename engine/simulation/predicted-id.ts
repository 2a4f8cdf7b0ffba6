/** Ids of entities that a client spawns ahead of the server: both sides compute the same, so that they meet without guessing. */
import { fold32, mix32 } from '../core/hash.ts';

/** Id of the `spawnIndex`-th entity (from 0) that a player's input `seq` spawned: a uint32, never 0. */
export function predictedId(playerId: number, seq: number, spawnIndex: number): number {
  return mix32(fold32(fold32(fold32(0x70726564, playerId), seq), spawnIndex)) >>> 0 || 1;
}
