// How a test starts a TypeScript program of this repository in a process of its own.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's root folder, without a trailing slash. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Node's arguments that run `file` from source: those of the `source` script, which alone knows them. */
export function sourceArguments(file: string, ...args: string[]): string[] {
  const { scripts } = JSON.parse(readFileSync(`${repositoryRoot}/package.json`, 'utf8')) as {
    scripts: { source: string };
  };
  return [...scripts.source.split(' ').slice(1), file, ...args];
}
