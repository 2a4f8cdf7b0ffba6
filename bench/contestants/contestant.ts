/** What every system in a bench offers, Tickwire among equals. */
import type { ArenaSmall } from '../traces/arena-small.ts';

export interface Contestant {
  readonly name: string;
  /** Joins `clients` clients that see everything; returns when each of them has the state of the trace's current tick. */
  start(trace: ArenaSmall, clients: number): Promise<void>;
  /** Takes the trace's newest tick over into its own state and makes every client's message. */
  writeTick(trace: ArenaSmall): void;
  /** Bytes that one client was sent for the newest tick. */
  bytesPerClient(): number;
  /** One client reads the newest tick's message. */
  readTick(): void;
  /** Throws unless what a client holds now equals the trace. */
  check(trace: ArenaSmall): void;
  stop(): void;
}
