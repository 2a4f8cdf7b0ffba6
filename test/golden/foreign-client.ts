/**
 * A client for packed bodies that was written from PROTOCOL.md and shares nothing with the engine but the description of the
 * game: slow, bit by bit, on objects. It says what it reads, which is the page's example; whatever the engine's writer makes
 * must mean to it what it means to the engine's reader.
 */
import type { Kind, Schema } from '../../engine/state/schema.ts';
import { ForeignBits } from './foreign-bits.ts';
import { PACKED_CODES } from './layouts.ts';

/** A field as the packed body sees it. */
interface ForeignField {
  readonly bits: number;
  readonly levels: number;
  readonly wraps: boolean;
  readonly isKernel: boolean;
  /** The velocity that can predict it, else -1; with the constants of that. */
  readonly velocity: number;
  readonly m: number;
  readonly b: number;
}

/** What the client holds of an entity; `p`, `d` and by group `isChanged` mean nothing while it is held but for round(p). */
export interface ForeignEntity {
  isHeld: boolean;
  readonly p: number[];
  readonly d: number[];
  readonly isChanged: boolean[];
}

interface ForeignKind {
  fields: readonly ForeignField[];
  /** Columns of the body's fields, and of those the groups'. */
  readonly body: readonly number[];
  readonly groups: readonly { readonly fields: readonly number[]; readonly isTeleport: boolean }[];
  readonly entities: Map<number, ForeignEntity>;
}

const PREDICTOR_NAMES = ['previous', 'linear', 'velocity'];

/** A client that was told all of the schema, and says what it reads if `isTelling`. */
export class ForeignClient {
  readonly kinds: readonly ForeignKind[];
  tick = -1;
  readonly #schema: Schema;
  readonly #bits: ForeignBits;

  constructor(schema: Schema, sendEvery: number, isTelling = false) {
    this.kinds = schema.kinds.map((kind) => ({
      fields: describeFields(kind, schema.tickRate, sendEvery),
      body: kind.bodyFields,
      groups: kind.groups,
      entities: new Map(),
    }));
    this.#schema = schema;
    this.#bits = new ForeignBits(isTelling);
  }

  /** From now on bodies come every so many ticks. */
  setSendEvery(sendEvery: number): void {
    const { kinds, tickRate } = this.#schema;
    this.kinds.forEach((kind, index) => {
      kind.fields = describeFields(kinds[index]!, tickRate, sendEvery);
    });
  }

  /** Applies the bits of a body, which are those of this tick. Throws an Error for one that cannot be. */
  apply(body: Uint8Array, tick: number): void {
    this.#bits.open(body);
    const names = ['gap', 'reset', 'leaves', 'holds', 'refreshes', 'checksum'];
    const flags = names.map(() => this.#bits.flag());
    const [isGap, isReset, hasLeaves, hasHolds, hasRefreshes, hasChecksum] = flags;
    this.#bits.tell(names.map((name, i) => `${name} ${Number(flags[i])}`).join(', '));
    if (isGap || isReset) this.#readHeader(isReset === true);
    this.tick = tick;
    const lists = this.kinds.map((kind) => trackedOf(kind));
    if (hasLeaves) this.#readLeaves(lists);
    if (hasHolds) this.#readHolds(lists);
    for (const [index, kind] of this.kinds.entries()) this.#readWords(kind, index);
    if (hasRefreshes) for (const [index, kind] of this.kinds.entries()) this.#readRefreshes(kind, index);
    if (hasChecksum) {
      const checksum = this.#bits.number(32);
      this.#bits.tell(`checksum ${checksum}`);
      if (checksum !== this.checksum()) throw new Error(`checksum ${checksum}, holds ${this.checksum()}`);
    }
    const padding = this.#bits.left;
    if (padding >= 8 || this.#bits.number(padding) !== 0) throw new Error('wrong padding');
    if (padding > 0) this.#bits.tell('padding');
  }

  /** What was read last, a line each: bits in the order in which they come, and what they say. */
  get lines(): readonly string[] {
    return this.#bits.lines;
  }

  /** Of what is held now. */
  checksum(): number {
    let sum = 0;
    this.kinds.forEach((kind, index) => {
      for (const [slot, { isHeld, p, d }] of kind.entities) {
        const values = kind.body.flatMap((c) => (kind.fields[c]!.isKernel ? [p[c]!, d[c]!] : [p[c]!]));
        sum = (sum + (isHeld ? 1 : hash([index, slot, ...values]))) % 2 ** 32;
      }
    });
    return sum;
  }

  /** Codes of an entity's body fields: what is shown. */
  codes(kindIndex: number, slot: number): number[] {
    const kind = this.kinds[kindIndex]!;
    const entity = kind.entities.get(slot)!;
    return kind.body.map((c) => (kind.fields[c]!.isKernel ? round(kind.fields[c]!, entity.p[c]!) : entity.p[c]!));
  }

  #readHeader(isReset: boolean): void {
    const [tick, since, ack] = [this.#bits.number(32), this.#bits.number(32), this.#bits.number(32)];
    this.#bits.tell(`tick ${tick}, since ${since}, ack ${ack}`);
    if (!isReset && since !== this.tick) throw new Error('gap from another tick');
    this.kinds.forEach((kind, index) => {
      if (isReset) this.#keep(kind, index, since);
      for (const { d, isChanged } of kind.entities.values()) {
        d.fill(0);
        isChanged.fill(false);
      }
    });
  }

  #keep(kind: ForeignKind, index: number, since: number): void {
    const kept = this.#list(PACKED_CODES.slot, Number.POSITIVE_INFINITY);
    this.#bits.tell(`kind ${index} keeps ${told(kept)}`);
    if (kept.length > 0 && since !== this.tick) throw new Error('keeps from another tick');
    if (kept.some((slot) => kind.entities.get(slot)?.isHeld !== false)) throw new Error('keeps an untracked slot');
    for (const slot of kind.entities.keys()) if (!kept.includes(slot)) kind.entities.delete(slot);
  }

  #readLeaves(lists: readonly number[][]): void {
    const hasScope = this.#bits.flag();
    this.#bits.tell(hasScope ? 'some leaves are out of sight' : 'all leaves are ends');
    this.kinds.forEach((kind, index) => {
      const reasons: boolean[] = [];
      const readScope = () => reasons.push(hasScope && this.#bits.flag());
      const tracked = this.#list(PACKED_CODES.rank, lists[index]!.length, readScope).map(
        (rank) => lists[index]![rank]!,
      );
      const held = this.#list(PACKED_CODES.slot, Number.POSITIVE_INFINITY, readScope);
      this.#bits.tell(`kind ${index}: tracked slots ${told(tracked)} leave, held slots ${told(held)} leave`);
      if (held.some((slot) => kind.entities.get(slot)?.isHeld !== true)) throw new Error('leaves who is not held');
      for (const slot of [...tracked, ...held]) kind.entities.delete(slot);
    });
  }

  #readHolds(lists: readonly number[][]): void {
    this.kinds.forEach((kind, index) => {
      const slots = this.#list(PACKED_CODES.rank, lists[index]!.length).map((rank) => lists[index]![rank]!);
      this.#bits.tell(`kind ${index}: slots ${told(slots)} are held`);
      for (const slot of slots) kind.entities.get(slot)!.isHeld = true;
    });
  }

  #readWords(kind: ForeignKind, index: number): void {
    const slots = trackedOf(kind);
    if (slots.length === 0) return;
    kind.groups.forEach(({ fields, isTeleport }, g) => {
      const predictors = fields.map((c) => (kind.fields[c]!.isKernel ? this.#bits.number(2) : 0));
      const isAny = this.#bits.flag();
      const names = predictors.filter((_, i) => kind.fields[fields[i]!]!.isKernel).map((p) => PREDICTOR_NAMES[p]);
      this.#bits.tell([`kind ${index}, group ${g}`, ...names, isAny ? 'any' : 'nothing'].join(', '));
      const changed = isAny ? this.#readChanged(kind, fields.length, g, slots) : { slots: [], scales: [] };
      const words = new Map(changed.slots.map((slot) => [slot, this.#readWord(slot, changed.scales)]));
      for (const slot of slots) kind.entities.get(slot)!.isChanged[g] = words.has(slot);
      fields.forEach((column, i) => {
        for (const slot of slots) move(kind, kind.entities.get(slot)!, column, predictors[i]!, words.get(slot)?.[i]);
      });
      for (const slot of isTeleport ? changed.slots : []) kind.entities.get(slot)!.d.fill(0);
    });
  }

  #readChanged(kind: ForeignKind, count: number, group: number, slots: readonly number[]) {
    const isDense = this.#bits.flag();
    const scales = Array.from({ length: count }, () => this.#bits.number(3));
    this.#bits.tell(`${isDense ? 'dense' : 'sparse'}, k ${told(scales)}`);
    let changed: number[];
    if (isDense) {
      const total = this.#bits.golomb(PACKED_CODES.toggleCount);
      const p = this.#bits.number(4);
      const toggled = new Set(this.#gaps(total, slots.length, () => this.#bits.rice(p)).map((rank) => slots[rank]!));
      this.#bits.tell(`p ${p}, slots ${told([...toggled])} toggle`);
      changed = slots.filter((slot) => kind.entities.get(slot)!.isChanged[group] !== toggled.has(slot));
    } else {
      changed = this.#list(PACKED_CODES.rank, slots.length).map((rank) => slots[rank]!);
      this.#bits.tell(`slots ${told(changed)} changed`);
    }
    return { slots: changed, scales };
  }

  #readWord(slot: number, scales: readonly number[]): number[] {
    const residuals = scales.map((k) => this.#bits.signed(k));
    this.#bits.tell(`word of slot ${slot}: ${residuals.join(', ')}`);
    return residuals;
  }

  #readRefreshes(kind: ForeignKind, index: number): void {
    const count = this.#bits.golomb(PACKED_CODES.count);
    this.#bits.tell(`kind ${index}: ${count} ${count === 1 ? 'refresh' : 'refreshes'}`);
    this.#gaps(
      count,
      Number.POSITIVE_INFINITY,
      () => this.#bits.golomb(PACKED_CODES.slot),
      (slot) => {
        const isHeld = this.#bits.flag();
        this.#bits.tell(`slot ${slot}, ${isHeld ? 'stays held' : 'tracked from now on'}`);
        const old = kind.entities.get(slot);
        if (old?.isHeld === false || (old === undefined && isHeld)) throw new Error('wrong refresh');
        const p = kind.fields.map(() => 0);
        for (const column of kind.body) {
          const { bits, levels, isKernel } = kind.fields[column]!;
          const code = this.#bits.number(bits);
          if (code >= levels) throw new Error('code out of range');
          p[column] = isKernel ? code * 256 : code;
        }
        this.#bits.tell(`codes ${kind.body.map((c) => (kind.fields[c]!.isKernel ? p[c]! / 256 : p[c])).join(', ')}`);
        const d = kind.fields.map(() => 0);
        const isChanged = kind.groups.map(() => false);
        if (!isHeld) this.#readMotion(kind, p, d, isChanged);
        kind.entities.set(slot, { isHeld, p, d, isChanged });
      },
    );
  }

  #readMotion(kind: ForeignKind, p: number[], d: number[], isChanged: boolean[]): void {
    for (let g = 0; g < isChanged.length; g++) isChanged[g] = this.#bits.flag();
    this.#bits.tell(`changed flags ${isChanged.map(Number).join(', ')}`);
    for (const column of kind.body) {
      const { levels, wraps, isKernel, velocity } = kind.fields[column]!;
      if (!isKernel) continue;
      if (this.#bits.flag()) d[column] = this.#bits.signed(wraps ? PACKED_CODES.angleStep : PACKED_CODES.step);
      if (velocity < 0) continue;
      const low = this.#bits.number(8);
      p[column]! += low < 128 ? low : low - 256;
      if (p[column]! < 0 && wraps) p[column]! += levels * 256;
    }
    this.#bits.tell(
      `D ${kind.body
        .filter((c) => kind.fields[c]!.isKernel)
        .map((c) => d[c])
        .join(', ')}`,
    );
  }

  /** An ascending list: its count, then gaps. */
  #list(k: number, limit: number, each?: () => void): number[] {
    return this.#gaps(this.#bits.golomb(PACKED_CODES.count), limit, () => this.#bits.golomb(k), each);
  }

  #gaps(count: number, limit: number, readGap: () => number, each?: (item: number) => void): number[] {
    const items: number[] = [];
    for (let last = -1; items.length < count; ) {
      last += 1 + readGap();
      if (last >= limit) throw new Error('rank out of range');
      items.push(last);
      each?.(last);
    }
    return items;
  }
}

function describeFields(kind: Kind, tickRate: number, sendEvery: number): ForeignField[] {
  return kind.packed.map(({ bits, levels, wraps, kernel, velocity, precision }): ForeignField => {
    const rate = velocity < 0 ? undefined : kind.packed[velocity]!;
    const m = rate ? Math.round(((rate.precision * sendEvery) / (precision * tickRate)) * 2 ** 24) : 0;
    // min is a whole number of steps in every game here.
    const b = rate ? m * Math.round(rate.min / rate.precision) + 32_768 : 0;
    return {
      bits,
      levels,
      wraps,
      isKernel: kernel !== 'snap',
      velocity: rate && rate.velocity < 0 ? velocity : -1,
      m,
      b,
    };
  });
}

const trackedOf = ({ entities }: ForeignKind): number[] =>
  [...entities.keys()].filter((slot) => !entities.get(slot)!.isHeld).sort((a, b) => a - b);

const told = (list: readonly number[]): string => (list.length === 0 ? 'none' : list.join(', '));

const wrap = (value: number, modulus: number): number => ((value % modulus) + modulus) % modulus;

function round({ levels, wraps }: ForeignField, p: number): number {
  const code = Math.floor((p + 128) / 256);
  return wraps ? code % levels : code;
}

/** Moves a field by its prediction, or by that and a residual. */
function move(
  kind: ForeignKind,
  entity: ForeignEntity,
  column: number,
  predictor: number,
  residual = Number.NaN,
): void {
  const field = kind.fields[column]!;
  const { levels, wraps, isKernel, velocity, m, b } = field;
  const old = entity.p[column]!;
  const isTold = !Number.isNaN(residual);
  let next = old;
  if (predictor === 1) next = (round(field, old) + entity.d[column]!) * 256;
  if (predictor === 2) {
    if (velocity < 0) throw new Error('no velocity');
    const rate = kind.fields[velocity]!;
    const q = rate.isKernel ? round(rate, entity.p[velocity]!) : entity.p[velocity]!;
    next = old + Math.floor((q * m + b) / 65_536);
  }
  if (predictor === 3) throw new Error('no such predictor');
  const scale = isKernel ? 256 : 1;
  next = wraps ? wrap(next, levels * scale) : Math.min(Math.max(next, 0), (levels - 1) * scale);
  if (isTold) {
    const code = (isKernel ? round(field, next) : next) + residual;
    next = (wraps ? wrap(code, levels) : code) * scale;
    if (next < 0 || next > (levels - 1) * scale) throw new Error('code out of range');
  }
  entity.p[column] = next;
  if (!isKernel) return;
  let d = round(field, next) - round(field, old);
  if (wraps && d >= levels / 2) d -= levels;
  if (wraps && d < -levels / 2) d += levels;
  entity.d[column] = d;
}

/** The page's hash, of 32-bit integers that overflow silently. */
function hash(values: readonly number[]): number {
  let h = 0x5477_4331;
  for (const value of values) {
    let k = Math.imul(value, 0xcc9e_2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b87_3593);
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe654_6b64) | 0;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
