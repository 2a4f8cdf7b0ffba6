/** W1, one room: what a tick costs the server, the wire and the client, beside the three ways people start with. */
import type { Contestant } from '../contestants/contestant.ts';
import { createJsonFull } from '../contestants/json-full.ts';
import { createMsgpackDelta } from '../contestants/msgpack-delta.ts';
import { createMsgpackrFull } from '../contestants/msgpackr-full.ts';
import { createTickwire } from '../contestants/tickwire.ts';
import { median, quantile, type Suite, type SuiteResult, type Table } from '../suite.ts';
import { ARENA_TICK_RATE, createArenaSmall } from '../traces/arena-small.ts';
import { Views } from '../traces/views.ts';

const SEED = 1;
const CLIENTS = [1, 32, 256] as const;

interface Figures {
  readonly name: string;
  readonly bytes: number[];
  readonly serverUs: number[];
  readonly readUs: number[];
  readonly drawUs: number[];
}

function emptyFigures(name: string): Figures {
  return { name, bytes: [], serverUs: [], readUs: [], drawUs: [] };
}

async function measure(contestant: Contestant, ticks: number, warmUp: number): Promise<Figures> {
  const figures = emptyFigures(contestant.name);
  const trace = createArenaSmall(SEED);
  const views = new Views(trace, 1);
  await contestant.start(trace, views);
  for (let tick = 0; tick < warmUp + ticks; tick++) {
    trace.step();
    views.update();
    const { sizes, applyMs, encodeMs, readMs, frameMs } = await contestant.runTick(trace, views);
    if (tick < warmUp) continue;
    figures.bytes.push(sizes[0]!);
    figures.serverUs.push((applyMs + encodeMs) * 1000);
    figures.readUs.push(readMs * 1000);
    if (frameMs !== undefined) figures.drawUs.push(frameMs * 1000);
  }
  await contestant.check(trace, views);
  contestant.stop();
  return figures;
}

const round = (value: number): number => Number(value.toPrecision(3));

function toRow(figures: Figures): (string | number)[] {
  return [
    figures.name,
    median(figures.bytes),
    quantile(figures.bytes, 0.95),
    round((median(figures.bytes) * ARENA_TICK_RATE) / 1000),
    round(median(figures.serverUs)),
    round(quantile(figures.serverUs, 0.95)),
    round(median(figures.readUs)),
    figures.drawUs.length > 0 ? round(median(figures.drawUs)) : '-',
  ];
}

export const suite: Suite = {
  name: 'room',
  title: 'W1 arena-small: 32 ships, 110 projectiles, 90 pickups, 30 Hz, every client sees all',
  async run({ quick }): Promise<SuiteResult> {
    const ticks = quick ? 300 : 1_500;
    const warmUp = quick ? 200 : 600;
    const baselines: Figures[] = [];
    for (const create of [createJsonFull, createMsgpackrFull, createMsgpackDelta]) {
      baselines.push(await measure(create(), ticks, warmUp));
    }
    const own: Figures[] = [];
    for (const clients of CLIENTS) own.push(await measure(createTickwire(clients), ticks, warmUp));
    const table: Table = {
      title: `Per tick, trace seed ${SEED}, ${ticks} ticks after ${warmUp} of warm-up`,
      columns: [
        'system',
        'bytes/client p50',
        'p95',
        'kB/s',
        'server us p50',
        'p95',
        'client read us p50',
        'frame us p50',
      ],
      rows: [...baselines, ...own].map(toRow),
    };
    const shown = [...baselines, ...own.slice(0, 1)];
    return {
      tables: [table],
      charts: [
        {
          title: 'Bytes per client and tick',
          xLabel: 'tick',
          yLabel: 'bytes',
          x: Array.from({ length: Math.min(300, ticks) }, (_, i) => i),
          series: shown.map((figures) => ({ name: figures.name, y: figures.bytes.slice(0, 300) })),
        },
        {
          title: "Tickwire's server, microseconds per tick",
          xLabel: 'clients',
          yLabel: 'us',
          x: [...CLIENTS],
          series: [{ name: 'p50', y: own.map((figures) => median(figures.serverUs)) }],
        },
      ],
      bars: [],
      notes: [
        "Baselines make one message for all clients, without API, validation, interest or repair; so does Tickwire, but for a few bytes of what is each one's own.",
        "Server time is writing the trace into the system's state and making all messages.",
      ],
    };
  },
};
