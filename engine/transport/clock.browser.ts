/** The clock of a page (and of a client in Node). */
import type { Clock } from '../core/clock.ts';

/** Monotonic time of the page and its timers, as precise as the browser allows. */
export const browserClock: Clock = {
  now: () => performance.now(),
  schedule(run, delayMs) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
