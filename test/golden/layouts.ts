/**
 * The layout of every message and of every array inside one: what each position holds.
 *
 * PROTOCOL.md shows these tables, the golden messages are checked against them, and their hash is pinned to a version of
 * the protocol. Types: uint, int, number (int or float), bool, text, bin, array, value (whatever the game sends).
 */

/** One position of an array. */
export interface Element {
  readonly name: string;
  /** A type, or several with ` | ` between them; `nil` among them where the element may be absent. */
  readonly type: string;
}

/** One array: a message's elements start behind its type. */
export interface Layout {
  readonly name: string;
  /** A message's; undefined for an array inside one. */
  readonly type?: number;
  readonly elements: readonly Element[];
  /** The last element comes again and again. */
  readonly repeats?: boolean;
}

const layout = (name: string, type: number | undefined, elements: string, repeats = false): Layout => ({
  name,
  ...(type !== undefined && { type }),
  elements: elements
    .split(',')
    .filter((text) => text !== '')
    .map((text) => {
      const [elementName, elementType] = text.split(':').map((part) => part.trim());
      return { name: elementName as string, type: elementType as string };
    }),
  ...(repeats && { repeats }),
});

/** Every message. */
export const MESSAGE_LAYOUTS: readonly Layout[] = [
  layout(
    'HELLO',
    1,
    `protocol: uint, schemaHash: bin, codecs: uint, room: text | array, options: value | nil, token: text | nil,
     resume: array | nil, gameVersion: text | nil`,
  ),
  layout(
    'WELCOME',
    2,
    `protocol: uint, schemaHash: bin, codec: uint, tickRate: uint, sendEvery: uint, tick: uint, playerId: uint,
     epoch: uint, resumeToken: bin | nil, limits: array, isStrict: bool, roomId: text`,
  ),
  layout('READY', 3, ''),
  layout(
    'STATE',
    4,
    `tickLow: uint, ackLow: uint, body: array | bin | nil, rare: array | nil, events: array | nil, own: array | nil,
     timing: array | nil`,
  ),
  layout(
    'INPUT',
    5,
    'firstSeq: uint | nil, digest: uint | nil, heldLow: uint | nil, seen: uint | nil, inputs: bin | nil',
  ),
  layout('COMMAND', 6, 'id: uint, command: uint, payload: array'),
  layout('REPLY', 7, 'id: uint, code: uint, payload: array | nil'),
  layout('EVENT', 8, 'tick: uint, events: array'),
  layout('PING', 9, 'nonce: uint, t1: number'),
  layout('PONG', 10, 'nonce: uint, t1: number, t2: number'),
  layout('RESYNC', 12, 'reason: uint, tick: uint, checksum: uint'),
  layout('ERROR', 13, 'code: uint, ref: uint | nil'),
  layout('BYE', 14, 'code: uint, reason: text | nil, retryAfterMs: uint | nil, lineHashes: bin | nil'),
];

/** Every array inside a message whose positions have meanings. */
export const PART_LAYOUTS: readonly Layout[] = [
  layout('room', undefined, 'type: text, id: text'),
  layout('resume', undefined, 'token: bin, epoch: uint, lastTick: uint'),
  layout('rare value', undefined, 'kind: uint, slot: uint, field: uint, value: value'),
  layout('event', undefined, 'ticksBack: uint, index: uint, arg: value', true),
  layout('own', undefined, 'kind: uint, slot: uint, seq: uint, teleport: uint, row: array'),
  layout('timing', undefined, 't3: number, t2: number, depthLow: number, sendEvery: uint'),
  layout(
    'plain body',
    undefined,
    `header: array | nil, leaves: array | nil, holds: array | nil, words: array | nil, refreshes: array | nil,
     checksum: uint | nil`,
  ),
  layout('gap header', undefined, 'reset: uint, tick: uint, since: uint, ack: uint'),
  layout('reset header', undefined, 'reset: uint, tick: uint, since: uint, ack: uint, kept: array'),
  layout('slot list', undefined, 'kind: uint, gap: uint', true),
  layout('leaves of a kind', undefined, 'kind: uint, removed: array, outOfScope: array'),
  layout('words of a group', undefined, 'kind: uint, group: uint, gaps: array, deltas: array | nil', true),
  layout('refreshes of a kind', undefined, 'kind: uint, gaps: array, keepsHeld: array, codes: array', true),
];

/** Parameters of the packed body's Exp-Golomb codes. */
export const PACKED_CODES = {
  /** Counts of lists. */
  count: 1,
  /** Counts of toggles. */
  toggleCount: 3,
  /** Gaps of ranks. */
  rank: 5,
  /** Gaps of slots. */
  slot: 8,
  /** D in a refresh, and that of an angle. */
  step: 6,
  angleStep: 3,
} as const;

/** The packed body: its parts in order, and how each is written. */
export const PACKED_LAYOUT: readonly (readonly [part: string, coding: string])[] = [
  ['flags', '6 bits: gap, reset, leaves, holds, refreshes, checksum'],
  ['header', 'if gap or reset: tick, since, ack, 32 bits each'],
  ['kept', 'if reset, for each kind: slot list'],
  ['leaves', 'if leaves: 1 bit: scope; for each kind: rank list of tracked ones, slot list of held ones, scope bits'],
  ['holds', 'if holds, for each kind: rank list'],
  [
    'words',
    'for each kind with tracked entities, for each group: predictors, 2 bits for each kernel field; 1 bit: any',
  ],
  ['changed', 'if any: 1 bit: dense; k, 3 bits for each field; dense: toggles, sparse: rank list'],
  ['toggles', 'EG3 count; p, 4 bits; Rice p rank gaps'],
  ['word', 'for each changed entity, for each field of the group: zigzag EGk residual'],
  ['refreshes', 'if refreshes, for each kind: EG1 count; then for each entity:'],
  ['entity', 'EG8 slot gap; 1 bit: stays held; code of each packed field in its bits; unless it stays held:'],
  [
    'motion',
    'changed flag of each group; for each kernel field: 1 bit: moving; if so D, zigzag EG6 (EG3 if it wraps); 8 bits: low bits of P, if it has a velocity',
  ],
  ['checksum', 'if checksum: 32 bits'],
  ['padding', 'zeros up to a whole byte'],
];
