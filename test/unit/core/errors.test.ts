import { expect, test } from 'vitest';
import {
  CODES,
  type Code,
  codeOfNumber,
  FINAL_CODES,
  RefusedError,
  TickwireError,
  WireError,
} from '../../../engine/core/errors.ts';
import { serverCloseCode } from '../../../engine/transport/limits.ts';

const names = Object.keys(CODES) as Code[];

test('every code has a number of its own that may travel in a close frame', () => {
  expect(new Set(names.map((name) => CODES[name].number)).size).toBe(names.length);
  for (const name of names) {
    expect(codeOfNumber(CODES[name].number)).toBe(name);
    expect(serverCloseCode(CODES[name].number)).toBe(CODES[name].number);
    expect(CODES[name].text).toMatch(/^[a-z]/);
  }
  expect(codeOfNumber(4999)).toBe('internal');
  for (const name of FINAL_CODES) expect(names).toContain(name);
});

test('errors name themselves and carry what to do', () => {
  expect(new TickwireError('x')).toMatchObject({ name: 'TickwireError', message: 'x' });
  expect(new WireError('depth')).toMatchObject({ name: 'WireError', reason: 'depth', message: 'bad message: depth' });
  expect(new RefusedError('room_full', undefined, 500)).toMatchObject({
    name: 'RefusedError',
    code: 'room_full',
    retryAfterMs: 500,
    message: 'every seat in the room is taken (room_full)',
  });
  expect(new RefusedError('kicked', 'for cheating')).toMatchObject({
    reason: 'for cheating',
    message: 'for cheating (kicked)',
  });
  expect(new RefusedError('kicked').reason).toBe('');
});
