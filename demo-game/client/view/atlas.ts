/** One texture that holds every shape of the game, painted at start: sprites that share it batch into one draw call. */

import { Rectangle, Texture } from 'pixi.js';
import { PICKUP_SORTS } from '../../sim/bodies.ts';
import { HULL_COUNT, paintHull, paintHullOutline } from './paint-hulls.ts';
import * as lights from './paint-lights.ts';
import * as marks from './paint-marks.ts';

const SIZE = 1024;
const GAP = 2;
export const GAUGE_STEPS = 16;
const HULL_PIXELS = 128;

export interface Atlas {
  readonly hulls: readonly Texture[];
  readonly hullOutlines: readonly Texture[];
  readonly gauges: readonly Texture[];
  readonly pickups: readonly Texture[];
  readonly glow: Texture;
  readonly core: Texture;
  readonly streak: Texture;
  readonly flame: Texture;
  readonly bolt: Texture;
  readonly shockwave: Texture;
  readonly shield: Texture;
  readonly ownRing: Texture;
  readonly pillar: Texture;
  readonly arrow: Texture;
  readonly shard: Texture;
  readonly crown: Texture;
  readonly dot: Texture;
  readonly pixel: Texture;
}

type PaintShape = (paint: CanvasRenderingContext2D) => void;

/** Packs shapes row by row into one canvas. */
class Sheet {
  readonly canvas = document.createElement('canvas');
  readonly #paint: CanvasRenderingContext2D;
  readonly #frames: Rectangle[] = [];
  #x = GAP;
  #y = GAP;
  #rowHeight = 0;

  constructor() {
    this.canvas.width = SIZE;
    this.canvas.height = SIZE;
    const paint = this.canvas.getContext('2d');
    if (!paint) throw new Error('This browser has no 2D canvas to paint with.');
    this.#paint = paint;
  }

  /** Paints one shape and returns the number of its frame. */
  add(width: number, height: number, shape: PaintShape): number {
    if (this.#x + width + GAP > SIZE) {
      this.#x = GAP;
      this.#y += this.#rowHeight + GAP;
      this.#rowHeight = 0;
    }
    if (this.#y + height + GAP > SIZE) throw new Error('The atlas is full.');
    const paint = this.#paint;
    paint.save();
    paint.beginPath();
    paint.rect(this.#x, this.#y, width, height);
    paint.clip();
    paint.translate(this.#x, this.#y);
    shape(paint);
    paint.restore();
    this.#frames.push(new Rectangle(this.#x, this.#y, width, height));
    this.#x += width + GAP;
    this.#rowHeight = Math.max(this.#rowHeight, height);
    return this.#frames.length - 1;
  }

  toTextures(): Texture[] {
    const { source } = Texture.from(this.canvas);
    source.autoGenerateMipmaps = true;
    return this.#frames.map((frame) => new Texture({ source, frame }));
  }
}

/** Paints the atlas; takes a few milliseconds. */
export function createAtlas(): Atlas {
  const sheet = new Sheet();
  const square = (size: number, paint: (context: CanvasRenderingContext2D, size: number) => void) =>
    sheet.add(size, size, (context) => paint(context, size));
  const numbered = (count: number, size: number, paint: (c: CanvasRenderingContext2D, s: number, n: number) => void) =>
    Array.from({ length: count }, (_, index) => sheet.add(size, size, (context) => paint(context, size, index)));

  const pillar = square(256, marks.paintPillar);
  const shockwave = square(256, lights.paintShockwave);
  const glow = square(128, lights.paintGlow);
  const shield = square(128, lights.paintShield);
  const ownRing = square(160, lights.paintOwnRing);
  const hulls = numbered(HULL_COUNT, HULL_PIXELS, paintHull);
  const hullOutlines = numbered(HULL_COUNT, 64, paintHullOutline);
  const gauges = numbered(GAUGE_STEPS + 1, 96, (context, size, index) =>
    lights.paintGauge(context, size, index / GAUGE_STEPS),
  );
  const pickups = numbered(PICKUP_SORTS, 96, marks.paintPickup);
  const core = square(32, lights.paintCore);
  const arrow = square(48, lights.paintArrow);
  const shard = square(24, lights.paintShard);
  const crown = square(32, marks.paintCrown);
  const dot = square(16, lights.paintDot);
  const pixel = square(8, lights.paintPixel);
  const streak = sheet.add(64, 16, (context) => lights.paintStreak(context, 64, 16));
  const flame = sheet.add(96, 48, (context) => lights.paintFlame(context, 96, 48));
  const bolt = sheet.add(96, 24, (context) => lights.paintBolt(context, 96, 24));

  const textures = sheet.toTextures();
  const one = (frame: number) => textures[frame] ?? Texture.EMPTY;
  const many = (frames: readonly number[]) => frames.map(one);
  return {
    hulls: many(hulls),
    hullOutlines: many(hullOutlines),
    gauges: many(gauges),
    pickups: many(pickups),
    glow: one(glow),
    core: one(core),
    streak: one(streak),
    flame: one(flame),
    bolt: one(bolt),
    shockwave: one(shockwave),
    shield: one(shield),
    ownRing: one(ownRing),
    pillar: one(pillar),
    arrow: one(arrow),
    shard: one(shard),
    crown: one(crown),
    dot: one(dot),
    pixel: middleOf(one(pixel)),
  };
}

/** The inner half of a texture, so that its neighbours do not bleed into it when it is stretched. */
function middleOf({ source, frame }: Texture): Texture {
  const { x, y, width, height } = frame;
  return new Texture({ source, frame: new Rectangle(x + width / 4, y + height / 4, width / 2, height / 2) });
}
