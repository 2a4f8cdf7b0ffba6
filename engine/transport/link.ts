/**
 * One direction of a simulated TCP connection: delay, jitter, loss with head-of-line blocking, radio stalls, bandwidth.
 * Seeded, on any clock, and in order like TCP: a lost segment delays all behind it and they arrive in one bunch.
 *
 *   send --> [ waits for bandwidth ] --tx--> [ lost? sent again ] --> delay + jitter --> [ stall? waits ] --> deliver
 */
import type { Clock } from '../core/clock.ts';
import { Random } from '../core/random.ts';

/** How one direction of a connection behaves. */
export interface LinkProfile {
  /** One-way delay without jitter, ms. */
  readonly delayMs: number;
  /** Uniform jitter of +- so much, ms. */
  readonly jitterMs?: number;
  /** Heavy-tailed extra delay: the sum of `shape` exponential times of mean `scaleMs`. */
  readonly gamma?: { readonly shape: number; readonly scaleMs: number };
  /** Share of segments lost on each transmission, 0..1. */
  readonly lossRatio?: number;
  /** Bits per millisecond; left out: no limit. */
  readonly bandwidthKbps?: number;
  /** Times without any delivery: about every `everyMs`, of `minMs` to `maxMs`. */
  readonly stalls?: { readonly everyMs: number; readonly minMs: number; readonly maxMs: number };
}

/** Profiles by name, per direction: `rtt100` has 50 ms each way. */
export const LINK_PROFILES = {
  lan: { delayMs: 0.5, jitterMs: 0.2 },
  rtt50: { delayMs: 25, jitterMs: 2.5 },
  rtt100: { delayMs: 50, jitterMs: 15 },
  rtt200: { delayMs: 100, jitterMs: 30 },
  hol1: { delayMs: 40, jitterMs: 4, lossRatio: 0.01 },
  hol3: { delayMs: 40, jitterMs: 4, lossRatio: 0.03 },
  lte: {
    delayMs: 22,
    gamma: { shape: 2, scaleMs: 6 },
    lossRatio: 0.002,
    stalls: { everyMs: 7_000, minMs: 60, maxMs: 250 },
  },
  bw256: { delayMs: 30, jitterMs: 3, bandwidthKbps: 256 },
} as const satisfies Record<string, LinkProfile>;

/** Name of a profile in the table. */
export type LinkProfileName = keyof typeof LINK_PROFILES;

/** A profile of one's own, or the name of one in the table. */
export type LinkSetting = LinkProfile | LinkProfileName;

/** The profile that a setting stands for. */
export function linkProfile(setting: LinkSetting): LinkProfile {
  return typeof setting === 'string' ? LINK_PROFILES[setting] : setting;
}

/** A link without delay: messages arrive at the same instant, but never inside `send`. */
export const PERFECT_LINK: LinkProfile = { delayMs: 0 };

/** Transmissions of one segment that may be lost in a row. */
const MAX_LOSSES = 6;
/** Linux: the retransmission timeout is the round trip plus at least this, ms. */
const RTO_FLOOR_MS = 200;

interface Segment {
  readonly bytes: number;
  readonly deliver: () => void;
  /** When its last bit first went out. */
  readonly sentMs: number;
  /** When its newest known transmission went out. */
  txMs: number;
  /** Transmissions that are lost. */
  readonly losses: number;
  /** Losses that were answered by another transmission so far. */
  repaired: number;
  /** Delay and jitter of the transmission that gets through. */
  readonly travelMs: number;
}

/** One direction of a simulated connection. */
export class Link {
  readonly #clock: Clock;
  readonly #profile: LinkProfile;
  readonly #random: Random;
  readonly #stallRandom: Random;
  readonly #rttMs: number;
  readonly #rtoMs: number;
  readonly #queue: Segment[] = [];
  /** Known stalls as [start, end), in order; the profile's own are made as far as they are needed. */
  #stalls: { startMs: number; endMs: number }[] = [];
  #stallsKnownToMs: number;
  #freeMs = 0;
  #deliveredMs = 0;
  #isPaused = false;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, setting: LinkSetting, seed: number) {
    this.#clock = clock;
    this.#profile = linkProfile(setting);
    this.#random = new Random();
    this.#random.seed(seed, 0x11ae, 0);
    this.#stallRandom = new Random();
    this.#stallRandom.seed(seed, 0x11ae, 1);
    const { delayMs, jitterMs = 0, gamma } = this.#profile;
    this.#rttMs = 2 * (delayMs + (gamma === undefined ? 0 : gamma.shape * gamma.scaleMs));
    this.#rtoMs = this.#rttMs + Math.max(RTO_FLOOR_MS, 4 * jitterMs);
    this.#stallsKnownToMs = clock.now();
  }

  /** Sends a segment; `deliver` is called when it arrives, after all that was sent before it. */
  send(bytes: number, deliver: () => void): void {
    const { bandwidthKbps, lossRatio = 0 } = this.#profile;
    const startMs = Math.max(this.#clock.now(), this.#freeMs);
    this.#freeMs = bandwidthKbps === undefined ? startMs : startMs + (bytes * 8) / bandwidthKbps;
    let losses = 0;
    while (losses < MAX_LOSSES && lossRatio > 0 && this.#random.next() < lossRatio) losses++;
    const sentMs = this.#freeMs;
    this.#queue.push({ bytes, deliver, sentMs, txMs: sentMs, losses, repaired: 0, travelMs: this.#drawTravelMs() });
    // Only the first waits for a time; the others wait for the first, whose repair this segment may have brought forward.
    const head = this.#queue[0]!;
    if (this.#queue.length === 1 || head.repaired < head.losses) this.#arm();
  }

  /** Bytes that wait for the sender's turn, all of them while the link is paused. */
  get unsentBytes(): number {
    const nowMs = this.#clock.now();
    let bytes = 0;
    for (let i = this.#queue.length - 1; i >= 0; i--) {
      const segment = this.#queue[i]!;
      if (!this.#isPaused && segment.sentMs <= nowMs) break;
      bytes += segment.bytes;
    }
    return bytes;
  }

  /** Segments on their way. */
  get inFlight(): number {
    return this.#queue.length;
  }

  /** Nothing arrives any more, as if the wire was cut without a word or the receiver stopped reading. */
  pause(): void {
    this.#isPaused = true;
    this.#disarm();
  }

  /** What was held back by `pause` arrives now, in order. */
  resume(): void {
    this.#isPaused = false;
    this.#arm();
  }

  /** Nothing arrives for so long from now on; then all of it at once. */
  stall(durationMs: number): void {
    const nowMs = this.#clock.now();
    this.#stalls.push({ startMs: nowMs, endMs: nowMs + durationMs });
    this.#stalls.sort((a, b) => a.startMs - b.startMs);
    this.#arm();
  }

  /** Loses all that is on its way. */
  clear(): void {
    this.#queue.length = 0;
    this.#disarm();
  }

  #drawTravelMs(): number {
    const { delayMs, jitterMs = 0, gamma } = this.#profile;
    let travelMs = delayMs;
    if (jitterMs > 0) travelMs += (this.#random.next() * 2 - 1) * jitterMs;
    if (gamma !== undefined) {
      for (let i = 0; i < gamma.shape; i++) travelMs -= gamma.scaleMs * Math.log(1 - this.#random.next());
    }
    return Math.max(0, travelMs);
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Sets the timer for the first segment: its arrival, or the moment when its repair is decided. */
  #arm(): void {
    this.#disarm();
    const head = this.#queue[0];
    if (head === undefined || this.#isPaused) return;
    const nowMs = this.#clock.now();
    const isRepaired = this.#repair(head, nowMs);
    const wakeMs = isRepaired ? this.#arrivalMs(head) : head.txMs + this.#rtoMs * 2 ** head.repaired;
    this.#cancelTimer = this.#clock.schedule(() => this.#onTimer(), Math.max(0, wakeMs - nowMs));
  }

  #onTimer(): void {
    this.#cancelTimer = undefined;
    const nowMs = this.#clock.now();
    for (;;) {
      const head = this.#queue[0];
      if (head === undefined || this.#isPaused || !this.#repair(head, nowMs)) break;
      // Half a microsecond of tolerance: times are sums of fractions.
      if (this.#arrivalMs(head) > nowMs + 0.0005) break;
      this.#queue.shift();
      this.#deliveredMs = nowMs;
      head.deliver();
    }
    this.#arm();
  }

  /**
   * Walks through the losses of `segment` as far as they are decided by now; true when its last transmission is known.
   * A hole shows when a later segment is acknowledged (RFC 8985), else the retransmission timeout ends it.
   */
  #repair(segment: Segment, nowMs: number): boolean {
    while (segment.repaired < segment.losses) {
      const timeoutMs = segment.txMs + this.#rtoMs * 2 ** segment.repaired;
      const later = this.#queue.find((other) => other.sentMs > segment.txMs);
      if (later === undefined && nowMs < timeoutMs) return false;
      const shownMs = later === undefined ? timeoutMs : later.sentMs + this.#rttMs;
      segment.txMs = Math.min(Math.max(shownMs, segment.txMs + 1.25 * this.#rttMs), timeoutMs);
      segment.repaired++;
    }
    return true;
  }

  #arrivalMs(segment: Segment): number {
    let arrivalMs = segment.txMs + segment.travelMs;
    this.#makeStalls(arrivalMs);
    for (const stall of this.#stalls) {
      if (arrivalMs >= stall.startMs && arrivalMs < stall.endMs) arrivalMs = stall.endMs;
    }
    return Math.max(arrivalMs, this.#deliveredMs);
  }

  #makeStalls(untilMs: number): void {
    const spec = this.#profile.stalls;
    if (spec !== undefined) {
      while (this.#stallsKnownToMs <= untilMs) {
        const startMs = this.#stallsKnownToMs + spec.everyMs * (0.5 + this.#stallRandom.next());
        const endMs = startMs + spec.minMs + (spec.maxMs - spec.minMs) * this.#stallRandom.next();
        this.#stalls.push({ startMs, endMs });
        this.#stallsKnownToMs = endMs;
      }
    }
    if (this.#stalls.length > 64) this.#stalls = this.#stalls.filter((stall) => stall.endMs >= this.#deliveredMs);
  }
}
