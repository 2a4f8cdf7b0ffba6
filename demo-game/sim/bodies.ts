/** The shapes of rows that steps and rules work on; server handles and client rows both fit them. */

export interface Mover {
  x: number;
  y: number;
  vx: number;
  vy: number;
}

/** What a player or a bot holds during one tick. */
export interface ShipInput {
  thrust: boolean;
  boost: boolean;
  fire: boolean;
  /** -TURN_STEPS (left) to TURN_STEPS (right). */
  turn: number;
}

export interface ShipRow extends Mover {
  /** Radians, 0 looks along +x. */
  heading: number;
  hp: number;
  energy: number;
  /** Ticks until the next shot. */
  cooldown: number;
  /** Ticks without damage that remain. */
  guard: number;
  /** One of WEAPON. */
  weapon: number;
  /** Ticks that the special weapon lasts. */
  power: number;
  /** One of ENGINE. */
  engine: number;
  style: number;
  /** Number of the pilot, the same for all ships of one pilot. */
  pilot: number;
}

export interface ShotRow extends Mover {
  /** Ticks to live; 0 is spent. */
  life: number;
  style: number;
  pilot: number;
}

export interface PickupRow {
  x: number;
  y: number;
  /** One of PICKUP. */
  sort: number;
}

export const WEAPON = { single: 0, spread: 1, rapid: 2 } as const;
export const ENGINE = { idle: 0, thrust: 1, boost: 2 } as const;
export const PICKUP = { repair: 0, spread: 1, rapid: 2, shield: 3 } as const;
export const PICKUP_SORTS = 4;

/** The part of the engine's step context that the ship's step needs. */
export interface ShipStepContext {
  /** Seconds. */
  readonly dt: number;
  /** True for the fraction of a tick that is drawn but not kept. */
  readonly partial: boolean;
  spawn(kind: 'shot', init: ShotRow): unknown;
}

export interface ShotStepContext {
  readonly dt: number;
}
