/** The whole state as JSON, every tick: what most first versions do. Raw doubles. */
import type { Trace, TraceEntity } from '../traces/trace.ts';
import type { View } from '../traces/views.ts';
import { type Contestant, createBaseline } from './contestant.ts';

type Row = Record<string, number | string>;

export function createJsonFull(): Contestant {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let received: Row[] = [];
  const rowOf = (trace: Trace, entity: TraceEntity): Row => {
    const row: Row = { id: entity.id, kind: entity.kind };
    for (const { name } of trace.fields) row[name] = entity[name];
    if (entity.name !== '') row.name = entity.name;
    return row;
  };
  const write = (trace: Trace, { stayed, entered }: View): Uint8Array => {
    const entities: Row[] = [];
    for (const entity of stayed) entities.push(rowOf(trace, entity));
    for (const entity of entered) entities.push(rowOf(trace, entity));
    return encoder.encode(JSON.stringify({ tick: trace.tick, entities }));
  };
  return createBaseline({
    name: 'JSON, full state',
    start: (trace, views) => write(trace, views.list[0]!),
    write: (trace, views) => views.list.map((view) => write(trace, view)),
    read(message) {
      received = (JSON.parse(decoder.decode(message)) as { entities: Row[] }).entities;
    },
    check(trace, views) {
      const { stayed, entered } = views.list[0]!;
      const byId = new Map(received.map((row) => [row.id, row]));
      // -0 is 0 in JSON, and equal here.
      const isHeld = (entity: TraceEntity): boolean =>
        trace.fields.every(({ name }) => byId.get(entity.id)?.[name] === entity[name]);
      return byId.size === stayed.length + entered.length && [...stayed, ...entered].every(isHeld);
    },
  });
}
