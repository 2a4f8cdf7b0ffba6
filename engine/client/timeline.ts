/**
 * What snapshots bring besides numbers, shown when playout reaches its tick: who enters and leaves, rare values, events.
 *
 * Structure changes before the picture is sampled (`advance`), listeners hear of it afterwards (`fire`), so that what
 * they read is what is drawn. Only `onLeave` is called at once, while the last pose is still there.
 */

export const ENTER = 0;
export const LEAVE = 1;
export const RARE = 2;
export const EVENT = 3;

const PLAYED_KEPT = 256;

/** One thing that happens at a tick. */
export interface Happening {
  readonly tick: number;
  readonly type: typeof ENTER | typeof LEAVE | typeof RARE | typeof EVENT;
  /** Kind of the entity; of an event, its index. */
  readonly kind: number;
  readonly slot: number;
  /** Of an entity that enters or leaves. */
  readonly instance: number;
  /** Rare field. */
  readonly field: number;
  /** Rare value, an event's values, or the reason to leave. */
  readonly value: unknown;
}

/** Where it happens. */
export interface Stage {
  /** Shows an entity; nobody is told yet. */
  enter(kind: number, slot: number, instance: number): void;
  /** Takes an entity out of the picture, and tells if its coming was told. */
  leave(kind: number, slot: number, instance: number, reason: unknown): void;
  setRare(kind: number, slot: number, field: number, value: unknown): void;
  /** Tells of an entity that entered and is still there. */
  announce(kind: number, slot: number, instance: number): void;
  /** Tells of every entity that entered and was not yet told of. */
  announceAll(): void;
  fireEvent(index: number, values: unknown): void;
}

/** Happenings in order of their ticks, each shown once. */
export class Timeline {
  readonly #stage: Stage;
  #waiting: Happening[] = [];
  #head = 0;
  #due: Happening[] = [];
  #dueHead = 0;
  #hasSilent = false;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** How many wait for their tick. */
  get length(): number {
    return this.#waiting.length - this.#head;
  }

  /** Adds what happens at a tick, behind all else of that tick. */
  add(happening: Happening): void {
    const waiting = this.#waiting;
    let at = waiting.length;
    while (at > this.#head && (waiting[at - 1] as Happening).tick > happening.tick) at--;
    if (at === waiting.length) waiting.push(happening);
    else waiting.splice(at, 0, happening);
  }

  /** Tells of an event at once. */
  fireEvent({ kind, value }: Happening): void {
    this.#stage.fireEvent(kind, value);
  }

  /** Has an event told of with the next `fire`, whatever the playout time. */
  addDue(happening: Happening): void {
    this.#due.push(happening);
  }

  /** Plays everything up to a tick. Events of ticks before `oldestEventTick` are dropped. */
  advance(tick: number, oldestEventTick = Number.NEGATIVE_INFINITY): void {
    this.#play(tick, oldestEventTick, true);
  }

  /** Plays everything up to a tick that nobody will see: a hidden page draws no frames, but what it holds stays bounded. */
  skip(tick: number): void {
    this.#play(tick, Number.POSITIVE_INFINITY, false);
  }

  /** Plays what is still to come of who is in a slot, ahead of its tick; events keep theirs. */
  hasten(kind: number, slot: number): void {
    for (let i = this.#head; i < this.#waiting.length; ) {
      const happening = this.#waiting[i] as Happening;
      if (happening.type === EVENT || happening.kind !== kind || happening.slot !== slot) {
        i++;
        continue;
      }
      this.#waiting.splice(i, 1);
      this.#playOne(happening, Number.NEGATIVE_INFINITY, true);
    }
  }

  /** Tells listeners of what `advance` played, in order. */
  fire(): void {
    if (this.#hasSilent) {
      this.#hasSilent = false;
      this.#stage.announceAll();
    }
    // A listener that throws ends this call; the next one goes on behind it.
    while (this.#dueHead < this.#due.length) {
      const { type, kind, slot, instance, value } = this.#due[this.#dueHead++] as Happening;
      if (type === EVENT) this.#stage.fireEvent(kind, value);
      else this.#stage.announce(kind, slot, instance);
    }
    this.#due.length = this.#dueHead = 0;
  }

  #play(tick: number, oldestEventTick: number, isSeen: boolean): void {
    while (this.#head < this.#waiting.length) {
      const happening = this.#waiting[this.#head] as Happening;
      if (happening.tick > tick) break;
      this.#head++;
      this.#playOne(happening, oldestEventTick, isSeen);
    }
    // Cut off now and then, so that a cut costs little per happening.
    if (this.#head === 0 || (this.#head < this.#waiting.length && this.#head < PLAYED_KEPT)) return;
    this.#waiting.splice(0, this.#head);
    this.#head = 0;
  }

  #playOne(happening: Happening, oldestEventTick: number, isSeen: boolean): void {
    const { tick, type, kind, slot, instance, field, value } = happening;
    if (type === LEAVE) {
      this.#stage.leave(kind, slot, instance, value);
    } else if (type === RARE) {
      this.#stage.setRare(kind, slot, field, value);
    } else if (type === ENTER) {
      this.#stage.enter(kind, slot, instance);
      if (isSeen) this.#due.push(happening);
      else this.#hasSilent = true;
    } else if (tick >= oldestEventTick) {
      this.#due.push(happening);
    }
  }
}
