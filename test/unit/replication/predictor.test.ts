import { describe, expect, test } from 'vitest';
import {
  chooseScale,
  FieldModel,
  LINEAR,
  PREVIOUS,
  predict,
  predictLinear,
  predictVelocity,
  residualOf,
  roundP,
  VELOCITY,
  wrapDifference,
} from '../../../engine/replication/predictor.ts';
import { defineGame, entity } from '../../../engine/state/define-game.ts';
import { angle, int, num } from '../../../engine/state/fields.ts';
import type { Kind, PackedField } from '../../../engine/state/schema.ts';

const game = defineGame({
  tickRate: 30,
  entities: {
    ship: entity({
      x: num({ min: 0, max: 4096, precision: 1 / 16 }).hermite('vx'),
      vx: num({ min: -512, max: 512, precision: 1 / 8 }).hermite('ax'),
      ax: num({ min: -1, max: 1, precision: 1 / 8 }),
      heading: angle(9),
      wide: angle(23),
      hp: int(0, 100),
    }),
    drone: entity({
      x: num({ min: 0, max: 4096, precision: 1 / 16 }).hermite('vx'),
      vx: num({ min: -512, max: 512, precision: 1 / 8 }),
    }),
    snail: entity({
      x: num({ min: 0, max: 40.96, precision: 0.001 }).hermite('vx'),
      vx: num({ min: -3, max: 3, precision: 0.1 }),
    }),
  },
});

function modelOf(kindName: string, name: string, sendEvery = 1): FieldModel {
  const kind = game.schema.kinds.find((each) => each.name === kindName) as Kind;
  return new FieldModel(kind, kind.packed.find((field) => field.name === name) as PackedField, 30, sendEvery);
}

describe('velocity', () => {
  test('follows the vector of the wire format', () => {
    const x = modelOf('drone', 'x');
    expect([x.m, x.b]).toEqual([1_118_481, -4096 * 1_118_481 + 32_768]);
    const q = (100 + 512) * 8;
    expect(q).toBe(4896);
    const steps = [409_600];
    for (let i = 0; i < 3; i++) steps.push(predictVelocity(x, steps[i] as number, q));
    expect(steps).toEqual([409_600, 423_253, 436_906, 450_559]);
    expect(steps.slice(1).map((p) => roundP(p, x.levels, x.wraps))).toEqual([1653, 1707, 1760]);
  });

  test('moves what stands still by nothing', () => {
    expect(predictVelocity(modelOf('drone', 'x'), 409_600, 4096)).toBe(409_600);
    // -3 / 0.1 is not -30 in every arithmetic, and ±1 step is one either way.
    const slow = modelOf('snail', 'x');
    expect([29, 30, 31].map((q) => predictVelocity(slow, 409_600, q) - 409_600)).toEqual([-853, 0, 853]);
  });

  test('covers as many ticks as lie between two messages', () => {
    expect(modelOf('drone', 'x', 2).m).toBe(2 * 1_118_481);
  });

  test('stops at both ends of the range', () => {
    const x = modelOf('drone', 'x');
    expect(predictVelocity(x, 100, 0)).toBe(0);
    expect(predictVelocity(x, x.top - 100, 8191)).toBe(x.top);
    expect(x.top).toBe(65_535 * 256);
  });

  test('is not offered where the velocity has a velocity itself', () => {
    expect(modelOf('ship', 'x').velocity).toBe(-1);
    expect(modelOf('ship', 'vx').velocity).toBe(2);
    expect(modelOf('drone', 'vx').velocity).toBe(-1);
  });

  test('asks for no word within half a step, to either side', () => {
    const x = modelOf('drone', 'x');
    const predicted = 1000 * 256;
    const residual = (fine: number) => residualOf(x, VELOCITY, fine, roundP(fine, x.levels, false), predicted);
    expect([-129, -128, 128, 129].map((off) => residual(predicted + off))).toEqual([-1, 0, 0, 1]);
    // The same distance without the dead band: the rounded value is what counts.
    expect(residualOf(x, LINEAR, predicted + 128, 1001, predicted)).toBe(1);
  });
});

describe('linear', () => {
  test('goes on by as many steps as in the tick before, and drops the fraction', () => {
    const x = modelOf('drone', 'x');
    expect(predictLinear(x, 100 * 256 + 100, 7)).toBe(107 * 256);
    expect(predictLinear(x, 100 * 256 + 128, 7)).toBe(108 * 256);
  });

  test('stops at both ends of the range', () => {
    const x = modelOf('drone', 'x');
    expect(predictLinear(x, 3 * 256, -5)).toBe(0);
    expect(predictLinear(x, 65_534 * 256, 5)).toBe(65_535 * 256);
  });

  test('goes around with angles', () => {
    const heading = modelOf('ship', 'heading');
    expect(predictLinear(heading, 510 * 256, 5)).toBe(3 * 256);
    expect(predictLinear(heading, 2 * 256, -5)).toBe(509 * 256);
  });

  test('stays within 32 bits for the widest angle', () => {
    const wide = modelOf('ship', 'wide');
    const last = 2 ** 23 - 1;
    expect(predictLinear(wide, last * 256, 1)).toBe(0);
    expect(predictLinear(wide, 0, -1)).toBe(last * 256);
    expect(roundP(last * 256 + 255, wide.levels, true)).toBe(0);
  });
});

test('residuals of angles take the short way', () => {
  const heading = modelOf('ship', 'heading');
  expect(residualOf(heading, PREVIOUS, 511 * 256, 511, 0)).toBe(-1);
  expect(residualOf(heading, PREVIOUS, 0, 0, 511 * 256)).toBe(1);
  expect(residualOf(heading, PREVIOUS, 256 * 256, 256, 0)).toBe(-256);
  expect([255, 256, -256, -257].map((each) => wrapDifference(each, 512))).toEqual([255, -256, -256, 255]);
});

test('previous keeps P, fraction and all', () => {
  expect(predict(modelOf('drone', 'x'), PREVIOUS, 12_345, 6, 7)).toBe(12_345);
});

test('the scale follows the mean residual', () => {
  const means = [0, 0.89, 0.9, 2.39, 2.4, 5.9, 6, 12.9, 13, 27.9, 28, 59.9, 60, 1e6];
  expect(means.map(chooseScale)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]);
});
