/** What the processes of the slow-reader suite tell each other. */

/** What the server says of itself, ten times a second. */
export interface ServerReport {
  readonly kind: 'report';
  /** Garbage has just been collected. */
  readonly isClean: boolean;
  /** The newest tick, and when it ran: time that both processes share. */
  readonly tick: number;
  readonly tickMs: number;
  readonly rss: number;
  /** Heap and buffers. */
  readonly heap: number;
  /** The most of any client. */
  readonly bufferedBytes: number;
  readonly skipped: number;
  readonly sendEvery: number;
  /** Of the slow client: bytes on their way, and what it is sent a second at most; -1: anything. */
  readonly inFlightBytes: number;
  readonly allowed: number;
}

export type FromServer = ServerReport | { readonly kind: 'open'; readonly port: number };

/** 'stand': the world stands still; 'collect': collect garbage. */
export interface ToServer {
  readonly kind: 'stand' | 'collect';
}
