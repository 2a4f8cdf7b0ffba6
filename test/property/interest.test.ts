// Sight against a model that knows neither grids nor lists: every tick, what each player sees is what the rules say, entity by entity.
import fc from 'fast-check';
import { defineGame, entity, int, num } from 'tickwire';
import { expect, test } from 'vitest';
import { RoomInterest } from '../../engine/server/interest.ts';
import { resolveInterest } from '../../engine/server/interest-options.ts';
import type { Sight } from '../../engine/server/sight.ts';
import type { Interest } from '../../engine/server/types.ts';
import { createWorld } from '../../engine/state/world.ts';

const place = { min: 0, max: 1000, precision: 1 };
const xy = { x: num(place), y: num(place) };
// So few slots that they are used again in the tick after.
const game = defineGame({
  tickRate: 20,
  entities: {
    ship: entity(xy, { max: 8 }),
    rock: entity(xy, { max: 8 }),
    clock: entity({ hour: int(0, 23) }, { max: 3 }),
    ghost: entity(xy, { max: 3 }),
    tower: entity(xy, { max: 3 }),
  },
});
type Scope = 'always' | 'never' | { readonly radius: number; readonly far: number };
const NAMES = ['ship', 'rock', 'clock', 'ghost', 'tower'] as const;
const HYSTERESIS = 0.2;
const SCOPES: readonly Scope[] = [{ radius: 150, far: 400 }, { radius: 250, far: 250 }, 'always', 'never', 'always'];
const SMALLEST_RADIUS = 150;
const PLAYERS = 3;

interface Op {
  readonly type: 'spawn' | 'despawn' | 'move' | 'look' | 'nowhere' | 'own' | 'watch' | 'hide' | 'pause';
  readonly kind: number;
  readonly slot: number;
  readonly player: number;
  readonly x: number;
  readonly y: number;
}
const coordinate = fc.integer({ min: 200, max: 800 });
const op: fc.Arbitrary<Op> = fc.record({
  type: fc.constantFrom(
    'spawn',
    'spawn',
    'despawn',
    'move',
    'move',
    'look',
    'look',
    'nowhere',
    'own',
    'watch',
    'hide',
    'pause',
  ),
  kind: fc.integer({ min: 0, max: NAMES.length - 1 }),
  slot: fc.integer({ min: 0, max: 7 }),
  player: fc.integer({ min: 0, max: PLAYERS - 1 }),
  x: coordinate,
  y: coordinate,
});
const settings = fc.record({
  ticks: fc.array(fc.array(op, { maxLength: 4 }), { minLength: 5, maxLength: 60 }),
  lookEveryTicks: fc.integer({ min: 1, max: 5 }),
  dwellMs: fc.constantFrom(0, 200),
});

interface Handle {
  x: number;
  y: number;
  readonly id: number;
  readonly kind: string;
  despawn(): void;
}
const squareOf = (entity: Handle, x: number, y: number) => (entity.x - x) ** 2 + (entity.y - y) ** 2;

/** One player, as the rules have it. */
class ModelPlayer {
  readonly turn: number;
  x = Number.NaN;
  y = Number.NaN;
  own: Handle | undefined;
  isPaused = false;
  readonly watched = new Map<number, 'always' | 'never'>();
  /** Entities that this player may not know of. */
  readonly hidden = new Set<number>();
  /** By id: since when it is in sight, and whether it is near. */
  seen = new Map<number, { since: number; isNear: boolean }>();
  #lastTick = -1;
  #look = { tick: -1, x: Number.NaN, y: Number.NaN };
  #ownBefore: number | undefined;
  mustLook = true;

  constructor(turn: number) {
    this.turn = turn;
  }

  update(tick: number, previousTick: number, world: readonly Handle[], every: number, dwellTicks: number): void {
    const looks = this.#looks(tick, previousTick, every);
    const before = this.seen;
    this.seen = new Map();
    for (const entity of world) {
      const last = before.get(entity.id);
      // A newborn is looked at whenever it is born, others in turn.
      const isNew = !this.#known.has(entity.id);
      this.#known.add(entity.id);
      const isOwn = entity.id === this.own?.id;
      if (isOwn) this.seen.set(entity.id, { since: last?.since ?? tick, isNear: true });
      else if (this.#isHidden(entity)) continue;
      else if (!looks && !isNew) last !== undefined && this.seen.set(entity.id, last);
      else {
        const isNear = this.#judge(entity, last, tick, dwellTicks);
        if (isNear !== undefined) this.seen.set(entity.id, { since: last?.since ?? tick, isNear });
      }
    }
    this.#lastTick = tick;
    this.#ownBefore = this.own?.id;
    if (!looks) return;
    this.mustLook = false;
    this.#look = { tick, x: this.x, y: this.y };
  }

  readonly #known = new Set<number>();

  #isHidden(entity: Handle): boolean {
    return this.hidden.has(entity.id) || this.watched.get(entity.id) === 'never';
  }

  #looks(tick: number, previousTick: number, every: number): boolean {
    const isTurn = Math.floor((tick + this.turn) / every) !== Math.floor((this.#look.tick + this.turn) / every);
    const moved = Math.hypot(this.x - this.#look.x, this.y - this.#look.y);
    const isNowhere = Number.isNaN(this.x);
    const hasJumped =
      isNowhere || Number.isNaN(this.#look.x) ? isNowhere !== Number.isNaN(this.#look.x) : moved > SMALLEST_RADIUS / 16;
    return this.mustLook || this.#lastTick !== previousTick || this.#ownBefore !== this.own?.id || isTurn || hasJumped;
  }

  /** Whether it is near; undefined when it is out of sight. */
  #judge(
    entity: Handle,
    last: { since: number; isNear: boolean } | undefined,
    tick: number,
    dwellTicks: number,
  ): boolean | undefined {
    const scope = SCOPES[NAMES.indexOf(entity.kind as 'ship')]!;
    const isWatched = this.watched.get(entity.id) === 'always';
    if (scope === 'always') return true;
    if (scope === 'never') return isWatched ? true : undefined;
    const square = squareOf(entity, this.x, this.y);
    const margin = (was: boolean | undefined) => (was === true ? 1 + HYSTERESIS : 1);
    const hasFar = scope.far > scope.radius;
    if (square <= (scope.far * margin(last !== undefined)) ** 2) {
      return !hasFar || square <= (scope.radius * margin(last?.isNear)) ** 2;
    }
    if (isWatched) return !hasFar || Number.isNaN(square);
    if (last !== undefined && tick - last.since < dwellTicks) return !hasFar;
    return undefined;
  }
}

/** `expect` costs more than all the rest. */
function same(what: string, actual: unknown, expected: unknown): void {
  if (String(actual) !== String(expected)) expect([what, actual]).toEqual([what, expected]);
}

function run(ticks: readonly (readonly Op[])[], lookEveryTicks: number, dwellMs: number): number {
  const { tables, views } = createWorld(game.schema);
  const [ship, rock] = SCOPES as readonly [Exclude<Scope, string>, Exclude<Scope, string>];
  const option = {
    ...ship,
    hysteresis: HYSTERESIS,
    dwellMs,
    lookEveryTicks,
    kinds: { rock: { radius: rock.radius }, ghost: 'never', tower: 'always' },
  } as Interest;
  const interest = new RoomInterest(tables, resolveInterest(game.schema, 'a test', option));
  const models = Array.from({ length: PLAYERS }, (_, i) => new ModelPlayer(i));
  const entityIn = (kind: number, slot: number): Handle | undefined =>
    [...(views[NAMES[kind]!] as unknown as Iterable<Handle>)].find(({ id }) => id % 65_536 === slot);
  const sights: Sight[] = models.map((model, turn) =>
    interest.createSight(turn, (kind, slot) => !model.hidden.has(keyOf(entityIn(kind, slot)!))),
  );
  // Ids count for each kind by itself.
  const keyOf = (entity: Handle) => NAMES.indexOf(entity.kind as 'ship') * 2 ** 40 + entity.id;
  const worldOf = (): Handle[] =>
    NAMES.flatMap((name) =>
      [...(views[name] as unknown as Iterable<Handle>)].map((entity) => ({
        id: keyOf(entity),
        kind: entity.kind,
        x: entity.x ?? Number.NaN,
        y: entity.y ?? Number.NaN,
        despawn: () => undefined,
      })),
    );
  let sum = 0;
  let previousTick = -1;
  for (let tick = 1; tick <= ticks.length; tick++) {
    for (const table of tables) table.tick = tick;
    for (const model of models) model.isPaused = false;
    for (const step of ticks[tick - 1]!) apply(step);
    for (const model of models) if (model.own !== undefined && !isAlive(model.own)) model.own = undefined;
    const world = worldOf();
    const awake = models.filter(({ isPaused }) => !isPaused);
    for (const model of awake) {
      model.update(tick, previousTick, world, lookEveryTicks, Math.round((dwellMs * 20) / 1000));
      const sight = sights[model.turn]!;
      const slot = model.own === undefined ? -1 : model.own.id % 65_536;
      sight.update(tick, model.x, model.y, slot < 0 ? -1 : 0, slot);
      sum += compare(model, sight);
    }
    if (awake.length > 0) previousTick = tick;
  }
  return sum;

  function isAlive(entity: Handle): boolean {
    return tables[0]!.slotOf(entity.id % 2 ** 40) >= 0;
  }

  function apply({ type, kind, slot, player, x, y }: Op): void {
    const model = models[player]!;
    const entity = entityIn(kind, slot);
    const table = tables[kind]!;
    if (type === 'spawn' && table.hasRoom) table.spawn(kind === 2 ? {} : { x, y });
    else if (type === 'look') Object.assign(model, Math.abs(x - 500) < 100 ? { x: model.x + 4 } : { x, y });
    else if (type === 'nowhere') Object.assign(model, { x: Number.NaN, y: Number.NaN });
    else if (type === 'pause') model.isPaused = true;
    else if (entity === undefined) return;
    else if (type === 'despawn') entity.despawn();
    else if (type === 'move' && kind !== 2) Object.assign(entity, { x, y });
    else if (type === 'own' && kind === 0) model.own = { ...pose(entity), id: keyOf(entity) };
    else if (type === 'hide' && !model.hidden.delete(keyOf(entity))) model.hidden.add(keyOf(entity));
    else if (type === 'watch') watch(model, entity, x);
  }

  function watch(model: ModelPlayer, entity: Handle, chance: number): void {
    const how = chance < 400 ? 'always' : chance < 700 ? 'never' : undefined;
    sights[model.turn]!.watch(NAMES.indexOf(entity.kind as 'ship'), entity.id % 65_536, how);
    if (how === undefined) model.watched.delete(keyOf(entity));
    else model.watched.set(keyOf(entity), how);
    model.mustLook = true;
  }

  function pose({ kind, x, y }: Handle): Omit<Handle, 'id'> {
    return { kind, x, y, despawn: () => undefined };
  }

  function compare(model: ModelPlayer, sight: Sight): number {
    let seen = 0;
    NAMES.forEach((name, kind) => {
      const expected = new Map<number, string>();
      for (const [id, { isNear }] of model.seen) {
        if (Math.floor(id / 2 ** 40) === kind) expected.set(id % 65_536, isNear ? 'near' : 'far');
      }
      const actual = new Map<number, string>();
      for (let slot = 0; slot < tables[kind]!.high; slot++) {
        if (sight.has(kind, slot)) actual.set(slot, sight.isFar!(kind, slot) ? 'far' : 'near');
      }
      same(name, [...actual].sort(), [...expected].sort());
      const { slots, count } = sight.near!(kind);
      const listed = [...slots.subarray(0, count)].sort();
      same(name, listed, [...expected.keys()].sort());
      for (const slot of listed) {
        const square = kind === 2 ? Number.NaN : squareOf(entityIn(kind, slot)!, model.x, model.y);
        same(`distance of ${name}`, sight.distanceSquared!(kind, slot), square);
      }
      seen += count;
    });
    return seen;
  }
}

test('each player sees what the rules say, in every tick', () => {
  let sum = 0;
  fc.assert(
    fc.property(settings, ({ ticks, lookEveryTicks, dwellMs }) => {
      sum += run(ticks, lookEveryTicks, dwellMs);
    }),
    { numRuns: 5_000 },
  );
  // A world that nobody sees proves nothing.
  expect(sum).toBeGreaterThan(100_000);
});
