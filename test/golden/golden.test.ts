// The bytes of the protocol, pinned: golden files, PROTOCOL.md and the layouts can only change together.
//
// After a wanted change: raise PROTOCOL_VERSION, pin the new hash below, and run
//   TICKWIRE_UPDATE_GOLDEN=1 npx vitest run --config test/vitest.config.ts test/golden && npm run format
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { decode as decodeWithMsgpack } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import { CODES, type Code, FINAL_CODES } from '../../engine/core/errors.ts';
import { hashText } from '../../engine/core/hash.ts';
import { FieldModel, predictVelocity, roundP } from '../../engine/replication/predictor.ts';
import { defineGame, entity } from '../../engine/state/define-game.ts';
import { num } from '../../engine/state/fields.ts';
import { checkMessage, MESSAGE_LIMITS } from '../../engine/wire/gate.ts';
import { WELCOME_LIMIT_NAMES } from '../../engine/wire/limits.ts';
import { MESSAGE, messageType } from '../../engine/wire/message.ts';
import { createMsgpackrCodec } from '../../engine/wire/msgpackr.node.ts';
import { PROTOCOL_VERSION } from '../../engine/wire/version.ts';
import { withPlainBins } from '../unit/wire/arbitraries.ts';
import { ForeignClient } from './foreign-client.ts';
import { toJson } from './golden-json.ts';
import type { GoldenMessage } from './golden-message.ts';
import { type Layout, MESSAGE_LAYOUTS, PACKED_CODES, PACKED_LAYOUT, PART_LAYOUTS } from './layouts.ts';
import { GOLDEN } from './messages.ts';
import { playStory } from './packed-story.ts';
import { checksumOf, STATES } from './states.ts';
import { storyGame } from './story-game.ts';

/** By version of the protocol: the hash of its layouts. */
const LAYOUT_HASHES: Readonly<Record<number, number>> = { 1: 541_122_205 };

const folder = new URL('./', import.meta.url);
const documentUrl = new URL('../../engine/PROTOCOL.md', import.meta.url);
const isUpdate = process.env.TICKWIRE_UPDATE_GOLDEN !== undefined;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

interface GoldenFile {
  readonly name: string;
  readonly hex: string;
  readonly json: unknown;
}

function fileOf({ name, write }: GoldenMessage): GoldenFile {
  const bytes = write();
  return { name, hex: hexOf(bytes), json: toJson(decodeWithMsgpack(bytes)) };
}

/** The block of PROTOCOL.md that shows a message: its bytes, 24 a line, and its JSON. */
function exampleOf(message: GoldenMessage): string {
  const bytes = message.write();
  const hex =
    hexOf(bytes)
      .replace(/../g, '$& ')
      .match(/.{1,72}/g) ?? [];
  const json = JSON.stringify(toJson(decodeWithMsgpack(bytes)))
    .replaceAll(',', ', ')
    .replaceAll(':', ': ');
  return `<!-- example ${message.name} -->\n\`\`\`\n${hex.map((line) => line.trim()).join('\n')}\n${json}\n\`\`\`\n`;
}

/** By name: the block of PROTOCOL.md that shows the bits of a packed body, as the foreign client reads them. */
const BITS = new Map<string, string>();
const foreign = new ForeignClient(storyGame.schema, 1, true);
for (const [i, { packed, tick }] of playStory().entries()) {
  foreign.apply(packed, tick);
  const name = STATES.map((state) => state.name).find((each) => each.startsWith(`state-${i + 1}-`)) as string;
  BITS.set(`${name}-packed`, `<!-- bits ${name}-packed -->\n\`\`\`\n${foreign.lines.join('\n')}\n\`\`\`\n`);
}

const examples = /<!-- example ([\w-]+) -->\n```\n[^`]*```\n/g;
const bitBlocks = /<!-- bits ([\w-]+) -->\n```\n[^`]*```\n/g;

if (isUpdate) {
  for (const message of GOLDEN) {
    writeFileSync(new URL(`${message.name}.json`, folder), `${JSON.stringify(fileOf(message), undefined, 2)}\n`);
  }
  const byName = new Map(GOLDEN.map((message) => [message.name, message]));
  const document = readFileSync(documentUrl, 'utf8');
  const updated = document.replace(examples, (block, name: string) => {
    const message = byName.get(name);
    return message === undefined ? block : exampleOf(message);
  });
  writeFileSync(
    documentUrl,
    updated.replace(bitBlocks, (block, name: string) => BITS.get(name) ?? block),
  );
}

const protocolText = readFileSync(documentUrl, 'utf8');

test.each(GOLDEN)('$name: the writer makes the pinned bytes, the reader reads them back', (message) => {
  const file = JSON.parse(readFileSync(new URL(`${message.name}.json`, folder), 'utf8')) as GoldenFile;
  expect(fileOf(message)).toEqual(file);
  const bytes = bytesOf(file.hex);
  expect(withPlainBins(message.read(bytes))).toEqual(message.expected);
  expect(toJson(createMsgpackrCodec().decode(bytes))).toEqual(file.json);
  checkMessage(bytes, MESSAGE_LIMITS);
});

test.each(GOLDEN)('$name: PROTOCOL.md shows it as it is', (message) => {
  expect(protocolText).toContain(exampleOf(message));
});

test('PROTOCOL.md shows the bits of every packed body of the story, and what they say', () => {
  expect(BITS.size).toBe(5);
  expect(protocolText.match(bitBlocks)).toEqual([...BITS.values()]);
});

test('there is no golden file without its message', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  expect(files.sort()).toEqual(GOLDEN.map((message) => `${message.name}.json`).sort());
});

const kindOf = (value: unknown): string => {
  if (value === null) return 'nil';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Uint8Array) return 'bin';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'text';
  return Number.isInteger(value) && (value as number) >= 0 ? 'uint' : 'number';
};

function isOfType(value: unknown, type: string): boolean {
  const kind = kindOf(value);
  return type.split(' | ').some((name) => name === kind || name === 'value' || (name === 'number' && kind === 'uint'));
}

test.each(GOLDEN)('$name: has the layout of its type', (message) => {
  const [type, ...elements] = decodeWithMsgpack(message.write()) as unknown[];
  const layout = MESSAGE_LAYOUTS.find((candidate) => candidate.type === type) as Layout;
  expect(elements.length).toBeLessThanOrEqual(layout.elements.length);
  for (const [i, element] of layout.elements.entries()) {
    const value = i < elements.length ? elements[i] : null;
    expect([element.name, isOfType(value, element.type)]).toEqual([element.name, true]);
  }
  expect(elements.at(-1)).not.toBeNull();
});

test('every message has a layout, and a golden file at least', () => {
  const names = MESSAGE_LAYOUTS.map(({ name, type }) => [name.toLowerCase(), type]);
  expect(Object.fromEntries(names)).toEqual(MESSAGE);
  const types = new Set(GOLDEN.map((message) => messageType(message.write())));
  expect([...types].sort((a, b) => a - b)).toEqual(Object.values(MESSAGE));
});

test('a changed layout needs a new version of the protocol', () => {
  const layouts = JSON.stringify([MESSAGE_LAYOUTS, PART_LAYOUTS, WELCOME_LIMIT_NAMES, PACKED_CODES, PACKED_LAYOUT]);
  expect(hashText(layouts, 0) >>> 0, 'bump the protocol version, add a golden file').toBe(
    LAYOUT_HASHES[PROTOCOL_VERSION],
  );
});

test('PROTOCOL.md has a row for each element of each layout', () => {
  const rows = [...MESSAGE_LAYOUTS, ...PART_LAYOUTS].flatMap((layout) =>
    layout.elements.map((element, i) => {
      const position = layout.type === undefined ? i : i + 1;
      return `| ${position} | \`${element.name}\` | ${element.type.replaceAll(' | ', ' or ')} |`;
    }),
  );
  const packedRows = PACKED_LAYOUT.map(([part, coding]) => `| \`${part}\` | ${coding} |`);
  expect([...rows, ...packedRows].filter((row) => !protocolText.includes(row))).toEqual([]);
});

test('PROTOCOL.md shows where velocity predicts', () => {
  const { schema } = defineGame({
    tickRate: 30,
    entities: {
      drone: entity({
        x: num({ min: 0, max: 4096, precision: 1 / 16 }).hermite('vx'),
        vx: num({ min: -512, max: 512, precision: 1 / 8 }),
      }),
    },
  });
  const [kind] = schema.kinds;
  const model = new FieldModel(kind!, kind!.packed[0]!, 30, 1);
  const rows: string[] = [];
  for (let p = 1600 * 256, tick = 0; tick < 4; tick++) {
    rows.push(`| ${tick} | ${p} | ${roundP(p, model.levels, false)} |`);
    p = predictVelocity(model, p, 4896);
  }
  expect(protocolText).toContain(`\nM = ${model.m} and B = ${model.b}. From x = 100 on`);
  expect(protocolText).toContain(`| tick | P | round(P) |\n|---|---|---|\n${rows.join('\n')}\n\n`);
});

test('PROTOCOL.md has a row for each code and each limit of WELCOME', () => {
  const codes = Object.entries(CODES).map(([name, { number }]) => {
    const end = FINAL_CODES.has(name as Code) ? '\\| final \\|' : '\\| \\|';
    return new RegExp(`\\| ${number} \\| \`${name}\` \\| [^|\\n]+ ${end}\\n`);
  });
  const limits = WELCOME_LIMIT_NAMES.map((name, i) => `| ${i} | \`${name}\` |`);
  expect(codes.filter((row) => !row.test(protocolText))).toEqual([]);
  expect(limits.filter((row) => !protocolText.includes(row))).toEqual([]);
  expect(protocolText).toContain(`protocol version ${PROTOCOL_VERSION}`);
});

test('PROTOCOL.md shows the hashes that its checksum is made of', () => {
  const show = (hash: number): string => `0x${hash.toString(16).padStart(8, '0')}`;
  const first = checksumOf([[0, [1600, 800, 100, 0]]], 0);
  const second = checksumOf([[2, [3200, 800, 80, 0]]], 0);
  const sum = (first + second) >>> 0;
  expect(protocolText).toContain(`| ${show(first)} | ${show(second)} | ${show(sum)} = ${sum} |`);
});
