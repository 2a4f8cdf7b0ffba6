/** One tick of a shot: fly straight, end at walls, pillars or the end of its life. Pure. */

import { touchesPillar } from './arena-map.ts';
import type { ShotRow, ShotStepContext } from './bodies.ts';
import { ARENA_SIZE, TICK_RATE } from './tuning.ts';

export function stepShot(shot: ShotRow, ctx: ShotStepContext): void {
  shot.x += shot.vx * ctx.dt;
  shot.y += shot.vy * ctx.dt;
  shot.life = Math.max(0, shot.life - ctx.dt * TICK_RATE);
  const isInside = shot.x > 1 && shot.y > 1 && shot.x < ARENA_SIZE - 1 && shot.y < ARENA_SIZE - 1;
  if (isInside && !touchesPillar(shot.x, shot.y, 0)) return;
  shot.x = Math.min(ARENA_SIZE - 1, Math.max(1, shot.x));
  shot.y = Math.min(ARENA_SIZE - 1, Math.max(1, shot.y));
  shot.life = 0;
}
