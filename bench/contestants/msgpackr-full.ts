/** The whole state as MessagePack maps of quantized integers, every tick, by msgpackr. */
import { Packr, Unpackr } from 'msgpackr';
import type { Trace, TraceEntity } from '../traces/trace.ts';
import type { View } from '../traces/views.ts';
import { type Contestant, createBaseline } from './contestant.ts';
import { holdsView, quantizeEntity } from './quantize.ts';

type Row = Record<string, number | string>;

export function createMsgpackrFull(): Contestant {
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  const unpackr = new Unpackr({ useRecords: false });
  const scratch: number[] = [];
  let received: Row[] = [];
  const write = (trace: Trace, { stayed, entered }: View): Uint8Array => {
    const entities: Row[] = [];
    const add = (entity: TraceEntity): void => {
      quantizeEntity(trace.fields, entity, scratch);
      const row: Row = { id: entity.id, kind: entity.kind };
      if (entity.name !== '') row.name = entity.name;
      for (let i = 0; i < trace.fields.length; i++) row[trace.fields[i]!.name] = scratch[i]!;
      entities.push(row);
    };
    stayed.forEach(add);
    entered.forEach(add);
    return packr.pack({ tick: trace.tick, entities });
  };
  return createBaseline({
    name: 'msgpackr, full state',
    start: (trace, views) => write(trace, views.list[0]!),
    write: (trace, views) => views.list.map((view) => write(trace, view)),
    read(message) {
      received = (unpackr.unpack(message) as { entities: Row[] }).entities;
    },
    check(trace, views) {
      const byId = new Map(received.map((row) => [row.id, row]));
      return holdsView(trace, views, byId.size, (id) => {
        const row = byId.get(id);
        return row && trace.fields.map(({ name }) => row[name] as number);
      });
    },
  });
}
