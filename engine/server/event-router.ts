/** `room.emit`: from an author's payload to the queues of those who are to know. */
import { TickwireError } from '../core/errors.ts';
import { checkKeys } from '../core/keys.ts';
import { encodePayload } from '../state/payload.ts';
import type { PayloadSpec, Schema } from '../state/schema.ts';
import type { ValueCodec } from '../wire/value-codec.ts';
import { Writer } from '../wire/writer.ts';
import { type EncodedEvent, encodeEvent } from './event-queue.ts';
import { refsOf } from './known-refs.ts';
import { Player } from './player.ts';
import type { ServerStats } from './stats.ts';
import type { Players } from './types.ts';

/** `EmitOptions` with their types erased. */
export interface RouteOptions {
  readonly to?: Player | Iterable<Player>;
  readonly near?: { readonly x: number; readonly y: number; readonly radius: number };
  readonly at?: 'playout' | 'now';
}

/** What an event router needs of its room. */
export interface EventRouterParts {
  readonly schema: Schema;
  readonly values: ValueCodec;
  readonly stats: ServerStats;
  readonly players: Players<Player>;
  /** Values out of range are thrown at the author; else they are clamped. Default true. */
  readonly isStrict?: boolean;
}

/** Encodes each event once, whoever gets it. */
export class EventRouter {
  readonly #parts: EventRouterParts;
  readonly #byName: ReadonlyMap<string, PayloadSpec>;
  readonly #writer: Writer;
  readonly #message: Writer;

  constructor(parts: EventRouterParts) {
    this.#parts = parts;
    this.#byName = new Map(parts.schema.events.map((event) => [event.name, event]));
    this.#writer = new Writer(256);
    this.#message = new Writer(1024);
  }

  /** Tells players of something that happens in `tick`. */
  emit(name: string, payload: object | undefined, tick: number, options: RouteOptions): void {
    const event = this.#byName.get(name);
    if (event === undefined) throw new TickwireError(`emit('${name}'): the game has no event of that name.`);
    checkOptions(`emit('${name}')`, options);
    const encoded = this.#encode(event, payload, tick, options.at === 'now');
    const { to, near } = options;
    for (const player of receiversOf(to, this.#parts.players)) {
      if (!(player instanceof Player)) {
        throw new TickwireError(`emit('${name}'): \`to\` takes a player of this room, or a list of them.`);
      }
      if (!player.isJoined) continue;
      // Ticks are counted by each room for itself: an event of another one has no place in this player's picture.
      if (this.#parts.players.get(player.id) !== player) {
        throw new TickwireError(`emit('${name}'): player ${player.id} of \`to\` is in another room; emit it there.`);
      }
      if (near !== undefined && !isNear(player, near)) continue;
      this.#push(player, encoded);
    }
  }

  /** Tells everybody of what a step caused in `tick`. */
  emitFromStep(event: PayloadSpec, payload: object, tick: number): void {
    const encoded = this.#encode(event, payload, tick, false);
    for (const player of this.#parts.players) this.#push(player, encoded);
  }

  #encode(event: PayloadSpec, payload: object | undefined, tick: number, isNow: boolean): EncodedEvent {
    const args = encodePayload(event, payload, this.#parts.isStrict);
    return encodeEvent(this.#writer, this.#parts.values, event, args, tick, isNow, refsOf(event, payload));
  }

  #push(player: Player, event: EncodedEvent): void {
    let dropped = player.events.push(event);
    if (dropped < 0 && this.#flush(player, event.tick)) dropped = player.events.push(event);
    if (dropped < 0) player.link.cut('too_slow');
    else this.#parts.stats.eventsDropped += dropped;
  }

  /**
   * A burst, of chat for example, fills the queue of who is not slow at all: sends what waits ahead of the tick's snapshot.
   * Returns false for a client that has not taken what it was sent before.
   */
  #flush({ window, link, events }: Player, tick: number): boolean {
    if (!window.canSend(tick, link.bufferedBytes)) return false;
    this.#message.reset();
    events.takeNow(this.#message, tick);
    // Who has no snapshot yet missed nothing: what was told before it came is not its own.
    if (window.lastSentTick >= 0) link.send(this.#message.finish());
    return true;
  }
}

function checkOptions(where: string, options: RouteOptions): void {
  checkKeys(where, options, ['to', 'near', 'at']);
  const { near, at } = options;
  if (at !== undefined && at !== 'playout' && at !== 'now') {
    throw new TickwireError(`${where}: \`at\` is 'playout' or 'now'.`);
  }
  if (near === undefined) return;
  if (!(Number.isFinite(near?.x) && Number.isFinite(near.y) && Number.isFinite(near.radius))) {
    throw new TickwireError(`${where}: \`near\` takes { x, y, radius }, three finite numbers.`);
  }
}

/** Who is meant; what is neither a player nor iterable comes back as the only one. */
function receiversOf(to: RouteOptions['to'], everybody: Iterable<Player>): Iterable<unknown> {
  if (to === undefined) return everybody;
  return typeof (to as Iterable<Player> | null)?.[Symbol.iterator] === 'function' ? (to as Iterable<Player>) : [to];
}

function isNear(player: Player, { x, y, radius }: NonNullable<RouteOptions['near']>): boolean {
  player.look();
  const dx = player.viewX - x;
  const dy = player.viewY - y;
  // NaN, the viewpoint of who never looked from anywhere, is not near.
  return dx * dx + dy * dy <= radius * radius;
}
