/** Draws shots: a coloured bolt with a white heart. */

import type { Picture } from '../picture.ts';
import type { Atlas } from './atlas.ts';
import type { Camera } from './camera.ts';
import { mixColours, OWN_COLOUR, styleColour } from './palette.ts';
import type { QuadLayer } from './quad-layer.ts';

export class ShotLayer {
  readonly #atlas: Atlas;

  constructor(atlas: Atlas) {
    this.#atlas = atlas;
  }

  draw(lights: QuadLayer, picture: Picture, camera: Camera): void {
    const { bolt, glow } = this.#atlas;
    for (const shot of picture.shots) {
      const { x, y } = shot;
      if (!camera.sees(x, y, 60)) continue;
      const angle = Math.atan2(shot.vy, shot.vx);
      const colour = shot.isOwn ? mixColours(styleColour(shot.style), OWN_COLOUR, 0.25) : styleColour(shot.style);
      const backX = x - Math.cos(angle) * 18;
      const backY = y - Math.sin(angle) * 18;
      lights.add(glow, x, y, 0, 0.4, 0.4, colour, 0.55);
      lights.add(bolt, backX, backY, angle, 0.62, 0.78, colour, 1);
      lights.add(bolt, x - Math.cos(angle) * 9, y - Math.sin(angle) * 9, angle, 0.34, 0.34, OWN_COLOUR, 0.95);
    }
  }
}
