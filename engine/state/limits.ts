/** Bounds on what a game may declare. */

/** Bits of a packed field: its fine value (1/256 of a step) must fit an Int32. */
export const MAX_FIELD_BITS = 23;
/** Bits of a field that `.hermite` gives a velocity. */
export const MAX_FIELD_BITS_WITH_VELOCITY = 22;
/** Slots of a kind; an entity's id is generation * 65536 + slot. */
export const MAX_CAPACITY = 65_535;
/** Slots of a kind that names no `max`. */
export const DEFAULT_CAPACITY = 4_096;
/** Kinds, events or commands of a game. */
export const MAX_NAMES = 128;
/** Fields of one entity or state. */
export const MAX_FIELDS = 128;
/** Ticks per second. */
export const MAX_TICK_RATE = 128;
/**
 * How long a moving field is continued beyond the newest snapshot, in ms, unless it says otherwise: about as long as the next
 * one is missing when a packet of a TCP connection is lost.
 */
export const DEFAULT_EXTRAPOLATE_MS = 200;
/** The stamp that tells the server how far a client extrapolated has 8 bits. */
export const MAX_EXTRAPOLATE_MS = 250;
/** The longest send interval that a lane may have, in ticks. */
export const MAX_SEND_EVERY = 32;
/** What separates generation from slot in an entity's id. */
export const SLOTS_PER_GENERATION = 65_536;
/** Name of the hidden counter that tells a jump from movement. */
export const TELEPORT = '#teleport';
