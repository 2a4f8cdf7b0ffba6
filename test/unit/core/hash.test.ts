import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold32, hashText, mix32 } from '../../../engine/core/hash.ts';

test('murmur3: known values', () => {
  // The finalizer and one round of murmur3_32 with seed 0, from its reference implementation.
  expect(mix32(0) >>> 0).toBe(0);
  expect(mix32(1) >>> 0).toBe(0x514e28b7);
  expect(mix32(fold32(0, 0x04030201) ^ 4) >>> 0).toBe(murmur3(new Uint8Array([1, 2, 3, 4])));
});

/** murmur3_32 for whole words, written from the paper with BigInt. */
function murmur3(bytes: Uint8Array): number {
  const mask = 0xffff_ffffn;
  const rotate = (value: bigint, by: bigint) => ((value << by) | (value >> (32n - by))) & mask;
  const view = new DataView(bytes.buffer);
  let h = 0n;
  for (let i = 0; i < bytes.length; i += 4) {
    let k = (BigInt(view.getUint32(i, true)) * 0xcc9e2d51n) & mask;
    k = (rotate(k, 15n) * 0x1b873593n) & mask;
    h = (rotate(h ^ k, 13n) * 5n + 0xe6546b64n) & mask;
  }
  h ^= BigInt(bytes.length);
  h = ((h ^ (h >> 16n)) * 0x85ebca6bn) & mask;
  h = ((h ^ (h >> 13n)) * 0xc2b2ae35n) & mask;
  return Number(h ^ (h >> 16n));
}

test('words hash as murmur3 says', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 10 }), (words) => {
      const bytes = new Uint8Array(words.length * 4);
      words.forEach((word, i) => {
        new DataView(bytes.buffer).setInt32(i * 4, word, true);
      });
      const hash = mix32(words.reduce(fold32, 0) ^ bytes.length);
      expect(hash >>> 0).toBe(murmur3(bytes));
      expect(hash).toBe(hash | 0);
    }),
  );
});

test('texts: order, length and seed matter', () => {
  const texts = ['', 'a', 'b', 'ab', 'ba', 'aa', '\0', '\0\0', 'ä', '🚀'];
  expect(new Set(texts.map((text) => hashText(text, 1))).size).toBe(texts.length);
  expect(hashText('ab', 1)).not.toBe(hashText('ab', 2));
});
