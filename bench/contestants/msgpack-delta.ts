/** A careful hand-written delta: per changed entity `[id, mask, differences…]` of quantized integers, in MessagePack. */
import { Packr, Unpackr } from 'msgpackr';
import type { Trace } from '../traces/trace.ts';
import type { View } from '../traces/views.ts';
import { type Contestant, createBaseline } from './contestant.ts';
import { holdsView, SentWorld } from './quantize.ts';

type Delta = [tick: number, left: number[], entered: (number | string)[][], changed: number[][]];

export function createMsgpackDelta(): Contestant {
  const packr = new Packr({ useRecords: false });
  const unpackr = new Unpackr({ useRecords: false });
  const received = new Map<number, number[]>();
  let sent: SentWorld;
  let fieldCount = 0;

  const write = (trace: Trace, { stayed, entered, left }: View): Uint8Array => {
    const changed: number[][] = [];
    for (const entity of stayed) {
      const { mask, deltas } = sent.row(entity);
      if (mask === 0) continue;
      const row = [entity.id, mask];
      for (let i = 0; i < fieldCount; i++) if ((mask & (1 << i)) !== 0) row.push(deltas[i]!);
      changed.push(row);
    }
    const newcomers = entered.map((entity) => {
      const kind = trace.kinds.findIndex(({ name }) => name === entity.kind);
      return [entity.id, kind, entity.name, ...sent.row(entity).codes];
    });
    const delta: Delta = [trace.tick, left.map(({ id }) => id), newcomers, changed];
    return packr.pack(delta);
  };

  return createBaseline({
    name: 'MessagePack, hand-written delta',
    start(trace, views) {
      fieldCount = trace.fields.length;
      sent = new SentWorld(trace.fields);
      sent.advance(trace);
      return write(trace, views.list[0]!);
    },
    write(trace, views) {
      sent.advance(trace);
      return views.list.map((view) => write(trace, view));
    },
    read(message) {
      const [, left, entered, changed] = unpackr.unpack(message) as Delta;
      for (const id of left) received.delete(id);
      for (const row of entered) received.set(row[0] as number, row.slice(3) as number[]);
      for (const row of changed) {
        const held = received.get(row[0]!)!;
        let next = 2;
        for (let i = 0; i < fieldCount; i++) if ((row[1]! & (1 << i)) !== 0) held[i] = held[i]! + row[next++]!;
      }
    },
    check: (trace, views) => holdsView(trace, views, received.size, (id) => received.get(id)),
  });
}
