/** What a room simulates: its world, the steps that move it, and the sent state that is made of it. */
import { hashText } from '../core/hash.ts';
import { digestRow } from '../simulation/digest.ts';
import { StepContext } from '../simulation/step-context.ts';
import { stepEntity } from '../simulation/stepper.ts';
import { Capture, type OnBadValue } from '../state/capture.ts';
import { readInputBits } from '../state/input.ts';
import { codeOf, valueOfCode } from '../state/quantize.ts';
import type { Game, PayloadSpec } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import { createWorld, sweepRefs } from '../state/world.ts';
import { Lanes } from './lanes.ts';
import type { Player } from './player.ts';
import type { ServerStats } from './stats.ts';

/** What a simulation needs of its room. */
export interface SimulationParts {
  readonly game: Game;
  readonly roomId: string;
  /** Ticks from one snapshot to the next, in the first lane. */
  readonly sendEvery: number;
  /** Bad values end the room; else they are clamped. */
  readonly isStrict: boolean;
  readonly stats: ServerStats;
  /** A step emitted an event. */
  emit(event: PayloadSpec, payload: object): void;
}

/** One room's world in motion. */
export class Simulation {
  readonly tables: readonly Table[];
  /** The author's view of the world. */
  readonly views: object;
  readonly lanes: Lanes;
  readonly #parts: SimulationParts;
  readonly #seed: number;
  readonly #context: StepContext;
  readonly #codes: Int32Array;
  readonly #capture: Capture;
  readonly #repair: OnBadValue;

  constructor(parts: SimulationParts) {
    const { schema } = parts.game;
    const { tables, views } = createWorld(schema);
    this.tables = tables;
    this.views = views;
    this.#parts = parts;
    // Both sides draw the same random numbers in a step: the room's id is what both know of it.
    this.#seed = hashText(parts.roomId, 0);
    this.#context = new StepContext(schema, {
      emit: (index, payload) => parts.emit(schema.events[index]!, payload),
      spawn: (kind, init) => {
        // Steps cannot see that a table is full, and players decide how often they spawn: no end of a room in production.
        if (parts.isStrict || tables[kind]!.hasRoom) tables[kind]!.spawn(init);
        else parts.stats.spawnsDropped++;
      },
    });
    this.#context.seen = views;
    this.#codes = new Int32Array(schema.input.fields.length);
    this.#capture = new Capture(schema);
    this.lanes = new Lanes({ schema, tables, sendEvery: parts.sendEvery, capture: this.#capture });
    this.#repair = (kind, field, id, value) => {
      parts.stats.badValues++;
      const table = tables[kind.index]!;
      table.columns[field.index]![table.slotOf(id)] = valueOfCode(field, codeOf(field, value));
    };
  }

  /** The tick that spawns and writes belong to. */
  setTick(tick: number): void {
    for (const table of this.tables) table.tick = tick;
  }

  /** Applies the inputs that a player's tick is worth. */
  applyInputs(player: Player): void {
    const { own, inputs } = player;
    if (own.kind < 0) {
      // What was on its way when the control ended: acknowledged at the usual pace, and without effect.
      if (inputs.length > 0) inputs.take();
      return;
    }
    const { game, stats } = this.#parts;
    const table = this.tables[own.kind]!;
    own.noteWrites(table);
    for (let count = inputs.planTick(); count > 0; count--) {
      const seq = inputs.take();
      readInputBits(game.schema.input, this.#codes, inputs.bytes, inputs.takenOffset);
      this.#context.begin(this.#seed, player.id, seq, own.kind);
      stepEntity(game, own.kind, table, own.slot, this.#codes, this.#context);
      own.noteStep(table);
      if (!own.canCompare(inputs.takenDigest, inputs.takenAdopted)) continue;
      const digest = digestRow(table.kind, table.columns, own.slot);
      if (own.compareDigests(inputs.takenDigest, digest)) stats.mispredictions++;
    }
  }

  /** Steps the rows of all kinds that players do not steer; those spawned in this tick begin with the next one. */
  stepOthers(tick: number): void {
    const { steps, schema } = this.#parts.game;
    for (const table of this.tables) {
      const { index } = table.kind;
      if (index === schema.controls || steps[index] === undefined) continue;
      for (let slot = 0, { high } = table; slot < high; slot++) {
        if (table.isAlive[slot] !== 1 || table.spawnTick[slot] === tick) continue;
        this.#context.begin(this.#seed, 0, tick, index, slot);
        stepEntity(this.#parts.game, index, table, slot, undefined, this.#context);
      }
    }
  }

  /** Puts the world on its grid. Throws a TickwireError for a bad value, or repairs it. */
  captureWorld(): void {
    sweepRefs(this.tables);
    this.#capture.capture(this.tables, this.#parts.isStrict, this.#repair);
  }

  /** Finds what others than `step` wrote to the entity that a player steers. */
  noteOutsideWrites({ own }: Player): void {
    if (own.kind >= 0) own.noteWrites(this.tables[own.kind]!);
  }

  /** Moves the sent state on to `tick`. */
  advanceSentState(tick: number): void {
    this.lanes.advance(tick);
  }
}
