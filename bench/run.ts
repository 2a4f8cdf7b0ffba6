/**
 * `npm run bench [-- suite…] [--quick] [--hours N] [--seed N] [--profile P]`: runs suites, prints their tables, writes JSON and
 * an HTML report.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { writeReport } from './report.ts';
import type { Suite, SuiteOptions, SuiteResult, Table } from './suite.ts';

const suitesFolder = path.join(import.meta.dirname, 'suites');
const resultsFolder = path.join(import.meta.dirname, 'results');

function printTable(table: Table): void {
  const lines = [table.columns, ...table.rows].map((row) => row.map((cell) => String(cell)));
  const widths = table.columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  console.log(`\n${table.title}`);
  lines.forEach((line, index) => {
    console.log(line.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join('  '));
    if (index === 0) console.log(widths.map((width) => '-'.repeat(width)).join('  '));
  });
}

function printResult(result: SuiteResult): void {
  for (const table of result.tables) printTable(table);
  for (const note of result.notes) console.log(`  ${note}`);
  if (result.bars.length === 0) return;
  printTable({
    title: 'Bars',
    columns: ['figure', 'value', 'unit', 'bar', 'holds'],
    rows: result.bars.map((bar) => [
      bar.name,
      Number(bar.value.toPrecision(4)),
      bar.unit,
      bar.bar,
      bar.holds ? 'yes' : 'NO',
    ]),
  });
}

async function loadSuite(name: string): Promise<Suite> {
  const module = (await import(pathToFileURL(path.join(suitesFolder, `${name}.ts`)).href)) as { suite: Suite };
  return module.suite;
}

const known = readdirSync(suitesFolder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    hours: { type: 'string' },
    seed: { type: 'string' },
    profile: { type: 'string' },
  },
});

function numberOf(name: 'hours' | 'seed'): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0 && (name === 'hours' || Number.isInteger(value))) return value;
  console.error(`--${name} takes a ${name === 'seed' ? 'whole ' : ''}number above 0`);
  process.exit(2);
}
const options: SuiteOptions = {
  quick: values.quick,
  hours: numberOf('hours'),
  seed: numberOf('seed'),
  profile: values.profile,
};
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no suite named ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  process.exit(2);
}

mkdirSync(resultsFolder, { recursive: true });
const results: { suite: Suite; result: SuiteResult }[] = [];
for (const name of positionals.length > 0 ? positionals : known) {
  const suite = await loadSuite(name);
  console.log(`\n== ${suite.name}: ${suite.title}`);
  const result = await suite.run(options);
  printResult(result);
  const environment = { node: process.version, cores: cpus().length, processor: cpus()[0]?.model ?? 'unknown' };
  const record = { suite: suite.name, title: suite.title, quick: values.quick, environment, ...result };
  writeFileSync(path.join(resultsFolder, `${suite.name}.json`), `${JSON.stringify(record, null, 2)}\n`);
  results.push({ suite, result });
}
writeReport(path.join(resultsFolder, 'report.html'), results);
console.log('\nReport: bench/results/report.html');

const missed = results.flatMap(({ result }) => result.bars.filter((bar) => !bar.holds));
for (const bar of missed) console.error(`missed: ${bar.name} is ${bar.value} ${bar.unit}, bar ${bar.bar}`);
process.exitCode = missed.length > 0 ? 1 : 0;
