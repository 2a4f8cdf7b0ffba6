import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { browserClock } from '../../../engine/transport/clock.browser.ts';
import { flushPromises, systemClock } from '../../../engine/transport/clock.node.ts';

const after = (delayMs: number): Promise<number> =>
  new Promise((resolve) => systemClock.schedule(() => resolve(systemClock.now()), delayMs));

test('is the monotonic clock of the process', () => {
  expect(Math.abs(systemClock.now() - performance.now())).toBeLessThan(1_000);
  expect(browserClock.now()).toBeGreaterThan(0);
});

test('never early, in due order, also those of the same instant', async () => {
  const order: string[] = [];
  const startMs = systemClock.now();
  const note = (name: string, delayMs: number): void => {
    systemClock.schedule(() => {
      expect(systemClock.now() - startMs).toBeGreaterThanOrEqual(delayMs);
      order.push(name);
    }, delayMs);
  };
  note('c', 7.3);
  note('b', 3.1);
  note('a', 0);
  note('a2', 0);
  await after(12);
  expect(order).toEqual(['a', 'a2', 'b', 'c']);
});

test('coarse ones are never early either, and are no more than a little late', async () => {
  const late = await Promise.all(
    [0, 0.4, 3.7, 20.2].map(
      (delayMs) =>
        new Promise<number>((resolve) => {
          const dueMs = systemClock.now() + delayMs;
          systemClock.schedule(() => resolve(systemClock.now() - dueMs), delayMs, true);
        }),
    ),
  );
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  expect(Math.min(...late)).toBeLessThan(5);
});

test('many timers are not spun for: each costs a turn of the loop, not a thousand', async () => {
  const turns = vi.spyOn(globalThis, 'setImmediate');
  const early: number[] = [];
  for (let i = 0; i < 50; i++) {
    const delayMs = 5 + i / 2;
    const dueMs = systemClock.now() + delayMs;
    systemClock.schedule(() => early.push(dueMs - systemClock.now()), delayMs);
  }
  while (early.length < 50) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(turns.mock.calls.length).toBeLessThanOrEqual(100);
  turns.mockRestore();
  expect(Math.max(...early)).toBeLessThanOrEqual(0);
});

test('one timer after the other: a small share of the time is spun away', async () => {
  await after(300);
  const before = process.cpuUsage();
  const startMs = systemClock.now();
  // Each would take a millisecond of spinning: a third of the time.
  for (let i = 0; i < 200; i++) await after(3);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000 / (systemClock.now() - startMs)).toBeLessThan(0.2);
});

test('cancelled timers do not run, whichever way they wait', async () => {
  let runs = 0;
  for (const delayMs of [0, 0.5, 5, 300]) systemClock.schedule(() => runs++, delayMs)();
  browserClock.schedule(() => runs++, 1)();
  await after(15);
  expect(runs).toBe(0);
});

test('what is scheduled without delay inside a timer waits for the next turn, so that I/O is not starved', async () => {
  let runs = 0;
  let immediates = 0;
  let cancel = (): void => undefined;
  const again = (): void => {
    runs++;
    cancel = systemClock.schedule(again, 0);
  };
  again();
  for (; immediates < 50; immediates++) await flushPromises();
  cancel();
  expect(runs).toBeLessThanOrEqual(60);
});

test('timers alone do not keep a process alive, and one that throws does not stop the others', async () => {
  const file = new URL('../../../engine/transport/clock.node.ts', import.meta.url).href;
  const source = `
    import('tsx/esm/api').then(async ({ tsImport }) => {
      const { systemClock } = await tsImport(${JSON.stringify(file)}, ${JSON.stringify(import.meta.url)});
      let faults = 0;
      process.on('uncaughtException', () => faults++);
      const { parentPort } = require('node:worker_threads');
      systemClock.schedule(() => { throw new Error('broken'); }, 0);
      systemClock.schedule(() => parentPort.postMessage(faults), 0);
      systemClock.schedule(() => parentPort.postMessage('not unref-ed'), 200);
      systemClock.schedule(() => parentPort.postMessage('not unref-ed'), 3_600_000);
    });`;
  const worker = new Worker(source, { eval: true });
  const messages: unknown[] = [];
  worker.on('message', (message) => messages.push(message));
  await once(worker, 'exit');
  expect(messages).toEqual([1]);
});
