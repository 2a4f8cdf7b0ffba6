// engine/TESTING.md against the code: its programs are those of `example.test.ts`, its names exist.
import { readFileSync } from 'node:fs';
import * as testing from 'tickwire/testing';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../tooling/source-command.ts';

const page = readFileSync(`${repositoryRoot}/engine/TESTING.md`, 'utf8');
const example = readFileSync(`${repositoryRoot}/test/sim/example.test.ts`, 'utf8');
const programs = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text]) => text!);

test('each program of the page is one that runs, word for word', () => {
  expect(programs.length).toBe(5);
  expect(programs.filter((program) => !example.includes(program))).toEqual([]);
  // And nothing that runs is left out of it.
  const tests = example.split('\n').filter((line) => line.startsWith('test('));
  expect(tests.filter((line) => !page.includes(line))).toEqual([]);
});

test('the first has ten lines at most', () => {
  expect(programs[0]!.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
});

test('lines and faults of the page are those that there are', () => {
  const rows = page.slice(page.indexOf('| line |'), page.indexOf('A line of your own'));
  const lines = [...rows.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  expect(lines.sort()).toEqual(Object.keys(testing.LINK_PROFILES).sort());
  const sentence = page.slice(page.indexOf('`trouble` does all of that'), page.indexOf('Add what may happen'));
  const faults = [...sentence.matchAll(/`(\w+)`/g)].map(([, name]) => name).slice(1);
  expect(faults.sort()).toEqual(Object.keys(testing.FAULTS).sort());
});
