import { describe, expect, test } from 'vitest';
import { WireError } from '../../../engine/core/errors.ts';
import { Random } from '../../../engine/core/random.ts';
import { HELD, TRACKED, UNKNOWN } from '../../../engine/replication/known-kind.ts';
import type { MessageBudget } from '../../../engine/replication/message-plan.ts';
import { plainCodec } from '../../../engine/replication/plain-codec.ts';
import { FORGOTTEN, OUT_OF_SCOPE, REMOVED } from '../../../engine/replication/replica.ts';
import { defineGame, entity } from '../../../engine/state/define-game.ts';
import { angle, int, num } from '../../../engine/state/fields.ts';
import { Writer } from '../../../engine/wire/writer.ts';
import { Client, decode, Scene } from './scene.ts';

const { schema } = defineGame({
  tickRate: 30,
  entities: {
    ship: entity({
      x: num({ min: 0, max: 100, precision: 1 / 2 }).hermite('vx'),
      vx: num({ min: -64, max: 64, precision: 1 }),
      heading: angle(6),
      hp: int(0, 100),
    }),
    rock: entity({ size: int(0, 5), mass: int(0, 100_000) }, { max: 300 }),
  },
});
const [SHIP, ROCK] = [0, 1] as const;
const [X, VX, HEADING, HP] = [0, 1, 2, 3] as const;

function spawnAll(scene: Scene): void {
  scene.tables[SHIP]?.spawn({ x: 10, vx: 15, heading: 0, hp: 90 });
  scene.tables[SHIP]?.spawn({ x: 20, vx: 0, heading: 3, hp: 80 });
  scene.tables[SHIP]?.spawn({ x: 30, vx: 0, heading: 6.2, hp: 70 });
  for (let i = 0; i < 3; i++) scene.tables[ROCK]?.spawn({ size: i, mass: 99_000 + i });
}

describe('a stream that can be followed with a pencil', () => {
  const scene = new Scene(schema);
  const client = new Client(scene);
  const hidden = new Set<string>();
  client.visible = { everyone: false, has: (kind, slot) => !hidden.has(`${kind}/${slot}`) };
  spawnAll(scene);

  test('the first message is a reset with everything', () => {
    scene.advance();
    const [header, leaves, holds, words, refreshes, checksum] = client.exchange() as unknown[];
    expect(header).toEqual([1, 1, 0, 0, []]);
    expect([leaves, holds, words]).toEqual([null, null, null]);
    expect(refreshes).toEqual([
      // x in halves; vx from -64; heading in 64ths of a turn; hp; the teleport counter
      [SHIP, [0, 0, 0], [], [20, 40, 60], [79, 64, 64], [0, 31, 63], [90, 80, 70], [0, 0, 0]],
      [ROCK, [0, 0, 0], [], [0, 1, 2], [99_000, 99_001, 99_002]],
    ]);
    expect(checksum).toBe(plainCodec.checksum(client.replica));
    expect(client.replica.entered.count).toBe(6);
  });

  test('who moves as predicted has a delta like everyone else', () => {
    scene.set(SHIP, X, 0, 10.5);
    scene.set(SHIP, HEADING, 2, 0.2);
    scene.set(SHIP, HP, 1, 75);
    scene.set(ROCK, 1, 2, 4);
    scene.advance();
    expect(client.exchange()).toEqual([
      null,
      null,
      null,
      [
        // Ships 0 and 2 in the group of what moves: velocity first, then the rest as declared.
        [SHIP, 0, [0, 1], null, [1, 0], [0, 3]],
        [SHIP, 1, [1], [-5]],
        [ROCK, 1, [2], [-98_998]],
      ],
    ]);
    expect([0, 1, 2].map((slot) => client.codes(SHIP, slot))).toEqual([
      [21, 79, 0, 90, 0],
      [40, 64, 31, 75, 0],
      [60, 64, 2, 70, 0],
    ]);
  });

  test('a world at rest costs one byte', () => {
    scene.set(SHIP, VX, 0, 0);
    scene.advance();
    client.exchange();
    scene.advance();
    client.exchange();
    scene.advance();
    expect(client.exchange()).toEqual([]);
    expect(client.replica.tick).toBe(5);
  });

  test('a leave says whether the entity is gone or only out of sight', () => {
    scene.tables[SHIP]?.despawn(2);
    hidden.add(`${ROCK}/0`).add(`${ROCK}/1`);
    scene.advance();
    expect(client.exchange()).toEqual([
      null,
      [
        [SHIP, [2], []],
        [ROCK, [], [0, 0]],
      ],
    ]);
    const { left } = client.replica;
    expect([...left.reasons.subarray(0, left.count)]).toEqual([REMOVED, OUT_OF_SCOPE, OUT_OF_SCOPE]);
    expect(client.status(SHIP, 2)).toBe(UNKNOWN);
  });

  test('what enters again is a refresh', () => {
    hidden.clear();
    scene.advance();
    expect(client.exchange()).toEqual([null, null, null, null, [[ROCK, [0, 0], [], [0, 1], [99_000, 99_001]]]]);
  });

  test('after a gap what moved is held and refreshed, what rested is not mentioned', () => {
    scene.set(SHIP, X, 1, 50);
    scene.advance(); // 8, not sent
    scene.set(SHIP, HP, 0, 1); // a word of this very tick is sent as ever
    scene.advance(); // 9
    const [header, leaves, holds, words, refreshes] = client.exchange() as unknown[];
    expect(header).toEqual([0, 9, 7, 0]);
    expect([leaves, holds]).toEqual([null, [[SHIP, 1]]]);
    expect(words).toEqual([[SHIP, 1, [0], [-89]]]);
    expect(refreshes).toEqual([[SHIP, [1], [], [100], [64], [31], [75], [0]]]);
    expect(client.codes(SHIP, 1)[0]).toBe(100);
  });

  test('the client follows a checksum, and finds what differs', () => {
    while (scene.tick < 63) {
      scene.advance();
      expect((client.exchange() as unknown[]).length).toBeLessThan(6);
    }
    scene.advance();
    const good = client.send();
    expect((decode(good) as unknown[])[5]).toBe(plainCodec.checksum(client.replica));
    (client.replica.kinds[SHIP]?.columns[HP] as Int32Array)[0]!--;
    expect(() => client.receive(good)).toThrow(new WireError('checksum does not agree'));
    expect(client.replica.awaitsReset).toBe(true);
  });

  test('until a reset came bodies are skipped, and their ticks followed', () => {
    for (let i = 0; i < 200; i++) scene.advance();
    expect(client.receive(client.send())).toBe('skipped');
    expect([client.replica.newestTick, client.replica.tick]).toEqual([264, 64]);
    client.list.requestReset();
    scene.advance();
    expect(client.receive(client.send(7000))).toBe('applied');
    expect([client.replica.tick, client.replica.ack, client.replica.awaitsReset]).toEqual([265, 7000, false]);
    expect(client.codes(SHIP, 0)).toEqual([21, 64, 0, 1, 0]);
    const { left, entered } = client.replica;
    expect(left.count).toBe(entered.count);
    expect(left.reasons[0]).toBe(FORGOTTEN);
  });
});

/** Has ship 2 held once it is known. */
class ThirdShipHeld implements MessageBudget {
  readonly isRanking = true;
  isHeld(kind: number, slot: number): boolean {
    return kind === SHIP && slot === 2;
  }
  urgency(): number {
    return 1;
  }
  take(): boolean {
    return true;
  }
  open(): void {
    // It says all it has to say by itself.
  }
  choose(): void {
    // It says all it has to say by itself.
  }
  allow(): void {
    // It says all it has to say by itself.
  }
}

describe('a body that cannot be', () => {
  /** A client that tracks ships 0 and 1 and holds ship 2, at tick 2. */
  function createClient(): Client {
    const scene = new Scene(schema);
    const client = new Client(scene, new ThirdShipHeld());
    spawnAll(scene);
    scene.advance();
    client.exchange();
    scene.advance();
    client.exchange();
    scene.tick = 3;
    return client;
  }

  function refusal(body: unknown[]): string {
    const client = createClient();
    expect([0, 1, 2].map((slot) => client.status(SHIP, slot))).toEqual([TRACKED, TRACKED, HELD]);
    const writer = new Writer();
    writeAny(writer, body);
    try {
      client.receive(writer.finish());
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
      expect(client.replica.awaitsReset).toBe(true);
      return (error as WireError).reason;
    }
    return 'none';
  }

  test.each([
    ['none', [null, null, [[SHIP, 0]]]],
    ['none', [null, [[SHIP, [0, 0, 0], []]]]],
    ['none', [null, null, null, null, null, null, 'of a later version', [1, 2]]],
    ['leave of an unknown slot', [null, [[SHIP, [3], []]]]],
    ['leave of an unknown slot', [null, [[SHIP, [0], [0]]]]],
    ['slot out of range', [null, [[ROCK, [300], []]]]],
    ['integer out of range', [null, [[ROCK, [301], []]]]],
    ['hold of an untracked slot', [null, null, [[SHIP, 2]]]],
    ['hold of an untracked slot', [null, null, [[SHIP, 70]]]],
    ['wrong kind', [null, null, [[2, 0]]]],
    [
      'wrong kind',
      [
        null,
        null,
        [
          [ROCK, 0],
          [SHIP, 0],
        ],
      ],
    ],
    ['word for an untracked slot', [null, null, null, [[SHIP, 1, [2], [1]]]]],
    ['word for an untracked slot', [null, null, null, [[SHIP, 1, [99], [1]]]]],
    ['value out of range', [null, null, null, [[SHIP, 1, [0], [11]]]]],
    ['value out of range', [null, null, null, [[SHIP, 0, [0], [0], [0], [2000]]]]],
    ['value out of range', [null, null, null, [[SHIP, 1, [0], [-91]]]]],
    ['lists of unequal length', [null, null, null, [[SHIP, 1, [0], [1, 1]]]]],
    ['lists of unequal length', [null, null, null, [[SHIP, 0, [0], [0]]]]],
    ['lists of unequal length', [null, null, null, [[SHIP, 0, [0], null, [], null]]]],
    ['none', [null, null, null, [[SHIP, 0, [0], null, [1], null]]]],
    [
      'wrong group',
      [
        null,
        null,
        null,
        [
          [SHIP, 1, [0], [1]],
          [SHIP, 1, [1], [1]],
        ],
      ],
    ],
    ['wrong group', [null, null, null, [[SHIP, 3, [0], [1]]]]],
    [
      'wrong kind',
      [
        null,
        null,
        null,
        [
          [ROCK, 0, [0], [1]],
          [SHIP, 0, [1], [1]],
        ],
      ],
    ],
    ['refresh of a tracked slot', [null, null, null, null, [[ROCK, [1], [], [1], [1]]]]],
    ['refresh keeps an unknown slot held', [null, null, null, null, [[ROCK, [9], [1], [1], [1]]]]],
    ['integer out of range', [null, null, null, null, [[ROCK, [9], [], [6], [1]]]]],
    ['lists of unequal length', [null, null, null, null, [[ROCK, [9, 0], [0], [1, 1], [1, 1]]]]],
    ['array too long', [null, null, null, null, [[ROCK, [9], [0, 0], [1], [1]]]]],
    ['wrong tick', [[0, 4, 2, 0]]],
    ['wrong tick', [[0, 3 + 2 ** 31, 2, 0]]],
    ['gap from another tick', [[0, 3, 1, 0]]],
    ['none', [[0, 3, 2, 0]]],
    ['reset keeps another tick', [[1, 3, 1, 0, [[SHIP, 0]]]]],
    ['reset keeps an untracked slot', [[1, 3, 2, 0, [[SHIP, 2]]]]],
    ['elements missing', [[1, 3, 2, 0]]],
    [
      'none',
      [
        [
          1,
          3,
          2,
          0,
          [
            [SHIP, 0, 0],
            [ROCK, 1],
          ],
        ],
      ],
    ],
    ['checksum does not agree', [null, null, null, null, null, 1]],
  ])('%s: %j', (reason, body) => {
    expect(refusal(body)).toBe(reason);
  });

  test('a tick that came already', () => {
    const client = createClient();
    expect(() => client.receive(Uint8Array.of(0x90), 2)).toThrow('wrong tick');
  });

  test('bytes behind it', () => {
    expect(() => createClient().receive(Uint8Array.of(0x90, 0x90))).toThrow('bytes behind the message');
  });
});

test('no bytes whatever do more harm than a WireError, and a reset heals it', () => {
  const random = new Random(71);
  const scene = new Scene(schema);
  spawnAll(scene);
  const client = new Client(scene);
  const witness = new Client(scene);
  let refused = 0;
  for (let i = 0; i < 4000; i++) {
    const table = scene.tables[random.int(0, 1)]!;
    if (random.next() < 0.3 && table.count < 250) table.spawn({});
    if (random.next() < 0.2) table.despawn(random.int(0, table.high - 1));
    for (let slot = 0; slot < scene.tables[SHIP]!.high; slot += random.int(1, 4)) {
      scene.set(SHIP, X, slot, random.int(0, 99));
      scene.set(SHIP, HEADING, slot, random.next() * 6);
    }
    scene.advance();
    witness.receive(witness.send());
    const body = client.send();
    if (random.next() < 0.02) client.list.requestReset();
    const isHarmed = random.next() < 0.7;
    const { awaitsReset } = client.replica;
    try {
      const outcome = client.receive(isHarmed ? harm(body, random) : body);
      if (awaitsReset && !client.replica.isReset) expect(outcome).toBe('skipped');
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
      expect(client.replica.awaitsReset).toBe(true);
      refused++;
    }
    for (const kind of client.replica.kinds) expect(kind.status.length).toBeLessThanOrEqual(kind.kind.capacity);
  }
  expect(refused).toBeGreaterThan(500);
  client.list.requestReset();
  scene.advance();
  client.receive(client.send());
  witness.receive(witness.send());
  expect(client.replica.awaitsReset).toBe(false);
  expect(plainCodec.checksum(client.replica)).toBe(plainCodec.checksum(witness.replica));
});

/** Turns bytes, cuts, repeats, or makes something up. */
function harm(body: Uint8Array, random: Random): Uint8Array {
  const way = random.int(0, 4);
  if (way === 0) return Uint8Array.from({ length: random.int(0, 60) }, () => random.int(0, 255));
  if (way === 1) return body.slice(0, random.int(0, body.length));
  const harmed = way === 2 ? Uint8Array.from([...body, ...body]) : body.slice();
  for (let i = random.int(1, 3); i > 0; i--) {
    const at = random.int(0, harmed.length - 1);
    harmed[at] = random.next() < 0.5 ? harmed[at]! ^ (1 << random.int(0, 7)) : random.int(0, 255);
  }
  return harmed;
}

function writeAny(writer: Writer, value: unknown): void {
  if (value === null) writer.nil();
  else if (typeof value === 'number') writer.int(value);
  else if (typeof value === 'string') writer.text(value);
  else if (Array.isArray(value)) {
    writer.array(value.length);
    for (const element of value) writeAny(writer, element);
  }
}
