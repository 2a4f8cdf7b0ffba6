// What the architecture tests look at: the repository's own files, read once.
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import ts from 'typescript';
import { repositoryRoot } from '../tooling/source-command.ts';

const folders = ['engine', 'demo-game', 'bench', 'test', '.ci'];
const generated = /(^|\/)(node_modules|dist|results|screenshots|fixtures)\//;
const binary = /\.(png|jpg|webp|ico|gif|woff2?|bin|zip|gz|tgz)$/;

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  path: string;
  text: string;
}

function read(path: string): SourceFile {
  return { path, text: readFileSync(`${repositoryRoot}/${path}`, 'utf8') };
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(`${repositoryRoot}/${folder}`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.slice(repositoryRoot.length + 1).replaceAll('\\', '/'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Names of files and folders in the root. */
export const rootNames = readdirSync(repositoryRoot);

/** Every text file that people wrote, the root's included. */
export const writtenFiles: SourceFile[] = [
  ...readdirSync(repositoryRoot, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'package-lock.json' && !entry.name.endsWith('.log'))
    .map((entry) => entry.name),
  ...folders.flatMap(listFolder).filter((path) => !generated.test(path) && !binary.test(path)),
].map(read);

/** The engine's TypeScript modules. */
export const engineFiles = writtenFiles.filter((file) => /^engine\/.*\.ts$/.test(file.path));

/** Modules that must give the same result on every machine: no clock, timer, randomness or console of their own. */
export const portableFiles = [
  ...engineFiles.filter((file) => !/\.(node|browser)\.ts$/.test(file.path)),
  ...writtenFiles.filter((file) => /^demo-game\/sim\/.*\.ts$/.test(file.path)),
];

/** The syntax tree of a file, with parents set. */
export function parse(file: SourceFile): ts.SourceFile {
  return ts.createSourceFile(basename(file.path), file.text, ts.ScriptTarget.ES2022, true);
}

/** Calls `visit` on every node of a tree, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** `path:line`, as editors open it. */
export function placeOf(file: SourceFile, tree: ts.SourceFile, node: ts.Node): string {
  return `${file.path}:${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1}`;
}
