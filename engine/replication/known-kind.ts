/**
 * What one client has been told of one kind: the server's half of wire's rule of tracked, held and refresh.
 *
 *     unknown ──refresh──> tracked ──hold──> held ──refresh──> tracked        any ──leave──> unknown
 *                                             └──refresh, keep held──> held
 */
import type { LaneKind } from './lane-kind.ts';
import { grownBytes, grownInts, grownLength, grownUints, SlotList } from './slot-list.ts';

/** Never mentioned, or gone. */
export const UNKNOWN = 0;
/** Both sides step the same sent state. */
export const TRACKED = 1;
/** The client keeps the last values that it got. */
export const HELD = 2;

/** One client's entries of one kind, by slot. Ticks of entries that are not known mean nothing. */
export class KnownKind {
  readonly capacity: number;
  /** UNKNOWN, TRACKED or HELD. */
  status: Uint8Array;
  /** Generation of the entity that the client knows in this slot. */
  generation: Uint32Array;
  /** Tick of the message that made it known. */
  enteredTick: Int32Array;
  /** Tick since which it is tracked without a break. */
  trackedTick: Int32Array;
  /** Held: the ticks of the newest two values that the client has. */
  refreshTick: Int32Array;
  priorRefreshTick: Int32Array;
  /** Slots that are tracked, ascending. */
  tracked: SlotList;
  /** Slots that are held, in no order. */
  readonly held: SlotList;
  #spare: SlotList;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.status = new Uint8Array(0);
    this.generation = new Uint32Array(0);
    this.enteredTick = new Int32Array(0);
    this.trackedTick = new Int32Array(0);
    this.refreshTick = new Int32Array(0);
    this.priorRefreshTick = new Int32Array(0);
    this.tracked = new SlotList();
    this.held = new SlotList();
    this.#spare = new SlotList();
  }

  /** Makes room for slots below `high`. */
  grow(high: number): void {
    if (high <= this.status.length) return;
    const length = grownLength(this.status.length, high, this.capacity);
    this.status = grownBytes(this.status, length);
    this.generation = grownUints(this.generation, length);
    this.enteredTick = grownInts(this.enteredTick, length);
    this.trackedTick = grownInts(this.trackedTick, length);
    this.refreshTick = grownInts(this.refreshTick, length);
    this.priorRefreshTick = grownInts(this.priorRefreshTick, length);
  }

  /** Whether the entity that the client knows in this slot is still there. */
  isSame(lane: LaneKind, slot: number): boolean {
    return lane.isAlive[slot] === 1 && lane.generation[slot] === this.generation[slot];
  }

  /** tracked → held. The newest value is that of the client's tick before this message. */
  hold(slot: number, lastTick: number): void {
    this.status[slot] = HELD;
    this.refreshTick[slot] = lastTick;
    this.priorRefreshTick[slot] = lastTick;
  }

  /** unknown → tracked, held → tracked, or held → held. */
  refresh(slot: number, generation: number, tick: number, keepsHeld: boolean): void {
    if (this.status[slot] === UNKNOWN) {
      this.enteredTick[slot] = tick;
      this.refreshTick[slot] = tick;
      this.generation[slot] = generation;
    }
    this.priorRefreshTick[slot] = this.refreshTick[slot] as number;
    this.refreshTick[slot] = tick;
    if (keepsHeld) return;
    this.status[slot] = TRACKED;
    this.trackedTick[slot] = tick;
  }

  /** Makes its entries those of `from`. What is tracked there is tracked here since `sinceTick` at the earliest. */
  copyFrom(from: KnownKind, sinceTick: number): void {
    this.grow(from.status.length);
    this.status.fill(UNKNOWN);
    this.status.set(from.status);
    this.generation.set(from.generation);
    this.enteredTick.set(from.enteredTick);
    this.trackedTick.set(from.trackedTick);
    this.refreshTick.set(from.refreshTick);
    this.priorRefreshTick.set(from.priorRefreshTick);
    this.tracked.copyFrom(from.tracked);
    this.held.copyFrom(from.held);
    for (let i = 0; i < this.tracked.count; i++) {
      const slot = this.tracked.slots[i] as number;
      this.trackedTick[slot] = Math.max(this.trackedTick[slot] as number, sinceTick);
    }
  }

  /** Forgets every entry. */
  clear(): void {
    for (let i = 0; i < this.tracked.count; i++) this.status[this.tracked.slots[i] as number] = UNKNOWN;
    for (let i = 0; i < this.held.count; i++) this.status[this.held.slots[i] as number] = UNKNOWN;
    this.tracked.clear();
    this.held.clear();
  }

  /** Takes off `tracked` what is not tracked any more. */
  compactTracked(): void {
    const { slots, count } = this.tracked;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (this.status[slot] === TRACKED) slots[kept++] = slot;
    }
    this.tracked.count = kept;
  }

  /** Takes off `held` what is not held any more, and adds those of `holds` that still are. */
  compactHeld(holds: SlotList): void {
    const { held } = this;
    const { slots, count } = held;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (this.status[slot] === HELD) slots[kept++] = slot;
    }
    held.count = kept;
    for (let i = 0; i < holds.count; i++) {
      const slot = holds.slots[i] as number;
      if (this.status[slot] === HELD) held.push(slot);
    }
  }

  /** Adds those of `refreshes` (ascending) that are tracked now. The list before stays as it was, until the next time. */
  mergeTracked(refreshes: SlotList): void {
    const from = this.tracked;
    const into = this.#spare;
    into.reserve(from.count + refreshes.count);
    let at = 0;
    let count = 0;
    for (let i = 0; i < refreshes.count; i++) {
      const slot = refreshes.slots[i] as number;
      if (this.status[slot] !== TRACKED) continue;
      while (at < from.count && (from.slots[at] as number) < slot) into.slots[count++] = from.slots[at++] as number;
      into.slots[count++] = slot;
    }
    while (at < from.count) into.slots[count++] = from.slots[at++] as number;
    into.count = count;
    this.#spare = from;
    this.tracked = into;
  }
}
