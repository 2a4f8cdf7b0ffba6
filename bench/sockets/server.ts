/** A server process of the sockets suite: runs one system and measures what it costs. */
import { startColyseus } from './colyseus.ts';
import { startRawWs } from './raw-ws.ts';
import { startSocketIo } from './socket-io.ts';
import { type ServerSpec, type SystemName, type ToChild, tellParent } from './spec.ts';
import type { StartSystem, System } from './system.ts';
import { LatenessMeter, setPaused } from './ticks.ts';
import { startTickwire } from './tickwire.ts';

const SYSTEMS: { readonly [Name in SystemName]: StartSystem } = {
  Tickwire: startTickwire,
  'raw ws': startRawWs,
  Colyseus: startColyseus,
  'Socket.IO': startSocketIo,
};

const meter = new LatenessMeter();
let system: System | undefined;
let cpuBefore = process.cpuUsage();
let messagesBefore = 0;
let beganMs = 0;

async function serve(spec: ServerSpec): Promise<void> {
  system = await SYSTEMS[spec.system](spec, () => meter.note());
  tellParent({ kind: 'open', door: system.door });
}

function end(): void {
  const { user, system: kernel } = process.cpuUsage(cpuBefore);
  tellParent({
    kind: 'served',
    figures: {
      cpuUs: user + kernel,
      ticks: meter.ticks,
      elapsedMs: performance.now() - beganMs,
      latenessMs: meter.latenessMs(system!.tickRate),
      rssBytes: process.memoryUsage.rss(),
      messagesIn: system!.messagesIn() - messagesBefore,
    },
  });
}

process.on('message', (message: ToChild) => {
  if (message.kind === 'serve') void serve(message.spec);
  if (message.kind === 'begin') {
    meter.clear();
    messagesBefore = system!.messagesIn();
    beganMs = performance.now();
    cpuBefore = process.cpuUsage();
  }
  if (message.kind === 'resume') setPaused(false);
  if (message.kind === 'pause') setPaused(true);
  if (message.kind === 'end') end();
});
process.on('disconnect', () => process.exit());
