/** The canonical description of a schema, line by line, and its hash: equal on both sides or they cannot talk. */
import { fold32, hashText, mix32 } from '../core/hash.ts';
import type { PackedField, PayloadField, PayloadSpec, RareField, Schema, Visibility } from './schema.ts';
import { isPacked } from './schema.ts';

/** What is described: a schema before it has its hash. */
export type Describable = Omit<Schema, 'hash' | 'lines' | 'lineHashes'>;

// Two lanes with seeds of their own make 64 bits; crypto.subtle is not there in pages served over plain http.
const LANE_SEEDS = [0x7469636b, 0x77697265] as const;

/** One line of JSON a thing, in declaration order. The author's `version` is not among them. */
export function describeSchema(schema: Describable): string[] {
  const lines: unknown[][] = [['game', schema.tickRate, schema.kinds[schema.controls]?.name ?? null]];
  for (const kind of schema.kinds) {
    lines.push(['entity', kind.name, kind.capacity]);
    for (const field of kind.packed) {
      const velocity = kind.packed[field.velocity]?.name ?? null;
      lines.push(['field', kind.name, ...packedLine(field), field.kernel, velocity, field.group, field.extrapolateMs]);
    }
    for (const field of kind.rare) lines.push(['rare', kind.name, ...rareLine(field, schema)]);
    for (const group of kind.groups)
      lines.push(['group', kind.name, group.fields.map((column) => kind.packed[column]!.name)]);
  }
  for (const field of schema.input.fields) lines.push(['input', ...packedLine(field), field.isPulse]);
  for (const event of schema.events) lines.push(...payloadLines('event', event, schema));
  for (const command of schema.commands) {
    lines.push(...payloadLines('command', command, schema));
    if (command.reply !== undefined) lines.push(...payloadLines('reply', command.reply, schema));
  }
  for (const field of schema.roomState) lines.push(['room', ...rareLine(field, schema)]);
  for (const field of schema.playerState) lines.push(['player', ...rareLine(field, schema)]);
  return lines.map((line) => JSON.stringify(line));
}

function payloadLines(what: string, payload: PayloadSpec, schema: Describable): unknown[][] {
  const line = (field: PayloadField): unknown[] => (isPacked(field) ? packedLine(field) : rareLine(field, schema));
  return [[what, payload.name], ...payload.fields.map((field) => [what, payload.name, ...line(field)])];
}

function packedLine(field: PackedField): unknown[] {
  const { name, type, bits, levels, min, precision, wraps, visibleTo, choices } = field;
  return [name, type, bits, levels, min, precision, wraps, visibilityName(visibleTo), field.default, choices];
}

function rareLine(field: RareField, schema: Describable): unknown[] {
  if (field.spec !== undefined) return [...packedLine(field.spec), 'rare'];
  const { name, type, maxBytes, refKind, visibleTo } = field;
  return [name, type, maxBytes, schema.kinds[refKind]?.name ?? null, visibilityName(visibleTo), field.default ?? null];
}

function visibilityName(visibleTo: Visibility): string {
  return typeof visibleTo === 'function' ? 'rule' : visibleTo;
}

/** The 8 bytes that HELLO and WELCOME carry, and a uint32 per line, by which a client finds the first that differs. */
export function hashLines(lines: readonly string[]): { hash: Uint8Array; lineHashes: number[] } {
  const hash = new Uint8Array(8);
  LANE_SEEDS.forEach((seed, lane) => {
    let running: number = seed;
    for (const line of lines) running = fold32(running, hashText(line, running));
    const word = mix32(running ^ lines.length);
    for (let byte = 0; byte < 4; byte++) hash[lane * 4 + byte] = word >>> (8 * byte);
  });
  return { hash, lineHashes: lines.map((line) => hashText(line, 0) >>> 0) };
}
