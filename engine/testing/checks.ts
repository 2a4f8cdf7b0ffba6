/**
 * The checkers of a simulation, and how they look into a server and its clients: through the hooks of room types, the codec
 * of each player, and the session of each client. They change nothing; a run with them has the trace of one without.
 */
import type { Session } from '../client/session.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Player } from '../server/player.ts';
import type { Room } from '../server/room.ts';
import type { ServerStats } from '../server/stats.ts';
import type { RoomType } from '../server/types.ts';
import type { Schema } from '../state/schema.ts';
import type { ValueCodec } from '../wire/value-codec.ts';
import { Findings } from './findings.ts';
import type { FirstNumbers } from './first-numbers.ts';
import { FrameChecker } from './frame-checker.ts';
import { InputChecker, watchInputsMade } from './input-checker.ts';
import { RareChecker } from './rare-checker.ts';
import { ReplicaChecker } from './replica-checker.ts';
import { RoomChecker, type Watched } from './room-checker.ts';
import { type RoomRules, sightRuleOf } from './sight-rules.ts';

/** Codes with which no connection may end, whatever the network does: both sides are the shipped ones, and neither floods. */
const BAD_ENDS = new Set(['bad_message', 'rate_limited']);

/** What is checked of one client. */
interface ClientChecks {
  readonly session: Session;
  readonly replica: ReplicaChecker;
  readonly rare: RareChecker;
  readonly frames: FrameChecker;
}

/** What the checkers are told of a simulation. */
export interface ChecksOptions {
  readonly schema: Schema;
  /** The true time. */
  readonly clock: Clock;
  readonly values: ValueCodec;
  readonly first: FirstNumbers;
  /** By room type, where its options do not say it. */
  readonly rules: { readonly [roomType: string]: Partial<RoomRules> };
}

/** All checkers of one simulation. */
export class Checks {
  readonly findings: Findings;
  readonly #options: ChecksOptions;
  readonly #rooms = new Map<Room, RoomChecker>();
  /** By room and player, also of those that left: their last messages are still on their way. */
  readonly #lives = new Map<string, Watched>();
  readonly #inputs = new Map<string, InputChecker>();
  /** By number of the client. */
  readonly #clients: (ClientChecks | undefined)[] = [];

  constructor(options: ChecksOptions) {
    this.#options = options;
    this.findings = new Findings(options.clock);
  }

  /** The same room types, looked into. What is none is left for the server to refuse. */
  watchRooms<R extends object>(rooms: R): R {
    if (typeof rooms !== 'object' || rooms === null) return rooms;
    return Object.fromEntries(
      Object.entries(rooms).map(([name, type]) => [name, isRoomType(type) ? this.#watchRoomType(name, type) : type]),
    ) as R;
  }

  /** Looks into a client. */
  watchClient(index: number, session: Session): void {
    const where = `client ${index}`;
    const toldOf = (of: Session) => this.lifeOf(of)?.told;
    const { schema, values } = this.#options;
    const rare = new RareChecker(where, session, schema, values, this.findings);
    const replica = new ReplicaChecker(where, session, schema.tickRate, this.findings, toldOf, rare);
    const frames = new FrameChecker(where, session, this.findings);
    watchInputsMade(session, (of) => this.#inputsOf(keyOf(of)));
    session.states.on('state', (_state, reason) => {
      if (reason !== undefined && BAD_ENDS.has(reason.code)) {
        this.findings.report(where, `lost its connection: ${reason.code} ${reason.message}`);
      }
    });
    this.#clients[index] = { session, replica, rare, frames };
  }

  /** Client `index` has drawn a frame. */
  checkFrame(index: number): void {
    const client = this.#clients[index];
    client?.frames.check();
    client?.rare.checkPicture();
  }

  /** See `ReplicaChecker`. */
  flipBit(index: number, random: Random): boolean {
    return this.#clients[index]?.replica.flipBit(random) ?? false;
  }

  sessionOf(index: number): Session | undefined {
    return this.#clients[index]?.session;
  }

  /** The server's side of what a client is in; undefined before it joined. */
  lifeOf(session: Session): Watched | undefined {
    return this.#lives.get(keyOf(session));
  }

  /** The running room with that id. */
  roomOf(id: string): Room | undefined {
    for (const room of this.#rooms.keys()) if (room.id === id) return room;
    return undefined;
  }

  /** All is over: nothing may be left. */
  checkEnd(stats: Readonly<ServerStats>): void {
    const { rooms, players, connections, badMessages, badValues } = stats;
    for (const [what, left] of Object.entries({ rooms, players, connections })) {
      if (left !== 0) this.findings.report('end', `${left} ${what} are left`);
    }
    if (badMessages > 0) this.findings.report('end', `${badMessages} messages of clients broke the protocol`);
    if (badValues > 0) this.findings.report('end', `${badValues} values were not in their range`);
  }

  #watchRoomType(name: string, type: RoomType): object {
    const given = this.#options.rules[name];
    const rules: RoomRules = {
      sight: given?.sight ?? sightRuleOf(type, this.#options.schema.tickRate),
      bytesPerSecond: given?.bytesPerSecond ?? budgetOf(type),
    };
    const hooks: Pick<RoomType, 'onJoin' | 'onTick' | 'onLeave' | 'onDispose'> = {
      onJoin: (room, player, options) => {
        this.#join(room as unknown as Room, player as unknown as Player, rules);
        return type.onJoin?.(room, player, options);
      },
      onTick: (room, context) => {
        this.#rooms.get(room as unknown as Room)?.check();
        return type.onTick?.(room, context);
      },
      onLeave: (room, player, reason) => {
        this.#rooms.get(room as unknown as Room)?.leave(player as unknown as Player);
        return type.onLeave?.(room, player, reason);
      },
      onDispose: (room) => {
        this.#rooms.delete(room as unknown as Room);
        return type.onDispose?.(room);
      },
    };
    // A class's methods are its prototype's; what is not known is to be refused, so the own ones are copied.
    return Object.assign(Object.create(Object.getPrototypeOf(type)), type, hooks);
  }

  #join(room: Room, player: Player, rules: RoomRules): void {
    let checker = this.#rooms.get(room);
    if (checker === undefined) {
      checker = new RoomChecker(room, rules, this.#options.clock, this.findings);
      this.#rooms.set(room, checker);
    }
    const key = `${room.id}/${player.id}`;
    this.#lives.set(key, checker.join(player, this.#inputsOf(key)));
  }

  #inputsOf(key: string): InputChecker {
    let inputs = this.#inputs.get(key);
    if (inputs === undefined) {
      const { schema, first } = this.#options;
      inputs = new InputChecker(`inputs of ${key}`, schema.input, this.findings, first.seq);
      this.#inputs.set(key, inputs);
    }
    return inputs;
  }
}

/** Infinity where the author gave none: then it follows the line. */
function budgetOf(type: { readonly maxBytesPerSecond?: unknown }): number {
  const { maxBytesPerSecond } = type;
  return typeof maxBytesPerSecond === 'number' ? maxBytesPerSecond : Number.POSITIVE_INFINITY;
}

function keyOf({ roomId, playerId }: Session): string {
  return `${roomId}/${playerId}`;
}

function isRoomType(type: unknown): type is RoomType {
  if (typeof type !== 'object' || type === null) return false;
  const { onJoin, onTick, onLeave, onDispose } = type as Record<string, unknown>;
  return [onJoin, onTick, onLeave, onDispose].every((hook) => hook === undefined || typeof hook === 'function');
}
