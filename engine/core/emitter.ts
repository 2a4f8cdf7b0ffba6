/** A typed list of listeners per event name. */

/** Listeners by event name; `Events` maps each name to its listener's arguments. */
export class Emitter<Events extends Record<string, unknown[]>> {
  readonly #listeners: { [Name in keyof Events]?: Set<(...args: Events[Name]) => void> } = {};

  /** Adds a listener. The function returned takes it off again. */
  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    const listeners = this.#listeners[name] ?? new Set();
    this.#listeners[name] = listeners;
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Calls the listeners of `name` in the order in which they were added. */
  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) listener(...args);
  }

  /** Takes all listeners off. */
  clear(): void {
    for (const name in this.#listeners) delete this.#listeners[name];
  }
}
