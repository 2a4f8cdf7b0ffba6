/** Whether any MessagePack library reads what Tickwire sends: the messages of some ticks, through five of them. */
import { isDeepStrictEqual } from 'node:util';
import { decode } from '@msgpack/msgpack';
import { unpack } from 'msgpackr';
import { createTickwire, type TickwireCodec } from '../contestants/tickwire.ts';
import { importPeer } from '../peers/install.ts';
import { TRACES, type TraceName } from '../traces/traces.ts';

type Decode = (message: Buffer) => unknown;

async function loadLibraries(): Promise<Record<string, Decode>> {
  const notepack = await importPeer<{ decode: Decode }>('notepack.io');
  const lite = await importPeer<{ decode: Decode }>('msgpack-lite');
  const five = await importPeer<() => { decode: (message: Buffer) => { slice(): Buffer } }>('msgpack5');
  return {
    msgpackr: unpack,
    '@msgpack/msgpack': decode,
    'notepack.io': notepack.decode,
    'msgpack-lite': lite.decode,
    msgpack5: (message) => five().decode(message),
  };
}

/** The same whatever a library makes of a bin. */
function normalize(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalize);
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString('hex');
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  return value ?? null;
}

/** Libraries that read every message of so many ticks alike, the join included. Install the peers first. */
export async function countReaders(trace: TraceName, codec: TickwireCodec, ticks: number): Promise<string[]> {
  const libraries = await loadLibraries();
  const messages: Buffer[] = [];
  const contestant = createTickwire(1, codec, (bytes) => messages.push(Buffer.from(bytes)));
  const world = TRACES[trace](1);
  await contestant.start(world);
  for (let tick = 0; tick < ticks; tick++) {
    world.step();
    await contestant.runTick(world);
  }
  contestant.stop();
  const expected = messages.map((message) => normalize(unpack(message)));
  return Object.entries(libraries)
    .filter(([, read]) => messages.every((message, i) => isDeepStrictEqual(normalize(read(message)), expected[i])))
    .map(([name]) => name);
}
