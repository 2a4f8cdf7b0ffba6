import { describe, expect, test } from 'vitest';
import { HELD, TRACKED, UNKNOWN } from '../../../engine/replication/known-kind.ts';
import type { MessagePlan } from '../../../engine/replication/message-plan.ts';
import { plainCodec } from '../../../engine/replication/plain-codec.ts';
import { SlotList } from '../../../engine/replication/slot-list.ts';
import { defineGame, entity } from '../../../engine/state/define-game.ts';
import { int, num } from '../../../engine/state/fields.ts';
import { BODY_BYTES } from '../../../engine/wire/limits.ts';
import { Client, Scene } from './scene.ts';

const { schema } = defineGame({
  tickRate: 10,
  entities: {
    unit: entity({ x: num({ min: 0, max: 4096, precision: 1 / 16 }), hp: int(0, 1000) }, { max: 65_535 }),
    tree: entity({ size: int(0, 9) }),
  },
});
const [UNIT, TREE] = [0, 1] as const;
const [X, HP] = [0, 1] as const;

const slotsOf = (list: SlotList) => [...list.slots.subarray(0, list.count)];
const planOf = (plan: MessagePlan, kind = 0) => plan.kinds[kind] as MessagePlan['kinds'][number];

function crowd(count: number): { scene: Scene; client: Client } {
  const scene = new Scene(schema);
  for (let i = 0; i < count; i++) scene.tables[UNIT]?.spawn({ x: i % 4000, hp: 500 });
  return { scene, client: new Client(scene) };
}

describe('refreshes', () => {
  test('of a crowd are spread over messages that stay below the limit of a body', () => {
    const { scene, client } = crowd(30_000);
    const counts: number[] = [];
    while (counts.reduce((sum, count) => sum + count, 0) < 30_000 && counts.length < 20) {
      scene.advance();
      const body = client.send();
      expect(body.length).toBeLessThan(BODY_BYTES);
      client.receive(body);
      counts.push(planOf(scene.plan).refreshes.count);
      expect(scene.plan.isPending).toBe(counts.reduce((sum, count) => sum + count, 0) < 30_000);
    }
    expect(counts.length).toBeGreaterThan(3);
    expect(Math.min(...counts.slice(0, -1))).toBeGreaterThan(4000);
  });

  test('come own first, then near, and in the message by slot', () => {
    const { scene, client } = crowd(10_000);
    const near = new SlotList();
    for (let slot = 9999; slot >= 0; slot--) near.push(slot);
    client.visible = { everyone: false, has: () => true, near: (kind) => (kind === UNIT ? near : new SlotList()) };
    client.own = { kind: UNIT, slot: 17, isHeld: false };
    scene.advance();
    client.receive(client.send());
    const sent = slotsOf(planOf(scene.plan).refreshes);
    expect(sent[0]).toBe(17);
    expect(sent[1]).toBe(10_000 - (sent.length - 1));
    expect(sent.at(-1)).toBe(9999);
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
  });

  test('without an order come kind by kind, of what is in sight', () => {
    const { scene, client } = crowd(3);
    scene.tables[TREE]?.spawn({});
    client.visible = { everyone: false, has: (kind, slot) => kind === TREE || slot === 1 };
    scene.advance();
    client.receive(client.send());
    expect([slotsOf(planOf(scene.plan).refreshes), slotsOf(planOf(scene.plan, TREE).refreshes)]).toEqual([[1], [0]]);
  });
});

describe('too much at once', () => {
  test('of words puts the rest on hold, and refreshes as many of them as fit', () => {
    const { scene, client } = crowd(12_000);
    for (let i = 0; i < 4; i++) {
      scene.advance();
      client.receive(client.send());
    }
    expect(planOf(scene.plan).known.tracked.count).toBe(12_000);
    for (let i = 0; i < 6; i++) {
      for (let slot = 0; slot < 8000; slot++) {
        scene.set(UNIT, X, slot, (slot * 7 + i * 900) % 4096);
        scene.set(UNIT, HP, slot, (slot + i * 400) % 1000);
      }
      scene.advance();
      const body = client.send();
      expect(body.length).toBeLessThan(BODY_BYTES);
      expect(scene.plan.isReset).toBe(false);
      expect(planOf(scene.plan).holds.count).toBeGreaterThan(0);
      client.receive(body);
      expect(plainCodec.checksum(client.replica)).toBeGreaterThan(0);
    }
    for (let i = 0; i < 3; i++) {
      scene.advance();
      client.receive(client.send());
    }
    expect([planOf(scene.plan).known.held.count, client.list.heldCount]).toEqual([0, 0]);
    expect(client.codes(UNIT, 7999)).toEqual([((7999 * 7 + 4500) % 4096) * 16, (7999 + 2000) % 1000, 0]);
  });

  test('of leaves starts anew', () => {
    const { scene, client } = crowd(20_000);
    for (let i = 0; i < 5; i++) {
      scene.advance();
      client.receive(client.send());
    }
    expect(client.replica.kinds[UNIT]?.status[19_999]).toBe(TRACKED);
    for (let slot = 1; slot < 19_999; slot++) scene.tables[UNIT]?.despawn(slot);
    scene.advance();
    const body = client.send();
    expect(body.length).toBeLessThan(200);
    client.receive(body);
    expect([0, 1, 19_999].map((slot) => client.status(UNIT, slot))).toEqual([TRACKED, UNKNOWN, TRACKED]);
  });
});

describe('the own entity', () => {
  test('is held from its second message on where lists differ, and tracked again when let go', () => {
    const { scene, client } = crowd(3);
    client.own = { kind: UNIT, slot: 1, isHeld: true };
    const statuses: number[][] = [];
    for (let tick = 1; tick <= 7; tick++) {
      if (tick === 4) client.own = { kind: UNIT, slot: 2, isHeld: true };
      if (tick === 6) client.own = { kind: -1, slot: -1, isHeld: true };
      scene.set(UNIT, HP, 1, tick);
      scene.set(UNIT, HP, 2, tick);
      scene.advance();
      client.receive(client.send());
      statuses.push([client.status(UNIT, 1), client.status(UNIT, 2)]);
    }
    expect(statuses).toEqual([
      [TRACKED, TRACKED],
      [HELD, TRACKED],
      [HELD, TRACKED],
      [TRACKED, HELD],
      [TRACKED, HELD],
      [TRACKED, TRACKED],
      [TRACKED, TRACKED],
    ]);
    expect([client.codes(UNIT, 1)[1], client.codes(UNIT, 2)[1]]).toEqual([7, 7]);
  });

  test('keeps the values of the tick before the hold', () => {
    const { scene, client } = crowd(1);
    for (let tick = 1; tick <= 6; tick++) {
      if (tick === 4) client.own = { kind: UNIT, slot: 0, isHeld: true };
      scene.set(UNIT, HP, 0, tick);
      scene.advance();
      client.receive(client.send());
    }
    expect(client.codes(UNIT, 0)[1]).toBe(3);
    expect([planOf(scene.plan).known.refreshTick[0], planOf(scene.plan).known.priorRefreshTick[0]]).toEqual([3, 3]);
  });

  test('is seen wherever it is', () => {
    const { scene, client } = crowd(2);
    client.visible = { everyone: false, has: () => false };
    client.own = { kind: UNIT, slot: 1, isHeld: false };
    scene.advance();
    client.receive(client.send());
    expect([client.status(UNIT, 0), client.status(UNIT, 1)]).toEqual([UNKNOWN, TRACKED]);
  });
});

describe('a resume', () => {
  /** Units 0..5 at tick 3; the client holds tick 3. Then messages are lost until tick 6. */
  function lose(change: (scene: Scene, client: Client, tick: number) => void): { scene: Scene; client: Client } {
    const { scene, client } = crowd(6);
    for (let tick = 1; tick <= 3; tick++) {
      scene.advance();
      client.receive(client.send());
    }
    for (let tick = 4; tick <= 6; tick++) {
      change(scene, client, tick);
      scene.advance();
      client.send();
    }
    client.list.requestReset(3);
    scene.advance();
    return { scene, client };
  }

  test('keeps what rested, and only what the client tracked without a break', () => {
    const hidden = new Set<number>();
    const { scene, client } = lose((world, each, tick) => {
      each.visible = { everyone: false, has: (kind, slot) => kind === UNIT && !hidden.has(slot) };
      if (tick === 5) world.set(UNIT, HP, 0, 1);
      if (tick === 5) world.tables[UNIT]?.despawn(1);
      hidden.clear();
      if (tick === 4) hidden.add(2);
      if (tick === 6) hidden.add(3);
      if (tick === 6) world.tables[UNIT]?.spawn({ hp: 77 });
    });
    hidden.clear();
    client.replica.awaitsReset = true;
    client.receive(client.send());
    expect(slotsOf(planOf(scene.plan).kept)).toEqual([4, 5]);
    const before = [...client.replica.kinds[UNIT]!.instance.subarray(4, 6)];
    expect(before).toEqual([5, 6]);
    expect([0, 1, 2, 3, 4, 5, 6].map((slot) => client.status(UNIT, slot))).toEqual([1, 0, 1, 1, 1, 1, 1]);
    expect(client.codes(UNIT, 0)[1]).toBe(1);
    expect(client.codes(UNIT, 6)[1]).toBe(77);
  });

  test('of a tick that the server never sent keeps nothing', () => {
    const { scene, client } = lose(() => undefined);
    client.list.requestReset(7);
    client.replica.awaitsReset = true;
    client.receive(client.send());
    expect(planOf(scene.plan).kept.count).toBe(0);
  });
});

test('two messages of one tick are a mistake of the caller', () => {
  const { scene, client } = crowd(1);
  scene.advance();
  client.send();
  expect(() => client.send()).toThrow('a message of this tick was made already');
});

test('a slot list sorts whatever it holds', () => {
  const list = new SlotList();
  const slots = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 3001);
  for (const slot of slots) list.push(slot);
  list.sort();
  expect(slotsOf(list)).toEqual([...slots].sort((a, b) => a - b));
});
