/** What every system in a bench offers, Tickwire among equals. */
import type { Trace } from '../traces/trace.ts';
import type { Views } from '../traces/views.ts';

/** What a bench reads before and after each part: the time in ms, or the bytes on the heap. */
export const probe = { read: (): number => performance.now() };

/** What one tick took, in ms, or in bytes of heap while the probe reads those. */
export interface TickFigures {
  /** Bytes of each message; one where all clients get the same. */
  readonly sizes: readonly number[];
  /** Taking the trace over into the system's own state. */
  readonly applyMs: number;
  /** Making all messages. */
  readonly encodeMs: number;
  /** The first client reading its message. */
  readonly readMs: number;
  /** One rendered frame, for a system that has frames. */
  readonly frameMs?: number;
}

export interface Contestant {
  readonly name: string;
  /** Brings the clients to the trace's present state. Returns the bytes that the first one was sent for it. */
  start(trace: Trace, views: Views): Promise<number>;
  /** The trace's newest tick, from the server's state to the clients'. */
  runTick(trace: Trace, views: Views): Promise<TickFigures>;
  /** Throws unless what the first client holds equals the trace, as precisely as the system promises. */
  check(trace: Trace, views: Views): Promise<void>;
  stop(): void;
}

/** A contestant without a loop of its own, as its parts. */
export interface BaselineParts {
  readonly name: string;
  readonly start: (trace: Trace, views: Views) => Uint8Array;
  /** For a system that has a state of its own. */
  readonly apply?: (trace: Trace, views: Views) => void;
  /** The messages: one for each view. */
  readonly write: (trace: Trace, views: Views) => Uint8Array[];
  /** The first client's, the one of `start` too. */
  readonly read: (message: Uint8Array) => void;
  readonly check: (trace: Trace, views: Views) => boolean;
}

export function createBaseline(parts: BaselineParts): Contestant {
  return {
    name: parts.name,
    async start(trace, views) {
      const message = parts.start(trace, views);
      parts.read(message);
      return message.length;
    },
    async runTick(trace, views) {
      const start = probe.read();
      parts.apply?.(trace, views);
      const applied = probe.read();
      const messages = parts.write(trace, views);
      const written = probe.read();
      parts.read(messages[0]!);
      const readMs = probe.read() - written;
      const sizes = messages.map((message) => message.length);
      return { sizes, applyMs: applied - start, encodeMs: written - applied, readMs };
    },
    async check(trace, views) {
      if (!parts.check(trace, views)) throw new Error(`${parts.name}: the client differs from the trace`);
    },
    stop: () => undefined,
  };
}
