// The input queue: order, bounds, and the debt that pays starved ticks back.
import { expect, test } from 'vitest';
import { Random } from '../../../engine/core/random.ts';
import {
  DEBT_TICKS,
  INPUTS_AHEAD,
  INPUTS_PER_TICK,
  InputQueue,
  type InputQueueStats,
  QUEUE_INPUTS,
} from '../../../engine/server/input-queue.ts';

const TICK_RATE = 30;

function createQueue(): { queue: InputQueue; stats: InputQueueStats } {
  const stats = { inputsApplied: 0, inputsDuplicate: 0, inputsDropped: 0, inputsRefused: 0, ticksStarved: 0 };
  return { queue: new InputQueue(2, TICK_RATE, stats), stats };
}

/** The input of a seq: its low and high byte. */
const inputOf = (seq: number): Uint8Array => Uint8Array.of(seq & 0xff, (seq >> 8) & 0xff);

function push(queue: InputQueue, from: number, to = from, arrivalMs = 0): void {
  for (let seq = from; seq <= to; seq++) queue.push(seq, inputOf(seq), 0, arrivalMs);
}

/** One tick; returns the seqs applied and checks that each came with its own bytes. */
function runTick(queue: InputQueue): number[] {
  return Array.from({ length: queue.planTick() }, () => {
    const seq = queue.take();
    expect(queue.bytes.subarray(queue.takenOffset, queue.takenOffset + 2)).toEqual(inputOf(seq));
    return seq;
  });
}

test('one input a tick, in order, however many wait', () => {
  const { queue, stats } = createQueue();
  push(queue, 1, 5);
  expect([runTick(queue), runTick(queue), runTick(queue)]).toEqual([[1], [2], [3]]);
  expect(queue.newestTaken).toBe(3);
  expect(stats.inputsApplied).toBe(3);
});

test('a starved tick makes debt, and each tick after it pays back at most one more input', () => {
  const { queue, stats } = createQueue();
  push(queue, 1);
  runTick(queue);
  for (let i = 0; i < 4; i++) expect(runTick(queue)).toEqual([]);
  expect(queue.debt).toBe(4);
  expect(stats.ticksStarved).toBe(4);
  push(queue, 2, 7);
  expect(runTick(queue)).toEqual([2, 3]);
  expect(runTick(queue)).toEqual([4, 5]);
  expect(runTick(queue)).toEqual([6, 7]);
  expect(queue.debt).toBe(1);
});

/** Plays on at one input a tick, which arrive after a stall all at once. */
function stall(queue: InputQueue, seq: number, ticks: number): number {
  for (let i = 0; i < ticks; i++) runTick(queue);
  push(queue, seq, seq + ticks - 1);
  return seq + ticks;
}

test('after a stall inputs wait no longer than before, and the client is not asked to hurry', () => {
  const { queue } = createQueue();
  let seq = 1;
  const play = (ticks: number): void => {
    for (let i = 0; i < ticks; i++) {
      push(queue, seq++);
      runTick(queue);
      expect(queue.lowDepth()).toBe(1);
    }
  };
  play(4 * TICK_RATE);
  expect(queue.length).toBe(0);
  seq = stall(queue, seq, 10);
  play(12);
  expect(queue.length).toBe(0);
  play(4 * TICK_RATE);
  // Two stalls within three seconds are what the line is like.
  seq = stall(queue, seq, 10);
  play(12);
  seq = stall(queue, seq, 10);
  expect(queue.lowDepth()).toBe(0);
});

test('without debt a burst is not run faster', () => {
  const { queue } = createQueue();
  push(queue, 1, 30);
  for (let i = 0; i < 30; i++) expect(runTick(queue)).toHaveLength(1);
});

test('a client that has not begun yet is not starved', () => {
  const { queue, stats } = createQueue();
  for (let i = 0; i < 100; i++) runTick(queue);
  expect(queue.debt).toBe(0);
  expect(stats.ticksStarved).toBe(0);
  expect(queue.lowDepth()).toBe(1);
});

test('debt is bounded, so a client that was away a minute catches up two seconds', () => {
  const { queue } = createQueue();
  push(queue, 1);
  for (let i = 0; i < 1_800; i++) runTick(queue);
  expect(queue.debt).toBe(DEBT_TICKS);
});

test('a clock that runs ten times too fast moves its entity no faster than ticks pass', () => {
  const { queue, stats } = createQueue();
  let seq = 0;
  let applied = 0;
  for (let tick = 0; tick < 1_000; tick++) {
    for (let i = 0; i < 10; i++) push(queue, ++seq);
    applied += runTick(queue).length;
  }
  expect(applied).toBe(1_000);
  expect(queue.length).toBeLessThanOrEqual(QUEUE_INPUTS);
  expect(stats.inputsDropped + stats.inputsRefused).toBeGreaterThan(8_000);
});

test('whatever the arrivals, inputs used never exceed ticks passed', () => {
  const random = new Random(7);
  const { queue } = createQueue();
  let seq = 0;
  let applied = 0;
  let newest = 0;
  for (let tick = 1; tick <= 20_000; tick++) {
    const arrivals = random.next() < 0.05 ? random.int(0, 40) : random.int(0, 2);
    for (let i = 0; i < arrivals; i++) {
      seq += random.next() < 0.02 ? random.int(-3, 3) : 1;
      if (seq > 0) push(queue, seq);
    }
    const seqs = runTick(queue);
    expect(seqs.length).toBeLessThanOrEqual(INPUTS_PER_TICK);
    for (const taken of seqs) {
      expect(taken).toBeGreaterThan(newest);
      newest = taken;
    }
    applied += seqs.length;
    expect(applied).toBeLessThanOrEqual(tick);
    expect(queue.length).toBeLessThanOrEqual(QUEUE_INPUTS);
  }
});

test('duplicates and stragglers are dropped and counted', () => {
  const { queue, stats } = createQueue();
  push(queue, 1, 3);
  push(queue, 2, 3);
  push(queue, 1);
  expect(queue.length).toBe(3);
  expect(stats.inputsDuplicate).toBe(3);
});

test('a full queue drops its oldest', () => {
  const { queue, stats } = createQueue();
  push(queue, 1, QUEUE_INPUTS + 10);
  expect(queue.length).toBe(QUEUE_INPUTS);
  expect(stats.inputsDropped).toBe(10);
  expect(runTick(queue)).toEqual([11]);
});

test('an input too far ahead of the last applied one is refused', () => {
  const { queue, stats } = createQueue();
  push(queue, 1);
  runTick(queue);
  push(queue, 1 + INPUTS_AHEAD + 1);
  expect(stats.inputsRefused).toBe(1);
  push(queue, 1 + INPUTS_AHEAD);
  expect(queue.length).toBe(1);
});

test('a digest belongs to the newest input of its message', () => {
  const { queue } = createQueue();
  push(queue, 1, 2);
  queue.noteDigest(2, 0xbeef, 7);
  queue.noteDigest(9, 0xdead, 8);
  runTick(queue);
  expect(queue.takenDigest).toBe(-1);
  runTick(queue);
  expect([queue.takenDigest, queue.takenAdopted]).toEqual([0xbeef, 7]);
  // A place in the ring is used again without its old digest.
  push(queue, 3, 3 + QUEUE_INPUTS - 1);
  for (let i = 0; i < QUEUE_INPUTS; i++) {
    runTick(queue);
    expect(queue.takenDigest).toBe(-1);
  }
});

test('the arrival that is told belongs to the newest applied input', () => {
  const { queue } = createQueue();
  push(queue, 1, 1, 100);
  push(queue, 2, 2, 200);
  runTick(queue);
  expect(queue.newestTakenArrivalMs).toBe(100);
});

test('the low depth is what all but 2 % of the last three seconds reached', () => {
  const { queue } = createQueue();
  let seq = 0;
  for (let tick = 0; tick < 3 * TICK_RATE; tick++) {
    while (queue.length < (tick === 10 ? 1 : 3)) push(queue, ++seq);
    queue.planTick();
    queue.take();
    if (tick === 9) queue.take();
  }
  // One tick of ninety lies lower: within the 2 %.
  expect(queue.lowDepth()).toBe(3);
  for (let tick = 0; tick < 3 * TICK_RATE; tick++) {
    while (queue.length < 2) push(queue, ++seq);
    queue.planTick();
    queue.take();
  }
  expect(queue.lowDepth()).toBe(2);
});

test('restart forgets debt and depths', () => {
  const { queue } = createQueue();
  push(queue, 1);
  for (let i = 0; i < 10; i++) runTick(queue);
  queue.restart();
  expect(queue.debt).toBe(0);
  expect(queue.lowDepth()).toBe(1);
});
