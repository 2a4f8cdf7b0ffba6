// What acknowledgements tell of a client's line: a queue on it, how fast it is, and that a long way is no queue.
import { expect, test } from 'vitest';
import { SendWindow } from '../../../engine/server/send-window.ts';

const RATE = 20;
const TICK_MS = 1000 / RATE;
const limits = { softQueueBytes: 65_536, hardQueueBytes: 262_144, unackedMs: 1_000, staleAfterMs: 10_000 };

/** A line of a rate and a delay with a queue in front of it, and a server that keeps to its window and to the limit found. */
class Line {
  readonly window = new SendWindow(limits, RATE);
  /** Bytes a second that the game would send. */
  readonly need: number;
  lineBytesPerSecond: number;
  delayMs: number;
  nowMs = 0;
  skipped = 0;
  /** Since `clear`: how old what arrived was at worst, and bytes that arrived. */
  oldestMs = 0;
  arrived = 0;
  #tick = 0;
  #freeMs = 0;
  #credit = 0;
  readonly #onWay: { tick: number; sentMs: number; ackMs: number; bytes: number }[] = [];

  constructor(need: number, lineBytesPerSecond: number, delayMs: number) {
    this.need = need;
    this.lineBytesPerSecond = lineBytesPerSecond;
    this.delayMs = delayMs;
  }

  get delivery() {
    return this.window.delivery;
  }

  clear(): void {
    this.oldestMs = this.arrived = this.skipped = 0;
  }

  play(seconds: number): void {
    for (const endMs = this.nowMs + seconds * 1000; this.nowMs < endMs - 1; ) this.#play();
  }

  /** Nothing moves on the line for so long. */
  stall(seconds: number): void {
    for (const each of this.#onWay) each.ackMs += seconds * 1000;
    this.#freeMs = Math.max(this.#freeMs, this.nowMs) + seconds * 1000;
  }

  #play(): void {
    const { window, delivery } = this;
    this.nowMs += TICK_MS;
    this.#tick++;
    while (this.#onWay.length > 0 && this.#onWay[0]!.ackMs <= this.nowMs) {
      const { tick, sentMs, bytes } = this.#onWay.shift()!;
      window.noteAck(tick & 127, this.nowMs);
      this.oldestMs = Math.max(this.oldestMs, this.nowMs - sentMs);
      this.arrived += bytes;
    }
    const wanted = (this.need * TICK_MS) / 1000;
    this.#credit = Math.min(this.#credit + (delivery.limitBytesPerSecond * TICK_MS) / 1000, 2 * wanted);
    const bytes = Math.min(wanted, this.#credit);
    if (bytes < wanted) delivery.noteUse();
    if (!window.canSend(this.#tick, 0)) {
      this.skipped++;
      return;
    }
    this.#credit -= bytes;
    window.noteSent(this.#tick, this.nowMs, bytes);
    this.#freeMs = Math.max(this.#freeMs, this.nowMs) + (bytes * 1000) / this.lineBytesPerSecond;
    this.#onWay.push({ tick: this.#tick, sentMs: this.nowMs, ackMs: this.#freeMs + this.delayMs, bytes });
  }
}

test.each([1, 80, 200, 400])('who takes all is not limited, and nothing is left out, on a way of %i ms', (delayMs) => {
  const line = new Line(6_000, 50_000, delayMs);
  line.play(60);
  expect([line.delivery.isLimited, line.skipped]).toEqual([false, 0]);
  expect(line.delivery.bytesPerSecond).toBeGreaterThan(5_000);
  expect(line.delivery.bytesPerSecond).toBeLessThan(8_000);
  expect(line.delivery.rttMinMs).toBeLessThan(delayMs + 2 * TICK_MS);
});

test('a join of 100,000 bytes goes out as fast as the line takes it, twice as much each round trip', () => {
  const line = new Line(400_000, 500_000, 100);
  line.play(3);
  line.clear();
  line.play(2);
  expect(line.arrived / 2).toBeGreaterThan(300_000);
});

test.each([4_000, 2_000, 1_000])(
  'a line of %i bytes a second for 6,000 is found and kept busy, its queue short',
  (rate) => {
    const line = new Line(6_000, 50_000, 40);
    line.play(10);
    line.lineBytesPerSecond = rate;
    line.play(20);
    expect(line.delivery.isLimited).toBe(true);
    line.clear();
    line.play(60);
    expect(line.oldestMs).toBeLessThan(1_200);
    expect(line.arrived / 60).toBeGreaterThan(0.8 * rate);
  },
);

test('while it is not known yet that a line became slow, little is on its way', () => {
  const line = new Line(6_000, 50_000, 40);
  line.play(10);
  line.clear();
  line.lineBytesPerSecond = 1_500;
  line.play(20);
  expect(line.oldestMs).toBeLessThanOrEqual(2_000);
});

test('a line that is fast again has its limit raised until it is felt no more', () => {
  const line = new Line(6_000, 50_000, 40);
  line.play(5);
  line.lineBytesPerSecond = 1_000;
  line.play(20);
  line.lineBytesPerSecond = 50_000;
  line.play(8);
  expect(line.delivery.limitBytesPerSecond).toBeGreaterThan(6_000);
  line.delivery.lift();
  line.play(20);
  expect(line.delivery.isLimited).toBe(false);
});

test('a stall of a second is not a slow line', () => {
  const line = new Line(6_000, 50_000, 40);
  for (let i = 0; i < 10; i++) {
    line.play(10);
    line.stall(1);
  }
  line.play(5);
  expect(line.delivery.isLimited).toBe(false);
});

test('a way that became longer is taken for a queue for some seconds, and not for ever', () => {
  const line = new Line(6_000, 50_000, 40);
  line.play(10);
  line.delayMs = 700;
  line.play(60);
  expect(line.delivery.rttMinMs).toBeGreaterThan(700);
  expect(line.delivery.limitBytesPerSecond).toBeGreaterThan(6_000);
});
