/** Time as a parameter: engine code reads no clock and sets no timer but through this interface. */
export interface Clock {
  /** Monotonic milliseconds with sub-millisecond resolution, from any origin. Never wall time. */
  now(): number;
  /** Calls `run` once, `delayMs` from now or as soon after as possible. The function returned cancels it. */
  schedule(run: () => void, delayMs: number): () => void;
}
