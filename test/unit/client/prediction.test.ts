import { describe, expect, test } from 'vitest';
import { ErrorSmoothing } from '../../../engine/client/error-smoothing.ts';
import { Prediction } from '../../../engine/client/prediction.ts';
import { Random } from '../../../engine/core/random.ts';
import { angle, bool, defineGame, entity, input, int, num } from '../../../engine/index.ts';
import { digestRow } from '../../../engine/simulation/digest.ts';
import { readRow, writeRow } from '../../../engine/simulation/row.ts';
import { StepContext } from '../../../engine/simulation/step-context.ts';
import { stepEntity } from '../../../engine/simulation/stepper.ts';
import { InputSample } from '../../../engine/state/input.ts';
import type { Kind } from '../../../engine/state/schema.ts';
import { Table } from '../../../engine/state/table.ts';
import { createStateView } from '../../../engine/wire/state.ts';

const place = { min: 0, max: 4096, precision: 1 / 16 };
const Ship = entity({
  x: num(place).hermite('vx'),
  y: num(place),
  vx: num({ min: -512, max: 512, precision: 1 / 8 }),
  heading: angle(12),
  shots: int(0, 10_000),
});
const game = defineGame({
  tickRate: 30,
  entities: { ship: Ship },
  input: input({ push: int(-1, 1), fire: bool().pulse() }),
  controls: 'ship',
  step: {
    ship(ship, held, ctx) {
      ship.vx += (held.push * 100 + ctx.random()) * ctx.dt;
      ship.x += ship.vx * ctx.dt;
      ship.heading += 0.1 * held.push;
      if (held.fire) ship.shots += 1;
    },
  },
});
const kind = game.schema.kinds[0] as Kind;
const ROOM = 77;
const PLAYER = 3;

/** The same entity on the server. */
class ServerShip {
  readonly table = new Table(kind, 30, 4);
  readonly context = new StepContext(game.schema, { emit: () => undefined, spawn: () => undefined });
  readonly digests: number[] = [];
  seq = 0;

  constructor() {
    this.table.spawn({ x: 1000, y: 500 });
  }

  step(codes: Int32Array): void {
    this.seq++;
    this.context.begin(ROOM, PLAYER, this.seq, 0);
    stepEntity(game, 0, this.table, 0, codes, this.context);
    this.digests[this.seq] = digestRow(kind, this.table.columns, 0);
  }
}

function start() {
  const server = new ServerShip();
  const prediction = new Prediction(game, kind, {});
  const sample = new InputSample(game.schema.input);
  const drawn = kind.packed.map(() => new Float64Array(4));
  const presence = new Uint8Array(4);
  prediction.restart(ROOM, PLAYER);
  const sendRow = (teleport = 0): void => {
    const view = createStateView();
    view.hasOwn = true;
    view.ownSeq = server.seq;
    view.ownTeleport = teleport;
    view.ownRowLength = kind.stepFields.length;
    readRow(kind, server.table.columns, 0, view.ownRow);
    prediction.acked = server.seq;
    prediction.receive(view);
  };
  const hold = (push: number): void => {
    (sample.view as unknown as { push: number }).push = push;
    sample.mergeSample();
  };
  const step = (): Int32Array => prediction.step(sample).slice();
  const draw = (restMs = 0, dtMs = 1000 / 60): number => {
    prediction.draw(restMs, sample.codes, dtMs, drawn);
    return drawn[0]![0]!;
  };
  const reconcile = (): void => prediction.reconcile(drawn, presence);
  sendRow();
  reconcile();
  presence[0] = 1;
  return { server, prediction, sample, sendRow, hold, step, draw, reconcile, drawn };
}

describe('prediction', () => {
  test('what both sides step alike needs no correction, ever', () => {
    const { server, prediction, hold, step } = start();
    const random = new Random(5);
    const queue: Int32Array[] = [];
    for (let tick = 0; tick < 3_000; tick++) {
      if (tick % 7 === 0) hold(random.int(-1, 1));
      queue.push(step());
      if (queue.length > 5) {
        server.step(queue.shift() as Int32Array);
        prediction.acked = server.seq;
      }
    }
    for (const codes of queue) server.step(codes);
    expect(server.digests[3_000]).toBe(prediction.digest);
    expect(prediction.corrections).toBe(0);
    expect(prediction.adopted).toBe(1);
  });

  test('a shove is one correction, replayed and blended without a jump', () => {
    const { server, prediction, hold, step, draw, sendRow, reconcile } = start();
    hold(1);
    const flying: Int32Array[] = [];
    for (let tick = 0; tick < 12; tick++) flying.push(step());
    for (let tick = 0; tick < 6; tick++) server.step(flying[tick] as Int32Array);
    server.table.columns[0]![0]! += 40;
    sendRow();
    const before = draw();
    reconcile();
    const at = draw(0, 0);
    expect(Math.abs(at - before)).toBeLessThan(0.01);
    expect(prediction.corrections).toBe(1);
    expect(prediction.correctionSize).toBeCloseTo(40, 6);
    expect(prediction.adopted).toBe(2);
    let last = at;
    let worst = 0;
    let frames = 0;
    while (Math.abs(last - (before + 40)) > 4 && frames < 60) {
      const x = draw();
      worst = Math.max(worst, Math.abs(x - last));
      last = x;
      frames++;
    }
    expect(worst).toBeLessThan(5);
    expect(frames * (1000 / 60)).toBeLessThan(300);
    // Replayed to the end, it agrees with the server again.
    for (const codes of flying.slice(6)) server.step(codes);
    expect(prediction.digest).toBe(server.digests[12]);
  });

  test('a row that only confirms is adopted and not counted as a correction', () => {
    const { server, prediction, hold, step, draw, sendRow, reconcile } = start();
    hold(1);
    for (let tick = 0; tick < 5; tick++) server.step(step());
    sendRow();
    sendRow();
    const before = draw();
    reconcile();
    expect(draw(0, 0)).toBe(before);
    expect(prediction.corrections).toBe(0);
    expect(prediction.adopted).toBe(3);
  });

  test('a teleport, and any place too far to be an error, is shown at once', () => {
    for (const [by, teleport] of [
      [30, 1],
      [1000, 0],
    ] as const) {
      const { server, draw, sendRow, reconcile } = start();
      const before = draw();
      server.table.columns[0]![0]! += by;
      sendRow(teleport);
      reconcile();
      expect(draw(0, 0)).toBeCloseTo(before + by, 6);
    }
  });

  test('a partial step draws the time between ticks, and leaves no trace in the state', () => {
    const { prediction, hold, step, draw } = start();
    hold(1);
    for (let tick = 0; tick < 30; tick++) step();
    const { digest } = prediction;
    const at = [0, 8, 16, 24, 33].map((restMs) => draw(restMs));
    for (let i = 1; i < at.length; i++) expect(at[i]! - at[i - 1]!).toBeGreaterThan(0.5);
    expect(draw(0)).toBe(at[0]);
    expect(prediction.digest).toBe(digest);
    expect(prediction.seq).toBe(30);
  });

  test('it does not run further ahead than the server can acknowledge', () => {
    const { prediction, step } = start();
    while (prediction.mayTick && prediction.seq < 1_000) step();
    expect(prediction.seq).toBe(120);
    prediction.acked = 50;
    expect(prediction.mayTick).toBe(true);
  });

  test('control ends, and begins again from where the entity is drawn', () => {
    const { server, prediction, draw, sendRow, reconcile, drawn } = start();
    draw();
    const view = createStateView();
    view.hasOwn = true;
    view.isOwnEnded = true;
    prediction.receive(view);
    reconcile();
    expect(prediction.slot).toBe(-1);
    expect(prediction.mayTick).toBe(false);
    drawn[0]![0] = 980;
    server.table.columns[0]![0] = 1000;
    sendRow();
    reconcile();
    expect(draw(0, 0)).toBeCloseTo(980, 6);
    expect(prediction.corrections).toBe(0);
  });

  test('a row that does not fit the game is refused', () => {
    const { prediction } = start();
    const view = createStateView();
    for (const [ownKind, ownSlot, length] of [
      [1, 0, 5],
      [0, 99_999, 5],
      [0, 0, 4],
    ] as const) {
      Object.assign(view, { hasOwn: true, ownKind, ownSlot, ownRowLength: length });
      expect(() => prediction.receive(view)).toThrow('own row does not fit');
    }
  });
});

describe('error smoothing', () => {
  const columns = kind.packed.map(() => new Float64Array(1));
  const smoothing = (former: number, now: number): ErrorSmoothing => {
    const errors = new ErrorSmoothing(kind);
    const before = new Float64Array(kind.packed.length);
    before[0] = former;
    columns[0]![0] = now;
    errors.add(columns, before);
    return errors;
  };

  test('it depends on time, not on the frame rate', () => {
    for (const size of [10, 60, 200]) {
      const left = [30, 60, 144, 240].map((hz) => {
        const errors = smoothing(1000 + size, 1000);
        for (let frame = 0; frame < hz / 5; frame++) errors.advance(1000 / hz);
        return errors.offsets[0]!;
      });
      for (const offset of left) expect(Math.abs(offset - left[3]!)).toBeLessThan(size * 0.05);
    }
  });

  test('no frame shows more than a ninth of it, and all of it is gone within half a second', () => {
    for (const size of [5, 30, 100, 250]) {
      const errors = smoothing(1000, 1000 + size);
      let before = errors.offsets[0]!;
      expect(before).toBe(-size);
      for (let frame = 0; frame < 30; frame++) {
        errors.advance(1000 / 60);
        expect(errors.offsets[0]! - before).toBeLessThanOrEqual(size / 9 + 1e-9);
        before = errors.offsets[0]!;
      }
      expect(Math.abs(before)).toBeLessThan(size * 0.05);
    }
  });

  test('angles go the short way', () => {
    const errors = new ErrorSmoothing(kind);
    const { index } = kind.packed.find((field) => field.type === 'angle')!;
    const before = new Float64Array(kind.packed.length);
    before[index] = 0.1;
    columns[index]![0] = 2 * Math.PI - 0.1;
    before[0] = columns[0]![0]!;
    errors.add(columns, before);
    expect(errors.offsets[index]).toBeCloseTo(0.2, 9);
  });

  test('it never changes the state', () => {
    const row = new Float64Array(kind.stepFields.length);
    readRow(kind, columns, 0, row);
    smoothing(50, columns[0]![0]!).advance(16);
    const after = new Float64Array(kind.stepFields.length);
    readRow(kind, columns, 0, after);
    expect(after).toEqual(row);
    writeRow(kind, columns, 0, row);
  });
});
