/** The picture: owns the renderer and draws one `Picture` per frame, layer by layer. */

import 'pixi.js/unsafe-eval';
import { autoDetectRenderer, Container, type Renderer, WebGLRenderer } from 'pixi.js';
import type { Options } from '../options.ts';
import type { Picture } from '../picture.ts';
import { createAtlas } from './atlas.ts';
import { Backdrop } from './backdrop.ts';
import { Camera } from './camera.ts';
import { Effects } from './effects.ts';
import { FrameMeter } from './frame-meter.ts';
import { Ground } from './ground.ts';
import { NamePlates } from './name-plates.ts';
import { createQuadLayer, type QuadLayer } from './quad-layer.ts';
import { QualityControl } from './quality.ts';
import { Radar } from './radar.ts';
import { ShipLayer } from './ship-layer.ts';
import { ShotLayer } from './shot-layer.ts';
import { Trails } from './trails.ts';

const MAX_STEP_MS = 100;

export type SceneOptions = Pick<Options, 'renderer' | 'quality'> & { readonly isCalm: boolean };

/** Starts a renderer and puts its canvas first into `host`. */
export async function createScene(host: HTMLElement, options: SceneOptions): Promise<Scene> {
  const renderer = await autoDetectRenderer({
    preference: options.renderer,
    width: window.innerWidth,
    height: window.innerHeight,
    resolution: Math.min(window.devicePixelRatio, 2),
    autoDensity: true,
    antialias: false,
    background: 0x04050d,
    powerPreference: 'high-performance',
  });
  renderer.canvas.setAttribute('aria-hidden', 'true');
  host.prepend(renderer.canvas);
  return new Scene(renderer, options);
}

export class Scene {
  readonly camera: Camera;
  readonly meter = new FrameMeter();
  readonly effects: Effects;
  readonly quality: QualityControl;
  readonly #renderer: Renderer;
  readonly #isCanvas: boolean;
  readonly #stage = new Container();
  readonly #world = new Container({ isRenderGroup: true });
  readonly #layers: Record<'sky' | 'ground' | 'lights' | 'hulls' | 'flares' | 'hud', QuadLayer>;
  readonly #backdrop: Backdrop;
  readonly #ground: Ground;
  readonly #trails: Trails;
  readonly #ships: ShipLayer;
  readonly #shots: ShotLayer;
  readonly #plates = new NamePlates();
  readonly #radar: Radar;
  #lastMs = 0;

  constructor(renderer: Renderer, options: SceneOptions) {
    this.#renderer = renderer;
    const isWebGl = renderer instanceof WebGLRenderer;
    this.#isCanvas = !isWebGl;
    if (isWebGl) this.meter.watch(renderer.gl);
    this.camera = new Camera(options.isCalm);
    this.quality = new QualityControl(options.quality, this.#isCanvas);
    const atlas = createAtlas();
    const kind = isWebGl ? 'webgl' : 'canvas';
    this.#layers = {
      sky: createQuadLayer(kind, 'add', 400),
      ground: createQuadLayer(kind, 'normal', 400),
      lights: createQuadLayer(kind, 'add', 6000),
      hulls: createQuadLayer(kind, 'normal', 1200),
      flares: createQuadLayer(kind, 'add', 3000),
      hud: createQuadLayer(kind, 'normal', 800),
    };
    this.#backdrop = new Backdrop(atlas);
    this.#ground = new Ground(atlas);
    this.#trails = new Trails(atlas);
    this.effects = new Effects(atlas);
    this.#ships = new ShipLayer(atlas, this.effects, this.#trails);
    this.#shots = new ShotLayer(atlas);
    this.#radar = new Radar(atlas);
    const { sky, ground, lights, hulls, flares, hud } = this.#layers;
    this.#world.addChild(ground.view, lights.view, hulls.view, flares.view);
    this.#stage.addChild(this.#backdrop.nebula, sky.view, this.#world, this.#plates.view, hud.view);
    window.addEventListener('resize', () => this.#resize());
    this.#resize();
  }

  /** Called with the place whenever a ship is seen to fire. */
  set onFire(listener: (x: number, y: number) => void) {
    this.#ships.onFire = listener;
  }

  get showsServer(): boolean {
    return this.#ships.showsServer;
  }

  set showsServer(isShown: boolean) {
    this.#ships.showsServer = isShown;
  }

  /** An explosion somewhere; shakes the camera if it is near. */
  explode(x: number, y: number, vx: number, vy: number, style: number): void {
    this.effects.explode(x, y, vx, vy, style);
    const distance = Math.hypot(x - this.camera.x, y - this.camera.y);
    this.camera.jolt(Math.max(0, 0.75 - distance / 1100));
  }

  draw(picture: Picture, nowMs: number): void {
    const gapMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (this.quality.notice(gapMs)) this.#resize();
    const elapsedMs = Math.max(0, Math.min(MAX_STEP_MS, gapMs));
    if (picture.focus) this.camera.follow(picture.focus, elapsedMs / 1000);
    this.#placeWorld(nowMs, elapsedMs / 1000);
    this.#fillLayers(picture, nowMs, elapsedMs);
    this.#renderer.render(this.#stage);
  }

  #placeWorld(nowMs: number, seconds: number): void {
    const { camera } = this;
    const shake = camera.shake(nowMs, seconds);
    this.#world.scale.set(camera.zoom);
    this.#world.position.set(camera.screenX(0) + shake.x, camera.screenY(0) + shake.y);
  }

  #fillLayers(picture: Picture, nowMs: number, elapsedMs: number): void {
    const { camera, quality } = this;
    const { sky, ground, lights, hulls, flares, hud } = this.#layers;
    for (const layer of [sky, ground, lights, hulls, flares, hud]) layer.begin();
    this.effects.sparks.density = quality.level.sparkDensity;
    this.#backdrop.draw(sky, camera, nowMs, quality.level.starDepths);
    this.#ground.draw(ground, lights, picture, camera, nowMs);
    if (quality.level.hasTrails) this.#trails.draw(lights, nowMs);
    this.#shots.draw(lights, picture, camera);
    this.#ships.draw({ lights, hulls }, picture, camera, nowMs);
    this.effects.draw(flares, elapsedMs);
    this.#plates.draw(picture, camera);
    this.#radar.draw(hud, picture, camera, nowMs);
    for (const layer of [sky, ground, lights, hulls, flares, hud]) layer.end();
  }

  #resize(): void {
    const width = Math.max(1, window.innerWidth);
    const height = Math.max(1, window.innerHeight);
    const resolution = this.#isCanvas ? 1 : Math.min(window.devicePixelRatio, this.quality.level.maxResolution);
    this.#renderer.resize(width, height, resolution);
    this.camera.resize(width, height);
  }
}
