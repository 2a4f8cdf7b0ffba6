/** Commands of one client: checked on arrival, run at the start of the room's next tick, answered then or later. */
import { CODES, type Code, WireError } from '../core/errors.ts';
import { decodePayload, encodePayload, type RefResolver } from '../state/payload.ts';
import type { PayloadSpec, Schema } from '../state/schema.ts';
import { decodeCommand } from '../wire/command.ts';
import { LONGEST_TEXT_BYTES, TEXT_BYTES } from '../wire/limits.ts';
import { encodeReply } from '../wire/reply.ts';
import type { ValueCodec } from '../wire/value-codec.ts';
import { type KnownRefs, refsOf } from './known-refs.ts';
import { RateLimit } from './rate-limit.ts';

/** Commands of one client that may wait for their tick or for their answer. */
export const OPEN_COMMANDS = 64;

/** A command that fits its declaration. */
export interface WaitingCommand {
  readonly id: number;
  readonly spec: PayloadSpec;
  readonly payload: readonly unknown[];
}

/** What a queue of commands needs of its surroundings. */
export interface CommandQueueParts {
  readonly schema: Schema;
  readonly values: ValueCodec;
  readonly commandsPerSecond: number;
  readonly nowMs: number;
  /** Which references may go out; without it, all. */
  readonly knownRefs?: KnownRefs;
  /** Sends bytes to the client. */
  readonly send: (bytes: Uint8Array) => void;
}

/** First in, first out. Each command gets one reply. */
export class CommandQueue {
  readonly #parts: CommandQueueParts;
  readonly #textBytes: number;
  readonly #rate: RateLimit;
  readonly #waiting: WaitingCommand[];
  /** Commands that were taken and have no reply yet. */
  #running: number;

  constructor(parts: CommandQueueParts) {
    this.#parts = parts;
    this.#textBytes = longestText(parts.schema.commands);
    this.#rate = new RateLimit(parts.commandsPerSecond, parts.nowMs);
    this.#waiting = [];
    this.#running = 0;
  }

  /** Takes in COMMAND. Returns the client's mistake, if it made one. Throws a WireError for what is no COMMAND at all. */
  receive(bytes: Uint8Array, nowMs: number): Code | undefined {
    const { values, schema } = this.#parts;
    const command = decodeCommand(values, bytes, this.#textBytes);
    const spec = schema.commands[command.command];
    if (spec === undefined) return this.#refuse(command.id, 'unknown_command');
    if (!fits(spec, command.payload)) return this.#refuse(command.id, 'bad_payload');
    if (this.#waiting.length + this.#running >= OPEN_COMMANDS || !this.#rate.take(1, nowMs)) {
      this.#refuse(command.id, 'rate_limited');
      return undefined;
    }
    this.#waiting.push({ id: command.id, spec, payload: command.payload });
    return undefined;
  }

  /** The command that waits longest. Each one taken is answered with `reply` or `refuse`. */
  take(): WaitingCommand | undefined {
    const command = this.#waiting.shift();
    if (command !== undefined) this.#running++;
    return command;
  }

  /** Answers a command. Throws a TickwireError, and answers nothing, when `result` does not fit the declared reply. */
  reply(command: WaitingCommand, result: unknown): void {
    const { spec, id } = command;
    const payload = spec.reply === undefined ? undefined : this.#encodeReply(spec.reply, result as object);
    const bytes = encodeReply(this.#parts.values, { id, code: 0, payload });
    this.#running--;
    this.#parts.send(bytes);
  }

  /** Tells that a command was not done. */
  refuse(command: WaitingCommand, code: Code): void {
    this.#running--;
    this.#refuse(command.id, code);
  }

  #encodeReply(spec: PayloadSpec, result: object): unknown[] {
    const values = encodePayload(spec, result);
    const { knownRefs } = this.#parts;
    for (const ref of refsOf(spec, result)) if (knownRefs?.has(ref) === false) values[ref.index] = null;
    return values;
  }

  #refuse(id: number, code: Code): Code {
    this.#parts.send(encodeReply(this.#parts.values, { id, code: CODES[code].number, payload: undefined }));
    return code;
  }
}

/** The author's object of a command, with references as `resolveRef` finds them now; undefined if a validator refuses it. */
export function payloadOf(command: WaitingCommand, resolveRef: RefResolver): object | undefined {
  try {
    return decodePayload(command.spec, command.payload, resolveRef);
  } catch (error) {
    // It passed on arrival, so only a validator that answers differently each time comes here.
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function fits(spec: PayloadSpec, payload: readonly unknown[]): boolean {
  try {
    decodePayload(spec, payload);
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

function longestText(commands: readonly PayloadSpec[]): number {
  let longest = TEXT_BYTES;
  for (const { fields } of commands) {
    for (const field of fields) if ('maxBytes' in field) longest = Math.max(longest, field.maxBytes);
  }
  return Math.min(longest, LONGEST_TEXT_BYTES);
}
