/** The three kinds of error, and the one table of codes that travel or reach a game's author. */

/** Reasons, by name, as they appear in ERROR, BYE and REPLY messages and in WebSocket close codes. */
export const CODES = {
  // Refusals: the connection never became a player.
  version_mismatch: { number: 4406, text: 'the client speaks another protocol version or another game schema' },
  unauthorized: { number: 4401, text: 'the token was refused' },
  forbidden: { number: 4403, text: 'this player may not do that' },
  room_full: { number: 4429, text: 'every seat in the room is taken' },
  room_not_found: { number: 4404, text: 'there is no such room or room type' },
  server_full: { number: 4503, text: 'the server takes no more connections, or no more of this user' },
  handshake_timeout: { number: 4408, text: 'the handshake was not finished in time' },
  // Peer's mistakes.
  bad_message: { number: 4400, text: 'a message broke the protocol' },
  rate_limited: { number: 4420, text: 'messages came, or new rooms were asked for, faster than allowed' },
  unknown_command: { number: 4440, text: 'the room takes no such command: its onCommand has none of that name' },
  bad_payload: { number: 4441, text: 'the payload of a command, or the join options, do not fit' },
  // Ends of a player's life.
  replaced: { number: 4409, text: 'the player continues on a newer connection' },
  kicked: { number: 4410, text: 'the player was removed from the room' },
  room_closed: { number: 4411, text: 'the room was closed' },
  room_failed: { number: 4412, text: 'a game hook threw, so the room was closed' },
  too_slow: { number: 4413, text: 'the peer did not take what was sent' },
  silent: { number: 4414, text: 'nothing was heard from the peer for too long' },
  shutting_down: { number: 1012, text: 'the server is going down' },
  internal: { number: 1011, text: 'the server failed to serve this' },
  // Found by the client alone: no message carries them.
  unreachable: { number: 4480, text: 'no connection could be made' },
  closed: { number: 1000, text: 'the connection was closed by its owner' },
} as const;

/** Name of a reason. */
export type Code = keyof typeof CODES;

const NAMES_BY_NUMBER = new Map<number, Code>((Object.keys(CODES) as Code[]).map((name) => [CODES[name].number, name]));

/** Name of the reason that a number on the wire stands for; `internal` for a number that is not in the table. */
export function codeOfNumber(number: number): Code {
  return NAMES_BY_NUMBER.get(number) ?? 'internal';
}

/** After these a client does not try again by itself. */
export const FINAL_CODES: ReadonlySet<Code> = new Set([
  'version_mismatch',
  'unauthorized',
  'forbidden',
  'bad_message',
  'kicked',
  'replaced',
  'room_not_found',
  'closed',
]);

/** A mistake of the game's author, thrown at once with a sentence that names the field and the fix. */
export class TickwireError extends Error {
  override readonly name = 'TickwireError';
}

/** The other side said no: what `connect` and `send` reject with. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: Code;
  /** The sentence it was made with, '' for none. */
  readonly reason: string;
  /** Milliseconds to wait before trying again; undefined when trying again makes no sense. */
  readonly retryAfterMs: number | undefined;

  constructor(code: Code, message?: string, retryAfterMs?: number) {
    super(message === undefined || message === '' ? `${CODES[code].text} (${code})` : `${message} (${code})`);
    this.code = code;
    this.reason = `${message ?? ''}`;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A peer's bytes break the protocol. `reason` is one of ours and never holds a byte of the message. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly reason: string;

  constructor(reason: string) {
    super(`bad message: ${reason}`);
    this.reason = reason;
  }
}
