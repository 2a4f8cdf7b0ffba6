/** Ids that nobody can guess, from the platform's random bytes. */

/** Where random bytes come from: `Platform` is one. */
export interface RandomSource {
  readonly randomBytes: (length: number) => Uint8Array;
}

const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** `length` characters that may stand in a URL, with 6 bits of randomness each. */
export function randomId({ randomBytes }: RandomSource, length: number): string {
  let text = '';
  for (const byte of randomBytes(length)) text += CHARACTERS[byte & 63];
  return text;
}

/** An integer of 32 bits. */
export function randomUint32({ randomBytes }: RandomSource): number {
  return randomBytes(4).reduce((number, byte) => number * 256 + byte, 0);
}
