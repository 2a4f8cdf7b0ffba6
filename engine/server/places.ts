/** Where a room's entities are, once a tick for the sights of all its players: grids, and who was born and who ended. */
import { grownBytes, grownLength, grownUints, SlotList } from '../replication/slot-list.ts';
import type { Table } from '../state/table.ts';
import { Grid } from './grid.ts';
import { placeOf, type Reach, type ResolvedInterest } from './interest-options.ts';

/** Part of the smallest radius: a viewpoint that moved farther than this since it last looked around does so at once. */
const JUMP_SHARE = 1 / 16;

/** The entities of one room. */
export class RoomPlaces {
  /** By kind index. */
  readonly kinds: readonly KindPlaces[];
  readonly dwellTicks: number;
  readonly lookEveryTicks: number;
  /** Square of how far a viewpoint moves without looking around; Infinity where distance is nothing. */
  readonly jumpSquare: number;
  /** The tick that this is of, and the one before in which anybody looked. */
  tick: number;
  previousTick: number;

  constructor(tables: readonly Table[], { kinds, dwellTicks, lookEveryTicks }: ResolvedInterest) {
    this.kinds = tables.map((table) => new KindPlaces(table, kinds[table.kind.index]!));
    this.dwellTicks = dwellTicks;
    this.lookEveryTicks = lookEveryTicks;
    const radii = kinds.map(({ scope, radius }) => (scope === 'distance' ? radius : Number.POSITIVE_INFINITY));
    this.jumpSquare = (Math.min(...radii) * JUMP_SHARE) ** 2;
    this.tick = -1;
    this.previousTick = -1;
  }

  /** Moves on to a tick, after everything in it has moved. */
  moveTo(tick: number): void {
    if (tick === this.tick) return;
    this.previousTick = this.tick;
    this.tick = tick;
    for (let i = 0; i < this.kinds.length; i++) this.kinds[i]!.moveTo(this.previousTick);
  }
}

/** The entities of one kind. */
export class KindPlaces {
  readonly table: Table;
  readonly scope: Reach['scope'];
  /** Some are in sight, and far. */
  readonly hasFar: boolean;
  /** Squares of the distances: into sight and out of it; and within it, to where it is not far, and back. */
  readonly enterSquare: number;
  readonly leaveSquare: number;
  readonly nearSquare: number;
  readonly nearLeaveSquare: number;
  /** The fields `x` and `y`; undefined where there is no place. */
  readonly xs: Float64Array | undefined;
  readonly ys: Float64Array | undefined;
  /** Slots of those that were born since the tick before, and live. */
  readonly births: SlotList;
  /** Slots of those that ended since the tick before; somebody else may have been born there. */
  readonly deaths: SlotList;
  readonly #reach: number;
  readonly #grid: Grid | undefined;
  #isFilled: boolean;
  /** By slot, as of the tick before. */
  #wasAlive: Uint8Array;
  #generation: Uint32Array;
  #birthCount: number;
  #deathCount: number;
  /** By slot, for sorting. */
  #distances: Float64Array;
  readonly #compare: (a: number, b: number) => number;

  constructor(table: Table, { scope, radius, far, hysteresis }: Reach) {
    const { x, y } = placeOf(table.kind);
    const hasPlace = x >= 0 && y >= 0;
    this.table = table;
    this.scope = scope;
    this.hasFar = far > radius;
    this.#reach = far * (1 + hysteresis);
    this.enterSquare = far * far;
    this.leaveSquare = this.#reach * this.#reach;
    this.nearSquare = radius * radius;
    this.nearLeaveSquare = (radius * (1 + hysteresis)) ** 2;
    this.xs = hasPlace ? table.columns[x] : undefined;
    this.ys = hasPlace ? table.columns[y] : undefined;
    this.births = new SlotList();
    this.deaths = new SlotList();
    this.#wasAlive = new Uint8Array(0);
    this.#generation = new Uint32Array(0);
    this.#grid = scope === 'distance' ? createGrid(table, x, y, this.#reach) : undefined;
    this.#isFilled = false;
    this.#birthCount = 0;
    this.#deathCount = 0;
    this.#distances = new Float64Array(0);
    this.#compare = (a, b) => this.#distances[a]! - this.#distances[b]!;
  }

  /** What the last `findNear` found: slots, and the squares of their distances. */
  get found(): Int32Array {
    return this.#grid!.found;
  }

  get foundSquares(): Float64Array {
    return this.#grid!.squares;
  }

  /** Moves on to another tick than `previousTick`. */
  moveTo(previousTick: number): void {
    const { births, isAlive, spawnTick, high } = this.table;
    this.#isFilled = false;
    this.#findDeaths();
    this.births.clear();
    if (births === this.#birthCount) return;
    this.#birthCount = births;
    for (let slot = 0; slot < high; slot++) {
      if (spawnTick[slot]! > previousTick && isAlive[slot] === 1) this.births.push(slot);
    }
  }

  #findDeaths(): void {
    const { births, deaths, isAlive, generation, high, capacity } = this.table;
    this.deaths.clear();
    if (deaths === this.#deathCount && births === this.#birthCount) return;
    this.#deathCount = deaths;
    if (this.#wasAlive.length < high) {
      const length = grownLength(this.#wasAlive.length, high, capacity);
      this.#wasAlive = grownBytes(this.#wasAlive, length);
      this.#generation = grownUints(this.#generation, length);
    }
    for (let slot = 0; slot < high; slot++) {
      const isSame = isAlive[slot] === 1 && generation[slot] === this.#generation[slot];
      if (this.#wasAlive[slot] === 1 && !isSame) this.deaths.push(slot);
      this.#wasAlive[slot] = isAlive[slot]!;
      this.#generation[slot] = generation[slot]!;
    }
  }

  /** Finds who is so near to a point that it may be in sight from there; to NaN nobody. Returns how many. */
  findNear(x: number, y: number): number {
    const grid = this.#grid;
    if (grid === undefined) return 0;
    if (!this.#isFilled) {
      this.#isFilled = true;
      grid.fill(this.table.isAlive, this.table.high, this.xs!, this.ys!);
    }
    return grid.query(x, y, this.#reach);
  }

  /** The square of an entity's distance from a point; NaN where there is none. */
  distanceSquared(slot: number, x: number, y: number): number {
    if (this.xs === undefined || this.ys === undefined) return Number.NaN;
    const dx = this.xs[slot]! - x;
    const dy = this.ys[slot]! - y;
    return dx * dx + dy * dy;
  }

  /** Sorts slots by their distance from a point, the nearest first. Allocates, so only for crowds. */
  sortByDistance(list: SlotList, x: number, y: number): void {
    if (this.xs === undefined || Number.isNaN(x) || Number.isNaN(y)) return;
    if (this.#distances.length < this.table.high) this.#distances = new Float64Array(this.table.capacity);
    const slots = list.slots.subarray(0, list.count);
    for (let i = 0; i < slots.length; i++) this.#distances[slots[i]!] = this.distanceSquared(slots[i]!, x, y);
    slots.sort(this.#compare);
  }
}

function createGrid({ kind, capacity }: Table, x: number, y: number, reach: number): Grid {
  const across = kind.packed[x]!;
  const down = kind.packed[y]!;
  return new Grid({ minX: across.min, minY: down.min, maxX: across.max, maxY: down.max }, reach, capacity);
}
