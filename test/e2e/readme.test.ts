// The README's programs, taken from the README itself: they compile, run together, and do what the README says.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repositoryRoot, sourceArguments } from '../tooling/source-command.ts';

const folder = path.join(repositoryRoot, 'test/e2e/generated');
const readme = readFileSync(path.join(repositoryRoot, 'README.md'), 'utf8');
const programs = [...readme.matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g)].map(([, name, text]) => ({
  name: name!,
  text: text!,
}));

/** The page around the README's client: what a browser and a renderer would be. */
const PAGE = `
import WebSocket from 'ws';
declare const process: { env: Record<string, string | undefined> };
Object.assign(globalThis, { WebSocket, requestAnimationFrame: (run: (now: number) => void) => setTimeout(() => run(performance.now()), 8) });
export const url = process.env.URL ?? '';
export const keys = new Set(['ArrowUp']);
export const drawn = new Map<number, { name: string; x: number; y: number; heading: number }>();
export const draw = (id: number, name: string, x: number, y: number, heading: number): void => void drawn.set(id, { name, x, y, heading });
export const flash = (_x: number, _y: number): void => undefined;
`;

/** Drives the README's client until its ship has flown, then asks for the reply to a command. */
const PILOT = `
import { drawn } from './page.ts';
import { net } from './client.ts';
const { heardBy } = await net.send('chat', { text: 'hello' });
while (!([...drawn.values()][0]?.x !== undefined && Math.abs([...drawn.values()][0]!.x - 2048) > 5)) await new Promise((done) => setTimeout(done, 8));
console.log(JSON.stringify({ heardBy, ships: [...drawn.values()] }));
process.exit(0);
`;

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of programs) writeFileSync(path.join(folder, name), text);
  writeFileSync(path.join(folder, 'page.ts'), PAGE);
  writeFileSync(path.join(folder, 'pilot.ts'), PILOT);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the README shows a game, a server and a client, in under 250 lines', () => {
  expect(programs.map(({ name }) => name)).toEqual(['game.ts', 'server.ts', 'client.ts']);
  expect(readme.split('\n').length).toBeLessThan(250);
});

test('they type-check', () => {
  const { config } = ts.readConfigFile(path.join(repositoryRoot, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, repositoryRoot);
  const program = ts.createProgram(
    programs.map(({ name }) => path.join(folder, name)),
    options,
  );
  const problems = ts
    .getPreEmitDiagnostics(program)
    .map((problem) => ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
  expect(problems).toEqual([]);
});

async function firstLine(child: ChildProcess): Promise<string> {
  let printed = '';
  child.stdout?.on('data', (chunk) => {
    printed += String(chunk);
    if (printed.includes('\n')) child.emit('line');
  });
  child.once('exit', () => child.emit('line'));
  await once(child, 'line');
  return printed.split('\n')[0] ?? '';
}

test('they run, and the ship flies', async () => {
  const start = (file: string, env: Record<string, string>): ChildProcess =>
    spawn(process.execPath, sourceArguments(path.join(folder, file)), {
      cwd: repositoryRoot,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const server = start('server.ts', { PORT: '0' });
  try {
    const url = await firstLine(server);
    expect(url).toMatch(/^ws:\/\/localhost:\d+$/);
    const pilot = start('pilot.ts', { URL: url.replace('localhost', '127.0.0.1') });
    try {
      const { heardBy, ships } = JSON.parse(await firstLine(pilot)) as {
        heardBy: number;
        ships: { name: string; x: number }[];
      };
      expect(heardBy).toBe(1);
      expect(ships).toHaveLength(1);
      expect(ships[0]?.name).toBe('pilot ada');
      expect(ships[0]?.x).toBeGreaterThan(2048);
    } finally {
      pilot.kill();
    }
  } finally {
    server.kill();
  }
});
