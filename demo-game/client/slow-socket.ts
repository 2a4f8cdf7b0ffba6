/** A WebSocket with a worse line: delays both directions, never reorders, and can stall, all changeable live. */

import type { WebSocketConstructor, WebSocketLike } from 'tickwire/client';

export interface LinkQuality {
  /** Added round trip; half of it in each direction. */
  latencyMs: number;
  /** Up to this much more for each message, at random. */
  jitterMs: number;
  /** Every few seconds nothing arrives for this long, then all at once: what packet loss is to a stream. */
  stallMs: number;
}

const STALL_EVERY_MS = 4000;

/** A constructor for `connect`, all of whose sockets follow `quality` as it is at each message. */
export function createSlowSocket(quality: LinkQuality): WebSocketConstructor {
  return class extends SlowSocket {
    constructor(url: string) {
      super(url, quality);
    }
  };
}

class SlowSocket implements WebSocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  readonly #socket: WebSocket;
  readonly #incoming: DelayLine;
  readonly #outgoing: DelayLine;
  #waitingBytes = 0;

  constructor(url: string, quality: LinkQuality) {
    this.#incoming = new DelayLine(quality);
    this.#outgoing = new DelayLine(quality);
    const socket = new WebSocket(url);
    this.#socket = socket;
    // The engine writes its listeners for the part of an event that it reads; the browser's events have it.
    socket.onopen = (event) => this.#incoming.push(() => this.onopen?.(event as never));
    socket.onmessage = (event) => this.#incoming.push(() => this.onmessage?.(event as never));
    socket.onerror = (event) => this.#incoming.push(() => this.onerror?.(event as never));
    socket.onclose = (event) => this.#incoming.push(() => this.onclose?.(event as never));
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount + this.#waitingBytes;
  }

  get binaryType(): string {
    return this.#socket.binaryType;
  }

  set binaryType(type: string) {
    this.#socket.binaryType = type === 'blob' ? 'blob' : 'arraybuffer';
  }

  send(message: Uint8Array): void {
    // A copy: the caller may reuse its buffer as soon as `send` returns.
    const kept = new Uint8Array(message);
    this.#waitingBytes += kept.byteLength;
    this.#outgoing.push(() => {
      this.#waitingBytes -= kept.byteLength;
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(kept);
    });
  }

  close(code?: number, reason?: string): void {
    this.#outgoing.push(() => this.#socket.close(code, reason));
  }
}

/** Runs what is pushed later, always in the order of pushing. */
class DelayLine {
  readonly #quality: LinkQuality;
  readonly #waiting: { readonly dueMs: number; readonly run: () => void }[] = [];
  #lastDueMs = 0;
  #isTimerSet = false;

  constructor(quality: LinkQuality) {
    this.#quality = quality;
  }

  push(run: () => void): void {
    const nowMs = performance.now();
    const { latencyMs, jitterMs, stallMs } = this.#quality;
    const wantedMs = endOfStall(nowMs + latencyMs / 2 + Math.random() * jitterMs, stallMs);
    const dueMs = Math.max(this.#lastDueMs, wantedMs);
    if (dueMs <= nowMs && this.#waiting.length === 0) {
      run();
      return;
    }
    this.#lastDueMs = dueMs;
    this.#waiting.push({ dueMs, run });
    this.#setTimer();
  }

  #setTimer(): void {
    const head = this.#waiting[0];
    if (!head || this.#isTimerSet) return;
    this.#isTimerSet = true;
    setTimeout(() => this.#runDue(), Math.max(0, head.dueMs - performance.now()));
  }

  #runDue(): void {
    this.#isTimerSet = false;
    const nowMs = performance.now() + 0.5;
    while (this.#waiting[0] && this.#waiting[0].dueMs <= nowMs) this.#waiting.shift()?.run();
    this.#setTimer();
  }
}

function endOfStall(atMs: number, stallMs: number): number {
  const intoPeriod = atMs % STALL_EVERY_MS;
  return intoPeriod < stallMs ? atMs - intoPeriod + stallMs : atMs;
}
