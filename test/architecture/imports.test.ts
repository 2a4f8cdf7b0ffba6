// The import rules of .dependency-cruiser.cjs hold, and each of them can fail.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../tooling/source-command.ts';

const MODULES_MIN = 40;

interface Report {
  summary: { totalCruised: number; violations: { from: string; to: string; rule: { name: string } }[] };
}

const require = createRequire(import.meta.url);
const configPath = `${repositoryRoot}/.dependency-cruiser.cjs`;
const config = require(configPath) as { forbidden: { name: string }[] };

function cruise(cwd: string, folders: string[]): Report['summary'] {
  const program = `${repositoryRoot}/node_modules/dependency-cruiser/bin/dependency-cruise.mjs`;
  const args = [program, '--config', configPath, '--output-type', 'json', ...folders];
  const json = execFileSync(process.execPath, args, { cwd, encoding: 'utf8', maxBuffer: 256 * 2 ** 20 });
  return (JSON.parse(json) as Report).summary;
}

test('every import follows the rules', () => {
  const { violations, totalCruised } = cruise(repositoryRoot, ['engine', 'demo-game', 'bench', 'test']);
  expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
  // With a TypeScript that it does not know, the tool finds no module at all and is content.
  expect(totalCruised).toBeGreaterThanOrEqual(MODULES_MIN);
});

test('every rule is broken by the fixture made for it', () => {
  const { violations } = cruise(`${repositoryRoot}/test/architecture/fixtures/imports`, ['.']);
  const broken = new Set(violations.map(({ rule }) => rule.name));
  expect(config.forbidden.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([]);
});
