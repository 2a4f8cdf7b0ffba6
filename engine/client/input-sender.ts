/** Samples what the player holds, once per frame, and tells the server of each tick: one INPUT message per frame at most. */
import { InputSample, writeInputBits } from '../state/input.ts';
import type { InputSpec } from '../state/schema.ts';
import { createInputView, InputRuns, type InputView, writeInput } from '../wire/input.ts';
import { Writer } from '../wire/writer.ts';
import { ACK_MS, PREDICTED_TICKS } from './limits.ts';

/** A player's inputs on their way. */
export class InputSender {
  /** What a tick takes. */
  readonly sample: InputSample;
  /** What is held now, with every press since the last tick: for the picture between ticks. */
  readonly held: Int32Array;
  /** What the author's `sampleInput` was given; undefined presses nothing. */
  sampler: ((input: object) => void) | undefined = undefined;
  /** The message being made; its owner fills in what the client holds, sees and predicts. */
  readonly view: InputView = createInputView();
  readonly #spec: InputSpec;
  readonly #defaults: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #runs: InputRuns;
  readonly #writer = new Writer(256);
  readonly #send: (message: Uint8Array) => void;
  readonly #sentMs = new Float64Array(PREDICTED_TICKS);
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(spec: InputSpec, send: (message: Uint8Array) => void) {
    this.#spec = spec;
    this.sample = new InputSample(spec);
    this.held = new Int32Array(spec.fields.length);
    this.#defaults = this.sample.codes.slice();
    this.#bytes = new Uint8Array(spec.byteLength);
    this.#runs = new InputRuns(spec.byteLength);
    this.#send = send;
  }

  /** Forgets what was not sent: another connection. */
  clear(): void {
    this.#runs.clear();
    this.#lastMs = Number.NEGATIVE_INFINITY;
    this.forgetPresses();
  }

  /** Forgets presses that no tick took: nothing is steered, and they must not count when something is again. */
  forgetPresses(): void {
    this.sample.takeTick(this.held);
    this.held.set(this.#defaults);
  }

  /** Asks the author what is held. Fields that it does not assign have their defaults. */
  takeSample(): void {
    const { sample, held } = this;
    const { fields } = this.#spec;
    sample.codes.set(this.#defaults);
    this.sampler?.(sample.view);
    sample.mergeSample();
    for (let i = 0; i < fields.length; i++) {
      const code = sample.codes[i] as number;
      held[i] = fields[i]?.isPulse ? (held[i] as number) | code : code;
    }
  }

  /** A tick took its input: it goes into the next message. */
  add(seq: number, codes: Int32Array): void {
    if (this.#runs.inputCount === 0) this.view.firstSeq = seq;
    writeInputBits(this.#spec, codes, this.#bytes, 0);
    this.#runs.append(this.#bytes);
    const { fields } = this.#spec;
    this.held.set(this.sample.codes);
    for (let i = 0; i < fields.length; i++) if (fields[i]?.isPulse) this.held[i] = 0;
  }

  /** Whether there are inputs to send, or nothing was sent for too long. */
  isDue(nowMs: number): boolean {
    return this.#runs.inputCount > 0 || nowMs - this.#lastMs >= ACK_MS;
  }

  /** Sends `view` with the inputs, or a bare ack without any. */
  send(nowMs: number): void {
    const { view } = this;
    const runs = this.#runs;
    if (runs.inputCount === 0) view.firstSeq = -1;
    for (let i = 0; i < runs.inputCount; i++) this.#sentMs[(view.firstSeq + i) & (PREDICTED_TICKS - 1)] = nowMs;
    this.#writer.reset();
    writeInput(this.#writer, view, runs);
    this.#send(this.#writer.finish());
    runs.clear();
    this.#lastMs = nowMs;
  }

  /** When one of the last 128 inputs was sent. */
  sentMsOf(seq: number): number {
    return this.#sentMs[seq & (PREDICTED_TICKS - 1)] as number;
  }
}
