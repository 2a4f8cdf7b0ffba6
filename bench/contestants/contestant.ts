/** What every system in a bench offers, Tickwire among equals. */
import type { ArenaSmall } from '../traces/arena-small.ts';

/** What one tick took. */
export interface TickFigures {
  /** Bytes that one client was sent. */
  readonly bytes: number;
  /** Taking the trace over into the system's own state, and making all messages. */
  readonly serverMs: number;
  /** One client reading its message. */
  readonly readMs: number;
  /** One rendered frame, for a system that has frames. */
  readonly frameMs?: number;
}

export interface Contestant {
  readonly name: string;
  /** Brings the clients to the trace's present state. */
  start(trace: ArenaSmall): Promise<void>;
  /** The trace's newest tick, from the server's state to a client's. */
  runTick(trace: ArenaSmall): Promise<TickFigures>;
  /** Throws unless what a client holds equals the trace. */
  check(trace: ArenaSmall): Promise<void>;
  stop(): void;
}

/** A contestant without a loop of its own: writes a message for all clients, then reads it. */
export function createBaseline(parts: {
  readonly name: string;
  readonly start?: (trace: ArenaSmall) => void;
  readonly write: (trace: ArenaSmall) => Uint8Array;
  readonly read: (message: Uint8Array) => void;
  readonly check: (trace: ArenaSmall) => boolean;
}): Contestant {
  return {
    name: parts.name,
    async start(trace) {
      parts.start?.(trace);
    },
    async runTick(trace) {
      const start = performance.now();
      const message = parts.write(trace);
      const written = performance.now();
      parts.read(message);
      return { bytes: message.length, serverMs: written - start, readMs: performance.now() - written };
    },
    async check(trace) {
      if (!parts.check(trace)) throw new Error(`${parts.name}: the client differs from the trace`);
    },
    stop: () => undefined,
  };
}
