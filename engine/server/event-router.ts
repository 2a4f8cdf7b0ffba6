/** `room.emit`: from an author's payload to the queues of those who are to know. */
import { TickwireError } from '../core/errors.ts';
import { encodePayload } from '../state/payload.ts';
import type { PayloadSpec, Schema } from '../state/schema.ts';
import type { ValueCodec } from '../wire/value-codec.ts';
import { Writer } from '../wire/writer.ts';
import { type EncodedEvent, encodeEvent } from './event-queue.ts';
import type { Player } from './player.ts';
import type { ServerStats } from './stats.ts';

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
  readonly players: Iterable<Player>;
}

/** Encodes each event once, whoever gets it. */
export class EventRouter {
  readonly #parts: EventRouterParts;
  readonly #byName: ReadonlyMap<string, PayloadSpec>;
  readonly #writer: Writer;

  constructor(parts: EventRouterParts) {
    this.#parts = parts;
    this.#byName = new Map(parts.schema.events.map((event) => [event.name, event]));
    this.#writer = new Writer(256);
  }

  /** Tells players of something that happens in `tick`. */
  emit(name: string, payload: object, tick: number, options: RouteOptions): void {
    const event = this.#byName.get(name);
    if (event === undefined) throw new TickwireError(`emit('${name}'): the game has no event of that name.`);
    const encoded = this.#encode(event, payload, tick, options.at === 'now');
    const { to, near } = options;
    for (const player of receiversOf(to, this.#parts.players)) {
      if (!player.isJoined) continue;
      if (near !== undefined && !isNear(player, near)) continue;
      this.#push(player, encoded);
    }
  }

  /** Tells everybody of what a step caused in `tick`. */
  emitFromStep(event: PayloadSpec, payload: object, tick: number): void {
    const encoded = this.#encode(event, payload, tick, false);
    for (const player of this.#parts.players) this.#push(player, encoded);
  }

  #encode(event: PayloadSpec, payload: object, tick: number, isNow: boolean): EncodedEvent {
    const args = encodePayload(event, payload);
    return encodeEvent(this.#writer, this.#parts.values, event, args, tick, isNow);
  }

  #push(player: Player, event: EncodedEvent): void {
    const dropped = player.events.push(event);
    if (dropped < 0) player.link.cut('too_slow');
    else this.#parts.stats.eventsDropped += dropped;
  }
}

function receiversOf(to: Player | Iterable<Player> | undefined, everybody: Iterable<Player>): Iterable<Player> {
  if (to === undefined) return everybody;
  return Symbol.iterator in to ? to : [to];
}

function isNear(player: Player, { x, y, radius }: NonNullable<RouteOptions['near']>): boolean {
  player.look();
  const dx = player.viewX - x;
  const dy = player.viewY - y;
  // NaN, the viewpoint of who never looked from anywhere, is not near.
  return dx * dx + dy * dy <= radius * radius;
}
