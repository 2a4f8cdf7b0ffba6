/** How important each entity is to one player: the room type's `priority`, or its nearness. */
import type { MessagePlan, VisibleSet } from '../replication/message-plan.ts';
import type { Schema } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import { placeOf } from './interest-options.ts';

/** Weight of a kind, or what an author's function says of an entity. */
export type PriorityOf = number | ((kind: number, slot: number) => number);

/** All priorities lie between these: nobody starves, and nobody starves the others. */
export const LEAST_PRIORITY = 0.01;
export const HIGHEST_PRIORITY = 100;
/** How much less important the farthest entity can be than one at the viewpoint. */
const FARTHEST_SHARE = 0.1;

/** Where a player looks from; NaN stands for nowhere. */
export interface Viewpoint {
  readonly viewX: number;
  readonly viewY: number;
}

/** One player's. */
export class Priorities {
  readonly #tables: readonly Table[];
  readonly #weights: readonly PriorityOf[];
  readonly #viewpoint: Viewpoint;
  readonly #places: readonly { readonly x: number; readonly y: number }[];
  #visible: VisibleSet | undefined;
  /** Mean square of the distances that the last message asked for: at this distance an entity is half as important. */
  #meanSquared: number;
  #sumSquared: number;
  #count: number;

  constructor(schema: Schema, tables: readonly Table[], weights: readonly PriorityOf[], viewpoint: Viewpoint) {
    this.#tables = tables;
    this.#weights = weights;
    this.#viewpoint = viewpoint;
    this.#places = schema.kinds.map(placeOf);
    this.#visible = undefined;
    this.#meanSquared = Number.POSITIVE_INFINITY;
    this.#sumSquared = 0;
    this.#count = 0;
  }

  /** A message is planned. */
  open({ visible }: MessagePlan): void {
    this.#visible = visible;
    if (this.#count > 0) this.#meanSquared = Math.max(this.#sumSquared / this.#count, Number.MIN_VALUE);
    this.#sumSquared = 0;
    this.#count = 0;
  }

  /** An entity's priority, LEAST_PRIORITY to HIGHEST_PRIORITY. Calls the author's function, where there is one. */
  of(kind: number, slot: number): number {
    const weight = this.#weights[kind]!;
    if (typeof weight !== 'number') return clamp(weight(kind, slot));
    const squared = this.distanceSquared(kind, slot);
    if (Number.isNaN(squared)) return weight;
    this.#sumSquared += squared;
    this.#count++;
    return clamp(weight * Math.max(FARTHEST_SHARE, 1 / (1 + squared / this.#meanSquared)));
  }

  /** Square of the distance from the viewpoint; NaN where there is none. */
  distanceSquared(kind: number, slot: number): number {
    const visible = this.#visible;
    if (visible?.everyone === false && visible.distanceSquared !== undefined)
      return visible.distanceSquared(kind, slot);
    const { x, y } = this.#places[kind]!;
    if (x < 0 || y < 0) return Number.NaN;
    const { columns } = this.#tables[kind]!;
    const dx = columns[x]![slot]! - this.#viewpoint.viewX;
    const dy = columns[y]![slot]! - this.#viewpoint.viewY;
    return dx * dx + dy * dy;
  }
}

/** NaN, too, is the least. */
function clamp(priority: number): number {
  return priority > LEAST_PRIORITY ? Math.min(priority, HIGHEST_PRIORITY) : LEAST_PRIORITY;
}
