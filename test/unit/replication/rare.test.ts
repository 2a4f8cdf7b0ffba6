import { describe, expect, test } from 'vitest';
import { RareList } from '../../../engine/replication/rare-list.ts';
import { RareLog } from '../../../engine/replication/rare-log.ts';
import { defineGame, entity } from '../../../engine/state/define-game.ts';
import { int, num, ref, text, uint32, value } from '../../../engine/state/fields.ts';
import { StateRecord } from '../../../engine/state/record.ts';
import type { VisibilityRule } from '../../../engine/state/schema.ts';
import type { Table } from '../../../engine/state/table.ts';
import { sweepRefs } from '../../../engine/state/world.ts';
import { createMsgpackrCodec } from '../../../engine/wire/msgpackr.node.ts';
import type { ValueCodec } from '../../../engine/wire/value-codec.ts';
import { Writer } from '../../../engine/wire/writer.ts';
import { Client, decode, Scene } from './scene.ts';

const friends: VisibilityRule = () => true;
const { schema } = defineGame({
  tickRate: 10,
  entities: {
    ship: entity(
      {
        x: num({ min: 0, max: 100, precision: 1 }),
        fuel: int(0, 100).default(50).visibleTo('owner'),
        seed: uint32().visibleTo('server'),
        team: uint32().visibleTo(friends),
        name: text(1000),
        wish: ref('ship'),
        cargo: value<object>(),
      },
      { max: 10_000 },
    ),
    rock: entity({ size: int(0, 9) }),
  },
  roomState: { round: int(0, 9), motto: text(9), plan: value<object>() },
  playerState: { score: int(0, 99), title: text(9) },
});
const SHIP = 0;
const [ROOM, PLAYER] = [2, 3] as const;
const fieldNamed = (name: string) => schema.kinds[SHIP]?.rare.find((field) => field.name === name)?.index ?? -1;
const FUEL = fieldNamed('fuel');
const TEAM = fieldNamed('team');
const NAME = fieldNamed('name');
const WISH = fieldNamed('wish');
const CARGO = fieldNamed('cargo');

/** A scene whose clients are told of rare values. */
class RareScene extends Scene {
  readonly log: RareLog;
  readonly room: StateRecord;
  encoded = 0;
  /** Whom the rule admits. */
  admits = true;

  constructor() {
    super(schema);
    const inner = createMsgpackrCodec();
    const values: ValueCodec = {
      encode: (each) => {
        this.encoded++;
        return inner.encode(each);
      },
      decode: (bytes) => inner.decode(bytes),
    };
    this.room = this.record('roomState', (index) => this.log.noteRoom(index, this.tick + 1));
    this.log = new RareLog(schema, this.tables, this.room, values);
  }

  get ships(): Table {
    return this.tables[SHIP] as Table;
  }

  record(name: 'roomState' | 'playerState', onChange: (index: number) => void): StateRecord {
    const refTargets = this.tables;
    return new StateRecord(schema[name], { name, isWritable: true, onChange, refTargets, resolveRef: () => undefined });
  }

  override advance(): void {
    sweepRefs(this.tables);
    super.advance();
    this.log.record(this.tick);
  }
}

class RareClient extends Client {
  readonly rareScene: RareScene;
  readonly rare: RareList;

  constructor(scene: RareScene) {
    super(scene);
    this.rareScene = scene;
    this.rare = new RareList(scene.log);
  }

  /** Sends, and returns the rare values sent: [kind, slot, field, value]. */
  tell(): unknown[][] {
    this.receive(this.send());
    const { plan, log } = this.rareScene;
    this.rare.collect(plan, log, () => this.rareScene.admits);
    const writer = new Writer();
    this.rare.write(writer, log);
    return decode(writer.finish()) as unknown[][];
  }
}

function createRoom(): { scene: RareScene; client: RareClient } {
  const scene = new RareScene();
  return { scene, client: new RareClient(scene) };
}

describe('values of entities', () => {
  test('come with the first refresh unless they are the default, and then when they change', () => {
    const { scene, client } = createRoom();
    scene.ships.spawn({ name: 'Ada' });
    scene.ships.spawn({});
    scene.advance();
    expect(client.tell()).toEqual([[SHIP, 0, NAME, 'Ada']]);
    scene.advance();
    expect(client.tell()).toEqual([]);
    scene.ships.writeRare(1, NAME, 'Bea');
    scene.ships.writeRare(1, NAME, 'Bee');
    scene.ships.writeRare(0, NAME, '');
    scene.advance();
    expect(client.tell()).toEqual([
      [SHIP, 1, NAME, 'Bee'],
      [SHIP, 0, NAME, ''],
    ]);
  });

  test('of ticks that were skipped come once, with the newest value', () => {
    const { scene, client } = createRoom();
    scene.ships.spawn({});
    scene.advance();
    client.tell();
    for (const name of ['a', 'b', 'c']) {
      scene.ships.writeRare(0, NAME, name);
      scene.advance();
    }
    expect(client.tell()).toEqual([[SHIP, 0, NAME, 'c']]);
  });

  test('reach a client that skipped more than the log holds', () => {
    const { scene, client } = createRoom();
    for (let i = 0; i < 3; i++) scene.ships.spawn({ name: 'x' });
    for (let i = 0; i < 5000; i++) scene.ships.spawn({});
    scene.advance();
    while (client.tell().length > 0 || scene.plan.isPending) scene.advance();
    scene.ships.writeRare(2, NAME, 'early');
    scene.advance();
    for (let round = 0; round < 2; round++) {
      for (let slot = 3; slot < 5003; slot++) scene.ships.writeRare(slot, NAME, `n${round}`);
      scene.advance();
    }
    expect(scene.log.floorTick).toBeGreaterThan(client.list.lastTick);
    const told = client.tell();
    expect(told.length).toBe(5001);
    expect(told.filter(([, slot]) => (slot as number) < 3)).toEqual([[SHIP, 2, NAME, 'early']]);
  });

  test('are encoded once per change, however many clients get them', () => {
    const { scene, client } = createRoom();
    const other = new RareClient(scene);
    scene.ships.spawn({ cargo: { gold: 1 } });
    scene.advance();
    expect(client.tell()).toEqual([[SHIP, 0, CARGO, { gold: 1 }]]);
    expect(other.tell()).toEqual([[SHIP, 0, CARGO, { gold: 1 }]]);
    expect(scene.encoded).toBe(1);
    const cargo = scene.ships.rare[CARGO]?.[0] as { gold: number };
    cargo.gold = 2;
    scene.ships.writeRare(0, CARGO, cargo);
    scene.advance();
    expect([client.tell(), other.tell()]).toEqual([[[SHIP, 0, CARGO, { gold: 2 }]], [[SHIP, 0, CARGO, { gold: 2 }]]]);
    expect(scene.encoded).toBe(2);
  });

  test('are sent as they were when they were given, whatever becomes of the object', () => {
    const { scene, client } = createRoom();
    const bin = Buffer.from([1, 2]);
    const cargo: { gold: number; list: unknown[]; bin: Uint8Array; self?: unknown } = {
      gold: 1,
      list: [{ a: 1 }],
      bin,
    };
    const asGiven = { gold: 1, list: [{ a: 1 }], bin: Uint8Array.of(1, 2) };
    const { view } = scene.room;
    scene.ships.spawn({ cargo });
    scene.ships.spawn({});
    scene.ships.writeRare(1, CARGO, cargo);
    Object.assign(view, { plan: cargo });
    // Neither would get through the check.
    cargo.self = cargo;
    cargo.list.push(() => undefined);
    (cargo.list[0] as { a: number }).a = Number.NaN;
    bin[0] = 9;
    scene.advance();
    const expected = [
      [ROOM, 0, 2, asGiven],
      [SHIP, 0, CARGO, asGiven],
      [SHIP, 1, CARGO, asGiven],
    ];
    expect(client.tell()).toEqual(expected);
    // Also to who comes later; and authors read what they gave.
    expect(new RareClient(scene).tell()).toEqual(expected);
    expect((view as { plan: object }).plan).toBe(cargo);
    expect(scene.ships.rare[CARGO]?.[1]).toBe(cargo);
  });

  test('point to slots, and to nothing when their target is gone', () => {
    const { scene, client } = createRoom();
    scene.ships.spawn({});
    scene.ships.spawn({});
    scene.ships.writeRare(0, WISH, scene.ships.idOf(1));
    scene.advance();
    expect(client.tell()).toEqual([[SHIP, 0, WISH, 1]]);
    scene.ships.despawn(1);
    scene.advance();
    expect(client.tell()).toEqual([[SHIP, 0, WISH, null]]);
  });

  test('that do not fit a message wait for the next one', () => {
    const { scene, client } = createRoom();
    for (let i = 0; i < 100; i++) scene.ships.spawn({ name: `${i}:`.padEnd(1000, 'x') });
    scene.advance();
    const first = client.tell();
    expect(first.length).toBe(66);
    scene.ships.despawn(99);
    scene.ships.writeRare(98, NAME, 'short');
    scene.advance();
    const second = client.tell();
    // 99 is gone, and 98 waited already when it changed.
    expect(second.length).toBe(33);
    expect(second.filter(([, slot]) => slot === 98)).toEqual([[SHIP, 98, NAME, 'short']]);
    scene.advance();
    expect(client.tell()).toEqual([]);
  });

  test('wait once each, however often they change, and are right in the end', () => {
    const { scene, client } = createRoom();
    const count = 2_000;
    const told = new Array<string>(count).fill('');
    const tell = () => {
      for (const [, slot, , value] of client.tell()) told[slot as number] = value as string;
    };
    for (let slot = 0; slot < count; slot++) scene.ships.spawn({});
    scene.advance();
    tell();
    let mostWaiting = 0;
    const sent = new Int32Array(count);
    for (let tick = 1; tick <= 300; tick++) {
      for (let slot = 0; slot < count; slot++) scene.ships.writeRare(slot, NAME, `${slot}/${tick}`.padEnd(180, '.'));
      scene.advance();
      const before = [...told];
      tell();
      mostWaiting = Math.max(mostWaiting, client.rare.count);
      for (let slot = 0; slot < count; slot++) if (told[slot] !== before[slot]) sent[slot]!++;
    }
    expect(mostWaiting).toBeLessThan(count);
    // Each has its turn: 300 messages of about 340 values for 2,000 cells.
    expect(Math.min(...sent)).toBeGreaterThan(45);
    for (let tick = 0; client.rare.count > 0; tick++) {
      expect(tick).toBeLessThan(7);
      scene.advance();
      tell();
    }
    expect(told).toEqual(scene.ships.rare[NAME]?.slice(0, count));
  });

  test('that wait are not told to who may not see them any more', () => {
    const { scene, client } = createRoom();
    for (let i = 0; i < 100; i++) scene.ships.spawn({ name: `${i}:`.padEnd(1000, 'x') });
    for (let i = 0; i < 2; i++) {
      scene.advance();
      client.tell();
    }
    // First in line, so that the message is full before it comes to what its owner may see.
    for (let slot = 98; slot >= 0; slot--) scene.ships.writeRare(slot, NAME, `${slot};`.padEnd(1000, 'y'));
    client.own = { kind: SHIP, slot: 99, isHeld: false };
    scene.admits = true;
    scene.ships.writeRare(99, TEAM, 9);
    scene.advance();
    expect(client.tell().filter(([, slot]) => slot === 99)).toEqual([]);
    client.own = { kind: -1, slot: -1, isHeld: false };
    scene.admits = false;
    scene.advance();
    expect(client.tell().filter(([, slot]) => slot === 99)).toEqual([]);
    scene.admits = true;
    client.own = { kind: SHIP, slot: 99, isHeld: false };
    scene.advance();
    expect(client.tell().filter(([, slot]) => slot === 99)).toEqual([
      [SHIP, 99, TEAM, 9],
      [SHIP, 99, FUEL, 50],
    ]);
  });

  test('come again after a reset', () => {
    const { scene, client } = createRoom();
    scene.ships.spawn({ name: 'Ada' });
    scene.advance();
    client.tell();
    client.list.requestReset();
    scene.advance();
    expect(client.tell()).toEqual([[SHIP, 0, NAME, 'Ada']]);
  });
});

describe('who may see them', () => {
  test('owner: from the tick of control on, all of them, and nobody else', () => {
    const { scene, client } = createRoom();
    const other = new RareClient(scene);
    scene.ships.spawn({ fuel: 10 });
    scene.ships.spawn({});
    client.own = { kind: SHIP, slot: 0, isHeld: false };
    scene.advance();
    expect([client.tell(), other.tell()]).toEqual([[[SHIP, 0, FUEL, 10]], []]);
    scene.set(
      SHIP,
      scene.ships.kind.packed.findIndex(({ name }) => name === 'fuel'),
      0,
      11,
    );
    scene.advance();
    expect([client.tell(), other.tell()]).toEqual([[[SHIP, 0, FUEL, 11]], []]);
    // The default too: what this client may hold of an earlier time is not known.
    client.own = { kind: SHIP, slot: 1, isHeld: false };
    other.own = { kind: SHIP, slot: 0, isHeld: false };
    scene.advance();
    expect([client.tell(), other.tell()]).toEqual([[[SHIP, 1, FUEL, 50]], [[SHIP, 0, FUEL, 11]]]);
  });

  test('server: nobody', () => {
    const { scene, client } = createRoom();
    client.own = { kind: SHIP, slot: 0, isHeld: false };
    scene.ships.spawn({ seed: 7 });
    scene.advance();
    expect(client.tell()).toEqual([]);
  });

  test('a rule: as soon as it admits, whether or not the value changes just then', () => {
    const { scene, client } = createRoom();
    scene.admits = false;
    scene.ships.spawn({ team: 3 });
    scene.advance();
    expect(client.tell()).toEqual([]);
    scene.admits = true;
    scene.advance();
    expect(client.tell()).toEqual([[SHIP, 0, TEAM, 3]]);
    scene.advance();
    expect(client.tell()).toEqual([]);
    scene.admits = false;
    scene.ships.writeRare(0, TEAM, 4);
    scene.advance();
    expect(client.tell()).toEqual([]);
    scene.admits = true;
    scene.advance();
    expect(client.tell()).toEqual([[SHIP, 0, TEAM, 4]]);
  });
});

describe('room and players', () => {
  test('are told in full at first, then as they change', () => {
    const { scene, client } = createRoom();
    const own = { kind: -1, slot: -1 };
    scene.ships.spawn({});
    const ada = scene.record('playerState', (index) => scene.log.notePlayer(7, index, scene.tick + 1));
    Object.assign(scene.room.view, { round: 3 });
    Object.assign(ada.view, { title: 'Dr.' });
    scene.log.addPlayer(7, ada, own, 1);
    scene.advance();
    expect(client.tell()).toEqual([
      [PLAYER, 7, 0, true],
      [PLAYER, 7, 1, null],
      [PLAYER, 7, 3, 'Dr.'],
      [ROOM, 0, 0, 3],
    ]);
    scene.advance();
    expect(client.tell()).toEqual([]);
    Object.assign(ada.view, { score: 5, title: '' });
    Object.assign(scene.room.view, { motto: 'go' });
    own.kind = SHIP;
    own.slot = 0;
    scene.log.noteControl(7, scene.tick + 1);
    scene.advance();
    expect(client.tell()).toEqual([
      [PLAYER, 7, 1, [SHIP, 0]],
      [PLAYER, 7, 2, 5],
      [PLAYER, 7, 3, ''],
      [ROOM, 0, 1, 'go'],
    ]);
    scene.log.removePlayer(7, scene.tick + 1);
    scene.advance();
    expect(client.tell()).toEqual([[PLAYER, 7, 0, false]]);
    scene.advance();
    expect(client.tell()).toEqual([]);
  });

  test('a resuming client hears of those that left while it was away', () => {
    const { scene, client } = createRoom();
    scene.log.addPlayer(
      7,
      scene.record('playerState', () => undefined),
      { kind: -1, slot: -1 },
      1,
    );
    scene.advance();
    client.tell();
    scene.log.removePlayer(7, 2);
    scene.advance();
    client.tell(); // lost
    client.list.requestReset(1);
    client.replica.awaitsReset = true;
    client.replica.tick = 1;
    scene.advance();
    expect(client.tell()).toEqual([[PLAYER, 7, 0, false]]);
  });
});
