// The hot path allocates nothing once it is warm: writing and reading INPUTs and STATEs leaves the heap as it was.
import { expect, test } from 'vitest';
import { readEventHead, writeEventHead } from '../../../engine/wire/event.ts';
import { createInputView, InputRuns, readInput, writeInput } from '../../../engine/wire/input.ts';
import { Reader } from '../../../engine/wire/reader.ts';
import {
  createStateView,
  readRareHead,
  readState,
  writeOwn,
  writeRareHead,
  writeStateHead,
  writeTiming,
} from '../../../engine/wire/state.ts';
import { Writer } from '../../../engine/wire/writer.ts';

const writer = new Writer(4096);
const reader = new Reader();
const part = new Reader();
const state = createStateView();
const input = createInputView();
const runs = new InputRuns(3);
const event = { ticksBack: 0, event: 0, isNow: false, argCount: 0 };
const rare = { kind: 0, slot: 0, field: 0 };
const body = new Uint8Array(300);
// Whole numbers: a float that a function returns is boxed by the engine, 16 bytes, and they are rare.
const row = Float64Array.of(1, -2, 1e9, 3);
const key = new Uint8Array(3);

function passState(tick: number): void {
  writer.reset();
  writeStateHead(writer, 5, tick, tick);
  writer.bin(body);
  writer.array(1);
  writeRareHead(writer, 1, tick & 1023, 2);
  writer.number(70_000);
  writer.array(1);
  writeEventHead(writer, 2, 0, 3, false);
  writer.uint(tick & 0xffff);
  writer.int(-tick & 0x7fff);
  writeOwn(writer, 0, 1, tick, 0, row);
  writeTiming(writer, 1000, 2000, 1, 1);
  readState(reader.open(writer.bytes, 0, writer.length), state);
  part.open(writer.bytes, state.rareStart, state.rareEnd).arrayHeader(10);
  readRareHead(part, rare);
  part.open(writer.bytes, state.eventsStart, state.eventsEnd).arrayHeader(10);
  readEventHead(part, event);
}

function passInput(seq: number): void {
  runs.clear();
  for (let i = 0; i < 4; i++) {
    key[0] = seq + (i >> 1);
    runs.append(key);
  }
  input.firstSeq = seq;
  input.digest = seq & 0xffff;
  input.heldLow = seq & 127;
  input.seenLow = seq & 127;
  writer.reset();
  writeInput(writer, input, runs);
  readInput(reader.open(writer.bytes, 0, writer.length), input, 3);
}

function pass(count: number): void {
  for (let i = 0; i < count; i++) {
    passState(i);
    passInput(i);
  }
}

test('2,000 STATEs and INPUTs, written and read', () => {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) throw new Error('run with --expose-gc');
  pass(50_000);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 10; round++) {
    collect();
    const before = process.memoryUsage().heapUsed;
    pass(2000);
    least = Math.min(least, process.memoryUsage().heapUsed - before);
  }
  // One object a message would be 64 kB and more; reading the heap's size takes some itself.
  expect(least).toBeLessThan(16_384);
});
