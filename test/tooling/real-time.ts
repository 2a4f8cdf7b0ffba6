// Waiting in tests on real sockets: for what happens, with a generous watchdog, never for a time.
import { performance } from 'node:perf_hooks';

const WATCHDOG_MS = 30_000;

interface HasFrame {
  frame(now: number): void;
}

/** Lets the event loop turn until `isDone`, drawing frames of `nets` meanwhile. Fails when the watchdog barks. */
export async function until(isDone: () => boolean, nets: readonly HasFrame[] = []): Promise<void> {
  const startMs = performance.now();
  while (!isDone()) {
    for (const net of nets) net.frame(performance.now());
    if (performance.now() - startMs > WATCHDOG_MS) throw new Error(`not within ${WATCHDOG_MS} ms: ${isDone}`);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
}

/** Sockets and servers that this process holds open. */
export function openHandles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Pipe|TLS/.test(name));
}
