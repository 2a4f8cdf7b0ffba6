/**
 * One body for all clients that know the whole world: most of the time that is everybody in a room where everyone sees everything.
 *
 *     private list ──knows all, as the others do──> common list ──a message left out, a reset, a budget──> private list, a copy
 *
 * Such clients have the same list, so one list stands for theirs, and its body goes behind each one's own few bytes. A client must
 * leave before a tick in which it is sent nothing: what it knows is then the list as it was.
 */
import { TICK_MASK } from '../core/tick.ts';
import type { Schema } from '../state/schema.ts';
import { writeStateHead } from '../wire/state.ts';
import { Writer } from '../wire/writer.ts';
import type { BodyCodec } from './body-codec.ts';
import { ClientList } from './client-list.ts';
import type { Lane } from './lane.ts';
import { type MessageBudget, MessagePlan, type OwnEntity, type VisibleSet } from './message-plan.ts';

const EVERYTHING: VisibleSet = { everyone: true, has: () => true };
/** In a common body nobody's own entity is treated apart. */
const NO_OWN: OwnEntity = { kind: -1, slot: -1, isHeld: false };

/** Many births at once are spread over messages, as those of a list of its own are. */
function limitRefreshes(bytes: number): MessageBudget {
  return {
    isRanking: false,
    open: () => undefined,
    choose: () => undefined,
    isHeld: () => false,
    allow(plan) {
      plan.refreshLeft = bytes;
    },
    urgency: () => 0,
    take: () => true,
  };
}

/** The common list of one lane and codec. */
export class CommonBody {
  readonly codec: BodyCodec;
  readonly lane: Lane;
  /** What those who share it know. Means nothing while nobody does. */
  readonly list: ClientList;
  /** Of the newest message. */
  readonly plan: MessagePlan;
  /** The newest body. */
  readonly writer: Writer;
  /** Messages of the newest tick with nothing but the body, by the low bits of the input that they acknowledge. */
  readonly #messages: (Uint8Array | undefined)[];
  readonly #message: Writer;
  /** Somebody is sent it in this tick. */
  #isWanted: boolean;

  /** `refreshBytes`: of refreshes in one body, as the codec bounds them. */
  constructor(schema: Schema, codec: BodyCodec, lane: Lane, refreshBytes: number) {
    this.codec = codec;
    this.lane = lane;
    this.list = new ClientList(schema, codec, limitRefreshes(refreshBytes));
    this.plan = new MessagePlan(lane);
    this.writer = new Writer(1024);
    this.#messages = new Array(TICK_MASK + 1).fill(undefined);
    this.#message = new Writer(1024);
    this.#isWanted = false;
  }

  /** Somebody who shares it is sent a message of this tick, which is one of the lane's. */
  want(): void {
    this.#isWanted = true;
  }

  /** Makes the body of the lane's tick, if anybody wants it. Whoever shares it and is sent nothing has left before. */
  prepare(): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.list.prepare(this.plan, this.lane, EVERYTHING, NO_OWN, 0);
    this.writer.reset();
    this.codec.write(this.writer, this.lane, this.plan);
    this.#messages.fill(undefined);
  }

  /** The plan of the newest message as it is for one of those who share it. */
  planFor(own: OwnEntity, ack: number): MessagePlan {
    this.plan.own = own;
    this.plan.ack = ack;
    return this.plan;
  }

  /** The whole message for clients to which nothing else is said: made once for all whose inputs are equally far. */
  messageFor(ack: number): Uint8Array {
    const made = this.#messages[ack & TICK_MASK];
    if (made !== undefined) return made;
    const writer = this.#message;
    writer.reset();
    writeStateHead(writer, 1, this.lane.tick, ack);
    writer.raw(this.writer.bytes, 0, this.writer.length);
    const message = writer.finish();
    this.#messages[ack & TICK_MASK] = message;
    return message;
  }

  /** Whether a client that was just sent the lane's tick by itself, and knows `list`, can share from now on. */
  canJoin(list: ClientList): boolean {
    if (!list.knowsAll(this.lane)) return false;
    if (this.list.lastTick === this.lane.tick) return this.list.knowsAll(this.lane);
    // Nobody shares it at present: the first one's list becomes everybody's.
    this.list.copyFrom(list, 0);
    return true;
  }
}
