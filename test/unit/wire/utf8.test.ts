// Our UTF-8 against the platform's: same bytes, same texts, same refusals.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../../../engine/core/errors.ts';
import { isUtf8, isWellFormed, readUtf8, utf8Length, writeUtf8 } from '../../../engine/wire/utf8.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  expect(writeUtf8(text, bytes, 0)).toBe(bytes.length);
  return bytes;
}

test('any text, lone surrogates too, becomes the bytes that TextEncoder makes of it', () => {
  const units = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })));
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    units.map((array) => String.fromCharCode(...array)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const bytes = encode(text);
      expect(bytes).toEqual(new TextEncoder().encode(text));
      expect(isUtf8(bytes, 0, bytes.length)).toBe(true);
      expect(readUtf8(bytes, 0, bytes.length) === text).toBe(isWellFormed(text));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('bytes are taken or refused as by a fatal TextDecoder', () => {
  const nearlyText = fc.array(
    fc.oneof(
      fc.constantFrom(0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xe1),
      fc.constantFrom(0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(fc.oneof(nearlyText, fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 8 })), (array) => {
      const bytes = Uint8Array.from(array);
      let expected: string | undefined;
      try {
        expected = strict.decode(bytes);
      } catch {
        expected = undefined;
      }
      expect(isUtf8(bytes, 0, bytes.length)).toBe(expected !== undefined);
      if (expected === undefined) expect(() => readUtf8(bytes, 0, bytes.length)).toThrow(WireError);
      else expect(readUtf8(bytes, 0, bytes.length)).toBe(expected);
    }),
    { seed: 2, numRuns: 20_000 },
  );
});

test('a sequence that the range cuts is refused, whatever stands behind it', () => {
  const bytes = encode('a€');
  expect(readUtf8(bytes, 0, 4)).toBe('a€');
  expect(isUtf8(bytes, 0, 3)).toBe(false);
  expect(() => readUtf8(bytes, 0, 3)).toThrow(WireError);
});
