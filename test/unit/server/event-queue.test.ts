// Events that wait for a client: none lost that must arrive, never more than fit.
import { expect, test } from 'vitest';
import { TickwireError } from '../../../engine/core/errors.ts';
import { EventQueue, encodeEvent } from '../../../engine/server/event-queue.ts';
import { readEventHead } from '../../../engine/wire/event.ts';
import { EVENT_BYTES_PER_CLIENT, EVENTS_PER_MESSAGE } from '../../../engine/wire/limits.ts';
import { MESSAGE } from '../../../engine/wire/message.ts';
import { createMsgpackrCodec } from '../../../engine/wire/msgpackr.node.ts';
import { Reader } from '../../../engine/wire/reader.ts';
import { Writer } from '../../../engine/wire/writer.ts';

const codec = createMsgpackrCodec();
const writer = new Writer();
const event = (tick: number, args: unknown[] = [1], isNow = false) =>
  encodeEvent(writer, codec, { name: 'hit', index: 3 }, args, tick, isNow);

/** Ticks of the events that a queue holds, read back from its bytes. */
function ticksIn(queue: EventQueue, tick: number): number[] {
  writer.reset();
  queue.take(writer, tick);
  const reader = new Reader().open(writer.finish());
  const view = { ticksBack: 0, event: 0, isNow: false, argCount: 0 };
  return Array.from({ length: reader.arrayHeader(EVENTS_PER_MESSAGE) }, () => {
    readEventHead(reader, view);
    expect(view.event).toBe(3);
    reader.skip(view.argCount);
    return tick - view.ticksBack;
  });
}

test('events of skipped ticks go out together, each with its own tick', () => {
  const queue = new EventQueue();
  for (const tick of [10, 10, 12]) queue.push(event(tick, ['text', null, 5]));
  expect(ticksIn(queue, 13)).toEqual([10, 10, 12]);
  expect(queue.length).toBe(0);
});

test('those that are to be shown on arrival can go ahead of the others', () => {
  const queue = new EventQueue();
  for (const [tick, isNow] of [
    [10, false],
    [10, true],
    [11, true],
    [12, false],
  ] as const) {
    queue.push(event(tick, [1], isNow));
  }
  expect(queue.nowCount).toBe(2);
  writer.reset();
  queue.takeNow(writer, 12);
  expect(codec.decode(writer.finish())).toEqual([
    MESSAGE.event,
    12,
    [
      [2, (3 << 1) | 1, 1],
      [1, (3 << 1) | 1, 1],
    ],
  ]);
  expect([queue.nowCount, queue.length]).toEqual([0, 2]);
  expect(ticksIn(queue, 13)).toEqual([10, 12]);
});

test('at the cap the oldest that were only to be shown give way', () => {
  const queue = new EventQueue();
  queue.push(event(1, [1], true));
  for (let tick = 2; tick <= EVENTS_PER_MESSAGE; tick++) expect(queue.push(event(tick))).toBe(0);
  expect(queue.push(event(1_000))).toBe(1);
  expect(queue.push(event(1_001, [1], true))).toBe(1);
  const ticks = ticksIn(queue, 1_001);
  expect(ticks).toHaveLength(EVENTS_PER_MESSAGE);
  expect(ticks.slice(0, 2)).toEqual([1, 4]);
});

test('bytes are capped too', () => {
  const queue = new EventQueue();
  const long = 'x'.repeat(4_000);
  for (let tick = 0; tick < 4; tick++) expect(queue.push(event(tick, [long]))).toBe(0);
  expect(queue.push(event(4, [long]))).toBe(1);
  expect(ticksIn(queue, 4)).toEqual([1, 2, 3, 4]);
});

test('when nothing may be dropped there is no room for one more that must arrive', () => {
  const queue = new EventQueue();
  for (let i = 0; i < EVENTS_PER_MESSAGE; i++) queue.push(event(1, [1], true));
  expect(queue.push(event(2))).toBe(1);
  expect(queue.push(event(2, [1], true))).toBe(-1);
  expect(queue.length).toBe(EVENTS_PER_MESSAGE);
});

test('an event that could never be sent is its author’s mistake', () => {
  const args = Array.from({ length: 5 }, () => 'x'.repeat(4_000));
  expect(() => event(1, args)).toThrow(TickwireError);
  expect(() => event(1, args)).toThrow(`at most ${EVENT_BYTES_PER_CLIENT}`);
});
