/** Socket.IO 4 over WebSocket alone, the way people start: the whole state, quantized, to everybody in each tick. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importPeer, installPeers } from '../peers/install.ts';
import { codeOf } from '../traces/trace.ts';
import { createTrace, type StartSystem } from './system.ts';
import { startTicks } from './ticks.ts';

interface SocketIo {
  readonly Server: new (
    server: object,
    options: object,
  ) => {
    on(event: 'connection', heard: (socket: { on(event: string, heard: () => void): void }) => void): void;
    emit(event: string, message: unknown): void;
  };
}

export const startSocketIo: StartSystem = async (spec, onTick) => {
  await installPeers();
  const { Server } = await importPeer<SocketIo>('socket.io');
  const http = createServer();
  const io = new Server(http, { transports: ['websocket'], serveClient: false });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  let messages = 0;
  io.on('connection', (socket) => {
    socket.on('i', () => {
      messages++;
    });
  });
  const trace = createTrace(spec.workload);
  startTicks(trace.tickRate, () => {
    onTick();
    trace.step();
    const rows = trace.entities.map((entity) => [entity.id, ...trace.fields.map((field) => codeOf(field, entity))]);
    io.emit('s', rows);
  });
  return {
    door: { port: (http.address() as AddressInfo).port, paths: ['/socket.io/?EIO=4&transport=websocket'], hello: '' },
    tickRate: trace.tickRate,
    messagesIn: () => messages,
  };
};
