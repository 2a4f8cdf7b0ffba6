/**
 * References to entities on their way to one client: only to those that it knows, and to those that ended before its eyes, of which
 * it has the last pose. Any other goes out as nothing, for its slot alone would tell of an entity that may be hidden.
 */
import { type KnownKind, UNKNOWN } from '../replication/known-kind.ts';
import type { KindPlan, MessagePlan } from '../replication/message-plan.ts';
import { grownUints } from '../replication/slot-list.ts';
import { SLOTS_PER_GENERATION } from '../state/limits.ts';
import { isPacked, type PayloadSpec, type Schema } from '../state/schema.ts';

/** One entity that a payload refers to. */
export interface PayloadRef {
  /** Position in the payload. */
  readonly index: number;
  readonly kind: number;
  readonly slot: number;
  readonly generation: number;
}

const NO_REFS: readonly PayloadRef[] = [];

function hasRef({ fields }: PayloadSpec): boolean {
  return fields.some((field) => !isPacked(field) && field.type === 'ref');
}

/** What an author's payload refers to; it was checked by `encodePayload`. */
export function refsOf(spec: PayloadSpec, payload: object | undefined): readonly PayloadRef[] {
  const refs: PayloadRef[] = [];
  for (const field of spec.fields) {
    if (isPacked(field) || field.type !== 'ref') continue;
    const target = (payload as { readonly [name: string]: { readonly id: number } | undefined })[field.name];
    if (target === undefined || target === null) continue;
    const slot = target.id % SLOTS_PER_GENERATION;
    refs.push({ index: field.index, kind: field.refKind, slot, generation: (target.id - slot) / SLOTS_PER_GENERATION });
  }
  return refs.length > 0 ? refs : NO_REFS;
}

/** What one client may be told of by name. */
export class KnownRefs {
  readonly #client: { readonly list: { readonly kinds: readonly KnownKind[] } };
  /** By kind and slot: generation of the entity that ended while the client knew it, 0 for none. Grown at the first. */
  readonly #ended: Uint32Array[];
  /** Some event or reply names entities: else nobody asks. */
  readonly #isAsked: boolean;

  /** `client.list` holds the client's entries, always. */
  constructor(client: { readonly list: { readonly kinds: readonly KnownKind[] } }, schema: Schema) {
    const { kinds, events, commands } = schema;
    this.#client = client;
    this.#ended = kinds.map(() => new Uint32Array(0));
    this.#isAsked = events.some(hasRef) || commands.some(({ reply }) => reply !== undefined && hasRef(reply));
  }

  /** Takes note of who ended; `plan` was just prepared. */
  note(plan: MessagePlan): void {
    if (!this.#isAsked) return;
    for (let kind = 0; kind < plan.kinds.length; kind++) {
      const { removed, known } = plan.kinds[kind] as KindPlan;
      for (let i = 0; i < removed.count; i++) {
        const slot = removed.slots[i]!;
        // Another one took its place in the same message.
        if (known.status[slot] !== UNKNOWN) continue;
        if (slot >= this.#ended[kind]!.length) {
          this.#ended[kind] = grownUints(this.#ended[kind]!, known.status.length);
        }
        this.#ended[kind]![slot] = known.generation[slot]!;
      }
    }
  }

  /** Whether the client may be told of this entity. */
  has({ kind, slot, generation }: PayloadRef): boolean {
    const known = this.#client.list.kinds[kind]!;
    if (known.generation[slot] !== generation) return false;
    return known.status[slot] !== UNKNOWN || this.#ended[kind]![slot] === generation;
  }
}
