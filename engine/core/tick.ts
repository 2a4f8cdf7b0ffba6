/** Tick and sequence numbers on the wire: the low 7 bits, extended against a number both sides know. */

/** How many low bits of a tick travel. */
export const TICK_BITS = 7;
/** Mask of the bits that travel. */
export const TICK_MASK = (1 << TICK_BITS) - 1;

/** The smallest tick not below `last` whose low bits are `low`. */
export function extendTickForward(low: number, last: number): number {
  return last + ((low - last) & TICK_MASK);
}

/** The largest tick not above `newest` whose low bits are `low`. */
export function extendTickBackward(low: number, newest: number): number {
  return newest - ((newest - low) & TICK_MASK);
}
