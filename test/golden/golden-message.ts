/** A message that is pinned. */
export interface GoldenMessage {
  /** Name of its file. */
  readonly name: string;
  readonly write: () => Uint8Array;
  /** Reads it back with our own reader. */
  readonly read: (bytes: Uint8Array) => unknown;
  /** What `read` returns. */
  readonly expected: unknown;
}
