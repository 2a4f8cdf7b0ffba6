/** The room option `interest`: its defaults, and the check of what an author gives. */
import { TickwireError } from '../core/errors.ts';
import type { Kind, Schema } from '../state/schema.ts';
import { checkKeys } from './option-names.ts';
import type { Interest, KindInterest } from './types.ts';

/** How one kind is seen: from everywhere, by nobody but who steers it, or by distance. */
export interface Reach {
  readonly scope: 'always' | 'never' | 'distance';
  /** Of scope 'distance', in world units: tracked within, and in sight within; the two are the same where nothing is far. */
  readonly radius: number;
  readonly far: number;
  /** The part of each by which an entity must be farther to be taken for outside of it. */
  readonly hysteresis: number;
}

/** `interest` with everything filled in. */
export interface ResolvedInterest {
  /** By kind index. */
  readonly kinds: readonly Reach[];
  readonly dwellTicks: number;
  readonly lookEveryTicks: number;
}

const HYSTERESIS = 0.1;
const MAX_HYSTERESIS = 10;
const DWELL_MS = 500;
const MAX_DWELL_MS = 60_000;
/**
 * By `npm run bench -- interest`: of a room's tick with 256 players among 10,000 entities it saves a fifth, among 2,000 an eighth, and
 * twice as many save 4 % more.
 */
const LOOK_EVERY_TICKS = 4;
const MAX_LOOK_EVERY_TICKS = 32;

const ALWAYS: Reach = { scope: 'always', radius: 0, far: 0, hysteresis: 0 };
const NEVER: Reach = { scope: 'never', radius: 0, far: 0, hysteresis: 0 };

/** Columns of the fields `x` and `y` of a kind, -1 where there is none. */
export function placeOf(kind: Kind): { readonly x: number; readonly y: number } {
  return {
    x: kind.packed.findIndex((field) => field.name === 'x'),
    y: kind.packed.findIndex((field) => field.name === 'y'),
  };
}

/** Fills in what `interest` of the room type named by `where` leaves out. Throws a TickwireError. */
export function resolveInterest(schema: Schema, where: string, interest: Interest): ResolvedInterest {
  const name = `interest of ${where}`;
  const given = interest === 'everyone' ? {} : interest;
  if (typeof given !== 'object' || given === null) throw new TickwireError(`${name} is 'everyone' or { radius }.`);
  checkKeys(name, given, ['radius', 'far', 'hysteresis', 'dwellMs', 'lookEveryTicks', 'kinds']);
  const { radius, hysteresis = HYSTERESIS, dwellMs = DWELL_MS, lookEveryTicks = LOOK_EVERY_TICKS } = given;
  checkRange(`interest.hysteresis of ${where}`, hysteresis, 0, MAX_HYSTERESIS, 'a part of the radius');
  checkRange(`interest.dwellMs of ${where}`, dwellMs, 0, MAX_DWELL_MS, 'a time in ms');
  checkRange(`interest.lookEveryTicks of ${where}`, lookEveryTicks, 1, MAX_LOOK_EVERY_TICKS, 'a number of ticks');
  if (!Number.isInteger(lookEveryTicks))
    throw new TickwireError(`interest.lookEveryTicks of ${where} is a whole number.`);
  if (radius !== undefined && !schema.kinds.some(hasPlace)) {
    throw new TickwireError(`interest.radius of ${where} needs entities with the fields x and y; take 'everyone'.`);
  }
  const usual = resolveReach('interest', where, given, hysteresis);
  const kinds = (given.kinds ?? {}) as { readonly [kind: string]: KindInterest | undefined };
  const kindNames = schema.kinds.map((kind) => kind.name);
  checkKeys(`interest.kinds of ${where}`, kinds, kindNames);
  return {
    kinds: schema.kinds.map((kind) => resolveKind(kind, where, kinds[kind.name], usual, hysteresis)),
    dwellTicks: Math.round((dwellMs * schema.tickRate) / 1000),
    lookEveryTicks,
  };
}

function resolveKind(
  kind: Kind,
  where: string,
  given: KindInterest | undefined,
  usual: Reach,
  hysteresis: number,
): Reach {
  if (given === undefined) return hasPlace(kind) ? usual : ALWAYS;
  if (given === 'always') return ALWAYS;
  if (given === 'never') return NEVER;
  const name = `interest.kinds.${kind.name}`;
  if (typeof given !== 'object' || given === null || given.radius === undefined) {
    throw new TickwireError(`${name} of ${where} is 'always', 'never' or { radius }.`);
  }
  checkKeys(`${name} of ${where}`, given, ['radius', 'far', 'hysteresis']);
  if (!hasPlace(kind)) {
    throw new TickwireError(`${name} of ${where} has no fields x and y to measure from; take 'always' or 'never'.`);
  }
  checkRange(`${name}.hysteresis of ${where}`, given.hysteresis ?? 0, 0, MAX_HYSTERESIS, 'a part of the radius');
  return resolveReach(name, where, given, given.hysteresis ?? hysteresis);
}

/** `radius` and `far` of a room or a kind. */
function resolveReach(
  name: string,
  where: string,
  { radius, far }: { readonly radius?: number | undefined; readonly far?: number | undefined },
  hysteresis: number,
): Reach {
  if (radius === undefined) {
    if (far !== undefined) throw new TickwireError(`${name}.far of ${where} begins at a radius; add one.`);
    return ALWAYS;
  }
  if (!(Number.isFinite(radius) && radius > 0)) {
    throw new TickwireError(`${name}.radius of ${where} must be a number above 0, in world units.`);
  }
  if (far !== undefined && !(Number.isFinite(far) && far > radius)) {
    throw new TickwireError(`${name}.far of ${where} must be a number above the radius, in world units.`);
  }
  return { scope: 'distance', radius, far: far ?? radius, hysteresis };
}

function checkRange(where: string, value: number, min: number, max: number, what: string): void {
  if (!(value >= min && value <= max)) throw new TickwireError(`${where} is ${what}: ${min} to ${max}.`);
}

function hasPlace(kind: Kind): boolean {
  const { x, y } = placeOf(kind);
  return x >= 0 && y >= 0;
}
