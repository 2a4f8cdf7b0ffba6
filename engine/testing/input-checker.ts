/** Checks one player's inputs on their way: each is applied once, in order and as it was held, or dropped and counted. */
import type { Session } from '../client/session.ts';
import { fold32 } from '../core/hash.ts';
import type { InputQueueStats } from '../server/input-queue.ts';
import type { Player } from '../server/player.ts';
import { readInputBits } from '../state/input.ts';
import type { InputSpec } from '../state/schema.ts';
import type { Findings } from './findings.ts';

/** Inputs that are remembered: more than may be on their way. */
const REMEMBERED = 512;

/** Inputs of one player's life in a room, from the frame that made them to the tick that applies them. */
export class InputChecker {
  readonly #where: string;
  readonly #spec: InputSpec;
  readonly #findings: Findings;
  readonly #codes: Int32Array;
  // What the client played.
  readonly #hashes = new Int32Array(REMEMBERED);
  #newestMade: number;
  // What the server took in.
  readonly #waiting: number[] = [];
  readonly #lost = new Set<number>();
  #newestApplied: number;
  #mispredictions = 0;
  #hasLost = false;
  /** In this tick something outside `step` had written to the entity before its inputs were applied. */
  #wasWritten = false;

  /** `firstSeq`: inputs that are taken for made and applied before. */
  constructor(where: string, spec: InputSpec, findings: Findings, firstSeq = 0) {
    this.#where = where;
    this.#spec = spec;
    this.#findings = findings;
    this.#codes = new Int32Array(spec.fields.length);
    this.#newestMade = this.#newestApplied = firstSeq;
  }

  /** The client made an input. */
  noteMade(seq: number, codes: Int32Array): void {
    if (seq !== this.#newestMade + 1) this.#report(`the client made input ${seq} after ${this.#newestMade}`);
    this.#newestMade = seq;
    this.#hashes[seq % REMEMBERED] = hashOf(codes);
  }

  /** Looks at what goes into the queue of this player and what comes out. `stats` is where the queue counts. */
  watch(player: Player, stats: InputQueueStats): void {
    const { inputs } = player;
    const push = inputs.push.bind(inputs);
    const take = inputs.take.bind(inputs);
    inputs.push = (seq, source, offset, arrivalMs) => {
      const { length, newestReceived } = inputs;
      const counted = stats.inputsDropped + stats.inputsRefused;
      push(seq, source, offset, arrivalMs);
      const isCounted = stats.inputsDropped + stats.inputsRefused > counted;
      if (inputs.newestReceived !== newestReceived) this.#notePushed(seq, isCounted, inputs.length === length);
      else if (isCounted) this.#noteLost(seq);
    };
    inputs.take = () => {
      if (player.own.isDue) this.#wasWritten = true;
      const seq = take();
      readInputBits(this.#spec, this.#codes, inputs.bytes, inputs.takenOffset);
      this.#noteApplied(seq);
      return seq;
    };
  }

  /**
   * Looks for mispredictions, once a tick. They count unless the client could not know better: inputs were lost, so that the
   * server played others than the client did, or something outside `step` wrote to the entity.
   */
  checkPrediction(player: Player): void {
    const { mispredictions } = player.own;
    const isExcused = this.#hasLost || this.#wasWritten;
    if (!isExcused) this.#findings.counts.mispredictions += mispredictions - this.#mispredictions;
    this.#mispredictions = mispredictions;
    this.#wasWritten = false;
  }

  #notePushed(seq: number, isCounted: boolean, wasFull: boolean): void {
    this.#waiting.push(seq);
    // A full queue drops its oldest.
    if (isCounted) this.#noteLost(this.#waiting.shift()!);
    if (isCounted !== wasFull) this.#report(`input ${seq} came to a ${wasFull ? 'full' : 'free'} queue`);
  }

  #noteLost(seq: number): void {
    this.#lost.add(seq);
    this.#hasLost = true;
    this.#findings.counts.inputsLost++;
  }

  #noteApplied(seq: number): void {
    this.#findings.counts.inputsApplied++;
    const expected = this.#waiting.shift();
    if (seq !== expected) this.#report(`input ${seq} was applied instead of ${expected ?? 'none'}`);
    for (let missing = this.#newestApplied + 1; missing < seq; missing++) {
      if (!this.#lost.delete(missing)) this.#report(`input ${missing} was neither applied nor counted as lost`);
    }
    if (seq <= this.#newestApplied) this.#report(`input ${seq} was applied after ${this.#newestApplied}`);
    this.#newestApplied = seq;
    if (seq > this.#newestMade) this.#report(`input ${seq} was applied, and the client made ${this.#newestMade}`);
    else if (this.#newestMade - seq < REMEMBERED && this.#hashes[seq % REMEMBERED] !== hashOf(this.#codes)) {
      this.#report(`input ${seq} was applied as another one than the client made`);
    }
  }

  #report(problem: string): void {
    this.#findings.report(this.#where, problem);
  }
}

/** Tells `noteMade` of each input of a client, and of whose life it is. */
export function watchInputsMade(session: Session, inputsOf: (session: Session) => InputChecker): void {
  const { inputs } = session.parts;
  const add = inputs.add.bind(inputs);
  inputs.add = (seq, codes) => {
    inputsOf(session).noteMade(seq, codes);
    add(seq, codes);
  };
}

function hashOf(codes: Int32Array): number {
  let hash = 1;
  for (let i = 0; i < codes.length; i++) hash = fold32(hash, codes[i]!);
  return hash;
}
