/** The floor: `ws` as it comes, one buffer of a fixed size for everybody in each tick, and nothing done with what arrives. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { createTrace, type StartSystem } from './system.ts';
import { startTicks } from './ticks.ts';

export const startRawWs: StartSystem = async (spec, onTick) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  let messages = 0;
  server.on('connection', (socket) => {
    socket.on('error', () => socket.terminate());
    socket.on('message', () => {
      messages++;
    });
  });
  // The game's own work is everybody's.
  const trace = createTrace(spec.workload);
  startTicks(trace.tickRate, () => {
    onTick();
    trace.step();
    const message = Buffer.alloc(spec.payloadBytes, 7);
    for (const client of server.clients) client.send(message);
  });
  return {
    door: { port: (server.address() as AddressInfo).port, paths: ['/'], hello: '' },
    tickRate: trace.tickRate,
    messagesIn: () => messages,
  };
};
