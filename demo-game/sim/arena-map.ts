/** The fixed ground plan that both sides know: round pillars, and places to start from. */

import { ARENA_SIZE } from './tuning.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Pillar extends Point {
  readonly radius: number;
}

const MIDDLE = ARENA_SIZE / 2;

function ringOf(count: number, distance: number, radius: number, turn: number): Pillar[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = turn + (index / count) * Math.PI * 2;
    return {
      x: Math.round(MIDDLE + Math.cos(angle) * distance),
      y: Math.round(MIDDLE + Math.sin(angle) * distance),
      radius,
    };
  });
}

export const PILLARS: readonly Pillar[] = [
  { x: MIDDLE, y: MIDDLE, radius: 110 },
  ...ringOf(5, 640, 64, 0.35),
  ...ringOf(8, 1180, 84, 0.05),
];

/** True where a circle would touch a pillar. */
export function touchesPillar(x: number, y: number, radius: number): boolean {
  for (const pillar of PILLARS) {
    const reach = pillar.radius + radius;
    const dx = x - pillar.x;
    const dy = y - pillar.y;
    if (dx * dx + dy * dy < reach * reach) return true;
  }
  return false;
}

/** A free place at least `margin` from every wall and pillar; `random` gives 0..1. */
export function pickFreePlace(random: () => number, margin: number): Point {
  const span = ARENA_SIZE - margin * 2;
  for (let attempt = 0; attempt < 40; attempt++) {
    const x = margin + random() * span;
    const y = margin + random() * span;
    if (!touchesPillar(x, y, margin)) return { x, y };
  }
  return { x: MIDDLE, y: MIDDLE + 400 };
}

/** The best of a few free places: the one farthest from its nearest neighbour. */
export function pickQuietPlace(random: () => number, margin: number, others: readonly Point[]): Point {
  let best = pickFreePlace(random, margin);
  let bestDistance = -1;
  for (let attempt = 0; attempt < 8; attempt++) {
    const place = pickFreePlace(random, margin);
    let nearest = ARENA_SIZE;
    for (const other of others) {
      nearest = Math.min(nearest, Math.hypot(other.x - place.x, other.y - place.y));
    }
    // Close enough to find a fight within seconds, far enough not to appear inside one.
    const distance = Math.min(nearest, 420);
    if (distance > bestDistance) {
      best = place;
      bestDistance = distance;
    }
  }
  return best;
}
