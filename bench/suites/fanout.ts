/** One world, many clients who each see a part of it: what making all their messages costs, and how that grows. */
import { createTickwire } from '../contestants/tickwire.ts';
import { PerClientEncoder } from '../fanout/per-client.ts';
import { atMost, median, quantile, type Suite, type SuiteResult } from '../suite.ts';
import { Arena } from '../traces/arena.ts';

const SEED = 1;
const SHIPS = 1_024;
/** In a world of 4,096 entities, so that a client sees about 215 of them; other worlds are as dense. */
const SIZE = 8_192;
const SIGHT = 1_120;
const ENTITIES = 4_096;
const CLIENTS = 256;
/** Tickwire's default. */
const LOOK_EVERY_TICKS = 4;

interface Figures {
  readonly clients: number;
  readonly entities: number;
  readonly visible: number;
  readonly tickwireMs: number;
  readonly tickwireP95Ms: number;
  readonly tickwireBytes: number;
  readonly perClientMs: number;
  readonly perClientBytes: number;
  readonly ratio: number;
}

/** Ships live as long as the trace, so they are those who look; the mixture is the same in every world. */
function createTrace(entities: number): Arena {
  const side = SIZE * Math.sqrt(entities / ENTITIES);
  const ships = Math.max(SHIPS, entities / 4);
  const others = entities - ships;
  const layout = { tickRate: 20, ships, shots: others / 2, pickups: others / 2, churnPerTick: 4, sightRadius: SIGHT };
  return new Arena({ ...layout, size: 16 * Math.round(side / 16) }, SEED);
}

/** Both make the same ticks' messages in turn, so that neither has the calmer machine. */
async function measure(clients: number, entities: number, ticks: number, warmUp: number): Promise<Figures> {
  const trace = createTrace(entities);
  const tickwire = createTickwire(clients, 'packed', undefined, LOOK_EVERY_TICKS);
  await tickwire.start(trace);
  const encoder = new PerClientEncoder(trace, clients);
  encoder.runTick();
  const tickwireMs: number[] = [];
  const perClientMs: number[] = [];
  const tickwireBytes: number[] = [];
  const perClientBytes: number[] = [];
  encoder.visible = 0;
  for (let tick = 0; tick < warmUp + ticks; tick++) {
    trace.step();
    const { sizes, encodeMs } = await tickwire.runTick(trace);
    const encoderMs = encoder.runTick();
    if (tick < warmUp) continue;
    tickwireMs.push(encodeMs);
    perClientMs.push(encoderMs);
    tickwireBytes.push(sizes.reduce((sum, size) => sum + size, 0) / sizes.length);
    perClientBytes.push(encoder.sizes.reduce((sum, size) => sum + size, 0) / encoder.sizes.length);
  }
  if (!encoder.check()) throw new Error('the per-client encoder: what it sent is not the trace');
  const visible = encoder.visible / (warmUp + ticks) / clients;
  await tickwire.check(trace);
  tickwire.stop();
  return {
    clients,
    entities,
    visible,
    tickwireMs: median(tickwireMs),
    tickwireP95Ms: quantile(tickwireMs, 0.95),
    tickwireBytes: median(tickwireBytes),
    perClientMs: median(perClientMs),
    perClientBytes: median(perClientBytes),
    ratio: median(tickwireMs.map((ms, i) => ms / perClientMs[i]!)),
  };
}

const round = (value: number): number => Number(value.toPrecision(3));

export const suite: Suite = {
  name: 'fanout',
  title: `${ENTITIES} entities, ${CLIENTS} clients who see about 215 each, no network`,
  async run({ quick }): Promise<SuiteResult> {
    const ticks = quick ? 60 : 300;
    const warmUp = quick ? 60 : 200;
    const main = await measure(CLIENTS, ENTITIES, ticks, warmUp);
    const all = [main];
    if (!quick) {
      for (const clients of [64, 128, 512, 1_024]) all.push(await measure(clients, ENTITIES, ticks / 2, warmUp / 2));
      for (const entities of [2_048, 8_192, 16_384]) all.push(await measure(CLIENTS, entities, ticks / 2, warmUp / 2));
    }
    return {
      tables: [
        {
          title: `Making all messages of a tick, trace seed ${SEED}, ${ticks} ticks after ${warmUp} of warm-up`,
          columns: [
            'clients',
            'entities',
            'seen by one',
            'Tickwire ms p50',
            'p95',
            'us per client',
            'bytes/client',
            'encoding for each ms p50',
            'bytes/client',
            'ratio',
          ],
          rows: all.map((each) => [
            each.clients,
            each.entities,
            Math.round(each.visible),
            round(each.tickwireMs),
            round(each.tickwireP95Ms),
            round((each.tickwireMs * 1_000) / each.clients),
            round(each.tickwireBytes),
            round(each.perClientMs),
            round(each.perClientBytes),
            round(each.ratio),
          ]),
        },
      ],
      charts: [],
      bars: [atMost('making all messages, by encoding for each client', main.ratio, 'x', 0.25)],
      notes: [
        'Tickwire: everything of a tick but the game: capture, world pass, looking around for each client, lists, messages. It looks around every fourth tick, as by default, for what moved into sight.',
        'Encoding for each client: the same columns, grid and bits, but every word is predicted, compared and encoded for each client. It is spared budgets, gaps, holds, rare values, events and the sent state of each client.',
        'Both take turns tick by tick; the ratio is the median over ticks.',
      ],
    };
  },
};
