/**
 * The entity that the player steers, ahead of the server: stepped at once with each input, drawn between ticks by a partial
 * step, and put right only when the server sends an exact row, which it does only when its own digest differs.
 *
 *     ... exact row after input a, a+1, a+2, ... seq      ring: inputs and digests of the last 128 ticks
 *                                  `- replayed -'
 */
import { WireError } from '../core/errors.ts';
import { digestRow } from '../simulation/digest.ts';
import { writeRow } from '../simulation/row.ts';
import { StepContext } from '../simulation/step-context.ts';
import { stepEntity } from '../simulation/stepper.ts';
import type { StepRows } from '../state/handle.ts';
import type { InputSample } from '../state/input.ts';
import type { Game, Kind, PackedField } from '../state/schema.ts';
import type { StateView } from '../wire/state.ts';
import { ErrorSmoothing } from './error-smoothing.ts';
import { difference, shifted } from './interpolation.ts';
import { PREDICTED_TICKS, TICKS_AHEAD } from './limits.ts';

const MASK = PREDICTED_TICKS - 1;

/** Predicts one entity of the kind that players control. */
export class Prediction {
  /** What is steered; -1 for nothing. */
  slot = -1;
  /** Number of the newest input. */
  seq = 0;
  /** The newest one that the server applied. */
  acked = 0;
  /** Digest of the state after input `seq`. */
  digest = 0;
  /** Exact rows adopted, modulo 65,536. */
  adopted = 0;
  /** Exact rows that showed a misprediction, and how far the last one moved the state. */
  corrections = 0;
  correctionSize = 0;
  readonly kindIndex: number;
  readonly #game: Game;
  readonly #kind: Kind;
  readonly #context: StepContext;
  readonly #smoothing: ErrorSmoothing;
  /** The state after input `seq`, and a copy to draw from. */
  readonly #table: StepRows;
  readonly #copy: StepRows;
  readonly #former: Float64Array;
  readonly #inputs: readonly Int32Array[];
  readonly #digests = new Uint16Array(PREDICTED_TICKS);
  #playerId = 0;
  #roomSeed = 0;
  #teleport = 0;
  /** What the copy was drawn with: time behind the newest tick, and the input held. */
  #drawnRestMs = 0;
  #drawnCodes: Int32Array;
  // The exact row that waits for the next frame.
  readonly #exact: Float64Array;
  #exactCount = 0;
  #exactSlot = -1;
  #exactSeq = 0;
  #exactTeleport = 0;

  constructor(game: Game, kind: Kind, seen: object) {
    const { schema } = game;
    this.#game = game;
    this.#kind = kind;
    this.kindIndex = kind.index;
    // What a step emits or spawns is shown when the server says so.
    this.#context = new StepContext(schema, { emit: () => undefined, spawn: () => undefined });
    this.#context.seen = seen;
    this.#smoothing = new ErrorSmoothing(kind);
    this.#table = createRow(kind);
    this.#copy = createRow(kind);
    this.#former = new Float64Array(kind.packed.length);
    this.#exact = new Float64Array(kind.stepFields.length);
    this.#inputs = Array.from({ length: PREDICTED_TICKS }, () => new Int32Array(schema.input.fields.length));
    this.#drawnCodes = this.#inputs[0] as Int32Array;
  }

  /** Another life: the player has a new number and steers nothing yet. */
  restart(roomSeed: number, playerId: number): void {
    this.#roomSeed = roomSeed;
    this.#playerId = playerId;
    this.slot = this.#exactSlot = -1;
    this.seq = this.acked = this.adopted = this.#exactCount = 0;
  }

  /** STATE says something of one's own. The row waits for the next frame; only the newest counts. Throws a WireError. */
  receive(view: StateView): void {
    if (view.isOwnEnded) {
      this.slot = this.#exactSlot = -1;
      return;
    }
    const { kindIndex } = this;
    if (view.ownKind !== kindIndex || view.ownSlot >= this.#kind.capacity || view.ownRowLength !== this.#exact.length) {
      throw new WireError('own row does not fit');
    }
    for (let i = 0; i < this.#exact.length; i++) this.#exact[i] = view.ownRow[i] as number;
    this.#exactCount++;
    this.#exactSlot = view.ownSlot;
    this.#exactSeq = view.ownSeq;
    this.#exactTeleport = view.ownTeleport;
  }

  /** Whether one more input may be made: so far ahead of the server, it would be refused. */
  get mayTick(): boolean {
    return this.slot >= 0 && this.seq - this.acked < TICKS_AHEAD;
  }

  /** Adopts the exact row that came, if any, and replays the inputs behind it. `drawn` and `presence` are the picture's. */
  reconcile(drawn: readonly Float64Array[], presence: Uint8Array): void {
    if (this.#exactCount === 0) return;
    this.adopted = (this.adopted + this.#exactCount) & 0xffff;
    this.#exactCount = 0;
    if (this.#exactSlot < 0) return;
    const { columns } = this.#table;
    const shown = this.#copy.columns;
    const isGrant = this.#exactSlot !== this.slot;
    const isJump = !isGrant && this.#exactTeleport !== this.#teleport;
    this.slot = this.#exactSlot;
    this.#teleport = this.#exactTeleport;
    // What was drawn must be where the next frame starts from: of a newcomer the picture's pose, else the copy's, and both
    // states are compared at the moment that was drawn, not at the tick before it, where they are less far apart.
    if (isGrant) this.#drawnRestMs = 0;
    for (let i = 0; i < columns.length; i++) {
      const former = isGrant ? (drawn[i] as Float64Array)[this.slot] : (shown[i] as Float64Array)[0];
      this.#former[i] = former as number;
    }
    const predicted = this.#digests[this.#exactSeq & MASK];
    writeRow(this.#kind, columns, 0, this.#exact);
    const isWrong = digestRow(this.#kind, columns, 0) !== predicted;
    this.#replay();
    this.#stepCopy(this.#drawnRestMs, this.#drawnCodes);
    if (isGrant || isJump) this.#smoothing.clear();
    if (!isJump && (!isGrant || presence[this.slot])) this.#smoothing.add(shown, this.#former);
    if (isGrant || !isWrong) return;
    this.corrections++;
    this.correctionSize = this.#measure();
  }

  /** Makes the next tick, with what `sample` holds. Returns the codes of its input. */
  step(sample: InputSample): Int32Array {
    const codes = this.#inputs[++this.seq & MASK] as Int32Array;
    sample.takeTick(codes);
    this.#runTick(false);
    return codes;
  }

  /** Forgets what is left of corrections: nothing was drawn for a while. */
  cut(): void {
    this.#smoothing.clear();
  }

  /** Draws the state `restMs` after its last tick, with the input held now, into the picture's columns. */
  draw(restMs: number, codes: Int32Array, dtMs: number, drawn: readonly Float64Array[]): void {
    const { stepFields, packed } = this.#kind;
    const { columns } = this.#copy;
    this.#stepCopy(restMs, codes);
    this.#drawnRestMs = restMs;
    this.#drawnCodes = codes;
    this.#smoothing.advance(dtMs);
    const { offsets } = this.#smoothing;
    for (let i = 0; i < stepFields.length; i++) {
      const column = stepFields[i] as number;
      const value = (columns[column] as Float64Array)[0] as number;
      const offset = offsets[column] as number;
      const field = packed[column] as PackedField;
      (drawn[column] as Float64Array)[this.slot] = offset === 0 ? value : shifted(field, value, offset);
    }
  }

  /** Makes the copy the state `restMs` behind its newest tick. */
  #stepCopy(restMs: number, codes: Int32Array): void {
    const { stepFields } = this.#kind;
    for (let i = 0; i < stepFields.length; i++) {
      const column = stepFields[i] as number;
      (this.#copy.columns[column] as Float64Array)[0] = (this.#table.columns[column] as Float64Array)[0] as number;
    }
    if (restMs > 0) this.#run(this.#copy, this.seq + 1, codes, false, true, restMs / 1000);
  }

  #replay(): void {
    const newest = Math.max(this.seq, this.#exactSeq);
    // Inputs that left the ring cannot be replayed: the server has not heard of them for seconds.
    this.seq = Math.max(this.#exactSeq, newest - PREDICTED_TICKS + 1);
    this.#keepDigest();
    while (this.seq < newest) {
      this.seq++;
      this.#runTick(true);
    }
  }

  #runTick(isReplay: boolean): void {
    const codes = this.#inputs[this.seq & MASK] as Int32Array;
    this.#run(this.#table, this.seq, codes, isReplay, false, 1 / this.#game.schema.tickRate);
    this.#keepDigest();
  }

  #run(table: StepRows, seq: number, codes: Int32Array, isReplay: boolean, isPartial: boolean, dt: number): void {
    const context = this.#context;
    context.replay = isReplay;
    context.partial = isPartial;
    context.dt = dt;
    context.begin(this.#roomSeed, this.#playerId, seq, this.kindIndex);
    stepEntity(this.#game, this.kindIndex, table, 0, codes, context);
  }

  #keepDigest(): void {
    this.digest = digestRow(this.#kind, this.#table.columns, 0);
    this.#digests[this.seq & MASK] = this.digest;
  }

  /** How far the state moved, over all fields that move in a line. */
  #measure(): number {
    let sum = 0;
    for (const field of this.#kind.packed) {
      if (field.kernel === 'snap' || field.wraps) continue;
      const now = (this.#copy.columns[field.index] as Float64Array)[0] as number;
      sum += difference(field, this.#former[field.index] as number, now) ** 2;
    }
    return Math.sqrt(sum);
  }
}

/** Columns for one row, which holds the defaults. */
function createRow(kind: Kind): StepRows {
  return { kind, columns: kind.packed.map((field) => Float64Array.of(field.default)), stepRow: undefined };
}
