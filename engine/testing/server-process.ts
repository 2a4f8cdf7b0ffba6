/**
 * The process that a simulated server runs in: it can stand still, as one does that collects garbage, is suspended or has no core
 * to run on. Then its timers are late, and what clients send waits; time goes on.
 */
import type { Clock } from '../core/clock.ts';
import type { Accept, Connection, ConnectionListener, ServerTransport } from '../transport/transport.ts';

/** A process wakes up with its timers; sockets are read after them. */
const SOCKETS_AFTER_MS = 0.001;

/** Gates a server's clock and its sockets. */
export class ServerProcess {
  readonly clock: Clock;
  readonly transport: ServerTransport;
  /** How often it stood still. */
  freezes = 0;
  readonly #base: Clock;
  readonly #waiting: (() => void)[] = [];
  #frozenUntilMs = Number.NEGATIVE_INFINITY;

  /** `base` is the true time, on which `clock` of the machine is based; `transport` the network. */
  constructor(base: Clock, clockOf: (base: Clock) => Clock, transport: ServerTransport) {
    this.#base = base;
    this.clock = clockOf({
      now: () => base.now(),
      schedule: (run, delayMs) => this.#schedule(run, delayMs),
    });
    this.transport = {
      listen: (port, host, accept) => transport.listen(port, host, this.#gate(accept)),
      attach: (httpServer, path, accept) => transport.attach(httpServer, path, this.#gate(accept)),
      close: () => transport.close(),
    };
  }

  /** Stands still for so long from now on. */
  freeze(durationMs: number): void {
    const endMs = this.#base.now() + durationMs;
    this.freezes++;
    if (endMs <= this.#frozenUntilMs) return;
    this.#frozenUntilMs = endMs;
    this.#base.schedule(() => this.#readSockets(), durationMs + SOCKETS_AFTER_MS);
  }

  get isFrozen(): boolean {
    return this.#base.now() < this.#frozenUntilMs;
  }

  #schedule(run: () => void, delayMs: number): () => void {
    const fire = (): void => {
      if (this.isFrozen) cancel = this.#base.schedule(fire, this.#frozenUntilMs - this.#base.now());
      else run();
    };
    let cancel = this.#base.schedule(fire, delayMs);
    return () => cancel();
  }

  /** What comes while the process stands still, or behind what came then, waits. */
  #deliver(hear: () => void): void {
    if (this.isFrozen || this.#waiting.length > 0) this.#waiting.push(hear);
    else hear();
  }

  #readSockets(): void {
    if (this.isFrozen) return;
    for (const hear of this.#waiting.splice(0)) hear();
  }

  #gate(accept: Accept): Accept {
    return (connection: Connection) => {
      let listener: ConnectionListener | undefined;
      this.#deliver(() => {
        listener = accept(connection);
      });
      return {
        message: (bytes) => this.#deliver(() => listener?.message(bytes)),
        close: (code, reason) => this.#deliver(() => listener?.close(code, reason)),
      };
    };
  }
}
