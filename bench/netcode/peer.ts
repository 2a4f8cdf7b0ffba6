/** What every way of drawing remote movers has in common here, peers' packages and ports of their formulas alike. */

/** What a server knows at a tick that it sends, and when that is. */
export interface ServerMoment {
  readonly tick: number;
  /** The due time of the tick, counted from that of tick 0. */
  readonly tickTimeMs: number;
  /** The server's monotonic clock, counted from the due time of tick 0: a timer's lateness behind the tick's time. */
  readonly runMs: number;
  /** The server's wall clock: whole ms, and not the client's. */
  readonly wallMs: number;
  /** Newest input that reached the server; 0 before the first. */
  readonly ackedSeq: number;
  /** By mover. */
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** One way to draw remote movers. */
export interface Peer {
  readonly name: string;
  /** 'package' runs what its authors published; 'port' is our reading of its formulas. */
  readonly origin: 'package' | 'port';
  /** Made for pages: what the acceptance rule compares with. */
  readonly isRival: boolean;
  /** On the server: makes the message of a tick. */
  serve(moment: ServerMoment): unknown;
  /** On the client: `message` arrives at `nowMs` of the client's monotonic clock. */
  receive(message: unknown, nowMs: number): void;
  /** On the client: input `seq` leaves. One does in each frame. */
  noteInput(seq: number, nowMs: number): void;
  /** On the client: a frame begins. */
  frame(nowMs: number): void;
  /** What is drawn in that frame; NaN before there is anything. */
  x(mover: number): number;
  y(mover: number): number;
  /** Which moment that is, counted from the due time of tick 0; NaN where the peer does not know. */
  shownMs(): number;
}

/** The clocks of the machine whose code runs now: peers read the global ones. */
export const machine = { monotonicMs: 0, wallMs: 0 };

/** From now on the process's clocks show what `machine` holds. Only for processes that do nothing else. */
export function takeOverClocks(): void {
  performance.now = () => machine.monotonicMs;
  Date.now = () => Math.floor(machine.wallMs);
}
