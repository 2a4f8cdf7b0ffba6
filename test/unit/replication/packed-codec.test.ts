import { describe, expect, test } from 'vitest';
import { WireError } from '../../../engine/core/errors.ts';
import { applyBody } from '../../../engine/replication/body-codec.ts';
import { ClientList } from '../../../engine/replication/client-list.ts';
import { HELD, TRACKED } from '../../../engine/replication/known-kind.ts';
import { type MessageBudget, MessagePlan } from '../../../engine/replication/message-plan.ts';
import { packedCodec } from '../../../engine/replication/packed-codec.ts';
import { LINEAR, PREVIOUS, VELOCITY } from '../../../engine/replication/predictor.ts';
import { OUT_OF_SCOPE, REMOVED, Replica } from '../../../engine/replication/replica.ts';
import { defineGame, entity } from '../../../engine/state/define-game.ts';
import { angle, int, num } from '../../../engine/state/fields.ts';
import { BitWriter, zigzag } from '../../../engine/wire/bits.ts';
import { Reader } from '../../../engine/wire/reader.ts';
import { Writer } from '../../../engine/wire/writer.ts';
import { EVERYTHING, NOTHING_OWN, Scene } from './scene.ts';

const { schema } = defineGame({
  tickRate: 30,
  entities: {
    ship: entity(
      {
        x: num({ min: 0, max: 100, precision: 1 / 2 }).hermite('vx'),
        vx: num({ min: -64, max: 64, precision: 1 }),
        heading: angle(6),
        hp: int(0, 100),
      },
      { max: 100 },
    ),
    rock: entity({ mass: int(0, 100_000) }, { max: 300 }),
  },
});
const [SHIP, ROCK] = [0, 1] as const;
const [X, VX, HEADING, HP, TELEPORT] = [0, 1, 2, 3, 4] as const;

/** Holds ship 2 once it is known. */
class ThirdShipHeld implements MessageBudget {
  readonly isRanking = true;
  isHeld = (kind: number, slot: number): boolean => kind === SHIP && slot === 2;
  urgency = (): number => 1;
  take = (): boolean => true;
  open(): void {
    // All are known from the start.
  }
  choose(): void {
    // It is always the same one.
  }
  allow(): void {
    // There is room for all.
  }
}

/** A client of packed bodies, both of its sides. */
class PackedClient {
  readonly scene = new Scene(schema);
  readonly replica = new Replica(schema);
  readonly list: ClientList;
  readonly plan: MessagePlan;

  constructor(budget?: MessageBudget) {
    this.list = new ClientList(schema, packedCodec, budget);
    this.plan = new MessagePlan(this.scene.lane);
    this.scene.tables[SHIP]?.spawn({ x: 10, vx: 15, heading: 0, hp: 90 });
    this.scene.tables[SHIP]?.spawn({ x: 20, vx: 0, heading: 3, hp: 80 });
    this.scene.tables[SHIP]?.spawn({ x: 30, vx: 0, heading: 6.2, hp: 70 });
    for (let i = 0; i < 3; i++) this.scene.tables[ROCK]?.spawn({ mass: 1000 * i });
  }

  exchange(): Uint8Array {
    this.scene.advance();
    this.list.prepare(this.plan, this.scene.lane, EVERYTHING, NOTHING_OWN, 0);
    const writer = new Writer();
    packedCodec.write(writer, this.scene.lane, this.plan);
    const body = writer.finish();
    applyBody(packedCodec, new Reader().open(body), this.replica, this.scene.tick & 127);
    return body;
  }

  /** Applies bits that somebody made up, as those of the next tick. Returns why they are refused. */
  refusal(write: (bits: BitWriter) => void): string {
    const bits = new BitWriter();
    write(bits);
    bits.finish();
    const writer = new Writer();
    writer.bin(bits.bytes, 0, bits.length);
    return this.refusalOf(writer.finish());
  }

  refusalOf(body: Uint8Array): string {
    try {
      const outcome = applyBody(packedCodec, new Reader().open(body), this.replica, (this.scene.tick + 1) & 127);
      expect([outcome, this.replica.awaitsReset]).toEqual(['applied', false]);
      return 'none';
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
      expect(this.replica.awaitsReset).toBe(true);
      return (error as WireError).reason;
    }
  }

  set(column: number, slot: number, value: number): void {
    this.scene.set(SHIP, column, slot, value);
  }
}

/** Tracks ships 0 and 1 and three rocks, holds ship 2, at tick 2. */
function createClient(): PackedClient {
  const client = new PackedClient(new ThirdShipHeld());
  client.exchange();
  client.exchange();
  const { status } = client.replica.kinds[SHIP]!;
  expect([...status.subarray(0, 3)]).toEqual([TRACKED, TRACKED, HELD]);
  return client;
}

// The parts of a body, as PROTOCOL.md names them.
type Part = (bits: BitWriter) => void;
const flags =
  (...names: string[]): Part =>
  (bits) => {
    for (const name of ['gap', 'reset', 'leaves', 'holds', 'refreshes', 'checksum'])
      bits.put(Number(names.includes(name)), 1);
  };
const header =
  (tick: number, since: number, ack = 0): Part =>
  (bits) => {
    for (const number of [tick, since, ack]) bits.putWide(number, 32);
  };
const gaps =
  (k: number, ...items: number[]): Part =>
  (bits) => {
    bits.expGolomb(items.length, 1);
    for (const item of items) bits.expGolomb(item, k);
  };
const ranks = (...items: number[]): Part => gaps(5, ...items);
const slots = (...items: number[]): Part => gaps(8, ...items);
const bit =
  (...values: number[]): Part =>
  (bits) => {
    for (const value of values) bits.put(value, 1);
  };
const number =
  (value: number, count: number): Part =>
  (bits) =>
    bits.putWide(value, count);
/** No words: predictors of vx, x and heading, then of nothing, then none of #teleport; of rocks none. */
const noShipWords: Part = (bits) => {
  for (const predictor of [PREVIOUS, PREVIOUS, PREVIOUS]) bits.put(predictor, 2);
  bit(0, 0, 0)(bits);
};
const noRockWords = bit(0);
const noWords: Part = (bits) => [noShipWords, noRockWords].map((part) => part(bits));
/** The movement group with one sparse word of ship 0: residuals of vx, x, heading. */
const shipWord =
  (predictors: readonly number[], residuals: readonly number[]): Part =>
  (bits) => {
    for (const predictor of predictors) bits.put(predictor, 2);
    bit(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)(bits);
    ranks(0)(bits);
    for (const residual of residuals) bits.expGolomb(zigzag(residual), 0);
    bit(0, 0, 0)(bits);
  };
/** A refresh of a ship behind its slot and flag: codes, then movement. */
const ship =
  (codes: readonly number[], ...movement: Part[]): Part =>
  (bits) => {
    [8, 7, 6, 7, 2].forEach((count, i) => {
      bits.putWide(codes[i] as number, count);
    });
    for (const part of movement) part(bits);
  };
const still: Part = (bits) => {
  bit(0, 0, 0)(bits); // changed flags
  bit(0)(bits);
  bits.put(0, 8); // x and its fraction
  bit(0, 0)(bits); // vx, heading
};
const ALL: readonly Part[] = [noWords];

describe('a body that cannot be', () => {
  const two = [PREVIOUS, PREVIOUS, PREVIOUS];
  test.each<[reason: string, why: string, parts: readonly Part[]]>([
    ['none', 'nothing happens', [flags(), ...ALL]],
    ['gap and reset in one body', 'both flags', [flags('gap', 'reset'), header(3, 2), ...ALL]],
    ['none', 'a gap', [flags('gap'), header(3, 2), ...ALL]],
    ['gap from another tick', 'a gap from 1', [flags('gap'), header(3, 1), ...ALL]],
    ['wrong tick', 'other low bits', [flags('gap'), header(4, 2), ...ALL]],
    ['wrong tick', 'no Int32', [flags('gap'), header(3 + 2 ** 31, 2), ...ALL]],
    ['none', 'a reset that keeps', [flags('reset'), header(3, 2), slots(0, 0), slots(1), ...ALL]],
    ['reset keeps another tick', 'since 1', [flags('reset'), header(3, 1), slots(0)]],
    ['reset keeps an untracked slot', 'the held ship', [flags('reset'), header(3, 2), slots(2)]],
    ['reset keeps an unknown slot', 'ship 90', [flags('reset'), header(3, 2), slots(90)]],
    ['slot out of range', 'ship 100', [flags('reset'), header(3, 2), slots(100)]],
    [
      'value out of range',
      'more kept than there can be',
      [flags('reset'), header(3, 2), (bits) => bits.expGolomb(101, 1)],
    ],
    ['none', 'all leave', [flags('leaves'), bit(0), ranks(0, 0), slots(2), ranks(0, 0, 0), slots()]],
    ['rank out of range', 'two of two, and a gap', [flags('leaves'), bit(0), ranks(1, 0)]],
    ['value out of range', 'three of two', [flags('leaves'), bit(0), ranks(0, 0, 0)]],
    ['held leave of a tracked slot', 'ship 1', [flags('leaves'), bit(0), ranks(), slots(1)]],
    ['leave of an unknown slot', 'ship 1 twice', [flags('leaves'), bit(0), ranks(1), slots(1)]],
    ['leave of an unknown slot', 'ship 50', [flags('leaves'), bit(0), ranks(), slots(50)]],
    [
      'none',
      'the ranks of holds are those of before',
      [flags('leaves', 'holds'), bit(0), ranks(0), slots(), ranks(), slots(), ranks(1), ranks(), noRockWords],
    ],
    [
      'hold of an untracked slot',
      'who leaves',
      [flags('leaves', 'holds'), bit(0), ranks(0), slots(), ranks(), slots(), ranks(0)],
    ],
    ['rank out of range', 'the third of two', [flags('holds'), ranks(2)]],
    ['none', 'a word', [flags(), shipWord(two, [1, 2, 3]), noRockWords]],
    ['wrong predictor', 'number 3', [flags(), number(3, 2)]],
    ['wrong predictor', 'velocity of a velocity', [flags(), number(VELOCITY, 2)]],
    ['none', 'velocity where there is one', [flags(), shipWord([PREVIOUS, VELOCITY, LINEAR], [0, 0, 0]), noRockWords]],
    ['value out of range', 'x below its range', [flags(), shipWord(two, [0, -21, 0]), noRockWords]],
    ['value out of range', 'x above its range', [flags(), shipWord(two, [0, 180, 0]), noRockWords]],
    ['none', 'x to its last step', [flags(), shipWord(two, [0, 179, 0]), noRockWords]],
    ['none', 'an angle around and more', [flags(), shipWord(two, [0, 0, 64]), noRockWords]],
    ['value out of range', 'an angle around twice', [flags(), shipWord(two, [0, 0, 65]), noRockWords]],
    [
      'rank out of range',
      'a toggle of the third of two',
      [
        flags(),
        number(0, 6),
        bit(1, 1),
        number(0, 9),
        (bits) => bits.expGolomb(1, 3),
        number(0, 4),
        (bits) => bits.rice(2, 0),
      ],
    ],
    [
      'value out of range',
      'three toggles of two',
      [flags(), number(0, 6), bit(1, 1), number(0, 9), (bits) => bits.expGolomb(3, 3)],
    ],
    [
      'value out of range',
      'three words of two',
      [flags(), number(0, 6), bit(1, 0), number(0, 9), (bits) => bits.expGolomb(3, 1)],
    ],
    ['code too long', 'zeros', [flags(), number(0, 6), bit(1, 0), number(0, 9), number(0, 32)]],
    ['none', 'a refresh', [flags('refreshes'), ...ALL, slots(9), bit(0), ship([0, 0, 0, 0, 0], still), slots()]],
    [
      'none',
      'a refresh of who is held',
      [flags('refreshes'), ...ALL, slots(2), bit(1), ship([199, 127, 63, 100, 3]), slots()],
    ],
    ['refresh of a tracked slot', 'ship 1', [flags('refreshes'), ...ALL, slots(1), bit(0)]],
    ['refresh keeps an unknown slot held', 'ship 9', [flags('refreshes'), ...ALL, slots(9), bit(1)]],
    ['slot out of range', 'ship 100', [flags('refreshes'), ...ALL, slots(100)]],
    ['value out of range', 'ship 101', [flags('refreshes'), ...ALL, slots(101)]],
    ['value out of range', 'x of 200 levels', [flags('refreshes'), ...ALL, slots(2), bit(1), ship([200, 0, 0, 0, 0])]],
    ['value out of range', 'hp of 101', [flags('refreshes'), ...ALL, slots(2), bit(1), ship([0, 0, 0, 101, 0])]],
    [
      'value out of range',
      'a fraction below 0',
      [flags('refreshes'), ...ALL, slots(9), bit(0), ship([0, 0, 0, 0, 0], bit(0, 0, 0, 0), number(255, 8))],
    ],
    [
      'value out of range',
      'a fraction above the last step',
      [flags('refreshes'), ...ALL, slots(9), bit(0), ship([199, 0, 0, 0, 0], bit(0, 0, 0, 0), number(1, 8))],
    ],
    [
      'value out of range',
      'D of more than all levels',
      [
        flags('refreshes'),
        ...ALL,
        slots(9),
        bit(0),
        ship([0, 0, 0, 0, 0], bit(0, 0, 0, 1), (bits) => bits.expGolomb(zigzag(201), 6)),
      ],
    ],
    ['checksum does not agree', 'another one', [flags('checksum'), ...ALL, number(1, 32)]],
    ['body has more than it says', 'a bit', [flags(), ...ALL, bit(1)]],
    ['body has more than it says', 'a byte', [flags(), ...ALL, number(0, 8)]],
    ['body cut short', 'a part is missing', [flags('leaves')]],
  ])('%s: %s', (reason, _, parts) => {
    expect(createClient().refusal((bits) => parts.map((part) => part(bits)))).toBe(reason);
  });

  test('no bits at all, or no bin', () => {
    expect(createClient().refusal(() => undefined)).toBe('body cut short');
    expect(createClient().refusalOf(Uint8Array.of(0x90))).toBe('not a bin');
    expect(createClient().refusalOf(Uint8Array.of(0xc4, 9, 0))).toBe('message cut short');
    expect(createClient().refusalOf(Uint8Array.of(0xc4, 2, 0, 0, 0xc0))).toBe('bytes behind the message');
  });

  test('wherever it is cut', () => {
    const client = new PackedClient();
    const body = client.exchange();
    for (let length = 0; length < body.length - 2; length++) {
      const other = new Replica(schema);
      const cut = Uint8Array.of(0xc4, length, ...body.subarray(2, 2 + length));
      expect(() => applyBody(packedCodec, new Reader().open(cut), other, 1)).toThrow(WireError);
    }
  });
});

describe('leaves', () => {
  test('say why only when somebody is out of sight', () => {
    const leave = (...parts: Part[]) => {
      const client = createClient();
      const all = [flags('leaves'), ...parts, ranks(), slots(), noRockWords];
      expect(client.refusal((bits) => all.map((part) => part(bits)))).toBe('none');
      const { left } = client.replica;
      return Array.from({ length: left.count }, (_, i) => [left.slots[i], left.reasons[i]]);
    };
    expect(leave(bit(0), ranks(0, 0), slots(2))).toEqual([
      [0, REMOVED],
      [1, REMOVED],
      [2, REMOVED],
    ]);
    const told: Part = (bits) => {
      bits.expGolomb(2, 1);
      for (const isOutOfSight of [1, 0]) {
        bits.expGolomb(0, 5);
        bits.put(isOutOfSight, 1);
      }
      bits.expGolomb(1, 1);
      bits.expGolomb(2, 8);
      bits.put(1, 1);
    };
    expect(leave(bit(1), told)).toEqual([
      [0, OUT_OF_SCOPE],
      [1, REMOVED],
      [2, OUT_OF_SCOPE],
    ]);
  });
});

describe('what a client holds', () => {
  const kindOf = (client: PackedClient) => client.replica.kinds[SHIP]!;

  test('P moves by the velocity of this very tick, fraction and all, without a word of its own', () => {
    const client = new PackedClient();
    for (let i = 0; i < 2; i++) client.exchange();
    client.scene.lane.kinds[SHIP]!.fields[X]!.nextPredictor = VELOCITY;
    // 15 units a second are a step of a half each tick; then 21 are 1.4 steps.
    client.set(VX, 0, 21);
    client.set(X, 0, 10 + 21 / 30);
    client.exchange();
    const { columns, steps, changed } = kindOf(client);
    expect(columns[VX]![0]).toBe((21 + 64) * 256);
    expect(columns[X]![0]).toBe(client.scene.lane.kinds[SHIP]!.fields[X]!.p[0]);
    expect([steps[X]![0], changed[0]![0]]).toEqual([1, 1]);
  });

  test('a jump leaves no motion behind', () => {
    const client = new PackedClient();
    client.exchange();
    client.set(HEADING, 1, 4);
    client.set(TELEPORT, 1, 1);
    client.exchange();
    expect(kindOf(client).steps.map((d) => d[1] ?? 0)).toEqual([0, 0, 0, 0, 0]);
    expect(kindOf(client).changed.map((each) => each[1])).toEqual([1, 0, 1]);
  });

  test('a world at rest costs two bytes', () => {
    const client = new PackedClient();
    client.set(VX, 0, 0);
    for (let i = 0; i < 6; i++) client.exchange();
    // 6 flags, 3 predictors of 2, nothing changed in three groups and one.
    expect([...client.exchange().subarray(0, 2)]).toEqual([0xc4, 2]);
    client.set(HP, 0, 1);
    expect(client.exchange()[1]).toBeGreaterThan(2);
  });
});
