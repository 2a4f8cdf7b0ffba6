// How often a client is sent snapshots, from what it could and could not be sent.
import { describe, expect, test } from 'vitest';
import { SendPace } from '../../../engine/server/send-pace.ts';

const RATE = 20;

/** A pace that is told tick by tick what could be sent. */
class Line {
  readonly pace: SendPace;
  tick = 0;
  /** Whatever was sent is acknowledged. */
  ackedTick = -1;

  constructor(sendEvery = 1) {
    this.pace = new SendPace(sendEvery, RATE);
  }

  /** So many ticks in which the client takes what it is sent. Returns how many snapshots that were. */
  flow(ticks: number, keepsPace = true): number {
    let sent = 0;
    for (let i = 0; i < ticks; i++) {
      if (!this.pace.isDue(++this.tick)) continue;
      this.pace.noteSendable(this.tick, keepsPace);
      this.ackedTick = this.tick;
      sent++;
    }
    return sent;
  }

  /** The next so many snapshots are skipped. */
  skip(snapshots: number): void {
    for (let left = snapshots; left > 0; ) {
      if (!this.pace.isDue(++this.tick)) continue;
      this.pace.noteSkipped(this.tick, this.ackedTick);
      left--;
    }
  }

  /** A snapshot, and then skips until it is one lane down. */
  fall(): void {
    this.flow(this.pace.sendEvery);
    this.skip(3);
  }

  /** Ticks of clean flow until it is one lane up. */
  get returnTicks(): number {
    const start = this.tick;
    const { level } = this.pace;
    while (this.pace.level === level && this.tick - start < 10_000) this.flow(1);
    return this.tick - start;
  }
}

describe('down', () => {
  test('three skips within a second move a client to every second snapshot, three more to every fourth', () => {
    const line = new Line();
    line.flow(10);
    line.skip(2);
    expect([line.pace.level, line.pace.sendEvery]).toEqual([0, 1]);
    line.skip(1);
    expect([line.pace.level, line.pace.sendEvery]).toEqual([1, 2]);
    line.fall();
    expect([line.pace.level, line.pace.sendEvery]).toEqual([2, 4]);
    line.fall();
    expect(line.pace.level).toBe(2);
  });

  test('skips that lie farther apart are only gaps', () => {
    const line = new Line();
    for (let i = 0; i < 50; i++) {
      line.skip(1);
      line.flow(10);
    }
    expect(line.pace.level).toBe(0);
    line.skip(1);
    line.flow(9);
    line.skip(1);
    line.flow(8);
    line.skip(1);
    expect(line.pace.level).toBe(1);
  });

  test('where snapshots are rare, three of four count', () => {
    const line = new Line(8);
    line.fall();
    line.fall();
    expect([line.pace.level, line.pace.sendEvery]).toEqual([2, 32]);
  });

  test('a stall costs one lane, however long: nothing speaks against the next before its first snapshot arrived', () => {
    const line = new Line();
    line.flow(10);
    line.skip(500);
    expect(line.pace.level).toBe(1);
    const { ackedTick } = line;
    line.flow(2);
    line.ackedTick = ackedTick;
    line.skip(10);
    expect(line.pace.level).toBe(1);
    line.ackedTick = line.tick;
    line.skip(3);
    expect(line.pace.level).toBe(2);
  });

  test('nor against the first lane before the join has arrived', () => {
    const line = new Line();
    line.pace.noteSendable(1, true);
    line.skip(20);
    expect(line.pace.level).toBe(0);
  });
});

describe('up', () => {
  test('after five seconds without a skip, a lane at a time', () => {
    const line = new Line();
    line.fall();
    line.fall();
    expect(line.returnTicks).toBe(5 * RATE);
    expect(line.pace.level).toBe(1);
    expect(line.returnTicks).toBe(5 * RATE);
    expect(line.flow(20)).toBe(20);
  });

  test('a skip, or acks that lag, begin the wait anew', () => {
    const line = new Line();
    line.fall();
    line.flow(4.5 * RATE);
    line.skip(1);
    expect(line.returnTicks).toBe(5 * RATE);
    line.fall();
    line.flow(200 * RATE, false);
    expect(line.pace.level).toBe(1);
  });

  test('the wait doubles after each return that failed, up to 40 s, and is short again after one that held', () => {
    const line = new Line();
    const seconds: number[] = [];
    for (let i = 0; i < 5; i++) {
      line.fall();
      seconds.push(Math.round(line.returnTicks / RATE));
      line.flow(RATE);
    }
    expect(seconds).toEqual([5, 10, 20, 40, 40]);
    line.flow(40 * RATE);
    line.fall();
    expect(Math.round(line.returnTicks / RATE)).toBe(5);
  });

  test('a return fails once, however far down it ends', () => {
    const line = new Line();
    line.fall();
    line.flow(5 * RATE);
    line.fall();
    line.fall();
    expect(line.pace.level).toBe(2);
    expect(Math.round(line.returnTicks / RATE)).toBe(10);
  });
});
