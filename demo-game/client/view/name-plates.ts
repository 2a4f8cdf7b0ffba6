/** Names below the ships, in screen pixels so that they stay sharp; a pool of bitmap texts. */

import { BitmapText, Container } from 'pixi.js';
import { SHIP_RADIUS } from '../../sim/tuning.ts';
import type { Picture } from '../picture.ts';
import type { Camera } from './camera.ts';
import { mixColours, OWN_COLOUR, styleColour } from './palette.ts';

const LIMIT = 48;
const STYLE = {
  fontFamily: 'system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
  fontSize: 12,
  fontWeight: '600',
  fill: 0xffffff,
} as const;

interface Plate {
  readonly text: BitmapText;
  seenInFrame: number;
}

export class NamePlates {
  readonly view = new Container();
  /** By ship: a plate that changed hands would have to lay out its text anew. */
  readonly #plates = new Map<number, Plate>();
  readonly #spare: Plate[] = [];
  #frame = 0;

  draw(picture: Picture, camera: Camera): void {
    this.#frame++;
    for (const ship of picture.ships) {
      if (ship.name === '' || !camera.sees(ship.x, ship.y, 40)) continue;
      const plate = this.#plates.get(ship.id) ?? this.#take(ship.id);
      if (!plate) continue;
      plate.seenInFrame = this.#frame;
      const { text } = plate;
      if (text.text !== ship.name) text.text = ship.name;
      text.tint = ship.isOwn ? OWN_COLOUR : mixColours(styleColour(ship.style), OWN_COLOUR, 0.45);
      text.alpha = ship.isOwn ? 0.95 : 0.78;
      const below = (SHIP_RADIUS + 20) * camera.zoom + (ship.isOwn ? 16 : 4);
      text.position.set(Math.round(camera.screenX(ship.x)), Math.round(camera.screenY(ship.y) + below));
    }
    for (const [id, plate] of this.#plates) {
      if (plate.seenInFrame === this.#frame) continue;
      plate.text.visible = false;
      this.#plates.delete(id);
      this.#spare.push(plate);
    }
  }

  #take(shipId: number): Plate | undefined {
    let plate = this.#spare.pop();
    if (!plate) {
      if (this.#plates.size >= LIMIT) return undefined;
      plate = { text: new BitmapText({ text: '', style: STYLE, anchor: { x: 0.5, y: 0 } }), seenInFrame: 0 };
      this.view.addChild(plate.text);
    }
    plate.text.visible = true;
    this.#plates.set(shipId, plate);
    return plate;
  }
}
