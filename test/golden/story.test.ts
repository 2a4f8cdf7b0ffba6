// The numbers of PROTOCOL.md's story against the engine itself: its schema, its replica, its codes and its checksums.
import { expect, test } from 'vitest';
import { applyBody, type BodyReader } from '../../engine/replication/body-codec.ts';
import { packedCodec } from '../../engine/replication/packed-codec.ts';
import { plainCodec } from '../../engine/replication/plain-codec.ts';
import { Replica } from '../../engine/replication/replica.ts';
import { quantizeInput, writeInputBits } from '../../engine/state/input.ts';
import { encodePayload } from '../../engine/state/payload.ts';
import { Reader } from '../../engine/wire/reader.ts';
import { Writer } from '../../engine/wire/writer.ts';
import { playStory } from './packed-story.ts';
import { STORY, writeTree } from './states.ts';
import { storyGame } from './story-game.ts';

const { schema } = storyGame;
const [ship] = schema.kinds;

function bytesOf(tree: unknown): Uint8Array {
  const writer = new Writer();
  writeTree(writer, tree);
  return writer.finish();
}

test('the game has the numbers that the document gives it', () => {
  expect(ship?.packed.map(({ name, bits }) => [name, bits])).toEqual([
    ['x', 16],
    ['y', 16],
    ['hp', 7],
    ['#teleport', 2],
  ]);
  expect(ship?.groups.map(({ fields }) => fields)).toEqual([[0, 1], [2], [3]]);
  expect(ship?.bodyFields).toEqual([0, 1, 2, 3]);
  expect(ship?.stepFields).toEqual([0, 1, 2]);
  expect(ship?.rare.map(({ name }) => name)).toEqual(['name']);
});

test('inputs and payloads are the ones of the examples', () => {
  const bytes = new Uint8Array(schema.input.byteLength);
  const inputs = [
    { thrust: true, turn: 0, fire: false },
    { thrust: true, turn: 0, fire: true },
  ];
  const written = inputs.map((value) => {
    writeInputBits(schema.input, quantizeInput(schema.input, value), bytes, 0);
    return [...bytes];
  });
  expect(written).toEqual([[0b0011], [0b1011]]);
  const [explosion] = schema.events;
  expect(encodePayload(explosion!, { x: 199.8125, y: 51 })).toEqual([3197, 816]);
  const [chat, buy] = schema.commands;
  expect(encodePayload(chat!, { text: 'hello' })).toEqual(['hello']);
  expect(encodePayload(buy!, { item: 42 })).toEqual([42]);
  expect(encodePayload(buy!.reply!, { ok: true })).toEqual([1]);
});

/** The table that the document shows after each message. */
const TABLES = [
  [
    [0, 'tracked', 1600, 800, 100, 0],
    [2, 'tracked', 3200, 800, 80, 0],
  ],
  [
    [0, 'tracked', 1624, 800, 100, 0],
    [2, 'tracked', 3197, 816, 70, 0],
  ],
  [
    [0, 'tracked', 1648, 800, 100, 0],
    [2, 'held', 3197, 816, 70, 0],
    [5, 'tracked', 4000, 4000, 100, 0],
  ],
  [
    [0, 'tracked', 3648, 800, 100, 1],
    [2, 'held', 3100, 900, 60, 0],
  ],
  [
    [0, 'tracked', 3720, 800, 100, 1],
    [2, 'tracked', 3050, 950, 55, 0],
  ],
];

/** What a client holds after each message. */
function follow(codec: BodyReader, bodies: readonly { tick: number; body: Uint8Array }[]): unknown[] {
  const replica = new Replica(schema);
  const statuses = ['unknown', 'tracked', 'held'];
  return bodies.map(({ tick, body }) => {
    expect(applyBody(codec, new Reader().open(body), replica, tick & 127)).toBe('applied');
    expect(replica.tick).toBe(tick);
    const [kind] = replica.kinds;
    const rows: unknown[] = [];
    for (let slot = 0; slot < kind!.high; slot++) {
      const status = statuses[kind!.status[slot]!]!;
      if (status === 'unknown') continue;
      const codes = ship!.packed.map(({ kernel }, i) => kind!.columns[i]![slot]! >> (kernel === 'snap' ? 0 : 8));
      rows.push([slot, status, ...codes]);
    }
    return rows;
  });
}

test('a client that applies the story holds what the document says, checksums included', () => {
  const plain = STORY.map(({ tick, body }) => ({ tick, body: bytesOf(body) }));
  const packed = playStory().map(({ tick, packed: body }) => {
    const writer = new Writer();
    writer.bin(body);
    return { tick, body: writer.finish() };
  });
  expect(follow(plainCodec, plain)).toEqual(TABLES);
  expect(follow(packedCodec, packed)).toEqual(TABLES);
});

test('the engine that plays the story writes it in these very bytes', () => {
  expect(playStory().map(({ tick, plain }) => [tick, plain])).toEqual(
    STORY.map(({ tick, body }) => [tick, bytesOf(body)]),
  );
});
