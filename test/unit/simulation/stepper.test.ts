import { expect, test } from 'vitest';
import { bool, defineGame, entity, event, input, int, num, TickwireError } from '../../../engine/index.ts';
import { digestRow } from '../../../engine/simulation/digest.ts';
import { readRow, writeRow } from '../../../engine/simulation/row.ts';
import { StepContext } from '../../../engine/simulation/step-context.ts';
import { stepEntity } from '../../../engine/simulation/stepper.ts';
import { quantizeInput } from '../../../engine/state/input.ts';
import { Table } from '../../../engine/state/table.ts';

const game = defineGame({
  tickRate: 20,
  entities: {
    ship: entity({
      x: num({ min: 0, max: 4096, precision: 1 / 16 }).hermite('vx'),
      vx: num({ min: -512, max: 512, precision: 1 / 8 }),
      luck: num({ min: 0, max: 1, precision: 1 / 256 }).snap(),
      ammo: int(0, 9).default(9).visibleTo('owner'),
      secret: int(0, 9).visibleTo('server'),
    }),
    shot: entity({ x: num({ min: 0, max: 4096, precision: 1 / 16 }) }),
    rock: entity({ x: num({ min: 0, max: 4096, precision: 1 / 16 }) }),
  },
  input: input({ thrust: int(-1, 1), fire: bool().pulse() }),
  events: { bang: event({ x: num({ min: 0, max: 4096, precision: 1 / 16 }) }) },
  controls: 'ship',
  step: {
    ship(ship, input, { dt, random, emit, spawn }) {
      ship.vx += input.thrust * 100 * dt;
      ship.x += ship.vx * dt;
      ship.luck = random();
      if (!input.fire) return;
      ship.ammo -= 1;
      emit('bang', { x: ship.x });
      spawn('shot', { x: ship.x });
      spawn('shot', { x: ship.x + 1 });
    },
    shot(shot, ctx) {
      shot.x += 100 * ctx.dt + ctx.tick;
    },
  },
});
const [ship, shot, rock] = game.schema.kinds as [
  (typeof game.schema.kinds)[0],
  (typeof game.schema.kinds)[0],
  (typeof game.schema.kinds)[0],
];

function createSide() {
  const effects: unknown[] = [];
  const ctx = new StepContext(game.schema, {
    emit: (eventIndex, payload) => effects.push(['emit', eventIndex, payload]),
    spawn: (kindIndex, init, spawnIndex) => effects.push(['spawn', kindIndex, init, spawnIndex]),
  });
  const table = new Table(ship, 20, 2);
  table.spawn({ x: 100 });
  const step = (seq: number, keys: object) => {
    ctx.begin(77, 3, seq, ship.index);
    stepEntity(game, ship.index, table, 0, quantizeInput(game.schema.input, keys), ctx);
  };
  return { ctx, effects, table, step };
}

test('two sides that step alike have the same rows and the same digests', () => {
  const server = createSide();
  const client = createSide();
  const digests = new Set<number>();
  for (let seq = 1; seq <= 100; seq++) {
    const keys = { thrust: seq % 3 === 0 ? -1 : 1, fire: false };
    server.step(seq, keys);
    client.step(seq, keys);
    const digest = digestRow(ship, server.table.columns, 0);
    expect(digestRow(ship, client.table.columns, 0)).toBe(digest);
    expect(digest).toBe(digest & 0xffff);
    digests.add(digest);
  }
  expect(server.table.columns.map((column) => column[0])).toEqual(client.table.columns.map((column) => column[0]));
  expect(digests.size).toBeGreaterThan(95);
});

test('a digest sees each step field, and nothing below the grid or outside the row', () => {
  const { table } = createSide();
  const set = (name: string, value: number) => {
    const field = ship.packed.find((packed) => packed.name === name)!;
    table.columns[field.index]![0] = value;
  };
  const digest = () => digestRow(ship, table.columns, 0);
  const first = digest();
  for (const [name, value, back] of [
    ['x', 100 + 1 / 4096, 100],
    ['vx', 0.125, 0],
    ['luck', 1 / 256, 0],
    ['ammo', 8, 9],
  ] as const) {
    set(name, value);
    expect(digest()).not.toBe(first);
    set(name, back);
    expect(digest()).toBe(first);
  }
  set('x', 100 + 1e-9);
  set('secret', 5);
  set('#teleport', 1);
  expect(digest()).toBe(first);
});

test('ctx: dt, tick and random numbers of the input; rows have streams of their own', () => {
  const { ctx, table, step } = createSide();
  expect(ctx.dt).toBe(1 / 20);
  const luck = () => table.columns[2]![0];
  step(5, {});
  const at5 = luck();
  expect(ctx.tick).toBe(5);
  step(6, {});
  expect(luck()).not.toBe(at5);
  step(5, {});
  expect(luck()).toBe(at5);
  const streamOf = (...from: [number, number, number, number, number?]) => {
    ctx.begin(...from);
    return ctx.random();
  };
  const streams = [
    streamOf(77, 3, 5, 0),
    streamOf(78, 3, 5, 0),
    streamOf(77, 4, 5, 0),
    streamOf(77, 3, 5, 1),
    streamOf(77, 3, 5, 0, 1),
  ];
  expect(streams[0]).toBe(at5);
  expect(new Set(streams).size).toBe(streams.length);
});

test('emit and spawn act in a live, whole step, and are muted in a replay and in a partial one', () => {
  const { ctx, effects, step, table } = createSide();
  step(1, { fire: true });
  const x = table.columns[0]![0];
  expect(effects).toEqual([
    ['emit', 0, { x }],
    ['spawn', 1, { x }, 0],
    ['spawn', 1, { x: x! + 1 }, 1],
  ]);
  step(2, { fire: true });
  expect(effects.slice(4).map((effect) => (effect as unknown[])[3])).toEqual([0, 1]);
  effects.length = 0;
  ctx.replay = true;
  step(1, { fire: true });
  ctx.replay = false;
  ctx.partial = true;
  step(1, { fire: true });
  expect(effects).toEqual([]);
  expect(table.columns[3]![0]).toBe(5);
});

test('names that do not exist are told, muted or not', () => {
  const { ctx } = createSide();
  ctx.replay = true;
  expect(() => ctx.emit('boom', {})).toThrow("ctx.emit('boom'): the game has no event of that name");
  expect(() => ctx.spawn('ghost')).toThrow(TickwireError);
});

test('other kinds get no input; a kind without a step stays as it is', () => {
  const { ctx } = createSide();
  const shots = new Table(shot, 20, 1);
  const rocks = new Table(rock, 20, 1);
  shots.spawn({ x: 10 });
  rocks.spawn({ x: 10 });
  ctx.begin(1, 1, 4, shot.index);
  stepEntity(game, shot.index, shots, 0, undefined, ctx);
  stepEntity(game, rock.index, rocks, 0, undefined, ctx);
  expect([shots.columns[0]![0], rocks.columns[0]![0]]).toEqual([10 + 5 + 4, 10]);
});

test('without an input the controlled kind is stepped with defaults', () => {
  const { ctx, table } = createSide();
  stepEntity(game, ship.index, table, 0, undefined, ctx);
  expect(table.columns[1]![0]).toBe(0);
});

test('exact rows go out and in without a loss', () => {
  const { table, step } = createSide();
  table.spawn();
  for (let seq = 1; seq < 20; seq++) step(seq, { thrust: 1 });
  const row = new Float64Array(ship.stepFields.length + 1);
  readRow(ship, table.columns, 0, row, 1);
  writeRow(ship, table.columns, 1, row, 1);
  for (const column of ship.stepFields) expect(table.columns[column]![1]).toBe(table.columns[column]![0]);
  expect(digestRow(ship, table.columns, 1)).toBe(digestRow(ship, table.columns, 0));
});
