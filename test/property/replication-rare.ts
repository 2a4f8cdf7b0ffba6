/** Rare values of the model: what a client must hold of them, and what it holds. */
import type { KindPlan, MessagePlan } from '../../engine/replication/message-plan.ts';
import type { RareLog } from '../../engine/replication/rare-log.ts';
import { SLOTS_PER_GENERATION } from '../../engine/state/limits.ts';
import type { RareField } from '../../engine/state/schema.ts';
import type { Table } from '../../engine/state/table.ts';
import { Reader } from '../../engine/wire/reader.ts';
import { readRareHead } from '../../engine/wire/state.ts';
import { readValue, type ValueCodec } from '../../engine/wire/value-codec.ts';
import { knownSlots } from './replication-receiver.ts';
import { game, isLetIn } from './replication-world.ts';

const { schema } = game;

/** A reference whose target the client does not know now: nothing, or what it was told while it knew it. */
class MayBe {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** What is told of a reference; `id` 0 stands for none. */
function expectRef(plan: MessagePlan, kind: number, id: number, value: unknown): unknown {
  if (id === 0) return value;
  const { known } = plan.kinds[kind] as KindPlan;
  const slot = id % SLOTS_PER_GENERATION;
  const isKnown = known.status[slot] && known.generation[slot] === Math.floor(id / SLOTS_PER_GENERATION);
  return isKnown ? value : new MayBe(value);
}

/** `kind/slot/field` → value, of all that the client may see. `admitted`: `kind/slot` whom the rule let in. */
export function expectRare(
  plan: MessagePlan,
  tables: readonly Table[],
  log: RareLog,
  admitted: ReadonlySet<string>,
): Map<string, unknown> {
  const values = new Map<string, unknown>();
  knownSlots(plan).forEach((slots, k) => {
    const table = tables[k] as Table;
    for (const slot of slots) {
      for (const field of table.kind.rare) {
        const isOwn = plan.isOwn(k, slot);
        const isRuled = field.visibleTo === isLetIn && admitted.has(`${k}/${slot}`);
        if (field.visibleTo === 'all' || (field.visibleTo === 'owner' && isOwn) || isRuled) {
          const value = table.rareToWire(slot, field);
          const id = field.type === 'ref' ? ((table.rare[field.index] as number[])[slot] as number) : 0;
          values.set(`${k}/${slot}/${field.index}`, expectRef(plan, field.refKind, id, value));
        }
      }
    }
  });
  for (const { index, type, refKind } of schema.roomState) {
    const id = type === 'ref' ? log.room.refId(index) : 0;
    values.set(`room/${index}`, expectRef(plan, refKind, id, log.room.toWire(index)));
  }
  for (const entry of log.players.values()) {
    values.set(`player/${entry.id}/0`, true);
    const { kind, slot } = entry.own;
    const steered = kind < 0 ? 'null' : expectRef(plan, kind, (tables[kind] as Table).idOf(slot), `${kind},${slot}`);
    values.set(`player/${entry.id}/1`, steered);
    for (const { index, type, refKind } of schema.playerState) {
      const id = type === 'ref' ? entry.state.refId(index) : 0;
      values.set(`player/${entry.id}/${index + 2}`, expectRef(plan, refKind, id, entry.state.toWire(index)));
    }
  }
  return values;
}

/** A client's rare values, by `kind/slot/field`. */
export class RareStore {
  readonly #held = new Map<string, unknown>();
  readonly #values: ValueCodec;

  constructor(values: ValueCodec) {
    this.#values = values;
  }

  /** Reads STATE's rare values. Returns how many there were. */
  apply(rare: Uint8Array): number {
    const reader = new Reader().open(rare);
    const head = { kind: 0, slot: 0, field: 0 };
    const total = reader.arrayHeader(65_535);
    for (let count = total; count > 0; count--) {
      readRareHead(reader, head);
      const value = readValue(reader, this.#values);
      if (head.kind === schema.kinds.length) this.#held.set(`room/${head.field}`, value);
      else if (head.kind > schema.kinds.length) this.#applyPlayer(head.slot, head.field, value);
      else this.#held.set(`${head.kind}/${head.slot}/${head.field}`, value);
    }
    reader.checkEnd();
    return total;
  }

  /** An entity came or went. */
  forget(kind: number, slot: number): void {
    for (const { index } of schema.kinds[kind]?.rare ?? []) this.#held.delete(`${kind}/${slot}/${index}`);
  }

  /** What differs from what is expected, as sentences. */
  compare(expected: ReadonlyMap<string, unknown>): string[] {
    const problems: string[] = [];
    for (const [key, value] of expected) {
      const held = this.#held.has(key) ? this.#held.get(key) : defaultOf(key);
      const isFine = value instanceof MayBe ? held === value.value || `${held}` === 'null' : held === value;
      if (!isFine) problems.push(`rare ${key} is ${String(held)} instead of ${String(value)}`);
    }
    for (const key of this.#held.keys()) {
      if (key.startsWith('player/') && !expected.has(key)) problems.push(`${key} is of a player that left`);
    }
    return problems;
  }

  #applyPlayer(id: number, field: number, value: unknown): void {
    if (field === 0 && value === false) {
      for (const key of this.#held.keys()) if (key.startsWith(`player/${id}/`)) this.#held.delete(key);
      return;
    }
    this.#held.set(`player/${id}/${field}`, field === 1 ? String(value) : value);
  }
}

function defaultOf(key: string): unknown {
  const [first, second, third] = key.split('/');
  if (first === 'room') return wireDefault(schema.roomState[Number(second)]);
  if (first === 'player') return wireDefault(schema.playerState[Number(third) - 2]);
  return wireDefault(schema.kinds[Number(first)]?.rare[Number(third)]);
}

function wireDefault(field: RareField | undefined): unknown {
  if (field?.type === 'ref') return null;
  // Every packed default in this world is its smallest value.
  return field?.type === 'packed' ? 0 : field?.default;
}
