/** Every limit of the transports and how close codes and reasons are made fit to travel. */

/** The longest message that a server takes, bytes. */
export const MAX_PAYLOAD_BYTES = 16_384;
/** Fragments in one message at most. */
export const MAX_FRAGMENTS = 16;
/** Pieces of network input held back while a frame is incomplete. */
export const MAX_BUFFERED_CHUNKS = 256;
/** Answers to protocol pings that may wait for a peer that does not read. */
export const MAX_PENDING_PONGS = 16;
/** Protocol pings and pongs from one message to the next; whoever plays sends messages all the time. */
export const MAX_CONTROL_FRAMES = 64;
/** How long a closing handshake may take, ms. */
export const CLOSE_TIMEOUT_MS = 5_000;
/** Messages tolerated from a peer that was told to close, before the socket is cut. */
export const MAX_MESSAGES_AFTER_CLOSE = 256;
/** How long a refused upgrade may take to read its answer, ms. */
export const UPGRADE_DEADLINE_MS = 5_000;
/** How long a request's head may take, ms; Node's own 60 s are too long. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** How often Node looks for requests that took too long, ms. */
export const CONNECTIONS_CHECK_MS = 2_000;
/** The longest request head, bytes. */
export const MAX_HEADER_BYTES = 8_192;
/** Connections of one server process. */
export const MAX_CONNECTIONS = 10_000;
/** Connections of one address (of one /64 with IPv6); loopback is exempt. */
export const MAX_CONNECTIONS_PER_ADDRESS = 64;
/** What refused floods are told to wait, seconds. */
export const RETRY_AFTER_SECONDS = 10;
/** The longest close reason that fits a close frame, bytes of UTF-8. */
export const MAX_REASON_BYTES = 123;

/** The longest start of `reason` that fits a close frame, cut between characters. */
export function cutReason(reason: string): string {
  let bytes = 0;
  let end = 0;
  for (const character of reason) {
    const point = character.codePointAt(0)!;
    // A lone surrogate is written as U+FFFD, three bytes.
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
    if (bytes > MAX_REASON_BYTES) break;
    end += character.length;
  }
  return reason.slice(0, end);
}

/** `code` if a server may send it in a close frame, else 1011. Sending 1005, 1006 or 1015 is forbidden (RFC 6455, 7.4.1). */
export function serverCloseCode(code: number): number {
  const isStandard = code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
  const isOwn = code >= 3000 && code <= 4999;
  return Number.isInteger(code) && (isStandard || isOwn) ? code : 1011;
}

/** `code` if a browser lets a page close with it, else 1000. */
export function clientCloseCode(code: number): number {
  return Number.isInteger(code) && code >= 3000 && code <= 4999 ? code : 1000;
}
