import { describe, expect, test } from 'vitest';
import { HELD } from '../../../engine/replication/known-kind.ts';
import { SmallWorld, TICK_MS } from './small-world.ts';

/** A path with its derivative, in seconds. */
const wander = (t: number) => ({ x: 1000 + 300 * Math.sin(1.3 * t), vx: 390 * Math.cos(1.3 * t), y: 500 + 120 * t });

function fly(small: SmallWorld, ticks: number, from = 0): void {
  for (let tick = from; tick < from + ticks; tick++) {
    small.capture(tick, () =>
      small.put(0, { ...wander((tick * TICK_MS) / 1000), heading: (tick * 0.3) % (2 * Math.PI) }),
    );
  }
}

describe('between two snapshots', () => {
  test('hermite, lerp and angle follow the truth', () => {
    const small = new SmallWorld();
    fly(small, 40);
    small.enter(0);
    let worstX = 0;
    let worstY = 0;
    let worstHeading = 0;
    for (let tick = 2; tick < 38; tick += 0.05) {
      small.interpolation.sample(tick, 2.5);
      const shown = Math.floor(tick * 256) / 256;
      const truth = wander((shown * TICK_MS) / 1000);
      worstX = Math.max(worstX, Math.abs(small.drawn('x') - truth.x));
      worstY = Math.max(worstY, Math.abs(small.drawn('y') - truth.y));
      const heading = small.drawn('heading');
      expect(heading).toBeGreaterThanOrEqual(0);
      expect(heading).toBeLessThan(2 * Math.PI);
      const off = Math.abs(heading - ((shown * 0.3) % (2 * Math.PI)));
      worstHeading = Math.max(worstHeading, Math.min(off, 2 * Math.PI - off));
    }
    expect(worstX).toBeLessThan(0.1);
    expect(worstY).toBeLessThan(0.05);
    expect(worstHeading).toBeLessThan(0.01);
  });

  test('what does not move holds until the next snapshot', () => {
    const small = new SmallWorld();
    small.capture(1, () => small.put(0, { hp: 80 }));
    small.capture(2, () => small.put(0, { hp: 30 }));
    small.enter(0);
    small.interpolation.sample(1.999, 16);
    expect(small.drawn('hp')).toBe(80);
    small.interpolation.sample(2, 16);
    expect(small.drawn('hp')).toBe(30);
  });

  test('what is drawn is what the server is told, in 1/256 of a tick', () => {
    const small = new SmallWorld();
    small.capture(1, () => small.put(0, { y: 0 }));
    small.capture(2, () => small.put(0, { y: 256 }));
    small.enter(0);
    small.interpolation.sample(1.3333, 16);
    expect(small.interpolation.shownTick).toBe(Math.floor(1.3333 * 256) / 256);
    expect(small.drawn('y')).toBe((small.interpolation.shownTick - 1) * 256);
    expect(small.interpolation.extrapolatedMs).toBe(0);
  });

  test('a teleport is not slid through', () => {
    const small = new SmallWorld();
    small.capture(1, () => small.put(0, { y: 100, teleport: 0 }));
    small.capture(2, () => small.put(0, { y: 3000, teleport: 1 }));
    small.capture(3, () => small.put(0, { y: 3010, teleport: 1 }));
    small.enter(0);
    for (let tick = 1; tick < 2; tick += 0.1) {
      small.interpolation.sample(tick, 5);
      expect(small.drawn('y')).toBe(100);
    }
    small.interpolation.sample(2, 5);
    expect(small.drawn('y')).toBe(3000);
    small.interpolation.sample(2.5, 5);
    expect(small.drawn('y')).toBe(3005);
  });

  test('a held entity stands still; news after a short hold are glided to, after a long one jumped to', () => {
    const small = new SmallWorld();
    const pose = { x: 100, vx: 200 };
    small.capture(1, () => small.put(0, pose));
    small.capture(2, () => {
      small.kind.status[0] = HELD;
    });
    small.capture(3, () => undefined);
    small.capture(4, () => small.put(0, { x: 140, vx: 200 }));
    small.enter(0);
    for (let tick = 1; tick < 3; tick += 0.1) {
      small.interpolation.sample(tick, 5);
      expect(small.drawn('x')).toBe(100);
    }
    small.interpolation.sample(3.5, 5);
    expect(small.drawn('x')).toBeGreaterThan(105);
    expect(small.drawn('x')).toBeLessThan(135);
    small.capture(5, () => {
      small.kind.status[0] = HELD;
    });
    for (let tick = 6; tick < 12; tick++) small.capture(tick, () => undefined);
    small.capture(12, () => small.put(0, { x: 300, vx: 200 }));
    small.interpolation.sample(11.9, 5);
    expect(small.drawn('x')).toBe(140);
    small.interpolation.sample(12, 5);
    expect(small.drawn('x')).toBe(300);
  });

  test('one that left is continued until its leave is drawn, and a newcomer in its slot is not slid to', () => {
    const small = new SmallWorld();
    small.capture(1, () => small.put(0, { y: 100 }));
    small.capture(2, () => small.put(0, { y: 110 }));
    small.capture(3, () => small.put(0, { y: 3000 }, 2));
    small.enter(0);
    small.interpolation.sample(2.5, 5);
    expect(small.drawn('y')).toBe(115);
    small.enter(0, 2);
    small.interpolation.sample(3, 5);
    expect(small.drawn('y')).toBe(3000);
  });
});

describe('without news', () => {
  test('movement goes on for a while and then holds', () => {
    const small = new SmallWorld();
    fly(small, 20);
    small.enter(0);
    const at = (ms: number) => {
      small.interpolation.sample(19 + ms / TICK_MS, 16);
      return small.drawn('y');
    };
    const { y } = wander(19 * 0.05);
    expect(at(40)).toBeCloseTo(y + 120 * 0.04, 0);
    expect(small.interpolation.extrapolatedMs).toBe(40);
    expect(small.interpolation.shownTick).toBe(19);
    expect(at(100)).toBeCloseTo(y + 12, 0);
    expect(at(200)).toBeCloseTo(y + 24, 0);
    expect(at(250)).toBe(at(201));
    expect(small.drawn('hp')).toBe(0);
    at(5_000);
    expect(small.interpolation.extrapolatedMs).toBe(255);
    expect(small.interpolation.underruns).toBe(1);
  });

  test('news are blended in without a jump', () => {
    const small = new SmallWorld();
    fly(small, 20);
    small.enter(0);
    let tick = 18;
    let before = Number.NaN;
    let worst = 0;
    for (let frame = 0; frame < 60; frame++) {
      tick += 16 / TICK_MS;
      // A stall: the snapshots of 300 ms come at once, after a turn that nobody foresaw.
      if (frame === 18) {
        for (let i = 20; i < 27; i++) small.capture(i, () => small.put(0, { x: 1200, vx: 0, y: 600 - 4 * (i - 20) }));
      }
      if (frame > 18 && frame % 3 === 0) {
        const i = 27 + (frame - 21) / 3;
        small.capture(i, () => small.put(0, { x: 1200, vx: 0, y: 600 - 4 * (i - 20) }));
      }
      small.interpolation.sample(tick, 16);
      const y = small.drawn('y');
      if (!Number.isNaN(before)) worst = Math.max(worst, Math.abs(y - before));
      before = y;
    }
    // About 40 units lie between what was drawn and what is true; no frame shows more than a fourth of them at once.
    expect(worst).toBeLessThan(10);
    const newest = small.ring.at(0).tick;
    small.interpolation.sample(newest, 2_000);
    small.interpolation.sample(newest, 16);
    expect(small.drawn('y')).toBeCloseTo(600 - 4 * (newest - 20), 1);
  });

  test('however wrong it was, no frame moves much more than twice the true way', () => {
    const small = new SmallWorld();
    const speed = 300;
    const perTick = (speed * TICK_MS) / 1000;
    const put = (tick: number, y: number) => small.capture(tick, () => small.put(0, { y }));
    for (let tick = 0; tick < 20; tick++) put(tick, 1000 + perTick * tick);
    small.enter(0);
    let tick = 18;
    let drawn = Number.NaN;
    let worst = 0;
    for (let frame = 0; frame < 90; frame++) {
      tick += 16 / TICK_MS;
      // It had turned right behind the last news before a stall of 200 ms: 120 units lie between.
      if (frame === 16) for (let i = 20; i < 24; i++) put(i, 1000 + perTick * (38 - i));
      if (frame > 16) put(24 + frame - 17, 1000 + perTick * (38 - 24 - (frame - 17)));
      small.interpolation.sample(tick, 16);
      const moved = Math.abs(small.drawn('y') - drawn);
      drawn = small.drawn('y');
      if (moved > worst) worst = moved;
    }
    const way = (speed * 16) / 1000;
    expect(worst).toBeGreaterThan(1.5 * way);
    expect(worst).toBeLessThan(2 * way);
    // And it gets there.
    expect(drawn).toBeCloseTo(1000 + perTick * (38 - tick), 0);
  });

  test('an error too large to be movement is not blended', () => {
    const small = new SmallWorld();
    fly(small, 20);
    small.enter(0);
    small.interpolation.sample(20.5, 16);
    small.capture(20, () => small.put(0, { y: 3500 }));
    small.capture(21, () => small.put(0, { y: 3500 }));
    small.interpolation.sample(20.8, 16);
    expect(small.drawn('y')).toBe(3500);
  });

  test('nor is a teleport', () => {
    const small = new SmallWorld();
    fly(small, 20);
    small.enter(0);
    small.interpolation.sample(20.5, 16);
    const y = small.drawn('y') + 30;
    small.capture(20, () => small.put(0, { y, teleport: 1 }));
    small.capture(21, () => small.put(0, { y, teleport: 1 }));
    small.interpolation.sample(20.8, 16);
    expect(small.drawn('y')).toBeCloseTo(y, 1);
  });
});

test('what was predicted glides to where the snapshots have it when control ends', () => {
  const small = new SmallWorld();
  fly(small, 30);
  small.enter(0);
  small.world.ownKind = 0;
  small.world.ownSlot = 0;
  small.interpolation.sample(20, 16);
  const shown = 640;
  small.picture.columns[2]![0] = shown;
  small.interpolation.release(0, 0);
  small.world.ownSlot = -1;
  small.interpolation.sample(20.3, 16);
  expect(small.drawn('y')).toBeCloseTo(shown, 6);
  for (let frame = 1; frame < 80; frame++) small.interpolation.sample(20.3 + frame * 0.1, 16);
  expect(small.drawn('y')).toBeCloseTo(wander(28.2 * 0.05).y, 0);
});

test('nothing is drawn of what is not in the picture, before the first snapshot, or older than the oldest', () => {
  const small = new SmallWorld();
  small.interpolation.sample(Number.NaN, 16);
  small.interpolation.sample(3, 16);
  expect(small.interpolation.shownTick).toBe(-1);
  small.capture(10, () => small.put(0, { y: 7 }));
  small.interpolation.sample(9.9, 16);
  expect(small.interpolation.shownTick).toBe(-1);
  small.interpolation.sample(10, 16);
  expect(small.drawn('y')).toBe(0);
});
