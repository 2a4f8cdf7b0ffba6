/** Colours that stay apart for colour-blind eyes; every style has a hull shape of its own as well. */

import type { STYLE_COUNT } from '../../sim/tuning.ts';

/** Indexed by style. Lightness differs along with hue. */
export const STYLE_COLOURS = [
  0x3fb8ff, 0xffa42e, 0x2fe6a6, 0xff5f52, 0xf7e24b, 0xd98cff, 0xa6d8ff, 0xff8fc0,
] as const satisfies { length: typeof STYLE_COUNT };

export const OWN_COLOUR = 0xffffff;
export const LEADER_COLOUR = 0xffd75e;
export const SERVER_COLOUR = 0xff4fd8;
export const WALL_COLOUR = 0x4a7dff;
export const PILLAR_COLOUR = 0x7d6bff;

/** Indexed by the pickup's sort: repair, spread, rapid, shield. */
export const PICKUP_COLOURS = [0x52f28b, 0xffc23d, 0xff6a5e, 0x58d4ff] as const;

export function styleColour(style: number): number {
  return STYLE_COLOURS[style] ?? OWN_COLOUR;
}

export function pickupColour(sort: number): number {
  return PICKUP_COLOURS[sort] ?? OWN_COLOUR;
}

/** A colour between two, `share` 0..1 of the second. */
export function mixColours(a: number, b: number, share: number): number {
  const mix = (shift: number) => {
    const from = (a >> shift) & 255;
    return Math.round(from + (((b >> shift) & 255) - from) * share) << shift;
  };
  return mix(16) | mix(8) | mix(0);
}

/** `#rrggbb` for style sheets. */
export function cssColour(colour: number): string {
  return `#${colour.toString(16).padStart(6, '0')}`;
}
