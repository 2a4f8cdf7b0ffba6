/**
 * One worked example of every message, from the game that PROTOCOL.md describes. `test/golden/*.json` pins their bytes.
 *
 * The game: 20 ticks a second. Kind 0 `ship`: x and y (16 bits, 1/16 from 0), hp 0..100, name (rare). Input: thrust,
 * turn -1..1, fire. Event 0 `explosion`: x, y. Command 0 `chat`: text; 1 `buy`: item, answered by ok. Room state:
 * roundEndsAt. Player state: score.
 */
import { decodeBye, encodeBye } from '../../engine/wire/bye.ts';
import { decodeCommand, encodeCommand } from '../../engine/wire/command.ts';
import { decodeError, encodeError } from '../../engine/wire/error.ts';
import { decodeHello, encodeHello, type Hello } from '../../engine/wire/hello.ts';
import { createInputView, InputRuns, readInput, writeInput } from '../../engine/wire/input.ts';
import { createMsgpackrCodec } from '../../engine/wire/msgpackr.node.ts';
import { readPing, writePing } from '../../engine/wire/ping.ts';
import { readPong, writePong } from '../../engine/wire/pong.ts';
import { Reader } from '../../engine/wire/reader.ts';
import { decodeReady, encodeReady } from '../../engine/wire/ready.ts';
import { decodeReply, encodeReply } from '../../engine/wire/reply.ts';
import { decodeResync, encodeResync, RESYNC_REASONS } from '../../engine/wire/resync.ts';
import { decodeWelcome, encodeWelcome } from '../../engine/wire/welcome.ts';
import { Writer } from '../../engine/wire/writer.ts';
import type { GoldenMessage } from './golden-message.ts';
import { STATES } from './states.ts';

const codec = createMsgpackrCodec();
const schemaHash = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const token = Uint8Array.of(0xa1, 0xb2, 0xc3, 0xd4);

/** The bytes that `write` makes. */
function written(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  write(writer);
  return writer.finish();
}

function golden<T>(
  name: string,
  expected: T,
  write: (value: T) => Uint8Array,
  read: (bytes: Uint8Array) => unknown,
): GoldenMessage {
  return { name, expected, write: () => write(expected), read };
}

const newPlayer: Hello = {
  protocol: 1,
  schemaHash,
  codecs: 1,
  roomType: 'arena',
  roomId: undefined,
  options: null,
  token: undefined,
  resume: undefined,
  gameVersion: '',
};

const resuming: Hello = {
  ...newPlayer,
  codecs: 3,
  roomId: 'arena-1',
  options: { team: 'red' },
  token: 'let me in',
  resume: { token, epoch: 7, lastTick: 1023 },
  gameVersion: '1.4',
};

const welcome = {
  protocol: 1,
  schemaHash,
  codec: 0,
  tickRate: 20,
  sendEvery: 1,
  tick: 1019,
  playerId: 3,
  epoch: 7,
  resumeToken: token,
  limits: {
    maxPayloadBytes: 16_384,
    inputsPerMessage: 64,
    commandsPerSecond: 10,
    messagesPerSecond: 60,
    bytesPerSecond: 32_768,
    pingIntervalMs: 5000,
    silentAfterMs: 15_000,
    resumeTtlMs: 60_000,
  },
  isStrict: false,
  roomId: 'arena-1',
};

/** Three ticks of thrust, one of thrust and fire. */
function threeAndOne(): InputRuns {
  const runs = new InputRuns(1);
  for (const input of [0b0011, 0b0011, 0b0011, 0b1011]) runs.append(Uint8Array.of(input));
  return runs;
}

function readInputFields(bytes: Uint8Array): unknown {
  const view = createInputView();
  readInput(new Reader().open(bytes), view, 1);
  const { runsStart, runsEnd, ...fields } = view;
  return { ...fields, runs: [...bytes.subarray(runsStart, runsEnd)] };
}

const inputFields = {
  firstSeq: 200,
  digest: 0x1234,
  adopted: 2,
  heldLow: 1023 & 127,
  seenLow: 1021 & 127,
  seenFraction: 64,
  seenExtrapolatedMs: 0,
  inputCount: 4,
  runs: [3, 0b0011, 1, 0b1011],
};
const ackFields: typeof inputFields = {
  ...inputFields,
  firstSeq: -1,
  digest: -1,
  adopted: 0,
  seenLow: -1,
  seenFraction: 0,
  inputCount: 0,
  runs: [],
};

function writeInputFields(fields: typeof inputFields): Uint8Array {
  const view = { ...createInputView(), ...fields };
  return written((writer) => writeInput(writer, view, fields.inputCount > 0 ? threeAndOne() : new InputRuns(1)));
}

/** Every pinned message, by type. */
export const GOLDEN: readonly GoldenMessage[] = [
  golden(
    'hello',
    newPlayer,
    (hello) => encodeHello(codec, hello),
    (bytes) => decodeHello(codec, bytes),
  ),
  golden(
    'hello-resume',
    resuming,
    (hello) => encodeHello(codec, hello),
    (bytes) => decodeHello(codec, bytes),
  ),
  golden('welcome', welcome, encodeWelcome, decodeWelcome),
  golden('ready', undefined, encodeReady, decodeReady),
  ...STATES,
  golden('input', inputFields, writeInputFields, readInputFields),
  golden('input-ack', ackFields, writeInputFields, readInputFields),
  golden(
    'command-chat',
    { id: 1, command: 0, payload: ['hello'] },
    (command) => encodeCommand(codec, command),
    (bytes) => decodeCommand(codec, bytes),
  ),
  golden(
    'command-buy',
    { id: 2, command: 1, payload: [42] },
    (command) => encodeCommand(codec, command),
    (bytes) => decodeCommand(codec, bytes),
  ),
  golden(
    'reply',
    { id: 2, code: 0, payload: [1] },
    (reply) => encodeReply(codec, reply),
    (bytes) => decodeReply(codec, bytes),
  ),
  golden(
    'reply-refused',
    { id: 2, code: 4441, payload: undefined },
    (reply) => encodeReply(codec, reply),
    (bytes) => decodeReply(codec, bytes),
  ),
  golden(
    'ping',
    { nonce: 17, t1: 5000.25 },
    ({ nonce, t1 }) => written((writer) => writePing(writer, nonce, t1)),
    (bytes) => {
      const view = { nonce: 0, t1: 0 };
      readPing(new Reader().open(bytes), view);
      return view;
    },
  ),
  golden(
    'pong',
    { nonce: 17, t1: 5000.25, t2: 91_000 },
    ({ nonce, t1, t2 }) => written((writer) => writePong(writer, nonce, t1, t2)),
    (bytes) => {
      const view = { nonce: 0, t1: 0, t2: 0 };
      readPong(new Reader().open(bytes), view);
      return view;
    },
  ),
  golden('resync', { reason: RESYNC_REASONS.baseline, tick: 1023, checksum: 0 }, encodeResync, decodeResync),
  golden('error', { code: 4420, ref: 2 }, encodeError, decodeError),
  golden('bye', { code: 1012, reason: '', retryAfterMs: 2000, lineHashes: undefined }, encodeBye, decodeBye),
  golden(
    'bye-version',
    { code: 4406, reason: 'game 1.4 here', retryAfterMs: undefined, lineHashes: [0x1122_3344, 0xaabb_ccdd] },
    encodeBye,
    decodeBye,
  ),
];
