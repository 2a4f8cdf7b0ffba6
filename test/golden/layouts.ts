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
