// House style that no linter knows: determinism, size and names.
import { basename } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import {
  engineFiles,
  parse,
  placeOf,
  portableFiles,
  rootNames,
  type SourceFile,
  walk,
  writtenFiles,
} from './source-files.ts';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const emptyWords = new Set('data info manager managers handler handlers util utils helper helpers'.split(' '));

const bannedMembers = new Set([
  'Date.now',
  'performance.now',
  'Math.random',
  'crypto.getRandomValues',
  'crypto.randomUUID',
]);
const bannedGlobals = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame']);

function nameOfAmbient(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const name = `${node.expression.text}.${node.name.text}`;
    if (bannedMembers.has(name) || node.expression.text === 'console') return name;
    if (node.expression.text === 'globalThis' && bannedGlobals.has(node.name.text)) return name;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date') return 'new Date';
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && bannedGlobals.has(node.expression.text)) {
    return node.expression.text;
  }
  return undefined;
}

/** Uses of the machine's clock, timers, randomness and console. */
function findAmbientUses(file: SourceFile): string[] {
  const tree = parse(file);
  const found: string[] = [];
  walk(tree, (node) => {
    const name = nameOfAmbient(node);
    if (name) found.push(`${placeOf(file, tree, node)} ${name}`);
  });
  return found;
}

function findLongFunctions(file: SourceFile): string[] {
  const tree = parse(file);
  const found: string[] = [];
  walk(tree, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return;
    const lineOf = (position: number) => tree.getLineAndCharacterOfPosition(position).line;
    const lines = lineOf(node.getEnd()) - lineOf(node.getStart(tree)) + 1;
    const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
    if (lines > FUNCTION_LINES_MAX) {
      found.push(`${placeOf(file, tree, node)} ${named?.getText(tree) ?? 'a function'} has ${lines} lines`);
    }
  });
  return found;
}

function exportedNames(tree: ts.SourceFile): ts.Identifier[] {
  const names: ts.Identifier[] = [];
  for (const statement of tree.statements) {
    if (!ts.canHaveModifiers(statement)) continue;
    if (!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue;
    const declarations = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement];
    for (const declaration of declarations) {
      const name = (declaration as ts.NamedDeclaration).name;
      if (name && ts.isIdentifier(name)) names.push(name);
    }
  }
  return names;
}

const wordsOf = (name: string) => name.split(/(?=[A-Z][a-z])|[-_.]/).map((word) => word.toLowerCase());
const isEmptyName = (name: string) => wordsOf(name).some((word) => emptyWords.has(word));

test('portable code takes time, timers, randomness and output as parameters', () => {
  expect(portableFiles.flatMap(findAmbientUses)).toEqual([]);
});

test('the search for ambient state finds each kind and spares look-alikes', () => {
  const banned =
    'Date.now(); new Date(); performance.now(); Math.random(); setTimeout(f); globalThis.setInterval(f); console.log(1);';
  expect(findAmbientUses({ path: 'a.ts', text: banned })).toHaveLength(7);
  const allowed = '// Date.now()\nclock.setTimeout(f); clock.now(); Math.floor(1); const s = "console.log";';
  expect(findAmbientUses({ path: 'a.ts', text: allowed })).toEqual([]);
});

test('no leftover markers', () => {
  const marker = /\b(?:TO{1}DO|FIX{1}ME|X{3}|HA{1}CK)\b/;
  const marked = writtenFiles.filter((file) => marker.test(file.text));
  expect(marked.map((file) => file.path)).toEqual([]);
});

test('no path or host of one machine', () => {
  const place = /\/work\/|\/tmp\/bash_jobs|\/home\/\w+\/|\/root\/|https?:\/\/[^\s"')]*registry/;
  const placed = writtenFiles.filter((file) => place.test(file.text));
  expect(placed.map((file) => file.path)).toEqual([]);
});

test(`engine files have at most ${FILE_LINES_MAX} lines`, () => {
  const sizes = engineFiles.map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }));
  expect(sizes.filter((file) => file.lines > FILE_LINES_MAX)).toEqual([]);
});

test(`engine functions have at most ${FUNCTION_LINES_MAX} lines`, () => {
  expect(engineFiles.flatMap(findLongFunctions)).toEqual([]);
});

test('the search for long functions counts from the first line to the last', () => {
  const functionOf = (lines: number) => `const f = () => {${'\n'.repeat(lines - 1)}};`;
  expect(findLongFunctions({ path: 'a.ts', text: functionOf(FUNCTION_LINES_MAX) })).toEqual([]);
  expect(findLongFunctions({ path: 'a.ts', text: functionOf(FUNCTION_LINES_MAX + 1) })).toEqual([
    'a.ts:1 f has 71 lines',
  ]);
});

test('file names are kebab-case', () => {
  const documents = /^[A-Z]+\.md$/;
  const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;
  const odd = writtenFiles.filter(({ path }) => {
    const name = basename(path);
    return path.includes('/') && !name.startsWith('.') && !documents.test(name) && !kebab.test(name);
  });
  expect(odd.map((file) => file.path)).toEqual([]);
});

test('no file or export has a name that says nothing', () => {
  const emptyFiles = writtenFiles.filter(({ path }) => path.split('/').some(isEmptyName)).map((file) => file.path);
  const emptyExports = writtenFiles
    .filter((file) => /^(?:engine|demo-game|bench)\/.*\.ts$/.test(file.path))
    .flatMap((file) => {
      const tree = parse(file);
      const names = exportedNames(tree).filter((name) => isEmptyName(name.text));
      return names.map((name) => `${placeOf(file, tree, name)} ${name.text}`);
    });
  expect([...emptyFiles, ...emptyExports]).toEqual([]);
});

test('the root holds what a visitor needs and no more', () => {
  const known =
    'package.json package-lock.json tsconfig.json README.md LICENSE engine demo-game bench test node_modules';
  const unknown = rootNames.filter((name) => !name.startsWith('.') && !known.split(' ').includes(name));
  expect(unknown).toEqual([]);
});
