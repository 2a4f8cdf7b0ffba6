/** The client: one player in one room. Read `frame` first; its steps stand below it, in the order in which they run. */
import { Emitter } from '../core/emitter.ts';
import { RefusedError, TickwireError } from '../core/errors.ts';
import { decodePayload } from '../state/payload.ts';
import type { Game, PayloadSpec } from '../state/schema.ts';
import type { AnyGame } from '../state/types.ts';
import type { ClientPlatform } from './connection.ts';
import { EVENT_AGE_MS, FRAME_GAP_MS, TICKS_PER_FRAME } from './limits.ts';
import type { ClientParts } from './parts.ts';
import { Session } from './session.ts';
import { readStats } from './stats.ts';
import type { ClientState, ClientStats, ConnectOptions, Net, ServerClock } from './types.ts';
import type { KindPicture } from './world.ts';

export type { ClientPlatform } from './connection.ts';
export type { ConnectOptions, Net } from './types.ts';

/**
 * Joins a room. Resolves with the first snapshot (with `ready: 'manual'`, with the seat). Rejects with a RefusedError, whose
 * `code` and `retryAfterMs` say whether another try makes sense, or with a TickwireError for what cannot be asked.
 */
export function connectClient<G extends AnyGame>(
  game: G,
  url: string,
  options: ConnectOptions,
  platform: ClientPlatform,
): Promise<Net<G>> {
  return new Promise((resolve, reject) => {
    const client = new Client(game, url, options, platform, (error) =>
      error === undefined ? resolve(client as unknown as Net<G>) : reject(error),
    );
  });
}

/** Implements `Net` with its types erased. */
class Client {
  readonly world: object;
  readonly room: object;
  readonly players: object;
  readonly clock: ServerClock;
  readonly #game: Game;
  readonly #platform: ClientPlatform;
  readonly #session: Session;
  readonly #parts: ClientParts;
  readonly #events = new Emitter<{ [event: string]: [payload: object] }>();
  /** Time since the newest tick that was predicted. */
  #restMs = 0;

  constructor(
    game: Game,
    url: string,
    options: ConnectOptions,
    platform: ClientPlatform,
    settle: (error?: RefusedError) => void,
  ) {
    const fireEvent = (index: number, args: unknown): void =>
      this.#fireEvent(game.schema.events[index] as PayloadSpec, args);
    this.#game = game;
    this.#platform = platform;
    this.#session = new Session(game, url, options, platform, settle, fireEvent);
    platform.inspect?.(this.#session);
    this.#parts = this.#session.parts;
    const { world, shared, sync, playout, tickMs } = this.#parts;
    this.world = world.views;
    this.room = shared.room.view;
    this.players = shared.view;
    this.clock = {
      now: () => sync.serverNow(platform.clock.now()),
      get playoutTick() {
        return playout.timeMs / tickMs;
      },
    };
    this.#session.connection.dial();
  }

  get own(): object | undefined {
    return this.#parts.world.own;
  }

  get playerId(): number {
    return this.#session.playerId;
  }

  get roomId(): string {
    return this.#session.roomId;
  }

  get state(): ClientState {
    return this.#session.state;
  }

  get stats(): ClientStats {
    return readStats(this.#session);
  }

  sampleInput(sampler: (input: object) => void): void {
    this.#parts.inputs.sampler = sampler;
  }

  on(name: string, listener: (payload: object) => void): () => void {
    if (!this.#game.schema.events.some((event) => event.name === name)) {
      throw new TickwireError(`on('${name}'): the game has no event of that name`);
    }
    return this.#events.on(name, listener);
  }

  onState(listener: (state: ClientState, reason?: RefusedError) => void): () => void {
    return this.#session.states.on('state', listener);
  }

  send(name: string, payload: object = {}): Promise<unknown> {
    const { commands } = this.#session;
    if (this.state === 'closed') return Promise.reject(new RefusedError('closed'));
    return commands.send(name, payload, this.state === 'playing', this.#platform.clock.now());
  }

  ready(): void {
    this.#session.ready();
  }

  close(): void {
    this.#session.close();
  }

  /** One rendered frame. */
  frame(nowMs: number): void {
    this.#advanceTime(nowMs);
    this.#reconcile();
    this.#showWhoIsThere();
    this.#drawOthers();
    this.#runTicks();
    this.#sendInputs();
    this.#drawOwn();
    this.#tellListeners();
  }

  #advanceTime(nowMs: number): void {
    const { pace, sync, playout, world, prediction, interpolation } = this.#parts;
    pace.advance(nowMs);
    sync.advance(nowMs, pace.dtMs);
    playout.advance(nowMs, pace.dtMs, pace.isGap);
    world.silenceMs = Math.max(0, nowMs - this.#session.snapshotMs);
    if (pace.isGap) prediction?.cut();
    if (playout.hasJumped) interpolation.cut();
  }

  #reconcile(): void {
    const { prediction, world } = this.#parts;
    if (prediction === undefined) return;
    const picture = world.kinds[prediction.kindIndex] as KindPicture;
    prediction.reconcile(picture.columns, picture.presence);
  }

  #showWhoIsThere(): void {
    const { world, timeline, interpolation, playout, prediction, tickMs } = this.#parts;
    const slot = prediction?.slot ?? -1;
    // One's own entity is not drawn in the past, so what becomes of it is not shown late either.
    if (world.ownSlot >= 0) timeline.hasten(world.ownKind, world.ownSlot);
    if (slot !== world.ownSlot) {
      if (world.ownSlot >= 0) interpolation.release(world.ownKind, world.ownSlot);
      world.ownSlot = slot;
      world.ownKind = slot < 0 ? -1 : this.#game.schema.controls;
      if (slot >= 0) timeline.hasten(world.ownKind, slot);
    }
    const tick = playout.timeMs / tickMs;
    const oldestEvent = playout.hasJumped ? tick - EVENT_AGE_MS / tickMs : Number.NEGATIVE_INFINITY;
    if (!Number.isNaN(tick)) timeline.advance(tick, oldestEvent);
  }

  #drawOthers(): void {
    const { interpolation, playout, pace, tickMs } = this.#parts;
    interpolation.sample(playout.timeMs / tickMs, pace.dtMs);
  }

  #runTicks(): void {
    const { prediction, inputs, pace, tickMs } = this.#parts;
    if (this.state !== 'playing' || prediction === undefined || prediction.slot < 0) {
      this.#restMs = 0;
      inputs.forgetPresses();
      return;
    }
    inputs.takeSample();
    this.#restMs = pace.isGap ? 0 : Math.min(this.#restMs + pace.dtMs * this.#session.dilation, FRAME_GAP_MS);
    for (let ticks = 0; ticks < TICKS_PER_FRAME && this.#restMs >= tickMs && prediction.mayTick; ticks++) {
      const codes = prediction.step(inputs.sample);
      inputs.add(prediction.seq, codes);
      this.#restMs -= tickMs;
    }
  }

  #sendInputs(): void {
    this.#session.sendInputs(true);
  }

  #drawOwn(): void {
    const { prediction, inputs, world, pace, tickMs } = this.#parts;
    if (prediction === undefined || world.own === undefined) return;
    const picture = world.kinds[prediction.kindIndex] as KindPicture;
    picture.showReceived(prediction.slot);
    prediction.draw(Math.min(this.#restMs, tickMs), inputs.held, pace.dtMs, picture.columns);
  }

  #tellListeners(): void {
    this.#parts.timeline.fire();
  }

  #fireEvent(spec: PayloadSpec, args: unknown): void {
    const { kinds } = this.#parts.world;
    this.#events.emit(
      spec.name,
      decodePayload(spec, args, (kind, slot) => (kinds[kind] as KindPicture).lastSeen(slot)),
    );
  }
}
