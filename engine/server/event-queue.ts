/** Events on their way to one client: encoded once for all receivers, waiting while snapshots are left out, bounded. */
import { TickwireError } from '../core/errors.ts';
import { writeEventHead, writeEventMessageHead } from '../wire/event.ts';
import { EVENT_BYTES_PER_CLIENT, EVENTS_PER_MESSAGE } from '../wire/limits.ts';
import { type ValueCodec, writeValue } from '../wire/value-codec.ts';
import type { Writer } from '../wire/writer.ts';
import type { KnownRefs, PayloadRef } from './known-refs.ts';

/** Something that happened, as all its receivers get it. */
export interface EncodedEvent {
  /** Tick in which it happened. */
  readonly tick: number;
  /** Index of the event in the schema. */
  readonly event: number;
  /** Shown on arrival, not at its place in the picture. */
  readonly isNow: boolean;
  readonly argCount: number;
  /** The args, one behind the other. */
  readonly args: Uint8Array;
  /** References among them, in order, with their bytes in `args`: a client gets those that it may be told of. */
  readonly refs: readonly EncodedRef[];
}

/** A reference in an event's args. */
export interface EncodedRef extends PayloadRef {
  readonly start: number;
  readonly end: number;
}

/**
 * Encodes an event; `args` are the values that `encodePayload` made, `refs` the references among them. Throws a TickwireError when it
 * is too long to send.
 */
export function encodeEvent(
  writer: Writer,
  codec: ValueCodec,
  event: { readonly name: string; readonly index: number },
  args: readonly unknown[],
  tick: number,
  isNow: boolean,
  refs: readonly PayloadRef[] = [],
): EncodedEvent {
  writer.reset();
  const encodedRefs: EncodedRef[] = [];
  for (let index = 0; index < args.length; index++) {
    const start = writer.length;
    writeValue(writer, codec, args[index]);
    const ref = refs[encodedRefs.length];
    if (ref?.index === index) encodedRefs.push({ ...ref, start, end: writer.length });
  }
  if (writer.length > EVENT_BYTES_PER_CLIENT) {
    throw new TickwireError(
      `event '${event.name}' takes ${writer.length} bytes; at most ${EVENT_BYTES_PER_CLIENT} travel. Put less into it.`,
    );
  }
  return { tick, event: event.index, isNow, argCount: args.length, args: writer.finish(), refs: encodedRefs };
}

/** First in, first out; what is only shown gives way when the client does not take it. */
export class EventQueue {
  /** How many of those that wait are to be shown on arrival. */
  nowCount: number;
  readonly #knownRefs: KnownRefs | undefined;
  readonly #events: EncodedEvent[];
  #bytes: number;

  /** `knownRefs`: which references may go out; without it, all. */
  constructor(knownRefs?: KnownRefs) {
    this.nowCount = 0;
    this.#knownRefs = knownRefs;
    this.#events = [];
    this.#bytes = 0;
  }

  get length(): number {
    return this.#events.length;
  }

  /**
   * Adds an event. At the cap the oldest events that wait for their place in the picture go first, for their moment has
   * passed. Returns how many were dropped, or -1 if there is no room for one that must arrive.
   */
  push(event: EncodedEvent): number {
    let dropped = 0;
    while (this.#isOver(event.args.length)) {
      const oldest = this.#events.findIndex((waiting) => !waiting.isNow);
      if (oldest < 0) return event.isNow ? -1 : dropped + 1;
      this.#bytes -= this.#events[oldest]!.args.length;
      this.#events.splice(oldest, 1);
      dropped++;
    }
    this.#events.push(event);
    this.#bytes += event.args.length;
    if (event.isNow) this.nowCount++;
    return dropped;
  }

  /** Writes all that wait, as part of the message of `tick`, and forgets them. */
  take(writer: Writer, tick: number): void {
    writer.array(this.#events.length);
    for (const event of this.#events) this.#write(writer, event, tick);
    this.clear();
  }

  /** Writes those that are to be shown on arrival, as a message of their own of `tick`, and forgets them. */
  takeNow(writer: Writer, tick: number): void {
    writeEventMessageHead(writer, tick, this.nowCount);
    let kept = 0;
    for (const event of this.#events) {
      if (event.isNow) {
        this.#write(writer, event, tick);
        this.#bytes -= event.args.length;
      } else {
        this.#events[kept++] = event;
      }
    }
    this.#events.length = kept;
    this.nowCount = 0;
  }

  clear(): void {
    this.#events.length = 0;
    this.#bytes = 0;
    this.nowCount = 0;
  }

  #isOver(bytes: number): boolean {
    return this.#events.length >= EVENTS_PER_MESSAGE || this.#bytes + bytes > EVENT_BYTES_PER_CLIENT;
  }

  #write(writer: Writer, { argCount, args, event, isNow, refs, tick: since }: EncodedEvent, tick: number): void {
    writeEventHead(writer, argCount, tick - since, event, isNow);
    let from = 0;
    for (const ref of refs) {
      if (this.#knownRefs?.has(ref) ?? true) continue;
      writer.raw(args, from, ref.start);
      writer.nil();
      from = ref.end;
    }
    writer.raw(args, from);
  }
}
