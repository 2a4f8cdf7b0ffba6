/** Which events a room emitted for whom, found by brute force: what a player is told of must have been meant for it. */
import type { Player } from '../server/player.ts';
import type { Room } from '../server/room.ts';
import { encodePayload } from '../state/payload.ts';
import type { Eye } from './sight-rules.ts';

/** Events wait for a client that takes nothing until it is cut off: not as long as this. */
const KEPT_SECONDS = 60;
const ROUNDING = 1.000_001;

interface Emitted {
  readonly event: number;
  readonly args: string;
  /** Ids of players. */
  readonly meant: ReadonlySet<number>;
}

type Emit = Room['emit'];
type Options = NonNullable<Parameters<Emit>[2]>;

/** One room's events. */
export class EventLog {
  readonly #room: Room;
  readonly #eyes: ReadonlyMap<number, { readonly eye: Eye }>;
  readonly #byTick = new Map<number, Emitted[]>();
  /** Events that steps emit, too: these are for everybody and pass by `room.emit`. */
  readonly #ofSteps = new Set<number>();

  /** `watched`: who is in the room, by id. */
  constructor(room: Room, watched: ReadonlyMap<number, { readonly eye: Eye }>) {
    this.#room = room;
    this.#eyes = watched;
    const emit = room.emit.bind(room) as Emit;
    room.emit = (name, payload, options = {}) => {
      // What can be read only once is read here.
      const to = isMany(options.to) ? [...options.to] : options.to;
      emit(name, payload, to === undefined ? options : { ...options, to });
      this.#note(name, payload, to, options.near);
    };
  }

  /** Whether the event of `tick` was for that player. */
  isMeant(event: number, args: readonly unknown[], tick: number, player: Player): boolean {
    if (this.#ofSteps.has(event)) return true;
    const key = this.#keyOf(event, args);
    const same = (this.#byTick.get(tick) ?? []).filter((emitted) => emitted.event === event && emitted.args === key);
    if (same.length === 0) this.#ofSteps.add(event);
    return same.length === 0 || same.some(({ meant }) => meant.has(player.id));
  }

  /** Without references: of those each receiver gets only what it may know. */
  #keyOf(event: number, args: readonly unknown[]): string {
    const { fields } = this.#room.schema.events[event]!;
    return JSON.stringify(args.map((arg, i) => (fields[i]?.type === 'ref' ? null : arg)));
  }

  #note(name: string, payload: object | undefined, to: Options['to'] | undefined, near: Options['near']): void {
    const spec = this.#room.schema.events.find((event) => event.name === name)!;
    const { tick } = this.#room.shared;
    const meant = new Set<number>();
    for (const [id, { eye }] of this.#eyes) {
      const isNamed = to === undefined || to === eye.player || (isMany(to) && [...to].includes(eye.player));
      if (isNamed && (near === undefined || isWithin(eye, near))) meant.add(id);
    }
    const args = this.#keyOf(spec.index, encodePayload(spec, payload, false));
    const emitted = this.#byTick.get(tick);
    if (emitted === undefined) this.#byTick.set(tick, [{ event: spec.index, args, meant }]);
    else emitted.push({ event: spec.index, args, meant });
    this.#byTick.delete(tick - KEPT_SECONDS * this.#room.schema.tickRate);
  }
}

function isMany(to: Options['to'] | undefined): to is Iterable<Player> {
  return typeof (to as Iterable<Player> | undefined)?.[Symbol.iterator] === 'function';
}

function isWithin(eye: Eye, { x, y, radius }: NonNullable<Options['near']>): boolean {
  eye.look();
  return Math.hypot(eye.x - x, eye.y - y) <= radius * ROUNDING;
}
