import { expect, test } from 'vitest';
import {
  angle,
  bool,
  command,
  defineGame,
  entity,
  event,
  type Fields,
  input,
  int,
  num,
  oneOf,
  ref,
  text,
} from '../../../engine/index.ts';
import type { Schema } from '../../../engine/state/schema.ts';

const range = { min: 0, max: 4096, precision: 1 / 16 };
const speed = { min: -512, max: 512, precision: 1 / 8 };

/** A game of which any part can be exchanged. */
function schemaOf(changes: {
  tickRate?: number;
  max?: number;
  ship?: object;
  extra?: object;
  input?: object;
  events?: object;
  commands?: object;
  roomState?: object;
  playerState?: object;
  controls?: string;
  version?: string;
}): Schema {
  const definition = {
    tickRate: changes.tickRate ?? 30,
    entities: {
      ship: entity((changes.ship ?? ship) as Fields, { max: changes.max ?? 100 }),
      rock: entity({ a: bool() }),
      ...changes.extra,
    },
    input: input((changes.input ?? { fire: bool().pulse(), turn: int(-1, 1) }) as Parameters<typeof input>[0]),
    events: changes.events ?? { boom: event({ x: num(range) }) },
    commands: changes.commands ?? { buy: command({ item: int(0, 99) }).replies({ ok: bool() }) },
    roomState: changes.roomState ?? { round: int(0, 9) },
    playerState: changes.playerState ?? { name: text(9) },
    controls: changes.controls ?? 'ship',
    version: changes.version ?? '1',
  };
  return defineGame(definition as Parameters<typeof defineGame>[0]).schema;
}

const hex = ({ hash }: Schema): string => Buffer.from(hash).toString('hex');
const ship = {
  x: num(range).hermite('vx'),
  vx: num(speed),
  hp: int(0, 100),
  mood: oneOf('calm', 'angry'),
  name: text(24),
};

test('equal games have equal hashes of 8 bytes; the version is not in it', () => {
  expect(schemaOf({}).hash).toHaveLength(8);
  expect(hex(schemaOf({}))).toBe(hex(schemaOf({})));
  expect(hex(schemaOf({ version: '2' }))).toBe(hex(schemaOf({})));
  // What a rule computes cannot be hashed.
  const ruled = (rule: () => boolean) => schemaOf({ ship: { ...ship, hp: int(0, 100).visibleTo(rule) } });
  expect(hex(ruled(() => true))).toBe(hex(ruled(() => false)));
});

test('the hash is fixed: it changes only with the protocol', () => {
  expect(hex(defineGame({ entities: { dot: entity({ x: num(range), name: text(8) }) } }).schema)).toMatchInlineSnapshot(
    `"f48fa3ee4e8d8214"`,
  );
});

const changes: Record<string, Parameters<typeof schemaOf>[0]> = {
  'tick rate': { tickRate: 31 },
  capacity: { max: 101 },
  'name of a kind': { extra: { stone: entity({ a: bool() }) } },
  'name of a field': { ship: { ...ship, hp: undefined, health: int(0, 100) } },
  'type of a field': { ship: { ...ship, hp: num({ min: 0, max: 101, precision: 1 }).snap() } },
  min: { ship: { ...ship, hp: int(1, 101) } },
  bits: { ship: { ...ship, hp: int(0, 200) } },
  precision: { ship: { ...ship, x: num({ min: 0, max: 2048, precision: 1 / 32 }).hermite('vx') } },
  wrap: { ship: { ...ship, hp: angle(7).snap() } },
  kernel: { ship: { ...ship, hp: int(0, 100).lerp() } },
  'velocity link': { ship: { ...ship, x: num(range) } },
  group: { ship: { ...ship, hp: int(0, 100).group('a'), mood: oneOf('calm', 'angry').group('a') } },
  extrapolation: { ship: { ...ship, vx: num(speed).extrapolate(0) } },
  visibility: { ship: { ...ship, hp: int(0, 100).visibleTo('owner') } },
  'another visibility': { ship: { ...ship, hp: int(0, 100).visibleTo('server') } },
  'visibility of a rare field': { ship: { ...ship, name: text(24).visibleTo('owner') } },
  default: { ship: { ...ship, hp: int(0, 100).default(1) } },
  choices: { ship: { ...ship, mood: oneOf('angry', 'calm') } },
  'text limit': { ship: { ...ship, name: text(25) } },
  'rare default': { ship: { ...ship, name: text(24).default('x') } },
  'target of a ref': { ship: { ...ship, to: ref('rock') } },
  'another target of a ref': { ship: { ...ship, to: ref('ship') } },
  'order of fields': {
    ship: { vx: num(speed), x: num(range).hermite('vx'), hp: ship.hp, mood: ship.mood, name: ship.name },
  },
  'input range': { input: { fire: bool().pulse(), turn: int(-1, 2) } },
  pulse: { input: { fire: bool(), turn: int(-1, 1) } },
  'event name': { events: { bang: event({ x: num(range) }) } },
  'event field': { events: { boom: event({ y: num(range) }) } },
  'command field': { commands: { buy: command({ item: int(0, 98) }).replies({ ok: bool() }) } },
  reply: { commands: { buy: command({ item: int(0, 99) }) } },
  'field of a reply': { commands: { buy: command({ item: int(0, 99) }).replies({ yes: bool() }) } },
  'room state': { roomState: { round: int(0, 8) } },
  'player state': { playerState: { name: text(10) } },
  'controlled kind': { controls: 'rock' },
};

test('every listed property changes the hash, each to another one', () => {
  const seen = new Map([[hex(schemaOf({})), 'the game itself']]);
  for (const [name, change] of Object.entries(changes)) {
    const fields =
      change.ship && Object.fromEntries(Object.entries(change.ship).filter(([, field]) => field !== undefined));
    const hash = hex(schemaOf(fields === undefined ? change : { ...change, ship: fields }));
    expect([name, seen.get(hash)]).toEqual([name, undefined]);
    seen.set(hash, name);
  }
});

test('line hashes find the first difference', () => {
  const a = schemaOf({});
  const b = schemaOf({ ship: { ...ship, hp: int(0, 99) } });
  expect(a.lineHashes).toHaveLength(a.lines.length);
  for (const hash of a.lineHashes) expect(hash).toBe(hash >>> 0);
  const first = a.lineHashes.findIndex((hash, line) => hash !== b.lineHashes[line]);
  expect(a.lines[first]).toMatch(/^\["field","ship","hp","int",7,/);
});

test('every bit of the hash depends on the game', () => {
  const counts = new Array<number>(64).fill(0);
  const games = 300;
  for (let max = 1; max <= games; max++) {
    const { hash } = schemaOf({ max });
    for (let bit = 0; bit < 64; bit++) counts[bit]! += (hash[bit >> 3]! >> (bit & 7)) & 1;
  }
  for (const count of counts) {
    expect(count).toBeGreaterThan(games * 0.35);
    expect(count).toBeLessThan(games * 0.65);
  }
});
