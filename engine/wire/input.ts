/**
 * INPUT, client to server: what the player held in the ticks since the last one, and what the client has and sees.
 *
 *     [5, firstSeq|nil, digest << 16 | adopted|nil, heldTick & 127|nil, seen|nil, inputs bin]
 *     seen     playout tick & 127 | fraction in 1/256 << 7 | extrapolated ms << 15
 *     inputs   runs of  NN II II ..     NN: in how many ticks the input II II .. was held, 1..64
 *
 * The input of run 0 belongs to firstSeq, and so on upwards. Without inputs it is a bare ack of the held tick.
 */
import { WireError } from '../core/errors.ts';
import { TICK_MASK } from '../core/tick.ts';
import { INPUT_MESSAGE_BYTES, INPUT_RUNS_BYTES, INPUTS_PER_MESSAGE } from './limits.ts';
import { closeMessage, hasElement, MESSAGE, openMessage } from './message.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** What INPUT says; made once, and written from or read into. */
export interface InputView {
  /** Seq of the first input; -1 without inputs. */
  firstSeq: number;
  /** Digest of the row after the newest input, 16 bits; -1 from a client that predicts nothing. */
  digest: number;
  /** How many exact rows the client adopted, low 16 bits. */
  adopted: number;
  /** Newest STATE tick that the client holds, low 7 bits; -1 before the first. */
  heldLow: number;
  /** Playout tick, low 7 bits; -1 when nothing is drawn. Counts back from the held tick. */
  seenLow: number;
  /** Fraction of the playout tick in 1/256. */
  seenFraction: number;
  /** How far playout is beyond the held tick, ms, 255 at most. */
  seenExtrapolatedMs: number;
  /** Where the runs lie in the bytes read; set by the reader. */
  runsStart: number;
  runsEnd: number;
  /** How many inputs the runs hold; set by the reader. */
  inputCount: number;
}

/** A view that says nothing. */
export function createInputView(): InputView {
  return {
    firstSeq: -1,
    digest: -1,
    adopted: 0,
    heldLow: -1,
    seenLow: -1,
    seenFraction: 0,
    seenExtrapolatedMs: 0,
    runsStart: 0,
    runsEnd: 0,
    inputCount: 0,
  };
}

/** The inputs of one message, gathered tick by tick; equal neighbours share a run. */
export class InputRuns {
  readonly bytes: Uint8Array;
  /** Bytes used. */
  length: number;
  /** Inputs held. */
  inputCount: number;
  readonly #byteLength: number;
  /** Where the last run starts; -1 without one. */
  #lastRun: number;

  /** `byteLength`: bytes of one quantized input. */
  constructor(byteLength: number) {
    this.bytes = new Uint8Array(INPUT_RUNS_BYTES);
    this.length = 0;
    this.inputCount = 0;
    this.#byteLength = byteLength;
    this.#lastRun = -1;
  }

  /** Forgets all inputs. */
  clear(): void {
    this.length = 0;
    this.inputCount = 0;
    this.#lastRun = -1;
  }

  /** Adds the input of the next tick, which starts at `start`. Returns false, and adds nothing, when it is full. */
  append(input: Uint8Array, start = 0): boolean {
    if (this.inputCount === INPUTS_PER_MESSAGE) return false;
    if (this.#isLast(input, start)) {
      this.bytes[this.#lastRun] = (this.bytes[this.#lastRun] as number) + 1;
    } else {
      if (this.length + 1 + this.#byteLength > INPUT_RUNS_BYTES) return false;
      this.#lastRun = this.length;
      this.bytes[this.length++] = 1;
      for (let i = 0; i < this.#byteLength; i++) this.bytes[this.length++] = input[start + i] as number;
    }
    this.inputCount++;
    return true;
  }

  #isLast(input: Uint8Array, start: number): boolean {
    if (this.#lastRun < 0) return false;
    for (let i = 0; i < this.#byteLength; i++) {
      if (this.bytes[this.#lastRun + 1 + i] !== input[start + i]) return false;
    }
    return true;
  }
}

/** Writes INPUT: `view` with the inputs of `runs`, or a bare ack where `view.firstSeq` is -1. */
export function writeInput(writer: Writer, view: InputView, runs: InputRuns): void {
  const hasInputs = view.firstSeq >= 0 && runs.inputCount > 0;
  writer.array(hasInputs ? 6 : view.seenLow >= 0 ? 5 : view.heldLow >= 0 ? 4 : 1);
  writer.uint(MESSAGE.input);
  if (!hasInputs && view.seenLow < 0 && view.heldLow < 0) return;
  if (hasInputs) writer.uint(view.firstSeq);
  else writer.nil();
  if (hasInputs && view.digest >= 0) writer.uint((view.digest & 0xffff) * 0x1_0000 + (view.adopted & 0xffff));
  else writer.nil();
  if (view.heldLow >= 0) writer.uint(view.heldLow & TICK_MASK);
  else writer.nil();
  if (view.seenLow >= 0) {
    writer.uint(
      (view.seenLow & TICK_MASK) | ((view.seenFraction & 0xff) << 7) | (Math.min(255, view.seenExtrapolatedMs) << 15),
    );
  } else if (hasInputs) {
    writer.nil();
  }
  if (hasInputs) writer.bin(runs.bytes, 0, runs.length);
}

/** Reads INPUT into `view`; one input has `byteLength` bytes. Throws a WireError. */
export function readInput(reader: Reader, view: InputView, byteLength: number): void {
  const elements = openMessage(reader, MESSAGE.input, 0, INPUT_MESSAGE_BYTES);
  view.firstSeq = hasElement(reader, elements, 1) ? reader.uint() : -1;
  const digest = hasElement(reader, elements, 2) ? reader.uint() : -1;
  view.digest = digest < 0 ? -1 : digest >>> 16;
  view.adopted = digest < 0 ? 0 : digest & 0xffff;
  view.heldLow = hasElement(reader, elements, 3) ? reader.uint(TICK_MASK) : -1;
  const seen = hasElement(reader, elements, 4) ? reader.uint(0x7f_ffff) : -1;
  view.seenLow = seen < 0 ? -1 : seen & TICK_MASK;
  view.seenFraction = seen < 0 ? 0 : (seen >> 7) & 0xff;
  view.seenExtrapolatedMs = seen < 0 ? 0 : seen >> 15;
  view.runsStart = 0;
  view.runsEnd = 0;
  view.inputCount = 0;
  if (hasElement(reader, elements, 5)) readRuns(reader, view, byteLength);
  if (view.firstSeq >= 0 !== view.inputCount > 0) throw new WireError('inputs without a seq, or a seq without inputs');
  if (view.firstSeq + view.inputCount - 1 > 0xffff_ffff) throw new WireError('integer out of range');
  closeMessage(reader, elements, 5);
}

function readRuns(reader: Reader, view: InputView, byteLength: number): void {
  const length = reader.binHeader(INPUT_RUNS_BYTES);
  if (length % (1 + byteLength) !== 0) throw new WireError('inputs are not whole');
  view.runsStart = reader.offset;
  view.runsEnd = reader.offset + length;
  for (let at = view.runsStart; at < view.runsEnd; at += 1 + byteLength) {
    const count = reader.bytes[at] as number;
    if (count === 0) throw new WireError('an empty run of inputs');
    view.inputCount += count;
  }
  if (view.inputCount > INPUTS_PER_MESSAGE) throw new WireError('too many inputs');
  reader.offset = view.runsEnd;
}
