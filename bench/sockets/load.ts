/** A load process of the sockets suite: several hundred clients that send inputs, or only what keeps them connected. */
import { setTimeout as wait } from 'node:timers/promises';
import { LoadClient } from './load-client.ts';
import { createSpeaker } from './speakers.ts';
import { type LoadSpec, type ToChild, tellParent } from './spec.ts';

/** Signs of life of a client that sends no inputs. */
const ALIVE_PER_SECOND = 4;
/** Clients that connect at once. */
const BATCH = 50;

const clients: LoadClient[] = [];
let inputsPerSecond = 0;
let isPaused = false;
let cpuBefore = process.cpuUsage();
let bytesBefore = 0;
let messagesBefore = 0;

const sumOf = (field: 'bytes' | 'messages'): number => clients.reduce((sum, client) => sum + client[field], 0);

/** Lets clients speak in turn, each at its own moment within the interval: every millisecond those whose time has come. */
function speak(spec: LoadSpec): void {
  const speaker = createSpeaker(spec.system, spec.door);
  let turns = 0;
  let spoken = 0;
  let lastMs = performance.now();
  setInterval(() => {
    const nowMs = performance.now();
    // After a stall what was missed is not made up for: clients that froze do not speak twice as fast.
    if (!isPaused)
      turns += (Math.min(nowMs - lastMs, 50) / 1000) * (inputsPerSecond || ALIVE_PER_SECOND) * clients.length;
    lastMs = nowMs;
    for (; spoken < turns; spoken++) {
      const client = clients[spoken % clients.length]!;
      if (!client.isIn || client.isClosed) continue;
      if (inputsPerSecond === 0) speaker.alive(client);
      else speaker.input(client, ++seqs[spoken % clients.length]!);
    }
  }, 1);
}
const seqs: number[] = [];

async function join(spec: LoadSpec): Promise<void> {
  const speaker = createSpeaker(spec.system, spec.door);
  const { port, paths } = spec.door;
  for (let i = 0; i < spec.clients; i++) {
    const client = new LoadClient(port, paths[(spec.first + i) % paths.length]!, speaker);
    clients.push(client);
    seqs.push(0);
    if (i % BATCH === BATCH - 1) while (!clients.every(({ isIn, isClosed }) => isIn || isClosed)) await wait(5);
  }
  speak(spec);
  while (!clients.every(({ isIn, isClosed }) => isIn || isClosed)) await wait(5);
  tellParent({ kind: 'joined' });
}

process.on('message', (message: ToChild) => {
  if (message.kind === 'load') void join(message.spec);
  if (message.kind === 'pause') isPaused = true;
  if (message.kind === 'resume') {
    isPaused = false;
    inputsPerSecond = message.inputsPerSecond;
  }
  if (message.kind === 'begin') {
    bytesBefore = sumOf('bytes');
    messagesBefore = sumOf('messages');
    cpuBefore = process.cpuUsage();
  }
  if (message.kind === 'end') {
    const { user, system } = process.cpuUsage(cpuBefore);
    tellParent({
      kind: 'loaded',
      figures: {
        bytes: sumOf('bytes') - bytesBefore,
        messages: sumOf('messages') - messagesBefore,
        alive: clients.filter(({ isIn, isClosed }) => isIn && !isClosed).length,
        cpuUs: user + system,
      },
    });
  }
});
process.on('disconnect', () => process.exit());
