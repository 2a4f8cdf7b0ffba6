/** Real sockets on loopback: what a server pays for each client and tick, and how many clients one core serves. */
import { type Capacity, findCapacity } from '../sockets/capacity.ts';
import { ratioOf, runRounds, type Spread, spreadOf, type Turns } from '../sockets/rounds.ts';
import type { SystemName, WorkloadName } from '../sockets/spec.ts';
import { atMost, median, type Suite, type SuiteResult, type Table } from '../suite.ts';

const ALL: readonly SystemName[] = ['Tickwire', 'raw ws', 'Colyseus', 'Socket.IO'];
const W1_TICK_MS = 1000 / 30;
const W2_TICK_MS = 1000 / 20;
const W1_SIZES = [400, 800, 1_200, 1_600, 2_000, 2_400, 2_800, 3_200, 3_600, 4_000];
const W2_SIZES = [128, 256, 512, 768, 1_024, 1_536];

const round = (value: number): number => Number(value.toPrecision(3));
const showSpread = ({ median: middle, low, high }: Spread): string =>
  `${middle.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;

function costTable(title: string, all: readonly Turns[], base: Turns): Table {
  return {
    title,
    columns: [
      'system',
      'CPU us/client/tick',
      `by ${base.system}`,
      'late p50 ms',
      'late p99 ms',
      'bytes/message',
      'bytes/client/s',
      'messages/client/tick',
      'RSS MB',
    ],
    rows: all.map((turns) => {
      const of = (figure: keyof (typeof turns.windows)[number]): number =>
        median(turns.windows.map((window) => window[figure]));
      return [
        turns.system,
        showSpread(spreadOf(turns.windows.map((window) => window.cpuUsPerClientTick))),
        showSpread(ratioOf(turns, base, 'cpuUsPerClientTick')),
        round(of('lateP50Ms')),
        round(of('lateP99Ms')),
        Math.round(of('bytesPerMessage')),
        Math.round(of('bytesPerClientSecond')),
        of('messagesPerClientTick').toFixed(2),
        Math.round(of('rssMb')),
      ];
    }),
  };
}

function capacityTable(title: string, all: readonly Capacity[]): Table {
  return {
    title,
    columns: ['system', 'largest', 'late p99 ms', 'CPU us/client/tick', 'smallest that failed', 'late p99 ms'],
    rows: all.map((each) => [
      each.system,
      each.clients,
      round(each.lateP99Ms),
      round(each.cpuUsPerClientTick),
      each.failed?.clients ?? '-',
      each.failed === undefined ? '-' : round(each.failed.lateP99Ms),
    ]),
  };
}

async function findCapacities(
  workload: WorkloadName,
  systems: readonly SystemName[],
  inputsPerSecond: number,
  payloadBytes: number,
): Promise<Table> {
  const [sizes, tickMs] = workload === 'W1' ? [W1_SIZES, W1_TICK_MS] : [W2_SIZES, W2_TICK_MS];
  const found: Capacity[] = [];
  for (const system of systems) {
    found.push(await findCapacity(system, workload, sizes, { tickMs, payloadBytes, inputsPerSecond }));
  }
  const what = inputsPerSecond > 0 ? `${workload}, with ${inputsPerSecond} inputs a second` : workload;
  return capacityTable(`Clients on one core with p99 lateness under half a tick: ${what}`, found);
}

export const suite: Suite = {
  name: 'sockets',
  title: 'W1 at 30 Hz and W2 at 20 Hz on loopback, server and clients on a core each',
  async run({ quick }): Promise<SuiteResult> {
    const timing = quick
      ? { rounds: 3, warmUpMs: 1_500, measureMs: 1_000 }
      : { rounds: 15, warmUpMs: 4_000, measureMs: 1_500 };
    const w1 = { workload: 'W1', clients: 400, systems: ALL, ...timing, inputs: [0, 30] } as const;
    const [still, busy] = (await runRounds(w1)) as [Turns[], Turns[]];
    const w2 = { workload: 'W2', clients: 256, systems: ['Tickwire', 'Colyseus'], ...timing, inputs: [0] } as const;
    const [large] = (await runRounds(w2)) as [Turns[]];
    const tables = [
      costTable(`W1, ${w1.clients} clients that say only what keeps them connected`, still, still[1]!),
      costTable(`W1, ${w1.clients} clients, each with 30 inputs a second`, busy, busy[1]!),
      costTable(`W2, ${w2.clients} clients that see 1,024 far`, large, large[1]!),
    ];
    if (!quick) {
      const payloadBytes = Math.round(median(still[0]!.windows.map((window) => window.bytesPerMessage)));
      tables.push(await findCapacities('W1', ALL, 0, payloadBytes));
      tables.push(await findCapacities('W1', ALL, 30, payloadBytes));
      tables.push(await findCapacities('W2', ['Tickwire', 'Colyseus'], 0, 0));
    }
    const byRaw = (turns: readonly Turns[]): number => ratioOf(turns[0]!, turns[1]!, 'cpuUsPerClientTick').median;
    return {
      tables,
      charts: [],
      bars: [
        atMost("W1: CPU by raw ws's broadcast of equal bytes", byRaw(still), 'x', 1.08),
        atMost("W1 with inputs: CPU by raw ws's, which drops them", byRaw(busy), 'x', 1.1),
        atMost("W2: CPU by Colyseus' with StateViews", byRaw(large), 'x', 0.45),
        atMost(
          "W2: bytes of a message by Colyseus'",
          ratioOf(large[0]!, large[1]!, 'bytesPerMessage').median,
          'x',
          0.2,
        ),
      ],
      notes: [
        'All systems run at once, of which one works at a time; a round is a window of each. In brackets: between which rounds the median lies.',
        "CPU is user and system time of the server's process, the game's own work included. All tick on one timer, without the spin of Tickwire's own clock, which takes up to 5 % of a core for precise ticks whatever the number of clients; how many clients one core serves is measured with that clock.",
        'Without inputs clients of Tickwire acknowledge four times a second; those of raw ws say nothing.',
        "Raw ws, Colyseus and Socket.IO step the trace, too. Raw ws sends one buffer of as many bytes as Tickwire's mean message to all. Socket.IO sends the whole state.",
      ],
    };
  },
};
