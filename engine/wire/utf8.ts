/**
 * UTF-8 without TextEncoder, which the portable library lacks: strict when reading, always well-formed when writing.
 *
 *     0xxxxxxx   110xxxxx 10xxxxxx   1110xxxx 10xxxxxx 10xxxxxx   11110xxx 10xxxxxx 10xxxxxx 10xxxxxx
 */
import { WireError } from '../core/errors.ts';

const REPLACEMENT = 0xfffd;

/** Code point at `index`; a surrogate without its partner counts as U+FFFD. */
function codePointAt(text: string, index: number): number {
  const point = text.codePointAt(index) as number;
  return point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point;
}

/** How many bytes `writeUtf8` makes of `text`. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      length++;
    } else {
      length += 2;
      // A pair is two units already counted, and four bytes.
      if (codePointAt(text, i) > 0xffff) i++;
    }
  }
  return length;
}

/** Writes `text` at `offset`, where the caller made room for `utf8Length(text)`. Returns the offset behind it. */
export function writeUtf8(text: string, bytes: Uint8Array, offset: number): number {
  let at = offset;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else {
      const point = codePointAt(text, i);
      if (point > 0xffff) {
        i++;
        bytes[at++] = 0xf0 | (point >> 18);
        bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      } else {
        bytes[at++] = 0xe0 | (point >> 12);
      }
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    }
  }
  return at;
}

/** Length of the well-formed sequence at `at`, or 0: overlong forms, surrogates and points above 10FFFF are not. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > end) return 0;
  const second = bytes[at + 1] as number;
  // Only the second byte's range depends on the first.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Whether bytes `start` to `end` are well-formed UTF-8. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const length = sequenceLength(bytes, at, end);
    if (length === 0) return false;
    at += length;
  }
  return true;
}

/** The text of bytes `start` to `end`. Throws a WireError if they are not well-formed UTF-8. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; ) {
    const length = sequenceLength(bytes, at, end);
    if (length === 0) throw new WireError('text is not UTF-8');
    let point = bytes[at] as number;
    if (length > 1) point &= 0x7f >> length;
    for (let i = 1; i < length; i++) point = (point << 6) | ((bytes[at + i] as number) & 0x3f);
    text += String.fromCodePoint(point);
    at += length;
  }
  return text;
}

/** Whether every surrogate of `text` has its partner, so that it comes back as it went. */
export function isWellFormed(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if ((text.codePointAt(i) as number) <= 0xffff) return false;
    i++;
  }
  return true;
}
