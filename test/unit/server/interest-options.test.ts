// The room option `interest`: its defaults, and sentences for what makes no sense.
import { defineGame, entity, int, num } from 'tickwire';
import { expect, test } from 'vitest';
import { resolveInterest } from '../../../engine/server/interest-options.ts';
import type { Interest } from '../../../engine/server/types.ts';

const place = { min: 0, max: 1000, precision: 1 };
const { schema } = defineGame({
  tickRate: 20,
  entities: {
    ship: entity({ x: num(place), y: num(place) }),
    clock: entity({ hour: int(0, 23) }),
    rock: entity({ x: num(place), y: num(place) }),
  },
});
const resolve = (interest: object | string) => resolveInterest(schema, "room type 'yard'", interest as Interest);
const ALWAYS = { scope: 'always' };

test('everyone sees all, whichever way it is said', () => {
  for (const interest of ['everyone', {}]) expect(resolve(interest).kinds).toMatchObject([ALWAYS, ALWAYS, ALWAYS]);
});

test('a radius has a margin of a tenth, half a second of dwelling, and a look around every fourth tick', () => {
  const near = { scope: 'distance', radius: 50, far: 50, hysteresis: 0.1 };
  expect(resolve({ radius: 50 })).toEqual({
    kinds: [near, expect.objectContaining(ALWAYS), near],
    dwellTicks: 10,
    lookEveryTicks: 4,
  });
  expect(resolve({ radius: 50, hysteresis: 0, dwellMs: 0, lookEveryTicks: 1 })).toMatchObject({
    kinds: [{ hysteresis: 0 }, {}, { hysteresis: 0 }],
    dwellTicks: 0,
    lookEveryTicks: 1,
  });
});

test('a kind of its own has its own radii and the room’s margin', () => {
  const kinds = { ship: { radius: 80, far: 90 }, rock: { radius: 5, hysteresis: 1 }, clock: 'never' };
  expect(resolve({ radius: 50, far: 60, hysteresis: 0.2, kinds }).kinds).toMatchObject([
    { radius: 80, far: 90, hysteresis: 0.2 },
    { scope: 'never' },
    { radius: 5, far: 5, hysteresis: 1 },
  ]);
  expect(resolve({ kinds: { ship: { radius: 80 } } }).kinds).toMatchObject([
    { scope: 'distance', hysteresis: 0.1 },
    ALWAYS,
    ALWAYS,
  ]);
});

test.each<[object | string | null, string]>([
  ['nobody', "interest of room type 'yard' is 'everyone' or { radius }."],
  [null, "is 'everyone' or { radius }."],
  [{ radios: 5 }, "Did you mean 'radius'?"],
  [{ radius: 0 }, 'interest.radius of room type'],
  [{ radius: Number.POSITIVE_INFINITY }, 'a number above 0, in world units'],
  [{ radius: 5, far: 5 }, 'interest.far of room type'],
  [{ far: 5 }, 'begins at a radius'],
  [{ radius: 5, hysteresis: -1 }, 'a part of the radius: 0 to 10'],
  [{ radius: 5, dwellMs: Number.NaN }, 'interest.dwellMs of room type'],
  [{ radius: 5, lookEveryTicks: 0 }, 'a number of ticks: 1 to 32'],
  [{ radius: 5, lookEveryTicks: 1.5 }, 'is a whole number'],
  [{ radius: 5, kinds: { shop: 'always' } }, "Did you mean 'ship'?"],
  [
    { radius: 5, kinds: { ship: 'sometimes' } },
    "interest.kinds.ship of room type 'yard' is 'always', 'never' or { radius }",
  ],
  [{ radius: 5, kinds: { ship: {} } }, "is 'always', 'never' or { radius }"],
  [{ radius: 5, kinds: { ship: { radius: 5, dwellMs: 3 } } }, "has no option 'dwellMs'"],
  [{ radius: 5, kinds: { ship: { radius: 5, hysteresis: 11 } } }, 'interest.kinds.ship.hysteresis'],
  [{ radius: 5, kinds: { clock: { radius: 5 } } }, 'no fields x and y'],
])('%j has a sentence', (interest, sentence) => {
  expect(() => resolve(interest as object)).toThrow(sentence);
});

test('a radius needs something with a place', () => {
  const clocks = defineGame({ entities: { clock: entity({ hour: int(0, 23) }) } });
  expect(() => resolveInterest(clocks.schema, 'here', { radius: 5 })).toThrow('needs entities with the fields x and y');
});
