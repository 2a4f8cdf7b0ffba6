// The demo as `npm run demo` starts it, on a free port.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { repositoryRoot, sourceArguments } from './source-command.ts';

export interface DemoServer {
  readonly url: string;
  /** What it wrote so far. */
  output(): string;
  /** Asks it to end and resolves with its exit code. */
  stop(): Promise<number | null>;
}

export async function startDemo(env: Record<string, string> = {}): Promise<DemoServer> {
  const child: ChildProcess = spawn(process.execPath, sourceArguments('demo-game/server/main.ts'), {
    cwd: repositoryRoot,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', BOTS: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const address = /https?:\/\/[\w.:-]+\//.exec(output)?.[0];
      if (address !== undefined) resolve(address);
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}: ${output}`)));
  });
  return {
    url,
    output: () => output,
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      return child.exitCode;
    },
  };
}
