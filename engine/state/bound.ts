/** What is inside every handle. Its names start with `$`, which no field's name may. */

/** An object that stands for a slot. */
export interface Bound {
  /** -1 once the entity is gone. */
  // A plain name and no symbol: accessors share their code over all kinds, and then only named properties stay fast
  // (measured with six kinds: 2 ns an access, with symbols 20).
  $slot: number;
}
