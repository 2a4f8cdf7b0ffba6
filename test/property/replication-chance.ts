/** What chance decides for the model's clients, and what is counted of it. */
import { mix32 } from '../../engine/core/hash.ts';
import type { Random } from '../../engine/core/random.ts';
import type { MessageBudget, VisibleSet } from '../../engine/replication/client-list.ts';
import type { MessagePlan } from '../../engine/replication/message-plan.ts';
import { SlotList } from '../../engine/replication/slot-list.ts';
import { game } from './replication-world.ts';

const { schema } = game;

/** Visibility that flips at random; some tell what is near in an order of their own. */
export class RandomSight implements VisibleSet {
  everyone = false;
  readonly near?: (kind: number) => SlotList;
  readonly hidden = new Set<number>();
  readonly #list = new SlotList();

  constructor(hasOrder: boolean) {
    if (!hasOrder) return;
    this.near = (kind) => {
      this.#list.clear();
      const capacity = schema.kinds[kind]?.capacity ?? 0;
      for (let i = 0; i < capacity; i++) {
        const slot = (i * 7 + 3) % capacity;
        if (this.has(kind, slot)) this.#list.push(slot);
      }
      return this.#list;
    };
  }

  has(kind: number, slot: number): boolean {
    return !this.hidden.has(kind * 65_536 + slot);
  }

  flip(random: Random): void {
    if (random.next() < 0.03) this.everyone = !this.everyone;
    if (random.next() > 0.2) return;
    for (let i = random.int(1, 8); i > 0; i--) {
      const key = random.int(0, 2) * 65_536 + random.int(0, 30);
      if (!this.hidden.delete(key)) this.hidden.add(key);
    }
  }
}

/** Holds some entities for some ticks, lets some refreshes wait, and has few bytes now and then. */
export class RandomBudget implements MessageBudget {
  seed = 0;
  isRanking = true;
  isPostponing = false;

  open(): void {
    this.isRanking = this.#roll(9) > 3;
    this.isPostponing = this.#roll(8) < 4;
  }

  choose(): void {
    if (!this.isRanking) throw new Error('asked without need');
  }

  allow(plan: MessagePlan): void {
    if (this.#roll(5) < 3) plan.refreshLeft = this.#roll(6) * 40;
    plan.refreshScale = 1 / (1 + this.#roll(7));
  }

  isHeld(kind: number, slot: number): boolean {
    return (mix32(this.seed ^ (kind << 20) ^ slot) & 7) < 2;
  }

  urgency(kind: number, slot: number): number {
    const draw = mix32(this.seed ^ (kind << 20) ^ slot ^ 0x1234) & 7;
    return draw < 4 ? 1 + draw : 0;
  }

  take(kind: number, slot: number): boolean {
    return (mix32(this.seed ^ (kind << 20) ^ slot ^ 0x4321) & 7) > 0;
  }

  #roll(salt: number): number {
    return mix32(this.seed ^ (salt << 24)) & 7;
  }
}

/** Counts of what happened, so that a model that tests nothing is found out. */
export interface Tally {
  messages: number;
  gaps: number;
  resets: number;
  keeps: number;
  holds: number;
  leaves: number;
  reuses: number;
  refreshes: number;
  keepsHeld: number;
  skipped: number;
  checksums: number;
  detected: number;
  rareValues: number;
}
