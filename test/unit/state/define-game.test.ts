import { expect, test } from 'vitest';
import {
  angle,
  bool,
  command,
  defineGame,
  entity,
  event,
  type Field,
  float64,
  input,
  int,
  num,
  oneOf,
  ref,
  TickwireError,
  text,
  uint32,
  value,
} from '../../../engine/index.ts';

const range = { min: 0, max: 4096, precision: 1 / 16 };
const speed = { min: -512, max: 512, precision: 1 / 8 };

/** Fields as an author without the compiler's help may write them. */
function loose(fields: object): { entities: { ship: ReturnType<typeof entity> } } {
  return { entities: { ship: entity(fields as Record<string, Field>) } };
}
// biome-ignore lint/suspicious/noExplicitAny: what an author without a compiler may write
const anything = <T = any>(thing: unknown): T => thing as T;

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(TickwireError);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

test('a game compiles to its schema', () => {
  const { schema, steps } = defineGame({
    entities: {
      ship: entity({
        x: num(range).hermite('vx'),
        name: text(24).default('nobody'),
        vx: num(speed),
        hp: int(0, 100).default(100),
        heading: angle(12),
        target: ref('rock'),
        ammo: int(0, 9).visibleTo('owner'),
        seed: int(0, 9).visibleTo('server'),
      }),
      rock: entity({ size: int(1, 9) }, { max: 10 }),
    },
    input: input({ fire: bool().pulse(), turn: int(-1, 1), aim: angle(10) }),
    events: { boom: event({ x: num(range), who: ref('ship') }), bell: event() },
    commands: { buy: command({ item: int(0, 99) }).replies({ ok: bool() }), wave: command() },
    controls: 'ship',
    roomState: { round: int(0, 9), title: text(9) },
    step: { rock: () => undefined },
  });
  const [ship, rock] = schema.kinds as [(typeof schema.kinds)[0], (typeof schema.kinds)[0]];
  expect(ship.packed.map(({ name }) => name)).toEqual(['x', 'vx', 'hp', 'heading', 'ammo', 'seed', '#teleport']);
  expect(ship.packed.map(({ kernel }) => kernel)).toEqual(['hermite', 'lerp', 'snap', 'lerp', 'snap', 'snap', 'snap']);
  expect(ship.packed.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(ship.packed.map(({ default: own }) => own)).toEqual([0, 0, 100, 0, 0, 0, 0]);
  expect(ship.packed[0]!.velocity).toBe(1);
  expect(ship.packed[6]).toMatchObject({ bits: 2, levels: 4, wraps: true, type: 'teleport' });
  expect(ship.teleport).toBe(6);
  expect(ship.rare.map(({ name, type, packed }) => [name, type, packed])).toEqual([
    ['name', 'text', -1],
    ['target', 'ref', -1],
    ['ammo', 'packed', 4],
    ['seed', 'packed', 5],
  ]);
  expect(ship.rare[2]!.spec).toBe(ship.packed[4]);
  expect(ship.rare[1]!.refKind).toBe(1);
  // What is not for all is not in the body; what the owner does not always see is not in a step row.
  expect(ship.bodyFields).toEqual([0, 1, 2, 3, 6]);
  expect(ship.stepFields).toEqual([0, 1, 2, 3, 4]);
  expect(ship.groups).toEqual([
    { index: 0, fields: [1, 0, 3], isTeleport: false },
    { index: 1, fields: [2], isTeleport: false },
    { index: 2, fields: [6], isTeleport: true },
  ]);
  expect(ship.packed.map(({ group }) => group)).toEqual([0, 0, 1, 0, -1, -1, 2]);
  expect([ship.capacity, rock.capacity]).toEqual([4096, 10]);
  expect([rock.teleport, rock.packed.length]).toEqual([-1, 1]);
  expect(rock.packed[0]!.default).toBe(1);
  expect(schema.input.byteLength).toBe(2);
  expect(schema.controls).toBe(0);
  expect(schema.commands[0]!.reply?.fields[0]?.name).toBe('ok');
  expect(schema.commands[1]!.reply).toBeUndefined();
  expect(schema.roomState.map(({ type }) => type)).toEqual(['packed', 'text']);
  expect(steps.map((step) => typeof step)).toEqual(['undefined', 'function']);
  expect(Object.isFrozen(ship.packed[0])).toBe(true);
});

test('groups: named ones, and a velocity before what it moves', () => {
  const { groups, packed } = defineGame({
    entities: {
      ship: entity({
        hp: int(0, 9),
        shield: int(0, 9).group('health'),
        armour: int(0, 9).group('health'),
        x: num(range).hermite('vx'),
        ax: num(speed).group('push'),
        vx: num(speed).hermite('ax').group('motion'),
        y: num(range).hermite('vy').group('motion'),
        vy: num(speed).snap(),
      }),
    },
  }).schema.kinds[0]!;
  const names = groups.map(({ fields }) => fields.map((column) => packed[column]!.name));
  expect(names).toEqual([['ax'], ['vy'], ['vx', 'y'], ['hp'], ['shield', 'armour'], ['x'], ['#teleport']]);
  for (const field of packed) {
    if (field.velocity < 0) continue;
    const velocity = packed[field.velocity]!;
    const places = groups.flatMap(({ fields }) => fields);
    expect(places.indexOf(velocity.index)).toBeLessThan(places.indexOf(field.index));
  }
});

test('builders do not change: each modifier makes another one', () => {
  const plain = num(range);
  const other = plain.snap().default(5).group('a');
  expect(plain.spec).not.toBe(other.spec);
  expect([plain.spec.kernel, plain.spec.default]).toEqual([undefined, undefined]);
  expect(Object.isFrozen(plain) && Object.isFrozen(plain.spec)).toBe(true);
});

test('defaults: given, else the number of the range nearest to 0', () => {
  const { packed, rare } = defineGame({
    entities: {
      a: entity({
        low: int(-9, -3),
        high: int(3, 9),
        below: num({ min: -8, max: -4, precision: 1 }),
        upTo0: num({ min: -8, max: 0, precision: 1 }),
        mood: oneOf('calm', 'angry').default('angry'),
        isOn: bool().default(true),
        bag: value<number[]>().default([1]),
        note: value<string>(),
        f: float64().default(0.5),
        u: uint32(),
      }),
    },
  }).schema.kinds[0]!;
  expect(packed.map((field) => field.default)).toEqual([-3, 3, -5, -1, 1, 1, 0]);
  expect(rare.map((field) => field.default)).toEqual([[1], undefined, 0.5, 0]);
});

const wide = { min: 0, max: 1, precision: 1 / 2 ** 24 };
const almostWide = { min: 0, max: 1, precision: 1 / 2 ** 23 };
test.each<[string, () => unknown]>([
  // the sentence, and the mistake
  [
    'entities.ship.x needs 24 bits, and at most 23 fit: narrow min..max or take a coarser precision',
    () => defineGame(loose({ x: num(wide) })),
  ],
  [
    'entities.ship.x needs 23 bits, and at most 22 fit with .hermite()',
    () => defineGame(loose({ x: num(almostWide).hermite('v'), v: num(speed) })),
  ],
  ['entities.ship.a needs 24 bits, and at most 23 fit: take fewer', () => defineGame(loose({ a: angle(24) }))],
  ['entities.ship.n needs 24 bits', () => defineGame(loose({ n: int(0, 2 ** 23) }))],
  ["entities.ship.id: the name 'id' is reserved; choose another", () => defineGame(loose({ id: bool() }))],
  ["entities.ship.constructor: the name 'constructor' is reserved", () => defineGame(loose({ constructor: bool() }))],
  ["entities.ship.__proto__: the name '__proto__' is reserved", () => defineGame(loose({ ['__proto__']: bool() }))],
  [
    'entities.ship must be a plain object, and no key in it may be __proto__',
    () => defineGame(loose({ __proto__: bool() })),
  ],
  ["entities.ship.onLeave: the name 'onLeave' is reserved", () => defineGame(loose({ onLeave: bool() }))],
  ["entities.ship.7up: '7up' is no name", () => defineGame(loose({ '7up': bool() }))],
  ["entities.ship.$slot: '$slot' is no name", () => defineGame(loose({ $slot: bool() }))],
  ["entities.spawn: the name 'spawn' is reserved", () => defineGame({ entities: { spawn: entity({ a: bool() }) } })],
  [
    "events.then: the name 'then' is reserved",
    () => defineGame({ ...loose({ a: bool() }), events: { ['th' + 'en']: event() } }),
  ],
  ['entities: a game needs at least one kind of entity', () => defineGame({ entities: {} })],
  ['entities.ship is no entity; write entity({ … })', () => defineGame(anything({ entities: { ship: {} } }))],
  ['entities.ship.x is no field', () => defineGame(loose({ x: 5 }))],
  [
    'entities.ship: max must be a whole number of 1..65535, not 65536',
    () => defineGame({ entities: { ship: entity({ a: bool() }, { max: 65_536 }) } }),
  ],
  [
    "entities.ship.x: .hermite('vx') needs a num named vx in the same entity",
    () => defineGame(loose({ x: num(range).hermite('vx') })),
  ],
  ["entities.ship.x: .hermite('x') names the field itself", () => defineGame(loose({ x: num(range).hermite('x') }))],
  [
    'entities.ship.x: .hermite() leads back to x',
    () => defineGame(loose({ x: num(range).hermite('y'), y: num(range).hermite('x') })),
  ],
  [
    'entities.ship.x: the velocity vx must be visible to all',
    () => defineGame(loose({ x: num(range).hermite('vx'), vx: num(speed).visibleTo('owner') })),
  ],
  [
    'entities.ship.x: vx is too fast for this precision',
    () =>
      defineGame(
        loose({
          x: num({ min: 0, max: 1, precision: 1 / 2 ** 22 }).hermite('vx'),
          vx: num({ min: -1e4, max: 1e4, precision: 1 }),
        }),
      ),
  ],
  [
    "need each other's velocities; put them into one .group()",
    () =>
      defineGame(
        loose({
          x: num(range).hermite('vx').group('a'),
          vx: num(speed).group('b'),
          y: num(range).hermite('vy').group('b'),
          vy: num(speed).group('a'),
        }),
      ),
  ],
  [
    'entities.ship.x: num needs finite bounds with min < max, not min 1, max 1',
    () => defineGame(loose({ x: num({ min: 1, max: 1, precision: 1 }) })),
  ],
  [
    'entities.ship.x: num needs a precision above 0, such as 1 / 16, not undefined',
    () => defineGame(loose({ x: num(anything({ min: 0, max: 1 })) })),
  ],
  [
    'entities.ship.x: the precision 9 is wider than min..max',
    () => defineGame(loose({ x: num({ min: 0, max: 1, precision: 9 }) })),
  ],
  [
    'entities.ship.n: int takes whole numbers, the smaller first, not int(3, 1)',
    () => defineGame(loose({ n: int(3, 1) })),
  ],
  [
    'entities.ship.a: angle takes a whole number of bits, such as angle(12), not angle(undefined)',
    () => defineGame(loose({ a: angle(anything(undefined)) })),
  ],
  [
    'entities.ship.o: oneOf takes words',
    () => defineGame(loose({ o: anything<typeof oneOf<[string]>>(oneOf)(anything(1)) })),
  ],
  ['entities.ship.o: oneOf has the same word twice', () => defineGame(loose({ o: oneOf('a', 'a') }))],
  ['entities.ship.t: text takes a limit of 1..4096 bytes', () => defineGame(loose({ t: text(0) }))],
  ['entities.ship.hp: the default 101 is outside 0..100', () => defineGame(loose({ hp: int(0, 100).default(101) }))],
  [
    'entities.ship.hp: the default must be a finite number, not NaN',
    () => defineGame(loose({ hp: int(0, 100).default(Number.NaN) })),
  ],
  [
    "entities.ship.o: the default 'c' is none of a, b",
    () => defineGame(loose({ o: oneOf('a', 'b').default(anything('c')) })),
  ],
  ["entities.ship.t: the default 'äöü' is longer than 5 bytes", () => defineGame(loose({ t: text(5).default('äöü') }))],
  ["entities.ship.r: ref('rock') names no entity of the game", () => defineGame(loose({ r: ref('rock') }))],
  [
    'entities.ship.t: .lerp() is for num, int and angle, not text',
    () => defineGame(loose({ t: anything<ReturnType<typeof num>>(text(5)).lerp() })),
  ],
  [
    'entities.ship.hp: .hermite() is for num and angle, not int',
    () => defineGame(loose({ hp: anything<ReturnType<typeof num>>(int(0, 9)).hermite('vx') })),
  ],
  ['entities.ship.b: .pulse() is for inputs only', () => defineGame(loose({ b: bool().pulse() }))],
  [
    'entities.ship.x: .extrapolate() takes 0..250 ms, not 1000',
    () => defineGame(loose({ x: num(range).extrapolate(1000) })),
  ],
  [
    'entities.ship.hp: .predictor() is for what moves between snapshots',
    () => defineGame(loose({ hp: int(0, 9).predictor('linear') })),
  ],
  [
    "entities.ship.x: .predictor('velocity') needs .hermite('…')",
    () => defineGame(loose({ x: num(range).predictor('velocity') })),
  ],
  [
    "entities.ship.x: .predictor() takes 'auto', 'previous', 'linear' or 'velocity'",
    () => defineGame(loose({ x: num(range).predictor('best' as 'auto') })),
  ],
  [
    'entities.ship.hp: .extrapolate() continues movement, and this field only snaps',
    () => defineGame(loose({ hp: int(0, 9).extrapolate(50) })),
  ],
  [
    'entities.ship.x: .lerp() cannot go with .visibleTo()',
    () => defineGame(loose({ x: num(range).lerp().visibleTo('owner') })),
  ],
  [
    'entities.ship.x: .group() cannot go with .visibleTo()',
    () => defineGame(loose({ x: num(range).group('a').visibleTo('owner') })),
  ],
  [
    ".visibleTo() takes 'all', 'owner', 'server' or a function",
    () => defineGame(loose({ x: num(range).visibleTo(anything('friends')) })),
  ],
  [
    'input.name: an input holds packed fields only',
    () => defineGame({ ...loose({ a: bool() }), input: input({ name: text(5) }) }),
  ],
  [
    'input.turn: .lerp(), .hermite() and .snap() are for entities only',
    () => defineGame({ ...loose({ a: bool() }), input: input({ turn: int(0, 1).lerp() }) }),
  ],
  [
    'input: an input takes 69 bytes, and at most 64 fit',
    () =>
      defineGame({
        ...loose({ a: bool() }),
        input: input(Object.fromEntries(Array.from({ length: 24 }, (_, i) => [`f${i}`, angle(23)]))),
      }),
  ],
  [
    'events.boom.x: .default() means nothing here',
    () => defineGame({ ...loose({ a: bool() }), events: { boom: event({ x: num(range).default(1) }) } }),
  ],
  [
    'commands.buy.replies.ok: .visibleTo() is for entities only',
    () =>
      defineGame({ ...loose({ a: bool() }), commands: { buy: command().replies({ ok: bool().visibleTo('owner') }) } }),
  ],
  [
    'roomState.x: .visibleTo() is for entities only',
    () => defineGame({ ...loose({ a: bool() }), roomState: { x: bool().visibleTo('server') } }),
  ],
  [
    "controls: 'ghost' is no entity of the game; name one of ship",
    () => defineGame({ ...loose({ a: bool() }), controls: anything('ghost') }),
  ],
  [
    'step.ghost: the game has no entity of that name',
    () => defineGame({ ...loose({ a: bool() }), step: anything({ ghost: () => undefined }) }),
  ],
  ['step.ship must be a function', () => defineGame({ ...loose({ a: bool() }), step: anything({ ship: 5 }) })],
  [
    'tickRate must be a whole number of 1..128 ticks per second, not 0',
    () => defineGame({ ...loose({ a: bool() }), tickRate: 0 }),
  ],
])('a mistake is told: %s', (sentence, run) => {
  expect(messageOf(run)).toContain(sentence);
});

test.each<[string, object, string]>([
  ['an event', { events: { boom: { x: int(0, 9) } } }, 'events.boom is no event; write event({ … })'],
  ['a command', { commands: { buy: {} } }, 'commands.buy is no command; write command({ … })'],
  ['an input', { input: { fire: bool() } }, 'input is not made by input(); write input: input({ … })'],
  ['an unknown key', { event: {} }, "defineGame has no option 'event'; it has tickRate, entities, input, events"],
])('what is not made by its function: %s', (_, more, sentence) => {
  expect(messageOf(() => defineGame(anything({ ...loose({ x: num(range) }), ...more })))).toContain(sentence);
});

test('no definition, and a num without a range', () => {
  expect(messageOf(() => defineGame(anything(undefined)))).toBe('defineGame takes an object');
  expect(messageOf(() => defineGame(loose({ x: anything(num)() })))).toContain('num needs finite bounds');
});
