/** The whole state as MessagePack maps of quantized integers, every tick, by msgpackr. Made once for all clients. */
import { Packr, Unpackr } from 'msgpackr';
import type { ArenaSmall } from '../traces/arena-small.ts';
import type { Contestant } from './contestant.ts';
import { FIELDS, quantizeEntity } from './quantize.ts';

type Row = Record<string, number | string>;

export function createMsgpackrFull(): Contestant {
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  const unpackr = new Unpackr({ useRecords: false });
  const scratch: number[] = [];
  let message: Uint8Array = new Uint8Array(0);
  let received: Row[] = [];
  return {
    name: 'msgpackr, full state',
    async start(trace) {
      this.writeTick(trace);
    },
    writeTick(trace: ArenaSmall) {
      const rows = trace.entities.map((entity) => {
        quantizeEntity(entity, scratch);
        const row: Row = { id: entity.id, kind: entity.kind, name: entity.name };
        FIELDS.forEach((field, i) => {
          row[field] = scratch[i]!;
        });
        return row;
      });
      message = packr.pack({ tick: trace.tick, entities: rows });
    },
    bytesPerClient: () => message.length,
    readTick() {
      received = (unpackr.unpack(message) as { entities: Row[] }).entities;
    },
    check(trace) {
      const last = trace.entities.at(-1);
      if (received.length !== trace.entities.length || received.at(-1)?.id !== last?.id) throw new Error('diverged');
    },
    stop() {
      received = [];
    },
  };
}
