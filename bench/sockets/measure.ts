/** Runs one system under load: a server process and load processes, each kind on a core of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { quantile } from '../suite.ts';
import type { FromChild, LoadFigures, ServerFigures, ServerSpec, ToChild } from './spec.ts';

/** How a running system is looked at, once. */
export interface Window {
  /** Inputs of each client; 0: only what keeps it connected. */
  readonly inputsPerSecond: number;
  readonly settleMs: number;
  readonly measureMs: number;
}

/** What it cost there. */
export interface WindowFigures {
  readonly cpuUsPerTick: number;
  readonly cpuUsPerClientTick: number;
  readonly lateP50Ms: number;
  readonly lateP99Ms: number;
  readonly bytesPerClientSecond: number;
  /** Payload bytes of one message, on average. */
  readonly bytesPerMessage: number;
  readonly messagesPerClientTick: number;
  readonly messagesInPerClientTick: number;
  readonly rssMb: number;
  /** The load process's share of its core: above 90 % it is the limit, not the server. */
  readonly loadShare: number;
}

const CLIENTS_PER_LOAD = 800;
const SERVER_CORE = 0;
const LOAD_CORE = 1;
const JOIN_TIMEOUT_MS = 60_000;
const TASKSET = '/usr/bin/taskset';
const canPin = availableParallelism() > 1 && existsSync(TASKSET);
const SERVER = new URL('./server.ts', import.meta.url);
const LOAD = new URL('./load.ts', import.meta.url);

/** Arguments for node after its own, for profiles. */
const SERVER_ARGS = (process.env.SERVER_NODE_ARGS ?? '').split(' ').filter((each) => each !== '');

function start(script: URL, core: number, args: readonly string[] = []): ChildProcess {
  const node = [...args, ...process.execArgv, fileURLToPath(script)];
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as ('ignore' | 'inherit' | 'ipc')[];
  const env = { ...process.env, NODE_ENV: 'production' };
  if (!canPin) return spawn(process.execPath, node, { stdio, env });
  return spawn(TASKSET, ['-c', String(core), process.execPath, ...node], { stdio, env });
}

/** The next message of that kind; rejects when the child ends before. */
function hear<Kind extends FromChild['kind']>(
  child: ChildProcess,
  kind: Kind,
  timeoutMs = JOIN_TIMEOUT_MS,
): Promise<Extract<FromChild, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(new Error(`no '${kind}' within ${timeoutMs} ms`)), timeoutMs);
    const onExit = (code: number | null): void => settle(new Error(`a process ended with ${code}`));
    const onMessage = (message: FromChild): void => {
      if (message.kind === kind) settle(message as Extract<FromChild, { kind: Kind }>);
    };
    const settle = (outcome: Error | Extract<FromChild, { kind: Kind }>): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  // Ends by itself, so that it can write a profile.
  child.disconnect();
  await gone;
}

function toFigures(clients: number, server: ServerFigures, loads: readonly LoadFigures[]): WindowFigures {
  const sum = (field: keyof LoadFigures): number => loads.reduce((total, load) => total + load[field], 0);
  const alive = sum('alive');
  if (alive < clients) throw new Error(`only ${alive} of ${clients} clients are still connected`);
  return {
    cpuUsPerTick: server.cpuUs / server.ticks,
    cpuUsPerClientTick: server.cpuUs / server.ticks / clients,
    lateP50Ms: quantile(server.latenessMs, 0.5),
    lateP99Ms: quantile(server.latenessMs, 0.99),
    bytesPerClientSecond: sum('bytes') / clients / (server.elapsedMs / 1000),
    bytesPerMessage: sum('bytes') / sum('messages'),
    messagesPerClientTick: sum('messages') / clients / server.ticks,
    messagesInPerClientTick: server.messagesIn / clients / server.ticks,
    rssMb: server.rssBytes / 2 ** 20,
    loadShare: sum('cpuUs') / 1000 / server.elapsedMs,
  };
}

/** A system with all its clients, at rest but in its windows. */
export class Running {
  readonly #clients: number;
  readonly #server: ChildProcess;
  readonly #loads: readonly ChildProcess[];

  private constructor(clients: number, server: ChildProcess, loads: readonly ChildProcess[]) {
    this.#clients = clients;
    this.#server = server;
    this.#loads = loads;
  }

  /** Starts the processes and lets the clients join. */
  static async start(spec: ServerSpec): Promise<Running> {
    const server = start(SERVER, SERVER_CORE, SERVER_ARGS);
    const loads: ChildProcess[] = [];
    const running = new Running(spec.clients, server, loads);
    try {
      const opened = hear(server, 'open');
      server.send({ kind: 'serve', spec } satisfies ToChild);
      const { door } = await opened;
      for (let first = 0; first < spec.clients; first += CLIENTS_PER_LOAD) {
        const load = start(LOAD, LOAD_CORE);
        loads.push(load);
        const joined = hear(load, 'joined');
        const clients = Math.min(CLIENTS_PER_LOAD, spec.clients - first);
        load.send({ kind: 'load', spec: { system: spec.system, door, clients, first } } satisfies ToChild);
        await joined;
      }
      running.#tell({ kind: 'pause' });
      return running;
    } catch (error) {
      await running.stop();
      throw error;
    }
  }

  /** Lets it work for a while and measures it, once it has settled. */
  async look(window: Window): Promise<WindowFigures> {
    this.#tell({ kind: 'resume', inputsPerSecond: window.inputsPerSecond });
    await wait(window.settleMs);
    this.#tell({ kind: 'begin' });
    await wait(window.measureMs);
    const served = hear(this.#server, 'served');
    const loaded = this.#loads.map((load) => hear(load, 'loaded'));
    this.#tell({ kind: 'end' });
    const loads = (await Promise.all(loaded)).map(({ figures }) => figures);
    const { figures } = await served;
    this.#tell({ kind: 'pause' });
    return toFigures(this.#clients, figures, loads);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#server, ...this.#loads].map(end));
  }

  #tell(message: ToChild): void {
    for (const child of [this.#server, ...this.#loads]) child.send(message);
  }
}
