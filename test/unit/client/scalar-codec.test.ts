import { describe, expect, test } from 'vitest';
import { needsLibrary, scalarCodec } from '../../../engine/client/scalar-codec.ts';
import { WireError } from '../../../engine/core/errors.ts';
import { command, defineGame, entity, event, float64, int, num, ref, text, value } from '../../../engine/index.ts';
import type { Game } from '../../../engine/state/schema.ts';

const place = num({ min: 0, max: 10, precision: 1 });
const ship = entity({ x: place, name: text(8), home: ref('ship'), hidden: int(0, 9).visibleTo('owner') });

const plain = defineGame({
  entities: { ship },
  events: { boom: event({ x: place, by: ref('ship') }) },
  commands: { say: command({ text: text(8) }).replies({ at: float64() }) },
  roomState: { round: int(0, 9), title: text(8) },
  playerState: { score: int(0, 9) },
});

test('a game of numbers, texts and references needs no library', () => {
  expect(needsLibrary(plain.schema, undefined)).toBe(false);
  expect(needsLibrary(plain.schema, null)).toBe(false);
  expect(needsLibrary(plain.schema, 'red')).toBe(false);
  expect(needsLibrary(defineGame({ entities: { ship } }).schema, 7)).toBe(false);
});

describe('it needs one for', () => {
  const any = value();
  test.each<[string, Game]>([
    ['an entity', defineGame({ entities: { ship: entity({ any }) } })],
    ['an event', defineGame({ entities: { ship }, events: { boom: event({ any }) } })],
    ['a command', defineGame({ entities: { ship }, commands: { say: command({ any }) } })],
    ['a reply', defineGame({ entities: { ship }, commands: { say: command({}).replies({ any }) } })],
    ['the room', defineGame({ entities: { ship }, roomState: { any } })],
    ['a player', defineGame({ entities: { ship }, playerState: { any } })],
  ])('a value in %s', (_where, { schema }) => {
    expect(needsLibrary(schema, undefined)).toBe(true);
  });

  test.each([[{}], [[]], [{ team: 'red' }]])('join options %j', (options) => {
    expect(needsLibrary(plain.schema, options)).toBe(true);
  });
});

test('an object where a game has none is a mistake of the server', () => {
  expect(() => scalarCodec.decode(Uint8Array.of(0x80))).toThrow(WireError);
});
