/**
 * Checks that a client is not sent more than a budget allows: what is sent fills a bucket that leaks at the budget's rate, and no
 * snapshot begins while more than a burst is in it. So any time is good for its share, a burst, and the message that went over.
 */
import type { Clock } from '../core/clock.ts';
import { MESSAGE, messageType } from '../wire/message.ts';
import type { Findings } from './findings.ts';

/** What may be sent at once: what half a second is good for, or a refresh at least. */
const BURST_SECONDS = 0.5;
const LEAST_BURST_BYTES = 512;
/** The server's timers are not to the millisecond. */
const ROUNDING_BYTES = 1;

/** What one client is sent. */
export class BudgetChecker {
  readonly #where: string;
  readonly #clock: Clock;
  readonly #bytesPerSecond: number;
  readonly #burstBytes: number;
  readonly #findings: Findings;
  #level = 0;
  #sinceMs = 0;

  /** `bytesPerSecond`: Infinity for none. */
  constructor(where: string, clock: Clock, bytesPerSecond: number, findings: Findings) {
    this.#where = where;
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#burstBytes = Math.max(BURST_SECONDS * bytesPerSecond, LEAST_BURST_BYTES);
    this.#findings = findings;
  }

  /** A message is being sent. Snapshots and events count; answers and the like are as many as the client asks for. */
  note(bytes: Uint8Array): void {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return;
    const type = messageType(bytes);
    if (type !== MESSAGE.state && type !== MESSAGE.event) return;
    const nowMs = this.#clock.now();
    this.#level = Math.max(0, this.#level - ((nowMs - this.#sinceMs) * this.#bytesPerSecond) / 1000);
    this.#sinceMs = nowMs;
    this.#findings.counts.budgetsChecked++;
    if (type === MESSAGE.state && this.#level > this.#burstBytes + ROUNDING_BYTES) {
      const over = `${bytes.length} bytes, and ${Math.round(this.#level)} of the ${this.#burstBytes} at once are used`;
      this.#findings.report(`budget of ${this.#where}`, over);
    }
    this.#level += bytes.length;
  }
}
