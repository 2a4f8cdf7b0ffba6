import { expect, test } from 'vitest';
import { ENTER, EVENT, type Happening, LEAVE, RARE, type Stage, Timeline } from '../../../engine/client/timeline.ts';
import { Random } from '../../../engine/core/random.ts';

/** Who stands on the stage, and what listeners were told. */
class Recorder implements Stage {
  readonly told: string[] = [];
  readonly standing = new Map<string, { instance: number; isTold: boolean; rare: unknown }>();

  enter(kind: number, slot: number, instance: number): void {
    this.standing.set(`${kind}/${slot}`, { instance, isTold: false, rare: undefined });
  }

  leave(kind: number, slot: number, instance: number): void {
    const there = this.standing.get(`${kind}/${slot}`);
    if (there?.instance !== instance) return;
    this.standing.delete(`${kind}/${slot}`);
    if (there.isTold) this.told.push(`leave ${instance}`);
  }

  setRare(kind: number, slot: number, _: number, value: unknown): void {
    const there = this.standing.get(`${kind}/${slot}`);
    if (there) there.rare = value;
  }

  announce(kind: number, slot: number, instance: number): void {
    const there = this.standing.get(`${kind}/${slot}`);
    if (there?.instance !== instance || there.isTold) return;
    there.isTold = true;
    this.told.push(`enter ${instance}`);
  }

  announceAll(): void {
    for (const [key, { instance }] of this.standing) {
      const [kind, slot] = key.split('/').map(Number) as [number, number];
      this.announce(kind, slot, instance);
    }
  }

  fireEvent(index: number): void {
    this.told.push(`event ${index}`);
  }
}

const make = (tick: number, type: Happening['type'], more: Partial<Happening> = {}): Happening => ({
  tick,
  type,
  kind: 0,
  slot: 0,
  instance: 0,
  field: 0,
  value: undefined,
  ...more,
});

test('what happens at a tick is told when playout reaches it, in order, once', () => {
  const stage = new Recorder();
  const timeline = new Timeline(stage);
  timeline.add(make(10, ENTER, { instance: 1 }));
  timeline.add(make(12, EVENT, { kind: 7 }));
  timeline.add(make(11, EVENT, { kind: 6 }));
  timeline.add(make(12, LEAVE, { instance: 1 }));
  const frame = (tick: number) => {
    timeline.advance(tick);
    timeline.fire();
    return stage.told.splice(0);
  };
  expect(frame(9.9)).toEqual([]);
  expect(frame(10)).toEqual(['enter 1']);
  expect(frame(10.5)).toEqual([]);
  expect(frame(11.5)).toEqual(['event 6']);
  expect(frame(12)).toEqual(['leave 1', 'event 7']);
  expect(frame(99)).toEqual([]);
  expect(timeline.length).toBe(0);
});

test('who came and went between two frames is not told of', () => {
  const stage = new Recorder();
  const timeline = new Timeline(stage);
  timeline.add(make(1, ENTER, { instance: 1 }));
  timeline.add(make(2, LEAVE, { instance: 1 }));
  timeline.add(make(3, ENTER, { instance: 2 }));
  timeline.advance(3);
  timeline.fire();
  expect(stage.told).toEqual(['enter 2']);
});

test('after a jump old events are dropped, entities are not', () => {
  const stage = new Recorder();
  const timeline = new Timeline(stage);
  timeline.add(make(1, ENTER, { instance: 1 }));
  timeline.add(make(1, EVENT, { kind: 1 }));
  timeline.add(make(90, EVENT, { kind: 2 }));
  timeline.advance(100, 85);
  timeline.fire();
  expect(stage.told).toEqual(['enter 1', 'event 2']);
});

test('a page without frames keeps up silently and is told of the rest when frames come', () => {
  const stage = new Recorder();
  const timeline = new Timeline(stage);
  timeline.add(make(1, ENTER, { instance: 1, slot: 1 }));
  timeline.advance(1);
  timeline.fire();
  for (let tick = 2; tick < 1_000; tick++) {
    timeline.add(make(tick, ENTER, { instance: tick, slot: 2 }));
    timeline.add(make(tick, EVENT, { kind: 1 }));
    timeline.add(make(tick, LEAVE, { instance: tick, slot: 2 }));
    timeline.skip(tick - 64);
    expect(timeline.length).toBeLessThan(3 * 65);
  }
  timeline.add(make(1_000, LEAVE, { instance: 1, slot: 1 }));
  timeline.add(make(1_000, ENTER, { instance: 1_000, slot: 3 }));
  timeline.skip(1_000);
  expect(stage.told).toEqual(['enter 1', 'leave 1']);
  timeline.advance(1_001);
  timeline.fire();
  expect(stage.told).toEqual(['enter 1', 'leave 1', 'enter 1000']);
});

test("one's own entity is played ahead of its time", () => {
  const stage = new Recorder();
  const timeline = new Timeline(stage);
  timeline.add(make(50, ENTER, { slot: 4, instance: 9 }));
  timeline.add(make(50, RARE, { slot: 4, value: 'ann' }));
  timeline.add(make(50, ENTER, { slot: 5, instance: 10 }));
  timeline.add(make(50, EVENT, { kind: 0, slot: 4 }));
  timeline.hasten(0, 4);
  timeline.fire();
  expect(stage.told).toEqual(['enter 9']);
  expect(stage.standing.get('0/4')?.rare).toBe('ann');
  timeline.advance(50);
  timeline.fire();
  expect(stage.told).toEqual(['enter 9', 'enter 10', 'event 0']);
});

test('a listener that throws loses nothing and repeats nothing', () => {
  const stage = new Recorder();
  const timeline = new Timeline(stage);
  const fireEvent = stage.fireEvent.bind(stage);
  stage.fireEvent = (index) => {
    if (index === 1) throw new Error('a listener failed');
    fireEvent(index);
  };
  for (let kind = 0; kind < 4; kind++) timeline.add(make(1, EVENT, { kind }));
  timeline.advance(1);
  expect(() => timeline.fire()).toThrow('a listener failed');
  timeline.fire();
  expect(stage.told).toEqual(['event 0', 'event 2', 'event 3']);
});

test('any order of arrival gives the order of ticks, each happening once', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = new Random(seed);
    const stage = new Recorder();
    const timeline = new Timeline(stage);
    const expected: number[] = [];
    let playout = 0;
    let newest = 0;
    const ticks: number[] = [];
    for (let i = 0; i < 300; i++) {
      newest += random.int(0, 2);
      const tick = Math.max(newest - random.int(0, 3), Math.ceil(playout));
      ticks.push(tick);
      expected.push(i);
      timeline.add(make(tick, EVENT, { kind: i }));
      if (random.next() < 0.5) {
        playout = Math.max(playout, newest - random.next() * 5);
        timeline.advance(playout);
        timeline.fire();
      }
    }
    timeline.advance(Number.POSITIVE_INFINITY);
    timeline.fire();
    const order = stage.told.map((line) => Number(line.slice(6)));
    expect([...order].sort((a, b) => a - b)).toEqual(expected);
    // Within what one frame plays, ticks ascend; equal ticks keep their order of arrival.
    for (let i = 1; i < order.length; i++) {
      const [before, after] = [order[i - 1] as number, order[i] as number];
      if ((ticks[before] as number) === (ticks[after] as number)) expect(before).toBeLessThan(after);
    }
  }
});
