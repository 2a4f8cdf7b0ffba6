/** The whole state as MessagePack maps of quantized integers, every tick, by msgpackr. Made once for all clients. */
import { isDeepStrictEqual } from 'node:util';
import { Packr, Unpackr } from 'msgpackr';
import type { ArenaSmall } from '../traces/arena-small.ts';
import { type Contestant, createBaseline } from './contestant.ts';
import { FIELDS, quantizeEntity } from './quantize.ts';

type Row = Record<string, number | string>;

export function createMsgpackrFull(): Contestant {
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  const unpackr = new Unpackr({ useRecords: false });
  const scratch: number[] = [];
  let received: Row[] = [];
  const rowsOf = (trace: ArenaSmall): Row[] =>
    trace.entities.map((entity) => {
      quantizeEntity(entity, scratch);
      const row: Row = { id: entity.id, kind: entity.kind, name: entity.name };
      FIELDS.forEach((field, i) => {
        row[field] = scratch[i]!;
      });
      return row;
    });
  return createBaseline({
    name: 'msgpackr, full state',
    write: (trace) => packr.pack({ tick: trace.tick, entities: rowsOf(trace) }),
    read(message) {
      received = (unpackr.unpack(message) as { entities: Row[] }).entities;
    },
    check: (trace) => isDeepStrictEqual(received, rowsOf(trace)),
  });
}
