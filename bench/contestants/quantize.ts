/** The precision that all contestants are held to: x, y to 1/16, velocity to 1/8, angle to 1/1024 turn. */
import type { TraceEntity } from '../traces/arena-small.ts';

export const FIELDS = ['x', 'y', 'vx', 'vy', 'heading', 'hp', 'score'] as const;

/** Writes an entity's seven fields as integers into `out`. */
export function quantizeEntity(entity: TraceEntity, out: Int32Array | number[]): void {
  out[0] = Math.floor(entity.x * 16 + 0.5);
  out[1] = Math.floor(entity.y * 16 + 0.5);
  out[2] = Math.floor((entity.vx + 512) * 8 + 0.5);
  out[3] = Math.floor((entity.vy + 512) * 8 + 0.5);
  out[4] = Math.floor((entity.heading / (2 * Math.PI)) * 1024 + 0.5) & 1023;
  out[5] = entity.hp;
  out[6] = entity.score;
}
