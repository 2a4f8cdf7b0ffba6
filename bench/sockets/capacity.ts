/** How many clients a server on one core keeps up with. */
import { Running } from './measure.ts';
import type { SystemName, WorkloadName } from './spec.ts';

export interface Capacity {
  readonly system: SystemName;
  /** The largest number that was kept up with, and how late its ticks were; 0: none. */
  readonly clients: number;
  readonly lateP99Ms: number;
  readonly cpuUsPerClientTick: number;
  /** The smallest that was not, and how late its ticks were; undefined: none was tried. */
  readonly failed: { readonly clients: number; readonly lateP99Ms: number } | undefined;
}

const WINDOW = { settleMs: 4_000, measureMs: 6_000 };

/** Tries the numbers upwards until the 99th percentile of lateness is above half a tick, twice. */
export async function findCapacity(
  system: SystemName,
  workload: WorkloadName,
  sizes: readonly number[],
  options: { readonly tickMs: number; readonly payloadBytes: number; readonly inputsPerSecond: number },
): Promise<Capacity> {
  const { tickMs, payloadBytes, inputsPerSecond } = options;
  let best: Capacity = { system, clients: 0, lateP99Ms: 0, cpuUsPerClientTick: 0, failed: undefined };
  for (const clients of sizes) {
    const isShippedClock = system === 'Tickwire';
    const running = await Running.start({ system, workload, clients, payloadBytes, isShippedClock });
    try {
      let figures = await running.look({ inputsPerSecond, ...WINDOW });
      if (figures.lateP99Ms >= tickMs / 2) {
        const again = await running.look({ inputsPerSecond, ...WINDOW });
        if (again.lateP99Ms < figures.lateP99Ms) figures = again;
      }
      const { lateP99Ms, cpuUsPerClientTick } = figures;
      if (lateP99Ms >= tickMs / 2) return { ...best, failed: { clients, lateP99Ms } };
      best = { system, clients, lateP99Ms, cpuUsPerClientTick, failed: undefined };
    } finally {
      await running.stop();
    }
  }
  return best;
}
