import { expect, test } from 'vitest';
import { Random } from '../../../engine/core/random.ts';
import { Ranking } from '../../../engine/replication/ranking.ts';

test('what was pushed comes out by its key, the greatest first, and each once', () => {
  const ranking = new Ranking();
  for (let seed = 1; seed <= 50; seed++) {
    const random = new Random(seed);
    const pushed = Array.from({ length: random.int(0, 300) }, (_, slot) => ({
      kind: random.int(0, 3),
      slot,
      key: random.int(-50, 50),
    }));
    ranking.clear();
    for (const { kind, slot, key } of pushed) ranking.push(kind, slot, key);
    ranking.build();
    const popped: { kind: number; slot: number; key: number }[] = [];
    while (ranking.pop()) popped.push({ kind: ranking.kind, slot: ranking.slot, key: ranking.key });
    expect(popped.map(({ key }) => key)).toEqual(pushed.map(({ key }) => key).sort((a, b) => b - a));
    const bySlot = (a: { slot: number }, b: { slot: number }) => a.slot - b.slot;
    expect(popped.sort(bySlot)).toEqual(pushed);
  }
});
