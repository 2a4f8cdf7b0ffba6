// Lanes of a room, and clients that change between them: each always holds the sent state of the lane that it is in.
import { bool, defineGame, entity, input, int, num, text } from 'tickwire';
import { expect, test } from 'vitest';
import { Random } from '../../../engine/core/random.ts';
import { applyBody } from '../../../engine/replication/body-codec.ts';
import { checksumReplica } from '../../../engine/replication/checksum.ts';
import { HELD, TRACKED, UNKNOWN } from '../../../engine/replication/known-kind.ts';
import type { Lane } from '../../../engine/replication/lane.ts';
import { plainCodec } from '../../../engine/replication/plain-codec.ts';
import { roundP } from '../../../engine/replication/predictor.ts';
import { Replica } from '../../../engine/replication/replica.ts';
import { RoomInterest } from '../../../engine/server/interest.ts';
import { resolveInterest } from '../../../engine/server/interest-options.ts';
import { LANE_STEPS, Lanes } from '../../../engine/server/lanes.ts';
import { resolveOptions } from '../../../engine/server/options.ts';
import { Outbox } from '../../../engine/server/outbox.ts';
import { Player, type PlayerRoom } from '../../../engine/server/player.ts';
import { SharedState } from '../../../engine/server/shared-state.ts';
import { createStats } from '../../../engine/server/stats.ts';
import { Capture } from '../../../engine/state/capture.ts';
import type { Table } from '../../../engine/state/table.ts';
import { createWorld } from '../../../engine/state/world.ts';
import { VirtualClock } from '../../../engine/transport/virtual-clock.ts';
import { Reader } from '../../../engine/wire/reader.ts';
import { createStateView, readState } from '../../../engine/wire/state.ts';
import { codec } from './raw-client.ts';

const RATE = 20;
const ENTITIES = 40;
const game = defineGame({
  tickRate: RATE,
  entities: {
    ball: entity({
      x: num({ min: 0, max: 1000, precision: 1 / 16 }).hermite('vx'),
      vx: num({ min: -64, max: 64, precision: 1 / 8 }),
      y: num({ min: 0, max: 1000, precision: 1 / 16 }).lerp(),
      hp: int(0, 100).default(100),
      name: text(24),
    }),
    lamp: entity({ x: num({ min: 0, max: 1000, precision: 1 }), isOn: bool() }),
    // One that stops without a word about its place: lanes may end within half a step of it, on either side.
    boat: entity({
      x: num({ min: 0, max: 1000, precision: 1 }).hermite('vx'),
      vx: num({ min: -64, max: 64, precision: 1 / 8 }).group('speed'),
    }),
  },
  input: input({ right: int(-1, 1) }),
});
const { schema } = game;

test('slow lanes are made for who needs them, and dropped when nobody does', () => {
  const { tables } = createWorld(schema);
  const capture = new Capture(schema);
  const lanes = new Lanes({ schema, sendEvery: 3, tables, capture });
  const advance = (tick: number) => {
    capture.capture(tables, true, () => undefined);
    lanes.advance(tick);
  };
  for (let tick = 1; tick <= 24; tick++) advance(tick);
  expect([lanes.take(0), lanes.first.tick, lanes.first.sendEvery]).toEqual([lanes.first, 24, 3]);
  const second = lanes.take(1);
  expect([second.sendEvery, second.tick, lanes.take(2).sendEvery]).toEqual([6, 24, 12]);
  let tick = 24;
  for (; tick < 24 + 9 * RATE; ) advance(++tick);
  // Nobody took it for nine seconds, and it still runs.
  expect([second.tick, lanes.take(1)]).toEqual([tick, second]);
  const third = lanes.take(2);
  for (const end = tick + 11 * RATE; tick < end || tick % 12 !== 0; ) {
    advance(++tick);
    if (tick % 6 === 0) lanes.take(1);
  }
  expect(lanes.take(1)).toBe(second);
  const remade = lanes.take(2);
  expect(remade).not.toBe(third);
  expect(remade.tick).toBe(tick);
  expect(third.tick).toBeLessThan(tick);
});

test('a lane whose own interval is long stays with who uses it', () => {
  const slow = { ...schema, tickRate: 2 };
  const { tables } = createWorld(slow);
  const capture = new Capture(slow);
  const lanes = new Lanes({ schema: slow, sendEvery: 8, tables, capture });
  let third: Lane | undefined;
  for (let tick = 1; tick <= 160; tick++) {
    capture.capture(tables, true, () => undefined);
    lanes.advance(tick);
    // One snapshot in 16 seconds.
    if (tick % 32 !== 0) continue;
    third ??= lanes.take(2);
    expect(lanes.take(2)).toBe(third);
  }
});

/** A player behind a line of whims, and the other end of that line. */
class Peer {
  readonly player: Player;
  readonly replica = new Replica(schema);
  readonly seen = new Set<number>();
  messages = 0;
  toldSendEvery: number;
  bufferedBytes = 0;
  acksInTicks = 0;
  readonly rttMs = 0;
  readonly #model: Model;
  readonly #reader = new Reader();
  readonly #state = createStateView();
  /** By `kind/slot`: generation and body of what is held, as it was told last. */
  readonly #held = new Map<string, string>();

  constructor(model: Model, id: number, radius: number) {
    this.#model = model;
    this.toldSendEvery = model.room.sendEvery;
    const interest = resolveInterest(schema, 'a test', radius > 0 ? { radius } : 'everyone');
    const sight = new RoomInterest(model.room.tables, interest).createSight(id);
    this.player = new Player(model.room, {
      id,
      user: {},
      joinOptions: null,
      link: this,
      codec: plainCodec,
      sight,
      sending: { maxBytesPerSecond: Number.POSITIVE_INFINITY, priorities: schema.kinds.map(() => 1), hasFar: false },
      nowMs: 0,
    });
    this.player.viewpoint = radius > 0 ? { x: 500, y: 500 } : undefined;
  }

  end(): void {
    throw new Error('ended');
  }

  cut(): void {
    throw new Error('cut');
  }

  /** A message: the client has it at once. */
  send(bytes: Uint8Array): void {
    const { replica } = this;
    readState(this.#reader.open(bytes), this.#state);
    const { bodyStart, bodyEnd, tickLow, hasTiming, sendEvery } = this.#state;
    const result = applyBody(plainCodec, this.#reader.open(bytes, bodyStart, bodyEnd), replica, tickLow);
    expect(result).toBe('applied');
    const lane = this.#model.lanes.take(this.player.pace.level);
    if (hasTiming) this.toldSendEvery = sendEvery;
    expect([replica.tick, this.toldSendEvery]).toEqual([lane.tick, lane.sendEvery]);
    this.messages++;
    this.seen.add(lane.sendEvery);
    for (let kind = 0; kind < schema.kinds.length; kind++) this.#compare(lane, kind);
  }

  /** Every entity: tracked as the lane has it, held as it was told last, unknown if it is out of sight. */
  #compare(lane: Lane, kind: number): void {
    const known = this.player.list.kinds[kind]!;
    const received = this.replica.kinds[kind]!;
    const { fields, generation, high } = lane.kinds[kind]!;
    for (let slot = 0; slot < high; slot++) {
      const status = received.status[slot] ?? UNKNOWN;
      expect(status).toBe(known.status[slot]);
      const key = `${kind}/${slot}`;
      if (status === UNKNOWN) {
        this.#held.delete(key);
        continue;
      }
      expect(known.generation[slot]).toBe(generation[slot]);
      const sent = fields.map(
        (field) => field && codeIn(field.p[slot]!, field.model !== undefined, field.field.levels),
      );
      const has = fields.map(
        (field, i) => field && codeIn(received.columns[i]![slot]!, field.model !== undefined, field.field.levels),
      );
      if (status === TRACKED) expect([key, ...has]).toEqual([key, ...sent]);
      const text = JSON.stringify(has);
      if (status === HELD && received.touched[slot] !== lane.tick) expect(text).toBe(this.#held.get(key) ?? text);
      this.#held.set(key, text);
    }
  }
}

function codeIn(stored: number, isFine: boolean, levels: number): number {
  return isFine ? roundP(stored, levels, false) : stored;
}

/** A room's world and outbox, and players to whom random things happen. */
class Model {
  readonly clock = new VirtualClock();
  readonly stats = createStats();
  readonly random: Random;
  readonly tables: readonly Table[];
  readonly lanes: Lanes;
  readonly room: PlayerRoom;
  readonly peers: readonly Peer[];
  readonly #world: ReturnType<typeof createWorld>;
  readonly #capture = new Capture(schema);
  readonly #shared: SharedState;
  readonly #outbox: Outbox;
  #tick = 0;

  constructor(seed: number) {
    const { clock, stats } = this;
    this.random = new Random(seed);
    this.#world = createWorld(schema);
    const { tables } = this.#world;
    this.tables = tables;
    const sendEvery = this.random.int(1, 3);
    this.lanes = new Lanes({ schema, sendEvery, tables, capture: this.#capture });
    this.#shared = new SharedState(schema, tables, codec);
    const shared = this.#shared;
    const limits = resolveOptions(game, { rooms: { yard: {} }, staleAfterMs: 1_000_000 });
    const neverControls = { findController: () => undefined, noteControl: () => undefined };
    this.room = { schema, tables, limits, sendEvery, stats, values: codec, shared, ...neverControls };
    this.#outbox = new Outbox({ schema, tables, lanes: this.lanes, shared, stats, clock });
    this.peers = [0, 300, 0].map((radius, i) => new Peer(this, i + 1, radius));
  }

  async tick(): Promise<void> {
    const tick = ++this.#tick;
    for (const table of this.tables) table.tick = tick;
    this.#shared.tick = tick;
    this.#live();
    this.#capture.capture(this.tables, true, () => undefined);
    this.lanes.advance(tick);
    this.#shared.record();
    // The last one has the best line of the world.
    for (const peer of this.peers.slice(0, 2)) this.#plague(peer);
    this.#outbox.sendAll(
      this.peers.map(({ player }) => player),
      tick,
    );
    for (const peer of this.peers) {
      if (peer.acksInTicks === 0 && peer.replica.tick > 0)
        peer.player.window.noteAck(peer.replica.tick & 127, this.clock.now());
    }
    await this.clock.advance(1000 / RATE);
  }

  /** Balls fly, stop and turn, entities come and go. */
  #live(): void {
    const { random } = this;
    const { ball, lamp, boat } = this.#world.views as unknown as Views;
    if (ball.count < ENTITIES && random.next() < 0.5)
      ball.spawn({ x: random.int(0, 1000), y: random.int(0, 1000), vx: random.int(-64, 64) });
    if (lamp.count < 10 && random.next() < 0.5) lamp.spawn({ x: random.int(0, 1000) });
    for (const one of ball) {
      const whim = random.next();
      if (whim < 0.01) one.despawn();
      else if (whim < 0.03) one.vx = random.int(-512, 512) / 8;
      else if (whim < 0.08) one.vx = 0;
      else if (whim < 0.1) one.y = random.int(0, 1000);
      else if (whim < 0.11) one.hp = random.int(0, 100);
      else if (whim < 0.12) one.name = `at ${this.#tick}`;
      if (one.isAlive) one.x = Math.min(1000, Math.max(0, one.x + one.vx / RATE));
    }
    while (boat.count < ENTITIES) boat.spawn({ x: random.int(0, 1000) });
    for (const one of boat) {
      const whim = random.next();
      if (whim < 0.01) one.vx = random.int(-512, 512) / 8;
      else if (whim < 0.05) one.vx = 0;
      one.x = Math.min(1000, Math.max(0, one.x + one.vx / RATE));
    }
    for (const one of lamp) if (random.next() < 0.02) one.isOn = !one.isOn;
  }

  /** Acknowledgements that stay away for up to three seconds, and a buffer that is full for a few ticks. */
  #plague(peer: Peer): void {
    const { random } = this;
    if (peer.acksInTicks > 0) peer.acksInTicks--;
    else if (random.next() < 0.01) peer.acksInTicks = random.int(5, 60);
    if (random.next() < 0.02) peer.bufferedBytes = 100_000;
    else if (random.next() < 0.3) peer.bufferedBytes = 0;
    if (random.next() < 0.002) peer.player.wantsReset = true;
  }
}

interface Ball {
  x: number;
  y: number;
  vx: number;
  hp: number;
  name: string;
  readonly isAlive: boolean;
  despawn(): void;
}
interface Boat {
  x: number;
  vx: number;
}
interface View<T> extends Iterable<T> {
  readonly count: number;
  spawn(init: object): T;
}
interface Views {
  readonly ball: View<Ball>;
  readonly lamp: View<{ isOn: boolean }>;
  readonly boat: View<Boat>;
}

test('who changes lanes again and again holds at every message what its lane holds', async () => {
  const tally = { changes: 0, skipped: 0, messages: 0 };
  const intervals = new Set<number>();
  for (let seed = 1; seed <= 6; seed++) {
    const model = new Model(seed);
    for (let tick = 0; tick < 60 * RATE; tick++) await model.tick();
    tally.changes += model.stats.laneChanges;
    tally.skipped += model.stats.snapshotsSkipped;
    for (const { seen, messages, replica, player } of model.peers) {
      tally.messages += messages;
      for (const interval of seen) intervals.add(interval / model.room.sendEvery);
      expect(checksumReplica(replica, 0)).toBeGreaterThan(0);
      expect(replica.awaitsReset).toBe(false);
      expect(player.quality.snapshotsSkipped).toBe(player.snapshotsSkipped);
    }
    expect(model.peers[2]).toMatchObject({ messages: Math.floor((60 * RATE) / model.room.sendEvery) });
    expect(model.peers[2]!.player.quality).toMatchObject({ snapshotsSkipped: 0, sendEvery: model.room.sendEvery });
  }
  // A model in which nothing happens proves nothing.
  expect([...intervals].sort()).toEqual([...LANE_STEPS]);
  expect(tally.changes).toBeGreaterThan(30);
  expect(tally.skipped).toBeGreaterThan(300);
  expect(tally.messages).toBeGreaterThan(5_000);
}, 60_000);
