// The type tests in test/types: each @ts-expect-error there is a use that must not compile.
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../tooling/source-command.ts';

function compile(files: string[]): string[] {
  const { config } = ts.readConfigFile(`${repositoryRoot}/tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, repositoryRoot);
  const program = ts.createProgram(files, options);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0;
    const place = diagnostic.file ? `${diagnostic.file.fileName.slice(repositoryRoot.length + 1)}:${line + 1} ` : '';
    return place + ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
  });
}

test('type tests compile, and what must not compile does not', () => {
  const folder = `${repositoryRoot}/test/types`;
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(0);
  expect(compile(files.map((name) => resolve(folder, name)))).toEqual([]);
});

test('the compiler reports a wrong type', () => {
  const messages = compile([`${repositoryRoot}/test/architecture/fixtures/wrong-type.ts`]);
  expect(messages).toEqual([
    expect.stringMatching(/wrong-type\.ts:1 Type 'string' is not assignable/),
    expect.stringMatching(/wrong-type\.ts:3 Unused '@ts-expect-error'/),
  ]);
});
