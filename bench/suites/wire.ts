/**
 * What one client is sent, and what writing and reading it costs: Tickwire beside what people write by hand and other libraries,
 * each in processes of its own, on the same seeded traces. What the first client holds is checked in every run.
 */
import { installPeers } from '../peers/install.ts';
import { atLeast, atMost, type Bar, median, type Suite, type SuiteResult, type Table } from '../suite.ts';
import { TRACES, type TraceName } from '../traces/traces.ts';
import { Views } from '../traces/views.ts';
import { Entropy } from '../wire/entropy.ts';
import type { ContestantName, Figures } from '../wire/measure.ts';
import { type Measured, PLANS, ROUNDS, runTrace, SEED, type TraceResults } from '../wire/plans.ts';
import { countReaders } from '../wire/readable.ts';

/** Symbols by which the shares of the estimates have settled, in entities times ticks; as many count. */
const SETTLING = 140_000;
const SETTLING_QUICK = 70_000;

/** The smallest object of V8, for each of the 232 entities of a trace. */
const OBJECT_PER_ENTITY_BYTES = 232 * 16;

const COLUMNS = [
  'system',
  'bytes p50',
  'p95',
  'apply us',
  'encode us',
  'read us',
  'heap B: apply',
  'encode',
  'read',
  'join bytes',
];

const round = (value: number): number => Number(value.toPrecision(3));

function toRow({ us, heap }: Measured): (string | number)[] {
  const heapCells = heap === undefined ? ['-', '-', '-'] : [heap.apply, heap.encode, heap.read].map(Math.round);
  const times = [us.apply, us.encode, us.read].map(round);
  return [us.name, us.bytes, us.bytesP95, ...times, ...heapCells, us.joinBytes];
}

/** Rows of the estimates of what the trace holds. */
function estimate(name: TraceName, quick: boolean): (string | number)[][] {
  const trace = TRACES[name](SEED);
  const views = new Views(trace, 8);
  const entropy = new Entropy(trace);
  const bytes: number[][] = entropy.names.map(() => []);
  const warmUp = Math.ceil((quick ? SETTLING_QUICK : SETTLING) / trace.entities.length);
  for (let tick = 0; tick < 2 * warmUp; tick++) {
    trace.step();
    views.update();
    entropy.advance(trace);
    if (tick < warmUp) continue;
    for (const view of views.list) {
      for (const [i, value] of entropy.bytesOf(view).entries()) bytes[i]!.push(value);
    }
  }
  return entropy.names.map((prediction, i) => [
    `(estimate: ${prediction})`,
    Math.round(median(bytes[i]!)),
    ...Array.from({ length: COLUMNS.length - 2 }, () => '-'),
  ]);
}

function judge(results: ReadonlyMap<TraceName, TraceResults>): Bar[] {
  const of = (trace: TraceName, name: ContestantName): Figures => results.get(trace)!.get(name)!.us;
  const { heap } = results.get('wandering-2')!.get('tickwire-packed')!;
  const own = of('wandering-2', 'tickwire-packed');
  const rows = of('wandering-2', 'msgpack-rows');
  const maps = of('wandering-2', 'msgpack-maps');
  const colyseus = of('wandering-2', 'colyseus-integers');
  return [
    ...(heap === undefined
      ? []
      : [
          atMost('heap of encode, no object for each entity', heap.encode, 'B', OBJECT_PER_ENTITY_BYTES),
          atMost('heap of read, no object for each entity', heap.read, 'B', OBJECT_PER_ENTITY_BYTES),
        ]),
    atMost('packed, wandering, 2 % churn: median', own.bytes, 'B', 262),
    atMost('packed, wandering, 2 % churn: p95', own.bytesP95, 'B', 305),
    atMost('packed, wandering, 0.1 % churn: median', of('wandering-0.1', 'tickwire-packed').bytes, 'B', 220),
    atMost('packed, W1: median', of('arena-small', 'tickwire-packed').bytes, 'B', 200),
    atLeast('MessagePack delta in maps, times packed', maps.bytes / own.bytes, 'x', 18),
    atLeast('Colyseus, times packed', colyseus.bytes / own.bytes, 'x', 7),
    atMost('encode, against the hand-written delta', own.encode / rows.encode, 'x', 1),
    atMost('read, against the hand-written delta', own.read / rows.read, 'x', 1),
  ];
}

const NOTES = [
  'bytes: one message of one client, all of it (of W2 over all its clients). Systems without interest management are given lists of who sees what, made outside of what is measured; the views of Colyseus are told who enters and leaves.',
  "apply: the trace into the system's own state. encode: from there to all messages; of Tickwire all that the server does in a tick. read: the first client takes its message; of Tickwire up to its own replica, checks included.",
  `Times are medians over ticks, then over ${ROUNDS} rounds of fresh processes, one after the other (one round with --quick).`,
  "heap: growth of V8's used_heap_size in a part of a tick, median; ticks with a collection inside are left out. What lies outside of V8's heap, as the content of a Buffer, is not in it; the object of each message, timers and the bench's own numbers are.",
  'estimates: order-0 adaptive code lengths of residuals with changes, newcomers and leavers in them; models that know more go lower.',
  'The identities of entities are never used twice in a trace; what systems make of them is theirs.',
];

export const suite: Suite = {
  name: 'wire',
  title: 'bytes, time and garbage of one client, beside other systems',
  async run({ quick }): Promise<SuiteResult> {
    await installPeers();
    const results = new Map<TraceName, TraceResults>();
    const tables: Table[] = [];
    for (const trace of Object.keys(TRACES) as TraceName[]) {
      console.log(`measuring ${trace}`);
      const measured = await runTrace(trace, quick);
      results.set(trace, measured);
      const rows = [...[...measured.values()].map(toRow), ...estimate(trace, quick)];
      tables.push({ title: `${trace}. ${PLANS[trace].title}`, columns: COLUMNS, rows });
    }
    const bars = judge(results);
    for (const codec of ['plain', 'packed'] as const) {
      const readers = await countReaders('arena-small', codec, 100);
      bars.push(atLeast(`MessagePack libraries that read every message, ${codec}`, readers.length, 'of 5', 5));
    }
    return { tables, charts: [], bars, notes: NOTES };
  },
};
