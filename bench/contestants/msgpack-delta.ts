/** A careful hand-written delta: per changed entity `[id, mask, values…]` of quantized integers, in MessagePack. */
import { Packr, Unpackr } from 'msgpackr';
import type { ArenaSmall } from '../traces/arena-small.ts';
import { type Contestant, createBaseline } from './contestant.ts';
import { FIELDS, quantizeEntity } from './quantize.ts';

type Delta = [tick: number, left: number[], entered: (number | string)[][], changed: number[][]];

export function createMsgpackDelta(): Contestant {
  const packr = new Packr({ useRecords: false });
  const unpackr = new Unpackr({ useRecords: false });
  const sent = new Map<number, Int32Array>();
  const received = new Map<number, number[]>();
  const scratch = new Int32Array(FIELDS.length);

  const changesOf = (trace: ArenaSmall): number[][] => {
    const changed: number[][] = [];
    for (const entity of trace.entities) {
      const last = sent.get(entity.id);
      if (last === undefined) continue;
      quantizeEntity(entity, scratch);
      let mask = 0;
      const row = [entity.id, 0];
      for (let i = 0; i < scratch.length; i++) {
        if (scratch[i] === last[i]) continue;
        mask |= 1 << i;
        row.push(scratch[i]!);
      }
      if (mask === 0) continue;
      row[1] = mask;
      last.set(scratch);
      changed.push(row);
    }
    return changed;
  };

  return createBaseline({
    name: 'MessagePack, hand-written delta',
    start(trace) {
      for (const entity of trace.entities) {
        quantizeEntity(entity, scratch);
        sent.set(entity.id, Int32Array.from(scratch));
        received.set(entity.id, [...scratch]);
      }
    },
    write(trace) {
      const left = trace.left.map((entity) => entity.id);
      for (const id of left) sent.delete(id);
      const changed = changesOf(trace);
      const entered = trace.entered.map((entity) => {
        quantizeEntity(entity, scratch);
        sent.set(entity.id, Int32Array.from(scratch));
        return [entity.id, entity.kind, entity.name, ...scratch];
      });
      const delta: Delta = [trace.tick, left, entered, changed];
      return packr.pack(delta);
    },
    read(message) {
      const [, left, entered, changed] = unpackr.unpack(message) as Delta;
      for (const id of left) received.delete(id);
      for (const row of entered) received.set(row[0] as number, row.slice(3) as number[]);
      for (const row of changed) {
        const held = received.get(row[0]!)!;
        let next = 2;
        for (let i = 0; i < FIELDS.length; i++) if ((row[1]! & (1 << i)) !== 0) held[i] = row[next++]!;
      }
    },
    check: (trace) =>
      received.size === trace.entities.length &&
      trace.entities.every((entity) => {
        quantizeEntity(entity, scratch);
        return received.get(entity.id)?.every((value, i) => value === scratch[i]) ?? false;
      }),
  });
}
