/**
 * Trace W1, arena-small: 32 ships, 110 projectiles and 90 pickups in 4096 x 4096 at 30 Hz, which everybody sees. Each tick
 * about 60 % of the 232 entities move and 2 % leave and 2 % enter.
 */
import { Arena } from './arena.ts';

export const ARENA_SIZE = 4096;
export const ARENA_TICK_RATE = 30;

const LAYOUT = {
  size: ARENA_SIZE,
  tickRate: ARENA_TICK_RATE,
  ships: 32,
  shots: 110,
  pickups: 90,
  churnPerTick: 4.64,
  sightRadius: undefined,
};

export function createArenaSmall(seed = 1): Arena {
  return new Arena(LAYOUT, seed);
}
