import fc from 'fast-check';
import { expect, test } from 'vitest';
import { extendTickBackward, extendTickForward, TICK_MASK } from '../../../engine/core/tick.ts';

const tick = fc.integer({ min: 0, max: 0xffff_ffff - 200 });

test('a tick up to 127 ahead is read back from its low bits', () => {
  fc.assert(
    fc.property(tick, fc.integer({ min: 0, max: TICK_MASK }), (last, ahead) => {
      expect(extendTickForward((last + ahead) & TICK_MASK, last)).toBe(last + ahead);
    }),
  );
});

test('a tick up to 127 behind is read back from its low bits', () => {
  fc.assert(
    fc.property(tick, fc.integer({ min: 0, max: TICK_MASK }), (oldest, ahead) => {
      expect(extendTickBackward(oldest & TICK_MASK, oldest + ahead)).toBe(oldest);
    }),
  );
});

test.each([2 ** 16, 2 ** 31, 2 ** 32])('around %d nothing special happens', (edge) => {
  for (let last = edge - 130; last < edge + 5; last++) {
    expect(extendTickForward((last + 120) & TICK_MASK, last)).toBe(last + 120);
    expect(extendTickBackward(last & TICK_MASK, last + 120)).toBe(last);
  }
});
