/**
 * One client's receiving end, three times over: the engine's replica fed by plain bodies, another fed by packed ones, and a
 * foreign client that was written from PROTOCOL.md. All are fed the same ticks, and must hold what the lane holds.
 */
import { WireError } from '../../engine/core/errors.ts';
import { applyBody, type BodyCodec } from '../../engine/replication/body-codec.ts';
import { HELD, TRACKED, UNKNOWN } from '../../engine/replication/known-kind.ts';
import type { LaneKind } from '../../engine/replication/lane-kind.ts';
import type { MessagePlan } from '../../engine/replication/message-plan.ts';
import { packedCodec } from '../../engine/replication/packed-codec.ts';
import { plainCodec } from '../../engine/replication/plain-codec.ts';
import { roundP } from '../../engine/replication/predictor.ts';
import { Replica, type ReplicaKind } from '../../engine/replication/replica.ts';
import type { Schema } from '../../engine/state/schema.ts';
import { Reader } from '../../engine/wire/reader.ts';
import { Writer } from '../../engine/wire/writer.ts';
import { ForeignClient } from '../golden/foreign-client.ts';

/** One message's body, by both codecs. */
export interface Bodies {
  readonly tick: number;
  readonly sendEvery: number;
  readonly plain: Uint8Array;
  readonly packed: Uint8Array;
}

/** What a client must hold after a message. */
export interface Expected {
  readonly tick: number;
  /** By kind and slot: UNKNOWN, TRACKED or HELD. */
  readonly status: readonly (readonly number[])[];
  /** By kind, slot: codes of the body's fields that the client shows, held ones included. */
  readonly codes: readonly ReadonlyMap<number, string>[];
  /** By kind, slot: sent state of all that it tracks. */
  readonly entries: readonly ReadonlyMap<number, string>[];
}

/** Writes a plan's body with both codecs. */
export function writeBodies(plan: MessagePlan): Bodies {
  const write = (codec: BodyCodec): Uint8Array => {
    const writer = new Writer();
    codec.write(writer, plan.lane, plan);
    return writer.finish();
  };
  return { tick: plan.tick, sendEvery: plan.lane.sendEvery, plain: write(plainCodec), packed: write(packedCodec) };
}

/** What a client must hold after `plan`. `shown`: what it showed before, which is brought up to date. */
export function expectAfter(plan: MessagePlan, shown: Map<number, string>[]): Expected {
  plan.kinds.forEach(({ lane, known }, k) => {
    const before = shown[k]!;
    const now = new Map<number, string>();
    known.status.forEach((status, slot) => {
      const isFresh = status === TRACKED || (status === HELD && known.refreshTick[slot] === plan.tick);
      if (isFresh) now.set(slot, codesInLane(lane, slot));
      else if (status === HELD) now.set(slot, before.get(slot) ?? 'nothing');
    });
    shown[k] = now;
  });
  return {
    tick: plan.tick,
    status: plan.kinds.map(({ known }) => [...known.status]),
    codes: [...shown],
    entries: plan.kinds.map(({ lane, known }) => {
      const entries = new Map<number, string>();
      known.status.forEach((status, slot) => {
        if (status === TRACKED) entries.set(slot, entryInLane(lane, slot));
      });
      return entries;
    }),
  };
}

function codesInLane(lane: LaneKind, slot: number): string {
  return lane.bodyFields
    .map(({ p, model }) => (model === undefined ? p[slot]! : roundP(p[slot]!, model.levels, model.wraps)))
    .join(' ');
}

const entryText = (p: readonly number[], d: readonly number[], changed: readonly number[]): string =>
  `P ${p.join(' ')} D ${d.join(' ')} changed ${changed.join('')}`;

function entryInLane({ bodyFields, groups }: LaneKind, slot: number): string {
  return entryText(
    bodyFields.map(({ p }) => p[slot]!),
    bodyFields.map(({ model, d }) => (model === undefined ? 0 : d[slot]!)),
    groups.map((group) => group.changed[slot]!),
  );
}

function entryInReplica({ kind, columns, steps, changed }: ReplicaKind, slot: number): string {
  return entryText(
    kind.bodyFields.map((c) => columns[c]![slot]!),
    kind.bodyFields.map((c) => steps[c]![slot] ?? 0),
    changed.map((flags) => flags[slot]!),
  );
}

function codesInReplica({ kind, columns }: ReplicaKind, slot: number): string {
  const codes = kind.bodyFields.map((c) => {
    const { kernel, levels, wraps } = kind.packed[c]!;
    return kernel === 'snap' ? columns[c]![slot]! : roundP(columns[c]![slot]!, levels, wraps);
  });
  return codes.join(' ');
}

/** What became of a message. */
export interface Outcome {
  /** 'refused' when any of the receivers threw a WireError; then all of them await a reset. */
  readonly outcome: 'applied' | 'skipped' | 'refused';
  readonly reason: string;
  readonly problems: readonly string[];
}

/** One client's three receivers. */
export class Receivers {
  readonly plain: Replica;
  readonly packed: Replica;
  readonly foreign: ForeignClient;

  constructor(schema: Schema) {
    this.plain = new Replica(schema);
    this.packed = new Replica(schema);
    this.foreign = new ForeignClient(schema, 1);
  }

  get awaitsReset(): boolean {
    return this.plain.awaitsReset || this.packed.awaitsReset;
  }

  set awaitsReset(awaitsReset: boolean) {
    this.plain.awaitsReset = awaitsReset;
    this.packed.awaitsReset = awaitsReset;
  }

  /** Applies a message to all. Only a WireError is caught. */
  apply({ tick, sendEvery, plain, packed }: Bodies): Outcome {
    // A change of the interval is told with the message that it begins with.
    this.packed.setSendEvery(sendEvery);
    this.foreign.setSendEvery(sendEvery);
    const outcomes = [applyTo(plainCodec, this.plain, plain, tick), applyTo(packedCodec, this.packed, packed, tick)];
    const error = outcomes.find((outcome) => outcome instanceof WireError);
    if (error instanceof WireError) {
      const isAwaited = this.awaitsReset;
      this.awaitsReset = true;
      return { outcome: 'refused', reason: error.reason, problems: isAwaited ? [] : ['no reset is awaited'] };
    }
    const problems = this.#compareChanges();
    if (outcomes[0] !== outcomes[1]) problems.push(`plain was ${outcomes[0]}, packed ${outcomes[1]}`);
    if (outcomes[0] === 'applied') this.foreign.apply(contentOf(packed), tick);
    return { outcome: outcomes[0] as 'applied' | 'skipped', reason: '', problems };
  }

  /** What differs from what is expected, as sentences. */
  compare(expected: Expected): string[] {
    const problems: string[] = [];
    for (const replica of [this.plain, this.packed]) {
      const name = replica === this.plain ? 'plain' : 'packed';
      if (replica.tick !== expected.tick) problems.push(`${name}: tick ${replica.tick}, not ${expected.tick}`);
      replica.kinds.forEach((kind, k) => {
        expected.status[k]?.forEach((status, slot) => {
          const at = `${name} ${k}/${slot}`;
          const held = kind.status[slot] ?? UNKNOWN;
          if (held !== status) problems.push(`${at} has status ${held}, not ${status}`);
          else if (held !== UNKNOWN) match(`${at} shows`, codesInReplica(kind, slot), expected.codes[k]!.get(slot));
          if (held !== TRACKED || replica === this.plain) return;
          match(`${at} has`, entryInReplica(kind, slot), expected.entries[k]!.get(slot));
        });
      });
    }
    this.#compareForeign(expected, match);
    return problems;

    function match(what: string, held: string, wanted: string | undefined): void {
      if (held !== wanted) problems.push(`${what} ${held}, not ${wanted}`);
    }
  }

  /** What came and what went, and why, is the same to both; the order in which it left may differ. */
  #compareChanges(): string[] {
    const texts = [this.plain, this.packed].map(({ entered, left }) =>
      [entered, left].map((list) =>
        Array.from({ length: list.count }, (_, i) => `${list.kinds[i]}/${list.slots[i]}:${list.reasons[i]}`)
          .sort()
          .join(' '),
      ),
    );
    return `${texts[0]}` === `${texts[1]}` ? [] : [`plain's changes are ${texts[0]}, packed's ${texts[1]}`];
  }

  #compareForeign({ codes, entries, tick }: Expected, match: (what: string, held: string, wanted?: string) => void) {
    const { foreign } = this;
    match('foreign: tick', `${foreign.tick}`, `${tick}`);
    foreign.kinds.forEach(({ entities, body }, k) => {
      match(`foreign: kind ${k} holds`, ordered(entities.keys()), ordered(codes[k]!.keys()));
      for (const [slot, { isHeld, p, d, isChanged }] of entities) {
        match(`foreign: ${k}/${slot} shows`, foreign.codes(k, slot).join(' '), codes[k]!.get(slot));
        if (isHeld) continue;
        const numbers = (list: readonly number[]) => body.map((c) => list[c]!);
        const entry = entryText(numbers(p), numbers(d), isChanged.map(Number));
        match(`foreign: ${k}/${slot} has`, entry, entries[k]!.get(slot));
      }
    });
  }
}

const ordered = (slots: Iterable<number>): string => [...slots].sort((a, b) => a - b).join(' ');

/** A packed body without the head of its bin. */
export function contentOf(body: Uint8Array): Uint8Array {
  return body.subarray(body[0] === 0xc4 ? 2 : 3);
}

function applyTo(
  codec: BodyCodec,
  replica: Replica,
  body: Uint8Array,
  tick: number,
): 'applied' | 'skipped' | WireError {
  try {
    return applyBody(codec, new Reader().open(body), replica, tick & 127);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return error;
  }
}

/** Known slots of a plan's client by kind. */
export function knownSlots(plan: MessagePlan): number[][] {
  return plan.kinds.map(({ known }) => [...known.status.keys()].filter((slot) => known.status[slot] !== UNKNOWN));
}
