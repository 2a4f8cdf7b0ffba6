/** Time as a parameter: engine code reads no clock and sets no timer but through this interface. */
export interface Clock {
  /** Monotonic milliseconds with sub-millisecond resolution, from any origin. Never wall time. */
  now(): number;
  /**
   * Calls `run` once, `delayMs` from now or as soon after as possible; with `isCoarse` a millisecond or two late does no harm,
   * and costs less. The function returned cancels it.
   */
  schedule(run: () => void, delayMs: number, isCoarse?: boolean): () => void;
}
