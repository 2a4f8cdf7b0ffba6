/** What STATE and EVENT bring, on arrival: stored where the next frame finds it. Nothing is drawn here. */
import { WireError } from '../core/errors.ts';
import { extendTickForward } from '../core/tick.ts';
import { applyBody, type BodyReader } from '../replication/body-codec.ts';
import { UNKNOWN } from '../replication/known-kind.ts';
import { FORGOTTEN, REMOVED, type Replica, type ReplicaKind } from '../replication/replica.ts';
import { decodePayload } from '../state/payload.ts';
import { rareFromWire } from '../state/rare.ts';
import type { PackedField, Schema } from '../state/schema.ts';
import { type EventView, readEventHead, readEventMessage } from '../wire/event.ts';
import { EVENTS_PER_MESSAGE, LONGEST_TEXT_BYTES, RARE_PER_MESSAGE } from '../wire/limits.ts';
import { Reader } from '../wire/reader.ts';
import { encodeResync, RESYNC_REASONS } from '../wire/resync.ts';
import { createStateView, readRareHead, readState } from '../wire/state.ts';
import { readValue, type ValueCodec } from '../wire/value-codec.ts';
import { FORGOTTEN_MS, SNAPSHOTS } from './limits.ts';
import { type SharedState, STEERED } from './shared-state.ts';
import type { SnapshotRing } from './snapshot-ring.ts';
import { ENTER, EVENT, type Happening, LEAVE, RARE, type Timeline } from './timeline.ts';

/** Where things go. */
export interface ReceiverParts {
  readonly schema: Schema;
  readonly values: ValueCodec;
  readonly codec: BodyReader;
  readonly replica: Replica;
  readonly ring: SnapshotRing;
  readonly timeline: Timeline;
  readonly shared: SharedState;
  readonly send: (message: Uint8Array) => void;
}

/** Reads STATE and EVENT. Every failure but that of a body is a WireError. */
export class StateReceiver {
  /** The newest STATE; `own` and `timing` are for its owner to take. */
  readonly view = createStateView();
  /** Newest input that the server applied. */
  acked = 0;
  /** Times that a body did not apply. */
  resyncs = 0;
  readonly #parts: ReceiverParts;
  readonly #reader = new Reader();
  readonly #rare = { kind: 0, slot: 0, field: 0 };
  readonly #event: EventView = { ticksBack: 0, event: 0, isNow: false, argCount: 0 };
  readonly #events = { tick: 0, eventsStart: 0, eventsEnd: 0 };
  readonly #now: Happening[] = [];
  #hasAsked = false;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  /** Another connection: its first body is a reset. `sendEvery`: ticks from one body to the next. */
  restart(sendEvery: number): void {
    const { replica } = this.#parts;
    this.#hasAsked = false;
    replica.awaitsReset = true;
    replica.setSendEvery(sendEvery);
    this.acked = 0;
    this.#now.length = 0;
  }

  /** Takes in STATE. Returns whether there is a new snapshot. Throws a WireError. */
  receiveState(bytes: Uint8Array, playerId: number): boolean {
    const { view } = this;
    const { replica, ring, timeline } = this.#parts;
    readState(this.#reader.open(bytes), view);
    const isApplied = this.#applyBody(bytes);
    this.acked = replica.ack >= 0 ? replica.ack : extendTickForward(view.ackLow, this.acked);
    this.#noteLeaves();
    if (isApplied) this.#noteEnters();
    if (view.rareStart >= 0) this.#readRare(this.#reader.open(bytes, view.rareStart, view.rareEnd), playerId);
    if (isApplied) {
      ring.capture(replica);
      // A page that draws nothing would pile up what it never shows.
      if (ring.count === SNAPSHOTS) timeline.skip(ring.at(SNAPSHOTS - 1).tick - 1);
    }
    if (view.eventsStart >= 0) this.#readEvents(bytes, view.eventsStart, view.eventsEnd, replica.newestTick);
    return isApplied;
  }

  /** Takes in EVENT. Throws a WireError. */
  receiveEvents(bytes: Uint8Array): void {
    const events = this.#events;
    readEventMessage(this.#reader.open(bytes), events);
    this.#readEvents(bytes, events.eventsStart, events.eventsEnd, events.tick);
  }

  /**
   * Tells of the events that are for now; before the first frame nobody listens, so with that. Call it last: listeners may
   * do anything.
   */
  fireNow(hasFrames: boolean): void {
    const { timeline } = this.#parts;
    for (let event = this.#now.shift(); event !== undefined; event = this.#now.shift()) {
      if (hasFrames) timeline.fireEvent(event);
      else timeline.addDue(event);
    }
  }

  #applyBody(bytes: Uint8Array): boolean {
    const { view } = this;
    const { codec, replica, send } = this.#parts;
    // A change of the interval is told with the first body that counts on it.
    if (view.hasTiming) replica.setSendEvery(view.sendEvery);
    const reader = this.#reader.open(bytes, Math.max(0, view.bodyStart), view.bodyEnd);
    try {
      if (view.bodyStart < 0) throw new WireError('STATE without a body');
      if (applyBody(codec, reader, replica, view.tickLow) === 'skipped') return false;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.resyncs++;
      // One question is enough: until a reset comes, nothing else is applied anyway.
      if (this.#hasAsked) return false;
      this.#hasAsked = true;
      const checksum = codec.checksum(replica);
      send(encodeResync({ reason: RESYNC_REASONS.body, tick: Math.max(0, replica.tick), checksum }));
      return false;
    }
    this.#hasAsked = false;
    return true;
  }

  #noteLeaves(): void {
    const { replica, timeline, schema } = this.#parts;
    const { kinds, slots, reasons, instances, count } = replica.left;
    for (let i = 0; i < count; i++) {
      const reason = reasons[i] === REMOVED ? 'removed' : 'scope';
      // What a reset forgot may come again in a moment: its picture stays until then, or for a while.
      const tick = replica.newestTick + (reasons[i] === FORGOTTEN ? (schema.tickRate * FORGOTTEN_MS) / 1000 : 0);
      timeline.add(happening(tick, LEAVE, kinds[i], slots[i], instances[i], 0, reason));
    }
  }

  #noteEnters(): void {
    const { replica, timeline } = this.#parts;
    const { kinds, slots, instances, count } = replica.entered;
    for (let i = 0; i < count; i++) {
      timeline.add(happening(replica.tick, ENTER, kinds[i], slots[i], instances[i], 0, undefined));
    }
  }

  #readRare(reader: Reader, playerId: number): void {
    const { schema, values, replica, timeline, shared } = this.#parts;
    const head = this.#rare;
    for (let left = reader.arrayHeader(RARE_PER_MESSAGE); left > 0; left--) {
      readRareHead(reader, head);
      const { kind, slot, field } = head;
      if (kind === schema.kinds.length + 1 && field === STEERED) {
        this.#readControl(reader, slot, playerId);
        continue;
      }
      const value = readValue(reader, values, LONGEST_TEXT_BYTES);
      if (kind === schema.kinds.length) shared.applyRoom(field, value);
      else if (kind === schema.kinds.length + 1) shared.applyPlayer(slot, field, value, playerId);
      else {
        const received = replica.kinds[kind];
        const spec = received?.kind.rare[field];
        if (received === undefined || spec === undefined) throw new WireError('unknown rare field');
        const stored = rareFromWire(spec, value);
        // Without the body that made it known there is nobody to whom it belongs.
        if (!(received.status[slot] ?? UNKNOWN)) continue;
        if (spec.packed >= 0) storePacked(received, slot, spec.packed, value as number);
        else timeline.add(happening(replica.newestTick, RARE, kind, slot, 0, field, stored));
      }
    }
  }

  #readControl(reader: Reader, id: number, playerId: number): void {
    const { shared } = this.#parts;
    if (reader.takeNil()) shared.applyControl(id, -1, -1, playerId);
    else if (reader.arrayHeader(2) === 2) shared.applyControl(id, reader.uint(), reader.uint(), playerId);
    else throw new WireError('player steers no entity');
  }

  #readEvents(bytes: Uint8Array, start: number, end: number, tick: number): void {
    const { schema, values, timeline } = this.#parts;
    const reader = this.#reader.open(bytes, start, end);
    const head = this.#event;
    for (let left = reader.arrayHeader(EVENTS_PER_MESSAGE); left > 0; left--) {
      readEventHead(reader, head);
      const { event, ticksBack, isNow, argCount } = head;
      const args = Array.from({ length: argCount }, () => readValue(reader, values, LONGEST_TEXT_BYTES));
      const spec = schema.events[event];
      if (spec === undefined) throw new WireError('unknown event');
      // Only to refuse it here: what its references mean is looked up when it is told.
      decodePayload(spec, args);
      const it = happening(tick - ticksBack, EVENT, event, 0, 0, 0, args);
      if (isNow) this.#now.push(it);
      else timeline.add(it);
    }
  }
}

/** Puts a packed field that travels as a rare value among those of the body, so that it is drawn like them. */
function storePacked(received: ReplicaKind, slot: number, column: number, code: number): void {
  const field = received.kind.packed[column] as PackedField;
  (received.columns[column] as Int32Array)[slot] = field.kernel === 'snap' ? code : code << 8;
}

function happening(
  tick: number,
  type: Happening['type'],
  kind = 0,
  slot = 0,
  instance = 0,
  field = 0,
  value: unknown = undefined,
): Happening {
  return { tick, type, kind, slot, instance, field, value };
}
