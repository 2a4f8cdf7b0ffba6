/** All traces by name. */
import { createArenaLarge } from './arena-large.ts';
import { createArenaSmall } from './arena-small.ts';
import { createMmoIdle } from './mmo-idle.ts';
import type { Trace } from './trace.ts';
import { createWandering } from './wandering.ts';

export const TRACES = {
  'wandering-2': (seed: number): Trace => createWandering(0.02, seed),
  'wandering-0.1': (seed: number): Trace => createWandering(0.001, seed),
  'arena-small': createArenaSmall as (seed: number) => Trace,
  'arena-large': createArenaLarge as (seed: number) => Trace,
  'mmo-idle': createMmoIdle as (seed: number) => Trace,
};

export type TraceName = keyof typeof TRACES;
