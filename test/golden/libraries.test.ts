// Any MessagePack library reads every message: five of them make the same of each golden one.
import { readdirSync, readFileSync } from 'node:fs';
import { decode as decodeWithOfficial } from '@msgpack/msgpack';
import { decode as decodeWithLite } from 'msgpack-lite';
import create5 from 'msgpack5';
import { unpack } from 'msgpackr';
import { decode as decodeWithNotepack } from 'notepack.io';
import { describe, expect, test } from 'vitest';
import { toJson } from './golden-json.ts';

const libraries: readonly (readonly [name: string, decode: (bytes: Buffer) => unknown])[] = [
  ['msgpackr', unpack],
  ['@msgpack/msgpack', decodeWithOfficial],
  ['notepack.io', decodeWithNotepack],
  ['msgpack-lite', decodeWithLite],
  ['msgpack5', (bytes) => create5().decode(bytes)],
];

const folder = new URL('./', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map(
    (name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { name: string; hex: string; json: unknown },
  );

test('STATEs of both codecs are among them', () => {
  const states = files.filter(({ name }) => name.startsWith('state-'));
  expect(states.map(({ json }) => (json as unknown[])[3]).filter(Array.isArray).length).toBeGreaterThanOrEqual(5);
  expect(states.filter(({ name }) => name.endsWith('-packed')).length).toBeGreaterThanOrEqual(5);
});

describe.each(libraries)('%s', (_, decode) => {
  test.each(files)('reads $name', ({ hex, json }) => {
    expect(toJson(decode(Buffer.from(hex, 'hex')))).toEqual(json);
  });
});
