/** The whole state as JSON, every tick: what most first versions do. Raw doubles, made once for all clients. */
import { isDeepStrictEqual } from 'node:util';
import type { TraceEntity } from '../traces/arena-small.ts';
import { type Contestant, createBaseline } from './contestant.ts';

export function createJsonFull(): Contestant {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let received: TraceEntity[] = [];
  return createBaseline({
    name: 'JSON, full state',
    write: (trace) => encoder.encode(JSON.stringify({ tick: trace.tick, entities: trace.entities })),
    read(message) {
      received = (JSON.parse(decoder.decode(message)) as { entities: TraceEntity[] }).entities;
    },
    // As JSON says it: that has no -0.
    check: (trace) => isDeepStrictEqual(received, JSON.parse(JSON.stringify(trace.entities))),
  });
}
