/**
 * What a player must see, may see and must not see, entity by entity: the author's rules once more, by brute force and from the
 * world alone. A message is checked against them, whatever way the engine came to it.
 */
import type { Player } from '../server/player.ts';
import type { Room } from '../server/room.ts';
import type { RoomType } from '../server/types.ts';
import { handleOf } from '../state/handle.ts';
import { SLOTS_PER_GENERATION } from '../state/limits.ts';
import type { Table } from '../state/table.ts';

/** 'may': both are right, as between two radii. */
export type Seeing = 'must' | 'may' | 'must not';

/** Who looks, and from where: NaN from nowhere. */
export interface Looker {
  readonly room: Room;
  readonly player: Player;
  readonly x: number;
  readonly y: number;
}

/** A rule for the living entity in a slot of a kind, which is not the player's own: that one is always seen. */
export type SightRule = (looker: Looker, kind: number, slot: number) => Seeing;

/** What a room's author promised. */
export interface RoomRules {
  readonly sight: SightRule;
  /** That a client is sent; Infinity for no limit. */
  readonly bytesPerSecond: number;
}

/** Distances are sums of rounded numbers. */
const ROUNDING = 0.000_001;
const HYSTERESIS = 0.1;
const DWELL_MS = 500;
const LOOK_EVERY_TICKS = 4;

/** Everything is seen. */
export const seeAll: SightRule = () => 'must';

/** Nothing is seen. */
export const seeNothing: SightRule = () => 'must not';

/** Within `radius` it is seen, beyond `radius * (1 + hysteresis)` it is not. A kind without a place is seen from everywhere. */
export function seeNear(radius: number, hysteresis = HYSTERESIS): SightRule {
  return ({ room, x, y }, kind, slot) => {
    const distance = distanceTo(room.tables[kind]!, slot, x, y);
    if (distance === undefined || distance <= radius * (1 - ROUNDING)) return 'must';
    return distance < radius * (1 + hysteresis) * (1 + ROUNDING) ? 'may' : 'must not';
  };
}

/** What `isVisible` denies is not seen; what it admits is for the other rules to say. */
export function seeIf(isVisible: (player: never, entity: never) => boolean): SightRule {
  return ({ room, player }, kind, slot) =>
    isVisible(player as never, handleOf(room.tables[kind]!, slot) as never) ? 'must' : 'must not';
}

/** What one of them forbids is not seen; what all demand is. */
export function seeByAll(...rules: readonly SightRule[]): SightRule {
  return (looker, kind, slot) => {
    let least: Seeing = 'must';
    for (const rule of rules) {
      const seeing = rule(looker, kind, slot);
      if (seeing === 'must not') return seeing;
      if (seeing === 'may') least = seeing;
    }
    return least;
  };
}

/** As `rule`, but what begins to be seen may come `enterTicks` later, and what ceases to be may stay for `leaveTicks`. */
export function seeSlowly(rule: SightRule, enterTicks: number, leaveTicks: number): SightRule {
  interface Answer {
    generation: number;
    seeing: Seeing;
    sinceTick: number;
  }
  const answers = new WeakMap<Looker, Map<number, Answer>>();
  return (looker, kind, slot) => {
    const { tick, tables } = looker.room;
    const { generation, spawnTick } = tables[kind]!;
    const seeing = rule(looker, kind, slot);
    let known = answers.get(looker);
    if (known === undefined) {
      known = new Map();
      answers.set(looker, known);
    }
    const key = kind * SLOTS_PER_GENERATION + slot;
    const last = known.get(key);
    if (last?.generation !== generation[slot] || last?.seeing !== seeing) {
      // Who was born out of sight was never in it.
      const isNewborn = spawnTick[slot] === tick && seeing === 'must not';
      const sinceTick = isNewborn ? Number.NEGATIVE_INFINITY : tick;
      known.set(key, { generation: generation[slot]!, seeing, sinceTick });
    }
    const lasted = tick - known.get(key)!.sinceTick;
    return lasted < (seeing === 'must' ? enterTicks : leaveTicks) ? 'may' : seeing;
  };
}

interface NearOptions {
  readonly radius?: number;
  readonly far?: number;
  readonly hysteresis?: number;
}

/** All that `interest` may say. */
interface InterestOptions extends NearOptions {
  readonly dwellMs?: number;
  readonly lookEveryTicks?: number;
  readonly kinds?: { readonly [kind: string]: 'always' | 'never' | NearOptions | undefined };
}

/** The rule that a room type's options make, at `tickRate`. */
export function sightRuleOf(type: RoomType, tickRate: number): SightRule {
  const { interest = 'everyone', visible } = type as {
    readonly interest?: 'everyone' | InterestOptions;
    readonly visible?: (player: never, entity: never) => boolean;
  };
  const near = interest === 'everyone' ? seeAll : ruleOfInterest(interest, tickRate);
  if (visible === undefined) return near;
  const { lookEveryTicks = LOOK_EVERY_TICKS } = interest === 'everyone' ? {} : interest;
  const shown = seeIf((player, entity) => visible.call(type, player, entity));
  // What is hidden goes at once; what is shown again comes when the player looks around.
  return seeSlowly(seeByAll(shown, near), lookEveryTicks, 0);
}

function ruleOfInterest(interest: InterestOptions, tickRate: number): SightRule {
  const { dwellMs = DWELL_MS, lookEveryTicks = LOOK_EVERY_TICKS, kinds = {} } = interest;
  const leaveTicks = Math.round((dwellMs * tickRate) / 1000) + lookEveryTicks + 1;
  const slowly = (near: NearOptions): SightRule => seeSlowly(ruleOfNear(near, interest), lookEveryTicks, leaveTicks);
  const usual = slowly(interest);
  const rules = new Map(
    Object.entries(kinds).map(([name, given]) => {
      if (given === undefined) return [name, usual];
      return [name, given === 'always' ? seeAll : given === 'never' ? seeNothing : slowly(given)];
    }),
  );
  return (looker, kind, slot) => (rules.get(looker.room.tables[kind]!.kind.name) ?? usual)(looker, kind, slot);
}

function ruleOfNear({ radius, far = radius, hysteresis }: NearOptions, usual: NearOptions): SightRule {
  return far === undefined ? seeAll : seeNear(far, hysteresis ?? usual.hysteresis);
}

/** From the entity's place to (x, y); undefined for a kind without a place, infinite for who looks from nowhere. */
export function distanceTo({ kind, columns }: Table, slot: number, x: number, y: number): number | undefined {
  const xs = columns[kind.packed.findIndex((field) => field.name === 'x')];
  const ys = columns[kind.packed.findIndex((field) => field.name === 'y')];
  if (xs === undefined || ys === undefined) return undefined;
  const distance = Math.hypot(xs[slot]! - x, ys[slot]! - y);
  return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
}

/** What a player has for that. */
interface Watching {
  watch(entity: { readonly kind: string; readonly id: number }, how?: 'always' | 'never'): void;
  unwatch(entity: { readonly kind: string; readonly id: number }): void;
}

/** Follows one player's eye: its viewpoint, else what it steers, else where it last looked from. */
export class Eye implements Looker {
  readonly room: Room;
  readonly player: Player;
  x = Number.NaN;
  y = Number.NaN;

  /** What the author overruled the interest for, by kind and id. */
  readonly #watched = new Map<string, 'always' | 'never'>();

  constructor(room: Room, player: Player) {
    this.room = room;
    this.player = player;
    this.#watchCalls(player as Partial<Watching>);
  }

  /** Call as the tick's messages are made. */
  look(): void {
    const { viewpoint, own } = this.player;
    const table = this.room.tables[own.kind];
    if (viewpoint !== undefined) {
      this.x = viewpoint.x;
      this.y = viewpoint.y;
    } else if (table !== undefined && table.isAlive[own.slot] === 1) {
      const place = (name: string) => table.columns[table.kind.packed.findIndex((field) => field.name === name)];
      const xs = place('x');
      const ys = place('y');
      if (xs === undefined || ys === undefined) return;
      this.x = xs[own.slot]!;
      this.y = ys[own.slot]!;
    }
  }

  /** What `rule` says of a slot: of one in which nobody lives that it must not be seen. */
  judge(rule: SightRule, kind: number, slot: number): Seeing {
    const table = this.room.tables[kind];
    if (table === undefined || table.isAlive[slot] !== 1) return 'must not';
    const { own } = this.player;
    return own.kind === kind && own.slot === slot ? 'must' : this.#overruled(rule(this, kind, slot), table, slot);
  }

  /** 'never' holds at once. 'always' may not overrule what hides an entity, so it only allows. */
  #overruled(seeing: Seeing, table: Table, slot: number): Seeing {
    if (this.#watched.size === 0) return seeing;
    const how = this.#watched.get(`${table.kind.name} ${table.idOf(slot)}`);
    return how === undefined ? seeing : how === 'never' ? 'must not' : 'may';
  }

  #watchCalls(player: Partial<Watching>): void {
    const { watch, unwatch } = player;
    if (watch === undefined || unwatch === undefined) return;
    player.watch = (entity, how = 'always') => {
      watch.call(player, entity, how);
      this.#watched.set(`${entity.kind} ${entity.id}`, how);
    };
    player.unwatch = (entity) => {
      unwatch.call(player, entity);
      // What it was told of because of that may go slowly.
      this.#watched.set(`${entity.kind} ${entity.id}`, 'always');
    };
  }
}
