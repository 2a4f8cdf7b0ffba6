/**
 * The picture of everything that is not predicted: between two snapshots by each field's kernel, beyond the newest one
 * continued for a short while, and blended back without a jump when news come.
 *
 *        P         A    drawn    B           A, B: snapshots around the playout tick     P: the one before A
 *     ---|---------|------x------|---->      no B: A is continued by its velocity, or by its difference to P
 */
import { TRACKED } from '../replication/known-kind.ts';
import { extrapolateKind, holdKind, sampleKind } from '../simulation/sample-kind.ts';
import type { PackedField } from '../state/schema.ts';
import { BLEND_MS, BLEND_WAY, EXTRAPOLATE_MAX_MS, HOLD_JUMP_MS, SLOW_BLEND_MS, SNAP_SHARE } from './limits.ts';
import type { KindSnapshot, SnapshotRing } from './snapshot-ring.ts';
import type { KindPicture, World } from './world.ts';

/** Slots of one kind that are drawn alike. */
class SlotSet {
  readonly slots: Int32Array;
  count = 0;

  constructor(capacity: number) {
    this.slots = new Int32Array(capacity);
  }

  add(slot: number): void {
    this.slots[this.count++] = slot;
  }
}

/** What is left, per slot, of the difference between what was drawn and what should have been. */
interface Errors {
  isActive: boolean;
  /** By packed index; only kernel fields' are used. */
  readonly columns: readonly Float64Array[];
  /** Where the last frame would have been without the error. */
  readonly sampled: readonly Float64Array[];
  /** Whose error it is, and its teleport counter then. */
  readonly instances: Uint32Array;
  readonly teleports: Int32Array;
}

/** Samples snapshots into the world's columns. */
export class Interpolation {
  /** Times that the playout ran out of snapshots. */
  underruns = 0;
  /** The tick drawn, in 1/256; -1 while nothing is. Beyond the newest snapshot: its tick. */
  shownTick = -1;
  /** How far beyond the newest snapshot it draws, ms. */
  extrapolatedMs = 0;
  readonly #world: World;
  readonly #ring: SnapshotRing;
  readonly #tickMs: number;
  readonly #errors: readonly Errors[];
  readonly #moving: SlotSet;
  readonly #still: SlotSet;
  readonly #beyond: SlotSet;
  /** Slots whose picture now must start where it was. */
  readonly #blended: SlotSet;
  /** Where those were, by packed index. */
  readonly #former: readonly Float64Array[];
  /** Tick that the last frame continued; -1 if it did not. */
  #beyondTick = -1;
  #releasedKind = -1;
  #releasedSlot = -1;
  /** From one snapshot to the next, as the server says: what comes no later is movement, however far apart. */
  intervalMs = 0;

  constructor(world: World, ring: SnapshotRing) {
    this.#world = world;
    this.#ring = ring;
    this.#tickMs = world.tickMs;
    const capacity = Math.max(0, ...world.kinds.map((picture) => picture.kind.capacity));
    const columns = Math.max(0, ...world.kinds.map((picture) => picture.columns.length));
    this.#moving = new SlotSet(capacity);
    this.#still = new SlotSet(capacity);
    this.#beyond = new SlotSet(capacity);
    this.#blended = new SlotSet(capacity);
    this.#former = Array.from({ length: columns }, () => new Float64Array(capacity));
    this.#errors = world.kinds.map(({ kind, columns: drawn }) => ({
      isActive: false,
      columns: drawn.map(() => new Float64Array(kind.capacity)),
      sampled: drawn.map(() => new Float64Array(kind.capacity)),
      instances: new Uint32Array(kind.capacity),
      teleports: new Int32Array(kind.capacity),
    }));
  }

  /** Lets an entity that was predicted glide from there to where the snapshots have it. */
  release(kind: number, slot: number): void {
    this.#releasedKind = kind;
    this.#releasedSlot = slot;
  }

  /** Playout jumped, or the snapshots are of another count of ticks: nothing is blended. */
  cut(): void {
    this.#beyondTick = -1;
    this.#releasedKind = -1;
    for (const errors of this.#errors) {
      if (errors.isActive) for (const column of errors.columns) column.fill(0);
      errors.isActive = false;
    }
  }

  /** Draws the moment of a (fractional) tick; `dtMs` since the last frame. */
  sample(playoutTick: number, dtMs: number): void {
    const ring = this.#ring;
    const tick = Math.floor(playoutTick * 256) / 256;
    const back = ring.find(tick);
    if (Number.isNaN(tick) || back === ring.count) {
      this.shownTick = -1;
      return;
    }
    const newestTick = ring.at(0).tick;
    const fromTick = ring.at(back).tick;
    // What the server is told, it can draw again exactly: so that, and nothing finer, is drawn.
    this.extrapolatedMs = back > 0 ? 0 : Math.min(Math.round((tick - newestTick) * this.#tickMs), EXTRAPOLATE_MAX_MS);
    this.shownTick = back > 0 ? tick : newestTick;
    const beyondMs = back > 0 ? (tick - fromTick) * this.#tickMs : this.extrapolatedMs;
    const hasNews = this.#beyondTick >= 0 && this.#beyondTick !== newestTick;
    for (let k = 0; k < this.#errors.length; k++) {
      const picture = this.#world.kinds[k] as KindPicture;
      this.#blended.count = 0;
      if (hasNews) this.#keepContinued(k, picture, back, tick);
      if (k === this.#releasedKind) this.#keepReleased(picture);
      this.#sampleKind(k, picture, back, tick, beyondMs);
      this.#blend(k, picture, back, dtMs);
    }
    this.#releasedKind = -1;
    const isBeyond = back === 0 && tick > newestTick;
    if (isBeyond && this.#beyondTick < 0) this.underruns++;
    this.#beyondTick = isBeyond ? newestTick : -1;
  }

  #sampleKind(k: number, picture: KindPicture, back: number, tick: number, beyondMs: number): void {
    const ring = this.#ring;
    const { kind, columns } = picture;
    const from = ring.at(back);
    const a = from.kinds[k] as KindSnapshot;
    this.#sort(k, picture, back);
    const { slots: still, count: stillCount } = this.#still;
    holdKind(kind, a.columns, still, stillCount, columns);
    if (this.#moving.count > 0) {
      const to = ring.at(back - 1);
      const ticks = to.tick - from.tick;
      const b = (to.kinds[k] as KindSnapshot).columns;
      const seconds = (ticks * this.#tickMs) / 1000;
      const u = (tick - from.tick) / ticks;
      sampleKind(kind, a.columns, b, u, seconds, this.#moving.slots, this.#moving.count, columns);
    }
    this.#continue(k, picture, back, beyondMs, columns);
  }

  /** Continues the slots of `#beyond` from snapshot `back` on, into `out`. */
  #continue(k: number, { kind }: KindPicture, back: number, ms: number, out: readonly Float64Array[]): void {
    const { slots, count } = this.#beyond;
    if (count === 0) return;
    const from = this.#ring.at(back);
    const previous = this.#ring.at(back + 1);
    const before = (previous.kinds[k] as KindSnapshot).columns;
    const intervalMs = (from.tick - previous.tick) * this.#tickMs;
    extrapolateKind(kind, before, (from.kinds[k] as KindSnapshot).columns, intervalMs, ms, slots, count, out);
  }

  /** Sorts drawn slots by how they are drawn from snapshot `back` on. One's own is not drawn here. */
  #sort(k: number, { kind, instance, presence, high }: KindPicture, back: number): void {
    const { teleport } = kind;
    const ring = this.#ring;
    const a = ring.at(back).kinds[k] as KindSnapshot;
    const b = back > 0 ? (ring.at(back - 1).kinds[k] as KindSnapshot) : undefined;
    const before = back + 1 < ring.count ? (ring.at(back + 1).kinds[k] as KindSnapshot) : undefined;
    const { slots: moving } = this.#moving;
    const { slots: still } = this.#still;
    const { slots: beyond } = this.#beyond;
    const own = this.#ownSlotOf(k);
    let movingCount = 0;
    let stillCount = 0;
    let beyondCount = 0;
    // Looked up once: the loop is a good part of what a frame costs.
    const { instance: instancesA } = a;
    const { instance: instancesB, touched: touchedB, status: statusB, tick: tickB } = b ?? a;
    // Of a kind that cannot teleport, what is compared is one and the same.
    const teleportsA = a.columns[teleport] ?? instancesA;
    const teleportsB = (b ?? a).columns[teleport] ?? teleportsA;
    for (let slot = 0; slot < high; slot++) {
      const entity = instance[slot];
      // Not in the snapshot though drawn: forgotten by a reset, and shown as it was until it is refreshed or leaves.
      if (presence[slot] === 0 || instancesA[slot] !== entity || slot === own) continue;
      if (b !== undefined && instancesB[slot] === entity) {
        // Most slots are tracked and not fresh, and need no call.
        const isStale = touchedB[slot] !== tickB ? statusB[slot] !== TRACKED : this.#comesLate(a, b, slot);
        if (isStale || teleportsA[slot] !== teleportsB[slot]) still[stillCount++] = slot;
        else moving[movingCount++] = slot;
      } else if (isContinued(before, a, teleport, slot)) {
        beyond[beyondCount++] = slot;
      } else {
        still[stillCount++] = slot;
      }
    }
    this.#moving.count = movingCount;
    this.#still.count = stillCount;
    this.#beyond.count = beyondCount;
  }

  /** Whether the news that b brings are the first after so long that it is no movement. */
  #comesLate(a: KindSnapshot, b: KindSnapshot, slot: number): boolean {
    const knownTick = a.status[slot] === TRACKED ? a.tick : (a.touched[slot] as number);
    return (b.tick - knownTick) * this.#tickMs > Math.max(HOLD_JUMP_MS, 2 * this.intervalMs);
  }

  /** News of entities that the last frame continued: notes where that would have brought them by now. */
  #keepContinued(k: number, picture: KindPicture, nowBack: number, tick: number): void {
    const ring = this.#ring;
    const back = ring.find(this.#beyondTick);
    if (back + 1 >= ring.count || ring.at(back).tick !== this.#beyondTick) return;
    const { teleport } = picture.kind;
    const before = ring.at(back + 1).kinds[k] as KindSnapshot;
    const a = ring.at(back).kinds[k] as KindSnapshot;
    const now = ring.at(nowBack).kinds[k] as KindSnapshot;
    const own = this.#ownSlotOf(k);
    this.#beyond.count = 0;
    for (let slot = 0; slot < picture.high; slot++) {
      const instance = picture.instance[slot];
      if (!picture.presence[slot] || slot === own || now.instance[slot] !== instance) continue;
      if (a.instance[slot] !== instance || !isContinued(before, a, teleport, slot)) continue;
      if (hasTeleported(a, now, teleport, slot)) continue;
      this.#beyond.add(slot);
      this.#blended.add(slot);
    }
    const ms = Math.min((tick - this.#beyondTick) * this.#tickMs, EXTRAPOLATE_MAX_MS);
    this.#continue(k, picture, back, ms, this.#former);
  }

  #ownSlotOf(k: number): number {
    return this.#world.ownKind === k ? this.#world.ownSlot : -1;
  }

  #keepReleased({ columns, presence }: KindPicture): void {
    const slot = this.#releasedSlot;
    if (!presence[slot]) return;
    for (let i = 0; i < columns.length; i++) {
      (this.#former[i] as Float64Array)[slot] = (columns[i] as Float64Array)[slot] as number;
    }
    this.#blended.add(slot);
  }

  /** Adds to what was sampled what is left of earlier differences, and the differences that news just made. */
  #blend(k: number, picture: KindPicture, back: number, dtMs: number): void {
    const errors = this.#errors[k] as Errors;
    const { kind, columns } = picture;
    const { slots, count } = this.#blended;
    // Without a teleport counter nothing moves.
    if (kind.teleport < 0 || (!errors.isActive && count === 0)) return;
    const a = this.#ring.at(back).kinds[k] as KindSnapshot;
    const teleports = a.columns[kind.teleport] as Int32Array;
    if (errors.isActive) dropErrors(errors, a.instance, teleports, picture, this.#ownSlotOf(k));
    errors.isActive = false;
    for (let c = 0; c < columns.length; c++) {
      const field = kind.packed[c] as PackedField;
      if (field.kernel === 'snap') continue;
      const error = errors.columns[c] as Float64Array;
      const drawn = columns[c] as Float64Array;
      const sampled = errors.sampled[c] as Float64Array;
      decayErrors(field, error, drawn, sampled, dtMs, picture.high);
      addErrors(field, error, drawn, sampled, this.#former[c] as Float64Array, slots, count);
      if (showErrors(field, error, drawn, picture.high)) errors.isActive = true;
    }
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      errors.instances[slot] = a.instance[slot] as number;
      errors.teleports[slot] = teleports[slot] as number;
    }
  }
}

// These loops call nothing: a number that a call returns may be an object each time, and there are thousands.

/** Forgets the errors of who is not drawn here any more, or jumped. */
function dropErrors(
  errors: Errors,
  instances: Uint32Array,
  teleports: Int32Array,
  { presence, high }: KindPicture,
  own: number,
): void {
  for (let slot = 0; slot < high; slot++) {
    const isSame = errors.instances[slot] === instances[slot] && errors.teleports[slot] === teleports[slot];
    if (isSame && presence[slot] !== 0 && slot !== own) continue;
    for (let c = 0; c < errors.columns.length; c++) (errors.columns[c] as Float64Array)[slot] = 0;
  }
}

function decayErrors(
  field: PackedField,
  error: Float64Array,
  drawn: Float64Array,
  sampled: Float64Array,
  dtMs: number,
  high: number,
): void {
  const { wraps } = field;
  const range = field.levels * field.precision;
  const least = field.precision / 8;
  const decay = 0.5 ** (dtMs / BLEND_MS);
  const slowDecay = 0.5 ** (dtMs / SLOW_BLEND_MS);
  for (let slot = 0; slot < high; slot++) {
    const former = error[slot] as number;
    if (former === 0) continue;
    let way = (drawn[slot] as number) - (sampled[slot] as number);
    if (wraps) way -= range * Math.round(way / range);
    sampled[slot] = drawn[slot] as number;
    const size = Math.abs(former);
    const left = Math.max(size * decay, Math.min(size * slowDecay, size - BLEND_WAY * Math.abs(way)));
    error[slot] = left < least ? 0 : Math.sign(former) * left;
  }
}

function addErrors(
  field: PackedField,
  error: Float64Array,
  drawn: Float64Array,
  sampled: Float64Array,
  former: Float64Array,
  slots: Int32Array,
  count: number,
): void {
  const { wraps } = field;
  const range = field.levels * field.precision;
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    let made = (former[slot] as number) - (drawn[slot] as number);
    if (wraps) made -= range * Math.round(made / range);
    made += error[slot] as number;
    error[slot] = !wraps && Math.abs(made) > SNAP_SHARE * range ? 0 : made;
    sampled[slot] = drawn[slot] as number;
  }
}

/** Returns whether there are any. */
function showErrors(field: PackedField, error: Float64Array, drawn: Float64Array, high: number): boolean {
  const { wraps } = field;
  const range = field.levels * field.precision;
  let isAny = false;
  for (let slot = 0; slot < high; slot++) {
    const left = error[slot] as number;
    if (left === 0) continue;
    isAny = true;
    const sum = (drawn[slot] as number) + left;
    drawn[slot] = wraps ? sum - range * Math.floor(sum / range) : sum;
  }
  return isAny;
}

function hasTeleported(a: KindSnapshot, b: KindSnapshot, teleport: number, slot: number): boolean {
  if (teleport < 0) return false;
  return (a.columns[teleport] as Int32Array)[slot] !== (b.columns[teleport] as Int32Array)[slot];
}

/** Whether movement goes on behind snapshot a: not of what is held, or has just come or teleported. */
function isContinued(before: KindSnapshot | undefined, a: KindSnapshot, teleport: number, slot: number): boolean {
  if (before === undefined || before.instance[slot] !== a.instance[slot] || a.status[slot] !== TRACKED) return false;
  return !hasTeleported(before, a, teleport, slot);
}

/** From one value of a field to another, the short way round if it wraps. */
export function difference(field: PackedField, from: number, to: number): number {
  const range = field.levels * field.precision;
  return field.wraps ? to - from - range * Math.round((to - from) / range) : to - from;
}

/** A value of a field and so much more, within its range if it wraps. */
export function shifted(field: PackedField, value: number, by: number): number {
  const sum = value + by;
  const range = field.levels * field.precision;
  return field.wraps ? sum - range * Math.floor(sum / range) : sum;
}
