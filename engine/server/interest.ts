/** Interest: which entities a player may see. Found for each player anew in each tick, from the columns `x` and `y`. */
import type { VisibleSet } from '../replication/message-plan.ts';
import { SlotList } from '../replication/slot-list.ts';
import type { Kind } from '../state/schema.ts';
import type { Table } from '../state/table.ts';

/** A visible set that follows a viewpoint. */
export interface Sight extends VisibleSet {
  /**
   * Looks around from (x, y); NaN stands for no viewpoint, from which nothing that has a place is near. `ownKind` and
   * `ownSlot` name the controlled entity, -1 for none: it is always seen.
   */
  update(tables: readonly Table[], x: number, y: number, ownKind: number, ownSlot: number): void;
}

/** Everybody sees everything: one for all players. */
export const EVERYTHING: Sight = {
  everyone: true,
  has: () => true,
  update: () => undefined,
};

/** Makes the sight of one player; `radius` 0 stands for everything. */
export function createSight(kinds: readonly Kind[], radius: number, hysteresis: number): Sight {
  return radius === 0 ? EVERYTHING : new RadiusSight(kinds, radius, hysteresis);
}

/** Columns of the fields `x` and `y` of a kind, -1 where there is none. */
export function placeOf(kind: Kind): { readonly x: number; readonly y: number } {
  return {
    x: kind.packed.findIndex((field) => field.name === 'x'),
    y: kind.packed.findIndex((field) => field.name === 'y'),
  };
}

/** From so many newcomers at once, as after a join, the order in which they are sent matters. */
const CROWD = 32;
/** And for so many looks around after that, while they come in by and by. */
const CROWD_LOOKS = 60;

class RadiusSight implements Sight {
  readonly everyone = false;
  readonly #enterSquared: number;
  readonly #leaveSquared: number;
  readonly #kinds: readonly SightOfKind[];

  constructor(kinds: readonly Kind[], radius: number, hysteresis: number) {
    this.#enterSquared = radius * radius;
    this.#leaveSquared = (radius * (1 + hysteresis)) ** 2;
    this.#kinds = kinds.map((kind) => new SightOfKind(kind));
  }

  has(kind: number, slot: number): boolean {
    return this.#kinds[kind]!.inSight[slot] === 1;
  }

  near(kind: number): SlotList {
    return this.#kinds[kind]!.near;
  }

  update(tables: readonly Table[], x: number, y: number, ownKind: number, ownSlot: number): void {
    for (let kind = 0; kind < tables.length; kind++) {
      const own = kind === ownKind ? ownSlot : -1;
      this.#kinds[kind]!.update(tables[kind]!, x, y, this.#enterSquared, this.#leaveSquared, own);
    }
  }
}

class SightOfKind {
  /** By slot: 1 while in sight. Grown with the table's use, for most kinds never fill their capacity. */
  inSight: Uint8Array;
  /** Slots in sight; the nearest first while a crowd comes in. */
  readonly near: SlotList;
  readonly #x: number;
  readonly #y: number;
  #distances: Float64Array;
  #crowdLooks: number;

  constructor(kind: Kind) {
    const { x, y } = placeOf(kind);
    this.inSight = new Uint8Array(0);
    this.near = new SlotList();
    this.#x = x;
    this.#y = y;
    this.#distances = new Float64Array(0);
    this.#crowdLooks = 0;
  }

  update(table: Table, x: number, y: number, enterSquared: number, leaveSquared: number, own: number): void {
    this.#reserve(table);
    const { near, inSight } = this;
    near.clear();
    if (this.#x < 0 || this.#y < 0) {
      lookEverywhere(inSight, near, table.isAlive, table.high);
      return;
    }
    const xs = table.columns[this.#x]!;
    const ys = table.columns[this.#y]!;
    const distances = this.#distances;
    const newcomers = lookAround(
      inSight,
      near,
      distances,
      table.isAlive,
      table.high,
      xs,
      ys,
      x,
      y,
      enterSquared,
      leaveSquared,
    );
    if (own >= 0 && inSight[own] === 0) {
      inSight[own] = 1;
      near.push(own);
    }
    if (newcomers >= CROWD) this.#crowdLooks = CROWD_LOOKS;
    if (this.#crowdLooks === 0) return;
    this.#crowdLooks--;
    near.slots.subarray(0, near.count).sort((a, b) => distances[a]! - distances[b]!);
  }

  #reserve({ high, capacity }: Table): void {
    if (this.inSight.length >= high) return;
    const length = Math.min(capacity, Math.max(high, 2 * this.inSight.length, 64));
    const inSight = new Uint8Array(length);
    inSight.set(this.inSight);
    this.inSight = inSight;
    this.near.reserve(length);
    this.#distances = new Float64Array(length);
  }
}

/** A kind without a place is seen from everywhere. */
function lookEverywhere(inSight: Uint8Array, near: SlotList, isAlive: Uint8Array, high: number): void {
  for (let slot = 0; slot < high; slot++) {
    inSight[slot] = isAlive[slot]!;
    if (isAlive[slot] === 1) near.push(slot);
  }
}

/**
 * Hot: players times entities. What is in sight leaves it only beyond the outer radius. Returns how many came into sight.
 * `distances` (squared) are set for what is in sight.
 */
function lookAround(
  inSight: Uint8Array,
  near: SlotList,
  distances: Float64Array,
  isAlive: Uint8Array,
  high: number,
  xs: Float64Array,
  ys: Float64Array,
  x: number,
  y: number,
  enterSquared: number,
  leaveSquared: number,
): number {
  let newcomers = 0;
  const reach = Math.sqrt(leaveSquared);
  for (let slot = 0; slot < high; slot++) {
    const dx = xs[slot]! - x;
    const wasInSight = inSight[slot] === 1;
    // Most are far, and most of those in x already. NaN is never within reach.
    if (dx <= reach && dx >= -reach && isAlive[slot] === 1) {
      const dy = ys[slot]! - y;
      const distance = dx * dx + dy * dy;
      if (distance <= (wasInSight ? leaveSquared : enterSquared)) {
        distances[slot] = distance;
        near.push(slot);
        if (wasInSight) continue;
        inSight[slot] = 1;
        newcomers++;
        continue;
      }
    }
    if (wasInSight) inSight[slot] = 0;
  }
  return newcomers;
}
