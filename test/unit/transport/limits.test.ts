import { expect, test } from 'vitest';
import { clientCloseCode, cutReason, MAX_REASON_BYTES, serverCloseCode } from '../../../engine/transport/limits.ts';

test('a reason is cut to what a close frame holds, between characters', () => {
  for (const text of [
    '',
    'short',
    'a'.repeat(123),
    'a'.repeat(124),
    'ä'.repeat(100),
    '€'.repeat(60),
    '🚀'.repeat(60),
    '\ud800'.repeat(80),
  ]) {
    const cut = cutReason(text);
    expect(text.startsWith(cut)).toBe(true);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(MAX_REASON_BYTES);
    // One more character would not have fitted, or there was none.
    const next = [...text.slice(cut.length)][0] ?? '';
    if (next !== '') expect(Buffer.byteLength(cut + next)).toBeGreaterThan(MAX_REASON_BYTES);
  }
});

test('codes that may not travel are replaced', () => {
  for (const code of [1000, 1001, 1002, 1003, 1007, 1011, 1012, 3000, 4400, 4999])
    expect(serverCloseCode(code)).toBe(code);
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 4400.5, Number.NaN])
    expect(serverCloseCode(code)).toBe(1011);
  expect(clientCloseCode(4400)).toBe(4400);
  for (const code of [1000, 1011, 1012, 2000, 5000]) expect(clientCloseCode(code)).toBe(1000);
});
