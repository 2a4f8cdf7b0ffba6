/**
 * The lanes of a room: its world's sent state, once for each send interval that somebody is sent at.
 *
 * A lane costs a pass over the world at each of its ticks. The first one always runs; the slower ones are made for the first
 * client that needs them and dropped when none does. A lane that is made anew shares nothing with the one that was dropped.
 */
import type { BodyCodec } from '../replication/body-codec.ts';
import { CommonBody } from '../replication/common-body.ts';
import { type CapturedColumns, Lane } from '../replication/lane.ts';
import type { Schema } from '../state/schema.ts';
import type { Table } from '../state/table.ts';

/** By level: send ticks of the room from one snapshot to the next. */
export const LANE_STEPS = [1, 2, 4] as const;
/** A slow lane is dropped when for so long, and for two of its ticks, no snapshot was made of it. */
const IDLE_SECONDS = 10;

/** What lanes need of their room. */
export interface LanesParts {
  readonly schema: Schema;
  /** Ticks from one snapshot to the next, in the first lane. */
  readonly sendEvery: number;
  readonly tables: readonly Table[];
  /** The world of this tick, as it is sent. */
  readonly capture: CapturedColumns;
}

/** All lanes of one room, by level. */
export class Lanes {
  /** The one that every client starts in. */
  readonly first: Lane;
  readonly #parts: LanesParts;
  readonly #lanes: (Lane | undefined)[];
  /** By level: the tick of the last snapshot. */
  readonly #usedTicks: number[];
  readonly #idleTicks: number;
  /** By level and codec: what clients of that lane share. */
  readonly #common: (CommonBody | undefined)[][];
  #tick: number;

  constructor(parts: LanesParts) {
    this.first = new Lane(parts.schema, parts.sendEvery);
    this.#parts = parts;
    this.#lanes = [this.first];
    this.#usedTicks = LANE_STEPS.map(() => 0);
    this.#idleTicks = IDLE_SECONDS * parts.schema.tickRate;
    this.#common = LANE_STEPS.map(() => []);
    this.#tick = 0;
  }

  /** Moves on to a tick of the room the lanes whose tick it is. Call it in every tick, after the capture. */
  advance(tick: number): void {
    const { tables, capture } = this.#parts;
    this.#tick = tick;
    for (let level = 0; level < this.#lanes.length; level++) {
      const lane = this.#lanes[level];
      if (lane === undefined || tick % lane.sendEvery !== 0) continue;
      const idleTicks = Math.max(this.#idleTicks, 2 * lane.sendEvery);
      if (level > 0 && tick - this.#usedTicks[level]! > idleTicks) this.#drop(level);
      else lane.advance(tables, capture, tick);
    }
  }

  /** The body that clients of a lane and codec share, with so many bytes of refreshes. Nobody does yet if it was not there. */
  takeCommon(level: number, codec: BodyCodec, refreshBytes: number): CommonBody {
    const bodies = this.#common[level]!;
    const body = bodies[codec.id] ?? new CommonBody(this.#parts.schema, codec, this.take(level), refreshBytes);
    bodies[codec.id] = body;
    return body;
  }

  /** Makes those bodies of this tick that somebody wants. */
  prepareCommon(): void {
    for (let level = 0; level < this.#common.length; level++) {
      const bodies = this.#common[level]!;
      for (let i = 0; i < bodies.length; i++) bodies[i]?.prepare();
    }
  }

  #drop(level: number): void {
    this.#lanes[level] = undefined;
    this.#common[level] = [];
  }

  /** The lane that a snapshot of this tick is made of. Ask only for one whose tick it is. */
  take(level: number): Lane {
    const { schema, sendEvery, tables, capture } = this.#parts;
    this.#usedTicks[level] = this.#tick;
    let lane = this.#lanes[level];
    if (lane === undefined) {
      lane = new Lane(schema, sendEvery * LANE_STEPS[level]!);
      lane.advance(tables, capture, this.#tick);
      this.#lanes[level] = lane;
    }
    return lane;
  }
}
