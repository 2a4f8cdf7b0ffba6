/** One contestant on one trace: measured in a process of its own, so that no other's garbage or compiled code is in it. */
import { getHeapStatistics } from 'node:v8';
import { createBitecs } from '../contestants/bitecs.ts';
import { createColyseus } from '../contestants/colyseus.ts';
import { type Contestant, probe } from '../contestants/contestant.ts';
import { createJsonFull } from '../contestants/json-full.ts';
import { createJsonDelta, createMsgpackIntegerMapsDelta, createMsgpackMapsDelta } from '../contestants/maps-delta.ts';
import { createMsgpackDelta } from '../contestants/msgpack-delta.ts';
import { createMsgpackrFull } from '../contestants/msgpackr-full.ts';
import { createNengi } from '../contestants/nengi.ts';
import { createTickwire } from '../contestants/tickwire.ts';
import { median, quantile } from '../suite.ts';
import { TRACES, type TraceName } from '../traces/traces.ts';
import { Views } from '../traces/views.ts';

/** All contestants, with so many clients as look. */
export const CONTESTANTS = {
  'json-full': () => createJsonFull(),
  'json-delta': () => createJsonDelta(),
  'msgpackr-full': () => createMsgpackrFull(),
  'msgpack-maps': () => createMsgpackMapsDelta(),
  'msgpack-integer-maps': () => createMsgpackIntegerMapsDelta(),
  'msgpack-rows': () => createMsgpackDelta(),
  'colyseus-float32': () => createColyseus('float32'),
  'colyseus-integers': () => createColyseus('integers'),
  bitecs: () => createBitecs(),
  nengi: () => createNengi(),
  'tickwire-plain': (clients: number) => createTickwire(clients, 'plain'),
  'tickwire-packed': (clients: number) => createTickwire(clients, 'packed'),
} satisfies Record<string, (clients: number) => Contestant | Promise<Contestant>>;

export type ContestantName = keyof typeof CONTESTANTS;

export interface Task {
  readonly contestant: ContestantName;
  readonly trace: TraceName;
  readonly seed: number;
  /** Who look, where there is a radius of sight. */
  readonly clients: number;
  readonly warmUp: number;
  readonly ticks: number;
  /** What the parts of a tick are measured in: microseconds, or bytes of heap. */
  readonly unit: 'us' | 'heap';
}

/** Medians over the ticks; of bytes over all clients' messages. */
export interface Figures {
  readonly name: string;
  readonly joinBytes: number;
  readonly bytes: number;
  readonly bytesP95: number;
  readonly apply: number;
  readonly encode: number;
  readonly read: number;
}

/** By at most so much readings of an unchanged heap differ. */
const READING_BYTES = 1_024;

/** Makes the probe read the heap, less what reading it leaves there. */
function probeHeap(): void {
  const used = (): number => getHeapStatistics().used_heap_size;
  const growths = Array.from({ length: 1_001 }, () => {
    const before = used();
    return used() - before;
  });
  const ownBytes = median(growths);
  let readings = 0;
  probe.read = () => used() - ownBytes * readings++;
}

/** Runs a task, and checks that the client has what the trace has. */
export async function measure(task: Task): Promise<Figures> {
  const trace = TRACES[task.trace](task.seed);
  const clients = trace.sightRadius === undefined ? 1 : task.clients;
  const views = new Views(trace, clients);
  const contestant = await CONTESTANTS[task.contestant](clients);
  const joinBytes = await contestant.start(trace, views);
  const scale = task.unit === 'us' ? 1000 : 1;
  const sizes: number[] = [];
  const parts: { apply: number; encode: number; read: number }[] = [];
  for (let tick = 0; tick < task.warmUp + task.ticks; tick++) {
    if (tick === task.warmUp && task.unit === 'heap') probeHeap();
    trace.step();
    views.update();
    const figures = await contestant.runTick(trace, views);
    if (tick < task.warmUp) continue;
    const { applyMs: apply, encodeMs: encode, readMs: read } = figures;
    sizes.push(...figures.sizes);
    // Where the heap shrank a collection came in between; readings of it differ by a little.
    const isWhole = Math.min(apply, encode, read) > -READING_BYTES;
    if (task.unit === 'us' || isWhole) parts.push({ apply, encode, read });
  }
  await contestant.check(trace, views);
  contestant.stop();
  const medianOf = (part: 'apply' | 'encode' | 'read'): number =>
    Math.max(0, median(parts.map((each) => each[part])) * scale);
  return {
    name: contestant.name.replace(/, \d+ clients?$/, ''),
    joinBytes,
    bytes: median(sizes),
    bytesP95: quantile(sizes, 0.95),
    apply: medianOf('apply'),
    encode: medianOf('encode'),
    read: medianOf('read'),
  };
}
