/** What every server of the sockets suite offers, Tickwire among equals. */
import { createArenaLarge } from '../traces/arena-large.ts';
import { createArenaSmall } from '../traces/arena-small.ts';
import type { Trace } from '../traces/trace.ts';
import type { Door, ServerSpec, WorkloadName } from './spec.ts';

export interface System {
  readonly door: Door;
  readonly tickRate: number;
  /** Messages received so far, where the server counts them. */
  messagesIn(): number;
}

/** Starts a system; `onTick` is to be called in each tick. */
export type StartSystem = (spec: ServerSpec, onTick: () => void) => Promise<System>;

const SEED = 1;

export function createTrace(workload: WorkloadName): Trace {
  return workload === 'W1' ? createArenaSmall(SEED) : createArenaLarge(SEED);
}
