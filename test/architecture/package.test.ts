// What package.json and its lock promise to those who clone or install Tickwire.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { repositoryRoot, sourceArguments } from '../tooling/source-command.ts';
import { writtenFiles } from './source-files.ts';

interface Package {
  scripts: Record<string, string>;
  exports: Record<string, string | Record<string, string>>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

interface LockedPackage {
  resolved?: string;
  integrity?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(`${repositoryRoot}/${path}`, 'utf8'));
const manifest = readJson('package.json') as Package;
const locked = (readJson('package-lock.json') as { packages: Record<string, LockedPackage> }).packages;

/** Where Node would find `name` from the package at `path`, or undefined when the lock does not hold it. */
function findLocked(path: string, name: string): string | undefined {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const candidate = `${folder ? `${folder}/` : ''}node_modules/${name}`;
    if (candidate in locked) return candidate;
    if (folder === '') return undefined;
  }
}

test('the lock is complete for every platform', () => {
  const missing = Object.entries(locked).flatMap(([path, entry]) =>
    Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
      .filter((name) => !findLocked(path, name))
      .map((name) => `${path} -> ${name}`),
  );
  expect(missing).toEqual([]);
  for (const platform of ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64']) {
    expect(Object.keys(locked).filter((path) => path.endsWith(`-${platform}`)).length).toBeGreaterThanOrEqual(2);
  }
});

test('the lock names no host but the public one, and every package has its hash', () => {
  const entries = Object.entries(locked).filter(([path]) => path !== '');
  const hosts = new Set(entries.flatMap(([, { resolved }]) => (resolved ? [new URL(resolved).host] : [])));
  hosts.delete('registry.npmjs.org');
  expect([...hosts]).toEqual([]);
  expect(entries.filter(([path, { integrity }]) => path.startsWith('node_modules/') && !integrity)).toEqual([]);
});

test('versions are exact', () => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('an entry point offers its source first, then types, then JavaScript', () => {
  for (const [name, target] of Object.entries(manifest.exports)) {
    if (typeof target === 'string') continue;
    const file = name === '.' ? 'index' : name.slice(2);
    expect(Object.entries(target)).toEqual([
      ['tickwire-source', `./engine/${file}.ts`],
      ['types', `./engine/dist/${file}.d.ts`],
      ['default', `./engine/dist/${file}.js`],
    ]);
  }
});

// Without the condition tsx would run whatever an old build left in engine/dist, and say nothing.
test('TypeScript runs through the `source` script alone', () => {
  expect(manifest.scripts.source).toBe('node --import tsx --conditions=tickwire-source');
  const others = Object.entries(manifest.scripts).filter(([name]) => name !== 'source');
  expect(others.filter(([, script]) => /\btsx\b/.test(script))).toEqual([]);
  const direct = others.filter(([, script]) => /\.ts\b/.test(script.replace(/--config \S+/g, '')));
  expect(direct.filter(([, script]) => !script.startsWith('npm run --silent source -- '))).toEqual([]);
  const programs = writtenFiles.filter(({ path }) => /\.([cm]?[jt]s|sh)$/.test(path) || path.startsWith('.ci/'));
  const callers = programs.filter(
    ({ path, text }) => !path.startsWith('test/architecture/') && /['" ]tsx['" ]/.test(text),
  );
  expect(callers.map((file) => file.path)).toEqual([]);
});

test('a program that runs from source finds the source of tickwire', () => {
  const args = sourceArguments('test/architecture/fixtures/where-tickwire-is.ts');
  const place = execFileSync(process.execPath, args, { cwd: repositoryRoot, encoding: 'utf8' });
  expect(place.trim()).toBe(import.meta.resolve('tickwire'));
  expect(place.trim()).toMatch(/\/engine\/index\.ts$/);
});
