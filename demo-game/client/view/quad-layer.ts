/** A layer that is written anew every frame: textured quads from the atlas, all in one draw call. */

import { type BLEND_MODES, Container, Particle, ParticleContainer, Sprite, type Texture } from 'pixi.js';

export interface QuadLayer {
  readonly view: Container;
  /** Forgets last frame's quads. */
  begin(): void;
  /** Adds a quad centred on a point; scales are relative to the texture's size, `rotation` in radians. */
  add(
    texture: Texture,
    x: number,
    y: number,
    rotation: number,
    scaleX: number,
    scaleY: number,
    colour: number,
    alpha: number,
  ): void;
  /** Hands the frame's quads to the renderer. */
  end(): void;
}

export function createQuadLayer(renderer: 'webgl' | 'canvas', blendMode: BLEND_MODES, limit: number): QuadLayer {
  return renderer === 'canvas' ? new SpriteQuads(blendMode, Math.min(limit, 700)) : new ParticleQuads(blendMode, limit);
}

class ParticleQuads implements QuadLayer {
  readonly view: ParticleContainer;
  readonly #pool: Particle[] = [];
  readonly #limit: number;
  #count = 0;

  constructor(blendMode: BLEND_MODES, limit: number) {
    this.#limit = limit;
    this.view = new ParticleContainer({
      dynamicProperties: { vertex: true, position: true, rotation: true, uvs: true, color: true },
    });
    this.view.blendMode = blendMode;
  }

  begin(): void {
    this.#count = 0;
  }

  add(
    texture: Texture,
    x: number,
    y: number,
    rotation: number,
    scaleX: number,
    scaleY: number,
    colour: number,
    alpha: number,
  ): void {
    if (alpha <= 0.004 || this.#count >= this.#limit) return;
    let quad = this.#pool[this.#count];
    if (!quad) {
      quad = new Particle({ texture, anchorX: 0.5, anchorY: 0.5 });
      this.#pool.push(quad);
    }
    this.#count++;
    quad.texture = texture;
    quad.x = x;
    quad.y = y;
    quad.rotation = rotation;
    quad.scaleX = scaleX;
    quad.scaleY = scaleY;
    // Written directly in the vertex format: the accessors would parse colours for every quad.
    const opacity = alpha >= 1 ? 255 : (alpha * 255) | 0;
    quad.color = ((opacity << 24) | ((colour & 255) << 16) | (colour & 0xff00) | (colour >> 16)) >>> 0;
  }

  end(): void {
    const shown = this.view.particleChildren;
    if (shown.length > this.#count) shown.length = this.#count;
    for (let index = shown.length; index < this.#count; index++) shown.push(this.#pool[index] as Particle);
  }
}

/** For the canvas renderer, which cannot draw particles from an atlas. */
class SpriteQuads implements QuadLayer {
  readonly view = new Container();
  readonly #sprites: Sprite[] = [];
  readonly #blendMode: BLEND_MODES;
  readonly #limit: number;
  #count = 0;

  constructor(blendMode: BLEND_MODES, limit: number) {
    this.#blendMode = blendMode;
    this.#limit = limit;
  }

  begin(): void {
    this.#count = 0;
  }

  add(
    texture: Texture,
    x: number,
    y: number,
    rotation: number,
    scaleX: number,
    scaleY: number,
    colour: number,
    alpha: number,
  ): void {
    if (alpha <= 0.02 || this.#count >= this.#limit) return;
    let sprite = this.#sprites[this.#count];
    if (!sprite) {
      sprite = new Sprite({ texture, anchor: 0.5, blendMode: this.#blendMode });
      this.#sprites.push(sprite);
      this.view.addChild(sprite);
    }
    this.#count++;
    sprite.visible = true;
    if (sprite.texture !== texture) sprite.texture = texture;
    sprite.position.set(x, y);
    sprite.rotation = rotation;
    sprite.scale.set(scaleX, scaleY);
    // Each tint costs a painted copy of the shape, so they are kept few.
    sprite.tint = colour & 0xf0f0f0;
    sprite.alpha = Math.min(1, alpha);
  }

  end(): void {
    for (let index = this.#count; index < this.#sprites.length; index++) {
      const sprite = this.#sprites[index];
      if (!sprite?.visible) break;
      sprite.visible = false;
    }
  }
}
