/** Every number that decides how the game feels; distances in world units, speeds in units per second. */

export const TICK_RATE = 30;

export const ARENA_SIZE = 3072;

export const SHIP_RADIUS = 20;
export const THRUST = 620;
export const BOOST_THRUST = 1150;
/** Share of the speed that is lost per second while coasting. */
export const DRAG = 0.62;
export const CRUISE_SPEED = 430;
export const BOOST_SPEED = 700;
/** Radians per second at full turn. */
export const TURN_RATE = 4.3;
/** `input.turn` counts in these steps, so that a thumb or a bot can turn gently. */
export const TURN_STEPS = 8;
export const WALL_BOUNCE = 0.6;
/** A pillar throws ships off like a bumper: no slower than this. */
export const PILLAR_KICK = 190;
/** Faster than any ship gets; the wire's range for velocities. */
export const SPEED_LIMIT = 1024;

export const MAX_HP = 100;
export const MAX_ENERGY = 100;
/** Energy per second. */
export const BOOST_COST = 42;
export const ENERGY_RETURN = 17;

export const SHOT_SPEED = 900;
export const SHOT_RADIUS = 5;
export const SHOT_DAMAGE = 7;
export const SHOT_LIFE_TICKS = 34;
export const SHOT_SPEED_LIMIT = 2048;
/** Radians between the shots of a spread. */
export const SPREAD_ANGLE = 0.14;
export const COOLDOWN_TICKS = 6;
export const RAPID_COOLDOWN_TICKS = 3;

/** Ticks during which a ship that has just returned takes no damage. */
export const GUARD_TICKS = 75;
export const GUARD_TICKS_PER_SHOT = 12;
export const SHIELD_TICKS = 150;
export const POWER_TICKS = 360;
export const RETURN_TICKS = 66;

export const PICKUP_RADIUS = 22;
export const PICKUP_COUNT = 14;
export const PICKUP_RETURN_TICKS = 150;
export const REPAIR_HP = 45;

export const KILL_SCORE = 10;
/** Extra for shooting down whoever leads. */
export const BOUNTY_SCORE = 5;
export const PICKUP_SCORE = 1;
export const BUMP_DAMAGE = 4;

/** Looks that a ship can have: a colour with a hull shape. */
export const STYLE_COUNT = 8;
export const MAX_PILOTS = 1024;
