/**
 * Trace W2, arena-large: 256 ships, 1,000 projectiles and 1,000 pickups in 16384 x 16384 at 20 Hz, of which each client
 * sees those within 1,024: about 27. Half a percent leaves and enters each tick.
 */
import { Arena } from './arena.ts';

const LAYOUT = {
  size: 16_384,
  tickRate: 20,
  ships: 256,
  shots: 1_000,
  pickups: 1_000,
  churnPerTick: 11.28,
  sightRadius: 1_024,
};

export function createArenaLarge(seed = 1): Arena {
  return new Arena(LAYOUT, seed);
}
