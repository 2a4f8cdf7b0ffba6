/** Every limit of the wire. All are finite; a peer that passes one gets a WireError, never more memory. */

// The gate: what a MessagePack value may be before a decoder sees it.
/** Containers inside each other, the message's own array included. */
export const MESSAGE_DEPTH = 6;
/** Values in one message: containers, their elements, their keys. */
export const MESSAGE_NODES = 512;
/** Containers inside each other in one value of a game: an option, a payload's field, a rare value. */
export const VALUE_DEPTH = 4;
/** Values inside one value of a game. */
export const VALUE_NODES = 448;
/** Bytes of one value of a game; only who writes counts them, for readers have the limit of the message. */
export const VALUE_BYTES = 65_536;
/** UTF-8 bytes of a string that has no limit of its own. */
export const TEXT_BYTES = 256;
/** UTF-8 bytes of a map's key. */
export const KEY_BYTES = 64;
/** UTF-8 bytes of an authentication token. */
export const TOKEN_BYTES = 4096;
/** UTF-8 bytes of the longest `text(n)` that a game may declare. */
export const LONGEST_TEXT_BYTES = 4096;
/** Bytes of a `bin` inside a value of a game. */
export const VALUE_BIN_BYTES = 4096;

// Whole messages.
/** Bytes of any message to the server. */
export const CLIENT_MESSAGE_BYTES = 16_384;
/** Bytes of an INPUT message. */
export const INPUT_MESSAGE_BYTES = 1024;
/** Bytes of any message to a client. */
export const SERVER_MESSAGE_BYTES = 262_144;
/** Elements of a message; those that this version does not know are skipped. */
export const MESSAGE_ELEMENTS = 32;

// Parts of messages.
/** Bytes of a packed body: what a `bin` with a 16-bit length holds. */
export const BODY_BYTES = 65_535;
/** Rare values in one STATE. */
export const RARE_PER_MESSAGE = 65_535;
/** Events in one STATE or EVENT. */
export const EVENTS_PER_MESSAGE = 256;
/** Bytes of the events that wait for one client. */
export const EVENT_BYTES_PER_CLIENT = 16_384;
/** Arguments of one event, fields of one payload. */
export const PAYLOAD_FIELDS = 64;
/** Numbers in an exact own row. */
export const ROW_FIELDS = 128;
/** Inputs in one INPUT. */
export const INPUTS_PER_MESSAGE = 64;
/** Bytes of one quantized input. */
export const INPUT_BYTES = 64;
/** Bytes of the runs in one INPUT; what does not fit waits for the next. */
export const INPUT_RUNS_BYTES = 960;
/** Bytes of the hash of a schema. */
export const SCHEMA_HASH_BYTES = 8;
/** Bytes of a resume token. */
export const RESUME_TOKEN_BYTES = 64;
/** Bytes of the line hashes in a BYE: four for each line of the schema. */
export const LINE_HASHES_BYTES = 32_768;
/** STATEs that a client may leave unacknowledged, in ticks; fewer than the 7 bits of a tick can tell apart. */
export const UNACKED_TICKS = 120;

/** The limits that WELCOME tells a client, in the order in which they travel. New ones go at the end. */
export const WELCOME_LIMIT_NAMES = [
  'maxPayloadBytes',
  'inputsPerMessage',
  'commandsPerSecond',
  'messagesPerSecond',
  'bytesPerSecond',
  'pingIntervalMs',
  'silentAfterMs',
  'resumeTtlMs',
] as const;

/** What a client may send, and how long the server waits: from WELCOME. */
export type WelcomeLimits = { readonly [Name in (typeof WELCOME_LIMIT_NAMES)[number]]: number };
