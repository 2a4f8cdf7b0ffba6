/** Non-cryptographic 32-bit hashing (murmur3's mixers), all in integers so that every engine agrees. */

/** Murmur3's finalizer: each input bit flips each output bit with probability one half. Returns an int32. */
export function mix32(value: number): number {
  let h = value | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Folds one more int32 into a running hash. Order matters. Returns an int32. */
export function fold32(hash: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** Hash of a string's UTF-16 units from a seed. Returns an int32. */
export function hashText(text: string, seed: number): number {
  let h = seed | 0;
  for (let i = 0; i < text.length; i++) h = fold32(h, text.charCodeAt(i));
  return mix32(h ^ text.length);
}
