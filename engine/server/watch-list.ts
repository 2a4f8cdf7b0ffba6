/** The single entities of one kind that a player sees wherever they are, or never. */
import type { Table } from '../state/table.ts';

/** As `interest` says; wherever it is; never. */
export const USUAL = 0;
export const ALWAYS = 1;
export const NEVER = 2;

/** Rules by slot, each for one entity's life. */
export class WatchList {
  /** USUAL, ALWAYS or NEVER. */
  readonly rules: Uint8Array;
  /** Slots with a rule, in no order. */
  readonly slots: number[];
  readonly #table: Table;
  /** Beside `slots`: the generation that the rule is for. */
  readonly #generations: number[];

  constructor(table: Table) {
    this.rules = new Uint8Array(table.capacity);
    this.slots = [];
    this.#table = table;
    this.#generations = [];
  }

  /** Sets the rule for the entity in a slot. */
  set(slot: number, rule: number): void {
    const at = this.slots.indexOf(slot);
    if (at >= 0) this.#remove(at);
    if (rule === USUAL) return;
    this.rules[slot] = rule;
    this.slots.push(slot);
    this.#generations.push(this.#table.generation[slot]!);
  }

  /** Takes off the rules for entities that ended. */
  dropEnded(): void {
    const { isAlive, generation } = this.#table;
    for (let at = this.slots.length - 1; at >= 0; at--) {
      const slot = this.slots[at]!;
      if (isAlive[slot] !== 1 || generation[slot] !== this.#generations[at]) this.#remove(at);
    }
  }

  #remove(at: number): void {
    this.rules[this.slots[at]!] = USUAL;
    const slot = this.slots.pop()!;
    const generation = this.#generations.pop()!;
    if (at === this.slots.length) return;
    this.slots[at] = slot;
    this.#generations[at] = generation;
  }
}
