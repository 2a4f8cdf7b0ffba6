/** One player's sight: what is in it, for how long already, and whether it is far. Nothing allocates but what grows. */
import type { VisibleSet } from '../replication/message-plan.ts';
import { grownBytes, grownInts, grownLength, SlotList } from '../replication/slot-list.ts';
import type { KindPlaces, RoomPlaces } from './places.ts';
import { ALWAYS, NEVER, USUAL, WatchList } from './watch-list.ts';

/** A visible set that follows a viewpoint. */
export interface Sight extends VisibleSet {
  /**
   * Brings the sight to `tick`, seen from (x, y); NaN stands for no viewpoint, to which nothing that has a place is near. `ownKind`
   * and `ownSlot` name the controlled entity, -1 for none: it is always seen. Call it before each message, once a tick at most.
   */
  update(tick: number, x: number, y: number, ownKind: number, ownSlot: number): void;
  /** Has the entity in a slot seen from everywhere or never, until it ends; undefined takes that back. */
  watch(kind: number, slot: number, how: 'always' | 'never' | undefined): void;
}

/** Whether a player may know of an entity at all. */
export type IsVisible = (kind: number, slot: number) => boolean;

/** Out of sight; in sight; in sight and far. */
const OUT = 0;
const NEAR = 1;
const FAR = 2;
/** While looking around: was in sight, near or far, and was not found again yet. */
const WAS = 2;
const WAS_NEAR = WAS + NEAR;

/** From so many newcomers at once, as after a join, the order in which they are sent matters, and for so many ticks after. */
const CROWD = 32;
const CROWD_TICKS = 60;

/** The sight of a player in a room that limits it. */
export class PlayerSight implements Sight {
  readonly everyone = false;
  /** The update before the last one: what changed since then, `entered` and `left` tell. */
  sinceTick: number;
  readonly #places: RoomPlaces;
  readonly #kinds: readonly KindSight[];
  readonly #turn: number;
  /** From where it looks now, and from where it last looked around. */
  #x: number;
  #y: number;
  #lookX: number;
  #lookY: number;
  #lookTick: number;
  #lastTick: number;
  #ownKind: number;
  #ownSlot: number;
  #mustLook: boolean;

  constructor(places: RoomPlaces, turn: number, isVisible: IsVisible | undefined) {
    this.#places = places;
    this.#kinds = places.kinds.map((kind, index) => {
      const isSlotVisible = isVisible === undefined ? undefined : (slot: number) => isVisible(index, slot);
      return new KindSight(kind, places.dwellTicks, isSlotVisible);
    });
    this.sinceTick = -1;
    this.#turn = turn;
    this.#x = Number.NaN;
    this.#y = Number.NaN;
    this.#lookX = Number.NaN;
    this.#lookY = Number.NaN;
    this.#lookTick = -1;
    this.#lastTick = -1;
    this.#ownKind = -1;
    this.#ownSlot = -1;
    this.#mustLook = true;
  }

  has(kind: number, slot: number): boolean {
    return this.#kinds[kind]!.status[slot]! > OUT;
  }

  near(kind: number): SlotList {
    return this.#kinds[kind]!.inSight;
  }

  entered(kind: number): SlotList {
    return this.#kinds[kind]!.entered;
  }

  left(kind: number): SlotList {
    return this.#kinds[kind]!.left;
  }

  isFar(kind: number, slot: number): boolean {
    return this.#kinds[kind]!.status[slot] === FAR;
  }

  distanceSquared(kind: number, slot: number): number {
    return this.#places.kinds[kind]!.distanceSquared(slot, this.#x, this.#y);
  }

  update(tick: number, x: number, y: number, ownKind: number, ownSlot: number): void {
    this.#places.moveTo(tick);
    const looks = this.#isToLook(tick, x, y, ownKind, ownSlot);
    this.#x = x;
    this.#y = y;
    this.#ownKind = ownKind;
    this.#ownSlot = ownSlot;
    const hasSeenAll = this.#places.previousTick === this.#lastTick;
    for (let i = 0; i < this.#kinds.length; i++) {
      const own = i === ownKind ? ownSlot : -1;
      if (looks) this.#kinds[i]!.lookAround(tick, this.#lastTick, x, y, own, hasSeenAll);
      else this.#kinds[i]!.follow(tick, this.#lastTick, x, y, own);
    }
    this.sinceTick = this.#lastTick;
    this.#lastTick = tick;
    if (!looks) return;
    this.#mustLook = false;
    this.#lookTick = tick;
    this.#lookX = x;
    this.#lookY = y;
  }

  watch(kind: number, slot: number, how: 'always' | 'never' | undefined): void {
    this.#kinds[kind]!.watch(slot, how);
    this.#mustLook = true;
  }

  #isToLook(tick: number, x: number, y: number, ownKind: number, ownSlot: number): boolean {
    // What was born and ended is known since the last tick only.
    if (this.#mustLook || this.#places.previousTick !== this.#lastTick) return true;
    if (ownKind !== this.#ownKind || ownSlot !== this.#ownSlot) return true;
    if (this.#turnAt(tick) !== this.#turnAt(this.#lookTick)) return true;
    const dx = x - this.#lookX;
    const dy = y - this.#lookY;
    if (dx * dx + dy * dy <= this.#places.jumpSquare) return false;
    // It jumped, unless there was no viewpoint before and is none now.
    return !(Number.isNaN(x) && Number.isNaN(this.#lookX));
  }

  #turnAt(tick: number): number {
    return Math.floor((tick + this.#turn) / this.#places.lookEveryTicks);
  }
}

/** One kind in it. */
class KindSight {
  /** By slot: OUT, NEAR or FAR. Grown with the table's use, for most kinds never fill their capacity. */
  status: Uint8Array;
  /** Slots in sight; the nearest first while a crowd comes in. */
  inSight: SlotList;
  /** Who came into sight in the last update, and who went out of it or ended; a slot may be in both. */
  readonly entered: SlotList;
  readonly left: SlotList;
  readonly #kind: KindPlaces;
  readonly #dwellTicks: number;
  readonly #isVisible: ((slot: number) => boolean) | undefined;
  /** By slot: the tick in which it came into sight. */
  #enterTick: Int32Array;
  #spare: SlotList;
  #watched: WatchList | undefined;
  #crowdTick: number;

  constructor(kind: KindPlaces, dwellTicks: number, isVisible: ((slot: number) => boolean) | undefined) {
    this.status = new Uint8Array(0);
    this.inSight = new SlotList();
    this.entered = new SlotList();
    this.left = new SlotList();
    this.#kind = kind;
    this.#dwellTicks = dwellTicks;
    this.#isVisible = isVisible;
    this.#enterTick = new Int32Array(0);
    this.#spare = new SlotList();
    this.#watched = undefined;
    this.#crowdTick = Number.NEGATIVE_INFINITY;
  }

  watch(slot: number, how: 'always' | 'never' | undefined): void {
    this.#watched?.dropEnded();
    if (how !== undefined) this.#watched ??= new WatchList(this.#kind.table);
    this.#watched?.set(slot, how === undefined ? USUAL : how === 'never' ? NEVER : ALWAYS);
  }

  /** Finds anew who is in sight. What was born after `lastTick` was not there before; `hasSeenAll`: it is the tick before. */
  lookAround(tick: number, lastTick: number, x: number, y: number, own: number, hasSeenAll: boolean): void {
    this.#open();
    const old = this.inSight;
    this.inSight = this.#spare;
    this.#spare = old;
    this.inSight.clear();
    this.#markOld(old, lastTick, own, hasSeenAll);
    let newcomers = 0;
    if (this.#kind.scope === 'always') newcomers = this.#takeAll(tick, own);
    else if (this.#kind.scope === 'distance') newcomers = this.#takeNear(tick, x, y, own);
    this.#takeWatched(tick, x, y, own);
    this.#keepDwellers(old, tick);
    this.#takeOwn(tick, own);
    if (newcomers >= CROWD) this.#crowdTick = tick;
    if (tick - this.#crowdTick < CROWD_TICKS) this.#kind.sortByDistance(this.inSight, x, y);
  }

  /** Takes off who ended or is hidden, and looks at who was born, since `lastTick`. */
  follow(tick: number, lastTick: number, x: number, y: number, own: number): void {
    this.#open();
    const { births } = this.#kind;
    if (this.#isVisible !== undefined || this.#hasEnded()) this.#dropGone(lastTick, own);
    for (let i = 0; i < births.count; i++) this.#meet(births.slots[i]!, tick, x, y, own);
    this.#takeOwn(tick, own);
  }

  #open(): void {
    this.entered.clear();
    this.left.clear();
    this.#watched?.dropEnded();
    const { high, capacity } = this.#kind.table;
    if (this.status.length >= high) return;
    const length = grownLength(this.status.length, high, capacity);
    this.status = grownBytes(this.status, length);
    this.#enterTick = grownInts(this.#enterTick, length);
  }

  /** Whether anybody in sight ended since the tick before. */
  #hasEnded(): boolean {
    const { slots, count } = this.#kind.deaths;
    for (let i = 0; i < count; i++) if (this.status[slots[i]!]! > OUT) return true;
    return false;
  }

  #isHidden(slot: number): boolean {
    if (this.#watched?.rules[slot] === NEVER) return true;
    return this.#isVisible !== undefined && !this.#isVisible(slot);
  }

  /** Whether the entity that was seen in a slot at `lastTick` is still there, and not hidden. */
  #isThere(slot: number, lastTick: number, own: number): boolean {
    const { isAlive, spawnTick } = this.#kind.table;
    return isAlive[slot] === 1 && spawnTick[slot]! <= lastTick && (slot === own || !this.#isHidden(slot));
  }

  #markOld(old: SlotList, lastTick: number, own: number, hasSeenAll: boolean): void {
    const { status } = this;
    if (hasSeenAll && this.#isVisible === undefined && this.#watched === undefined) {
      // Nobody else can be gone.
      const { deaths } = this.#kind;
      for (let i = 0; i < deaths.count; i++) if (status[deaths.slots[i]!]! > OUT) this.#lose(deaths.slots[i]!);
      for (let i = 0; i < old.count; i++) {
        const slot = old.slots[i]!;
        if (status[slot]! > OUT) status[slot] = status[slot]! + WAS;
      }
      return;
    }
    for (let i = 0; i < old.count; i++) {
      const slot = old.slots[i]!;
      if (this.#isThere(slot, lastTick, own)) status[slot] = status[slot]! + WAS;
      else this.#lose(slot);
    }
  }

  #takeAll(tick: number, own: number): number {
    const { isAlive, high } = this.#kind.table;
    let newcomers = 0;
    for (let slot = 0; slot < high; slot++) {
      if (isAlive[slot] !== 1) continue;
      if (this.status[slot] === OUT) {
        if (slot !== own && this.#isHidden(slot)) continue;
        this.#enter(slot, tick);
        newcomers++;
      }
      this.#take(slot, NEAR);
    }
    return newcomers;
  }

  /** Hot: players times what is near them. What is in sight, or not far, leaves that only beyond the outer distance. */
  #takeNear(tick: number, x: number, y: number, own: number): number {
    const kind = this.#kind;
    const { hasFar, enterSquare, leaveSquare, nearSquare, nearLeaveSquare } = kind;
    const count = kind.findNear(x, y);
    const { found, foundSquares } = kind;
    const { status } = this;
    let newcomers = 0;
    for (let i = 0; i < count; i++) {
      const slot = found[i]!;
      const square = foundSquares[i]!;
      const was = status[slot]!;
      if (square > (was === OUT ? enterSquare : leaveSquare)) continue;
      if (was === OUT) {
        if (slot !== own && this.#isHidden(slot)) continue;
        this.#enter(slot, tick);
        newcomers++;
      }
      const isFar = hasFar && square > (was === WAS_NEAR ? nearLeaveSquare : nearSquare);
      this.#take(slot, isFar ? FAR : NEAR);
    }
    return newcomers;
  }

  #takeWatched(tick: number, x: number, y: number, own: number): void {
    if (this.#watched === undefined) return;
    const { slots, rules } = this.#watched;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      const was = this.status[slot]!;
      if (rules[slot] !== ALWAYS || was === NEAR || was === FAR) continue;
      if (was === OUT) {
        if (slot !== own && this.#isHidden(slot)) continue;
        this.#enter(slot, tick);
      }
      this.#take(slot, this.#statusAt(slot, x, y));
    }
  }

  /** Who came into sight a short time ago stays, however far it went. */
  #keepDwellers(old: SlotList, tick: number): void {
    const { scope, hasFar } = this.#kind;
    const { status } = this;
    for (let i = 0; i < old.count; i++) {
      const slot = old.slots[i]!;
      if (status[slot]! <= FAR) continue;
      const stays = scope === 'distance' && tick - this.#enterTick[slot]! < this.#dwellTicks;
      if (stays) this.#take(slot, hasFar ? FAR : NEAR);
      else this.#lose(slot);
    }
  }

  #takeOwn(tick: number, own: number): void {
    if (own < 0 || this.#kind.table.isAlive[own] !== 1) return;
    if (this.status[own] === OUT) {
      this.#enter(own, tick);
      this.inSight.push(own);
    }
    this.status[own] = NEAR;
  }

  #dropGone(lastTick: number, own: number): void {
    const { slots, count } = this.inSight;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      if (this.#isThere(slot, lastTick, own)) slots[kept++] = slot;
      else this.#lose(slot);
    }
    this.inSight.count = kept;
  }

  /** A newborn. */
  #meet(slot: number, tick: number, x: number, y: number, own: number): void {
    const { scope, enterSquare } = this.#kind;
    if (scope === 'never') return;
    if (scope === 'distance' && !(this.#kind.distanceSquared(slot, x, y) <= enterSquare)) return;
    if (slot === own || this.#isHidden(slot)) return;
    this.#enter(slot, tick);
    this.#take(slot, scope === 'always' ? NEAR : this.#statusAt(slot, x, y));
  }

  /** NEAR or FAR, for who comes into sight. */
  #statusAt(slot: number, x: number, y: number): number {
    const { hasFar, nearSquare } = this.#kind;
    return hasFar && this.#kind.distanceSquared(slot, x, y) > nearSquare ? FAR : NEAR;
  }

  #enter(slot: number, tick: number): void {
    this.#enterTick[slot] = tick;
    this.entered.push(slot);
  }

  #lose(slot: number): void {
    this.status[slot] = OUT;
    this.left.push(slot);
  }

  #take(slot: number, status: number): void {
    this.status[slot] = status;
    this.inSight.push(slot);
  }
}
