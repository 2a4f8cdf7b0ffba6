import { expect, test } from 'vitest';
import { Emitter } from '../../../engine/core/emitter.ts';

test('listeners are called in order, with their arguments, until they are taken off', () => {
  const emitter = new Emitter<{ hit: [points: number, by: string]; miss: [] }>();
  const log: string[] = [];
  const off = emitter.on('hit', (points, by) => log.push(`a ${points} ${by}`));
  emitter.on('hit', (points) => log.push(`b ${points}`));
  emitter.emit('hit', 3, 'x');
  emitter.emit('miss');
  off();
  off();
  emitter.emit('hit', 4, 'y');
  emitter.clear();
  emitter.emit('hit', 5, 'z');
  expect(log).toEqual(['a 3 x', 'b 3', 'b 4']);
});

test('a listener that leaves or joins while being called changes the next call, not this one', () => {
  const emitter = new Emitter<{ tick: [] }>();
  const log: string[] = [];
  const off = emitter.on('tick', () => {
    log.push('first');
    off();
    emitter.on('tick', () => log.push('new'));
  });
  emitter.on('tick', () => log.push('second'));
  emitter.emit('tick');
  expect(log).toEqual(['first', 'second']);
  emitter.emit('tick');
  expect(log).toEqual(['first', 'second', 'second', 'new']);
});
