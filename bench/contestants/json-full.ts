/** The whole state as JSON, every tick: what most first versions do. Raw doubles, made once for all clients. */
import type { ArenaSmall, TraceEntity } from '../traces/arena-small.ts';
import type { Contestant } from './contestant.ts';

export function createJsonFull(): Contestant {
  const encoder = new TextEncoder();
  let message = new Uint8Array(0);
  let received: TraceEntity[] = [];
  return {
    name: 'JSON, full state',
    async start(trace) {
      this.writeTick(trace);
    },
    writeTick(trace: ArenaSmall) {
      message = encoder.encode(JSON.stringify({ tick: trace.tick, entities: trace.entities }));
    },
    bytesPerClient: () => message.length,
    readTick() {
      received = (JSON.parse(new TextDecoder().decode(message)) as { entities: TraceEntity[] }).entities;
    },
    check(trace) {
      if (received.length !== trace.entities.length || received[0]?.x !== trace.entities[0]?.x)
        throw new Error('diverged');
    },
    stop() {
      received = [];
    },
  };
}
