// What a client may be sent next, from what it has acknowledged.
import { expect, test } from 'vitest';
import { TICK_MASK } from '../../../engine/core/tick.ts';
import { SendWindow } from '../../../engine/server/send-window.ts';

const limits = { softQueueBytes: 1_000, hardQueueBytes: 4_000, unackedMs: 1_000, staleAfterMs: 10_000 };

/** Sends ticks from `first` on without an ack until the window is shut; returns how many went out. */
function fill(window: SendWindow, first: number): number {
  let tick = first;
  while (window.canSend(tick, 0)) window.noteSent(tick++, 0, 10);
  return tick - first;
}

test('one second of snapshots may be on its way', () => {
  expect(fill(new SendWindow(limits, 30), 77)).toBe(30);
});

test('never more ticks than seven bits can tell apart', () => {
  expect(fill(new SendWindow({ ...limits, unackedMs: 60_000 }, 60), 0)).toBe(120);
});

test('an ack opens the window, and its low bits are read against the newest tick sent', () => {
  const window = new SendWindow(limits, 30);
  fill(window, 1_000);
  window.noteAck(1_020 & TICK_MASK, 5);
  expect(window.ackedTick).toBe(1_020);
  expect(window.canSend(1_030, 0)).toBe(true);
});

test('an ack that is older than the last one changes nothing', () => {
  const window = new SendWindow(limits, 30);
  fill(window, 1_000);
  window.noteAck(1_020 & TICK_MASK, 5);
  window.noteAck(1_010 & TICK_MASK, 5);
  expect(window.ackedTick).toBe(1_020);
});

test('after a long gap an ack of the tick before it is still understood', () => {
  const window = new SendWindow(limits, 30);
  window.noteSent(1_000, 0, 10);
  window.noteAck(1_000 & TICK_MASK, 0);
  window.noteSent(1_001, 0, 10);
  // Nothing may be sent while an ack for 1001 could no longer be told from a later one.
  let tick = 1_002;
  while (window.canSend(tick, 0) && tick < 2_000) tick++;
  expect(tick).toBe(1_121);
  window.noteAck(1_001 & TICK_MASK, 0);
  expect(window.canSend(1_500, 0)).toBe(true);
  window.noteSent(1_500, 0, 10);
  window.noteAck(1_500 & TICK_MASK, 0);
  expect(window.isEmpty).toBe(true);
});

test('what was left out before the window was empty is not on its way', () => {
  const window = new SendWindow(limits, 30);
  fill(window, 1_000);
  window.noteAck(1_029 & TICK_MASK, 5);
  expect(fill(window, 1_060)).toBe(30);
  // Unless an ack of what the client holds could be taken for one of a later tick.
  window.noteAck(1_089 & TICK_MASK, 5);
  expect(fill(window, 1_200)).toBe(10);
});

test('a client keeps pace while it leaves no more than three quarters of what it may leave', () => {
  const window = new SendWindow(limits, 20);
  expect(window.keepsPace(750)).toBe(true);
  expect(window.keepsPace(751)).toBe(false);
  for (let tick = 100; tick < 115; tick++) window.noteSent(tick, 0, 10);
  expect(window.keepsPace(0)).toBe(true);
  window.noteSent(115, 0, 10);
  expect(window.keepsPace(0)).toBe(false);
  window.noteAck(101 & TICK_MASK, 0);
  expect(window.keepsPace(0)).toBe(true);
});

test('a full send buffer shuts the window, a fuller one ends the client', () => {
  const window = new SendWindow(limits, 30);
  expect(window.canSend(1, 1_000)).toBe(true);
  expect(window.canSend(1, 1_001)).toBe(false);
  expect(window.isStale(0, 4_000)).toBe(false);
  expect(window.isStale(0, 4_001)).toBe(true);
});

test('bytes on their way are those that were sent and not acknowledged, and count from nothing when all were', () => {
  const window = new SendWindow(limits, 30);
  window.noteSent(1, 0, 500);
  window.noteSent(2, 30, 300);
  window.noteOthersSent(50);
  expect(window.inFlightBytes).toBe(850);
  window.noteAck(1, 60);
  expect(window.inFlightBytes).toBe(350);
  window.noteAck(2, 90);
  expect(window.inFlightBytes).toBe(0);
  // The 50 were behind the last snapshot; they are acknowledged with the next one.
  window.noteSent(3, 120, 100);
  expect(window.inFlightBytes).toBe(150);
});

test('before anything is known, 64 KB may be on their way, 16 KB for refreshes, and then what was taken besides', () => {
  const window = new SendWindow(limits, 30);
  expect(window.refreshBytes).toBe(16_384 / 2);
  let tick = 1;
  for (; window.canSend(tick, 0); tick++) window.noteSent(tick, 0, 10_000);
  expect([window.inFlightBytes, window.refreshBytes]).toEqual([70_000, 0]);
  window.noteAck((tick - 1) & TICK_MASK, 100);
  expect([window.limitBytes, window.refreshBytes]).toEqual([65_536 + 70_000, (16_384 + 70_000) / 2]);
});

test('an ack of a tick that was left out changes nothing', () => {
  const window = new SendWindow(limits, 30);
  for (const tick of [10, 12, 14]) window.noteSent(tick, 0, 10);
  window.noteAck(13, 50);
  expect(window.ackedTick).toBe(9);
  window.noteAck(12, 50);
  expect(window.ackedTick).toBe(12);
});

test('a client is stale after ten seconds without a new ack, counted from when there was something to acknowledge', () => {
  const window = new SendWindow(limits, 30);
  let nowMs = 0;
  /** Looks at the window every half second, as a room does far more often; whether it ever was stale. */
  const lookUntil = (endMs: number): boolean => {
    let wasStale = false;
    for (; nowMs < endMs; nowMs += 500) wasStale = window.isStale(nowMs, 0) || wasStale;
    return wasStale;
  };
  expect(lookUntil(50_000)).toBe(false);
  window.noteSent(5, 50_000, 10);
  expect(lookUntil(55_000)).toBe(false);
  window.noteSent(6, 55_000, 10);
  expect(lookUntil(59_500)).toBe(false);
  expect(lookUntil(61_500)).toBe(true);
  window.noteAck(5, nowMs);
  expect(lookUntil(70_500)).toBe(false);
  window.noteAck(5, nowMs);
  expect(lookUntil(73_000)).toBe(true);
});

test('a stall of the process is nobody’s: between two looks at most a second is counted', () => {
  const window = new SendWindow(limits, 30);
  window.noteSent(5, 0, 10);
  expect(window.isStale(0, 0)).toBe(false);
  expect(window.isStale(12_000, 0)).toBe(false);
  for (let nowMs = 12_500; nowMs <= 21_000; nowMs += 500) expect(window.isStale(nowMs, 0)).toBe(false);
  expect(window.isStale(21_500, 0)).toBe(true);
});
