/** Constants of the client: times in ms. Those of the protocol are in wire/limits.ts. */

// Connection.
/** Without a word from the server for this long, the connection is given up and made anew. */
export const SILENCE_MS = 5_000;
/** Without a seat for this long, a dial has failed: the server itself allows 5 s each for the handshake and the token. */
export const DIAL_MS = 10_000;
// Times between two beats are by up to a quarter more or less.
/** Time between two looks at how long the server has been silent, at most. */
export const BEAT_MS = 1_000;
/** PINGs at a join, to know the server's clock soon, and the time between two of them. */
export const FIRST_PINGS = 12;
export const FIRST_PING_MS = 60;
/** Then, until the clock has seen enough of the line, and from then on. */
export const SETTLE_MS = 10_000;
export const SETTLE_PING_MS = 250;
export const PING_MS = 500;
/** A message goes out at least this often during play: an idle link recovers slowly from a loss. */
export const ACK_MS = 100;
/** Back-off: random(0, min(RETRY_MAX_MS, RETRY_MS * 2^n)), from the start again after STABLE_MS of play. */
export const RETRY_MS = 1_000;
export const RETRY_MAX_MS = 30_000;
export const STABLE_MS = 10_000;
/** Commands that wait for a connection, and for how long. */
export const WAITING_COMMANDS = 64;
export const COMMAND_WAIT_MS = 5_000;

/** Without a snapshot for this long, and as long as this many should have taken, the picture is stale. */
export const STALE_MS = 500;
export const STALE_SNAPSHOTS = 8;

// Time.
/** Lateness is remembered for this long, in this many samples. */
export const LATENESS_MS = 20_000;
export const LATENESS_SAMPLES = 2_048;
/** Of the lateness, the quantile that playout waits for, and the one of the mode 'smooth'. */
export const DELAY_QUANTILE = 0.95;
export const SMOOTH_QUANTILE = 0.99;
/** Playout waits no longer than this beyond the fastest snapshot and one interval. */
export const DELAY_CAP_MS = 70;
/** A frame later than this after the one before: the page was hidden or frozen. */
export const FRAME_GAP_MS = 250;
/** Playout this far off its target jumps there. */
export const PLAYOUT_JUMP_MS = 500;
/** Events older than this are not shown after a jump. */
export const EVENT_AGE_MS = 500;

// Picture.
/** Snapshots kept; a power of two. */
export const SNAPSHOTS = 64;
/** The newest pose is continued for this long at most: 8 bits on the wire. */
export const EXTRAPOLATE_MAX_MS = 255;
/** News of an entity after a longer time without any are no movement: it is shown where it is now. */
export const HOLD_JUMP_MS = 250;
/** Half-life of what is left of an extrapolation when news come. */
export const BLEND_MS = 100;
/** No error shrinks in a frame by more than this part of the way drawn in it: what glides must not look like a jump. */
export const BLEND_WAY = 0.8;
/** Half-life of an error of what hardly moves, for which that would take for ever. */
export const SLOW_BLEND_MS = 300;
/** Of a field's range: an error beyond it is shown at once. */
export const SNAP_SHARE = 1 / 16;
/** Of a field's range: what counts as an entity's width when an error is judged. */
export const WIDTH_SHARE = 1 / 128;
/** Half-lives of a prediction's error: below half a width, and above two. */
export const SMALL_ERROR_MS = 80;
export const LARGE_ERROR_MS = 35;
/** No error shrinks faster than this would take for all of it: what glides must not look like a jump. */
export const ERROR_MS = 150;
/** What a reset forgot stays in the picture for this long, unless it comes again. */
export const FORGOTTEN_MS = 500;

// Prediction.
/** Ticks of input kept; a power of two. */
export const PREDICTED_TICKS = 128;
/** Ticks predicted beyond the newest acknowledged one: a server refuses more. */
export const TICKS_AHEAD = 120;
/** Ticks in one frame. */
export const TICKS_PER_FRAME = 5;
