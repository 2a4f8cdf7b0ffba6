// What goes past `ws`: cut anywhere and mixed with frames of ws's own, nothing is torn, lost, doubled or overtaken.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, type Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as ws from 'ws';
import { Random } from '../../../engine/core/random.ts';
import { FrameReader, frameOf, MAX_FRAMED_BYTES } from '../../../engine/transport/frames.node.ts';
import type { Connection, ServerTransport } from '../../../engine/transport/transport.ts';
import { createWsTransport } from '../../../engine/transport/ws.node.ts';
import { closeFrame, frame, openWebSocket, serverFrames } from '../../tooling/raw-socket.ts';

/** Its types leave it out. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

const PING = 9;
const PONG = 10;

/** A frame with a mask that is not zero. */
function masked(payload: Uint8Array): Buffer {
  const bytes = frame(payload);
  const head = bytes.length - payload.length;
  const mask = [0x12, 0x34, 0x56, 0x78];
  for (let i = 0; i < 4; i++) bytes[head - 4 + i] = mask[i]!;
  for (let i = head; i < bytes.length; i++) bytes[i] = bytes[i]! ^ mask[(i - head) & 3]!;
  return bytes;
}

/** A message of any length, its number first. */
function numbered(number: number, length: number): Buffer {
  const payload = Buffer.alloc(Math.max(2, length), number & 0xff);
  payload.writeUInt16BE(number);
  return payload;
}

/** Length and hash of a message. */
function summaryOf(bytes: Uint8Array): string {
  return `${bytes.length} ${createHash('sha1').update(bytes).digest('hex')}`;
}

describe('on real sockets', () => {
  let transport: ServerTransport;
  let port: number;
  let log: string[];
  let connections: Connection[];

  beforeEach(async () => {
    log = [];
    connections = [];
    transport = createWsTransport();
    ({ port } = await transport.listen(0, '127.0.0.1', (opened) => {
      connections.push(opened);
      return {
        message: (bytes) => log.push(summaryOf(bytes)),
        close: (code) => log.push(`close ${code}`),
      };
    }));
  });

  afterEach(() => transport.close());

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('plain, fragmented and control frames, cut anywhere: seed %i', async (seed) => {
    const random = new Random(seed);
    const raw = await openWebSocket(port);
    const expected: string[] = [];
    const parts: Buffer[] = [];
    let pings = 0;
    for (let i = 0; i < 60; i++) {
      const payload = numbered(i, random.int(0, 2) === 0 ? random.int(2, 16_384) : random.int(2, 200));
      const kind = random.int(0, 5);
      if (kind === 0) {
        parts.push(frame('are you there', { opcode: PING }));
        pings++;
        continue;
      }
      expected.push(summaryOf(payload));
      if (kind > 1) {
        parts.push(masked(payload));
        continue;
      }
      const middle = random.int(0, payload.length);
      parts.push(frame(payload.subarray(0, middle), { isFinal: false }));
      if (random.int(0, 1) === 0) {
        parts.push(frame('', { opcode: PING }));
        pings++;
      }
      parts.push(frame(payload.subarray(middle), { opcode: 0 }));
    }
    const bytes = Buffer.concat(parts);
    for (let at = 0; at < bytes.length; ) {
      const end = at + (random.int(0, 3) === 0 ? random.int(1, 30) : random.int(1, 20_000));
      raw.socket.write(bytes.subarray(at, end));
      if (random.int(0, 2) > 0) await turn();
      at = end;
    }
    const isAnswered = (all: Buffer): boolean =>
      serverFrames(all).filter(({ opcode }) => opcode === PONG).length === pings;
    while (!isAnswered(raw.received())) await turn();
    while (log.length < expected.length) await turn();
    raw.socket.write(closeFrame(1000));
    await raw.closed();
    while (log.length <= expected.length) await turn();
    expect(log).toEqual([...expected, 'close 1000']);
  });

  test('what came before the end of the stream is told before the end', async () => {
    const raw = await openWebSocket(port);
    const messages = Array.from({ length: 20 }, (_, i) => numbered(i, 30));
    const half = frame(numbered(99, 30)).subarray(0, 10);
    const fragments = [frame('ab', { isFinal: false }), frame('cd', { opcode: 0 })];
    raw.socket.end(Buffer.concat([...messages.map(masked), ...fragments, ...messages.map(masked), half]));
    await raw.closed();
    while (!log.at(-1)?.startsWith('close')) await turn();
    const heard = messages.map(summaryOf);
    expect(log).toEqual([...heard, summaryOf(Buffer.from('abcd')), ...heard, 'close 1006']);
  });

  test('many messages of one moment go out whole and in order, whatever their length', async () => {
    const raw = await openWebSocket(port);
    const lengths = [2, 125, 126, 127, 5_000, MAX_FRAMED_BYTES, MAX_FRAMED_BYTES + 1, 65_535, 65_536, 200_000, 3, 70];
    raw.socket.write(frame('are you there', { opcode: PING }));
    while (connections.length === 0) await turn();
    const [connection] = connections as [Connection];
    for (const [i, length] of lengths.entries()) connection.send(numbered(i, length));
    const waiting = connection.bufferedBytes;
    connection.close(4410, 'kicked');
    await raw.until((all) => serverFrames(all).some(({ opcode }) => opcode === 8));
    const received = serverFrames(raw.received()).filter(({ opcode }) => opcode === 2);
    expect(received.map(({ payload }) => payload.length)).toEqual(lengths);
    expect(received.map(({ payload }) => payload.readUInt16BE())).toEqual(lengths.map((_, i) => i));
    // What is not written yet counts as buffered.
    expect(waiting).toBeGreaterThan(70);
    raw.socket.write(closeFrame(4410));
    await raw.closed();
  });

  test('one message to many, and many to one, are as they were sent', async () => {
    const raws = [await openWebSocket(port), await openWebSocket(port), await openWebSocket(port)];
    while (connections.length < 3) await turn();
    const [a, b] = [numbered(1, 300), numbered(2, 40)];
    for (const each of connections) each.send(a);
    for (const each of connections) each.send(b);
    connections[1]!.send(a);
    const last = numbered(3, 10);
    for (const each of connections) each.send(last);
    const numbersOf = (all: Buffer): number[] => serverFrames(all).map(({ payload }) => payload.readUInt16BE());
    for (const [i, raw] of raws.entries()) {
      const expected = i === 1 ? [1, 2, 1, 3] : [1, 2, 3];
      while (serverFrames(raw.received()).length < expected.length) await turn();
      expect(numbersOf(raw.received())).toEqual(expected);
      raw.socket.destroy();
      await raw.closed();
    }
  });

  test('what is sent before a cut is lost, and counts no more', async () => {
    const raw = await openWebSocket(port);
    while (connections.length === 0) await turn();
    const [connection] = connections as [Connection];
    connection.send(numbered(1, 100));
    connection.terminate();
    expect(connection.bufferedBytes).toBe(0);
    const received = await raw.closed();
    expect(serverFrames(received)).toEqual([]);
  });
});

describe('FrameReader', () => {
  const read = () => {
    const socket = new PassThrough();
    const heard: number[] = [];
    const foreign: Buffer[] = [];
    const toWs = (chunk: Buffer): void => {
      foreign.push(Buffer.from(chunk));
    };
    socket.on('data', toWs);
    const reader = new FrameReader(socket, toWs, 16_384, (message) => heard.push((message[0]! << 8) | message[1]!));
    return { socket, heard, foreign, reader };
  };

  test('one message a turn; a flood holds the socket up until it is read', async () => {
    const { socket, heard } = read();
    const isHeldUp = once(socket, 'pause');
    socket.write(Buffer.concat(Array.from({ length: 1_500 }, (_, i) => masked(numbered(i, 20)))));
    await isHeldUp;
    let turns = 0;
    for (; heard.length < 1_500; turns++) await turn();
    expect(turns).toBeGreaterThan(1_400);
    expect(heard).toEqual(Array.from({ length: 1_500 }, (_, i) => i));
    await turn();
    expect(socket.isPaused()).toBe(false);
  });

  test('nothing is read after it was told to stop, or after the frame that closes', async () => {
    for (const end of ['stop', 'close']) {
      const { socket, heard, foreign, reader } = read();
      const messages = [masked(numbered(1, 20)), masked(numbered(2, 20))];
      socket.write(Buffer.concat([masked(numbered(0, 20)), closeFrame(1000), ...messages]));
      if (end === 'stop') reader.stop();
      for (let i = 0; i < 5; i++) await turn();
      socket.write(messages[0]);
      await turn();
      expect(heard).toEqual([0]);
      expect(Buffer.concat(foreign)).toEqual(end === 'stop' ? Buffer.alloc(0) : closeFrame(1000));
      expect(socket.isPaused()).toBe(false);
    }
  });

  test('a frame of ours is what ws would make of the message', () => {
    for (const length of [0, 1, 125, 126, 65_535]) {
      const message = Buffer.alloc(length, 5);
      expect(frameOf(message)).toEqual(frame(message, { isMasked: false }));
    }
  });
});

describe('beside a ws that has something to tell', () => {
  test('who was to be paused stays so when ws resumes the socket', () => {
    const socket = new PassThrough({ readableHighWaterMark: 1 << 20 });
    const toWs = (): void => undefined;
    socket.on('data', toWs);
    new FrameReader(socket, toWs, 16_384, () => undefined);
    const flood = Buffer.concat(Array.from({ length: 4_000 }, () => masked(Buffer.from([7]))));
    socket.emit('data', flood);
    expect(socket.isPaused()).toBe(true);
    // As its receiver does once it has drained.
    socket.resume();
    socket.emit('data', flood);
    expect(socket.isPaused()).toBe(true);
  });

  test('a message in fragments is told before what follows it', async () => {
    const told: number[] = [];
    // Tells of a message in a turn of its own, as ws does.
    const receiver = new Receiver({ isServer: true, allowSynchronousEvents: false });
    receiver.on('message', (message: Buffer) => told.push(message[0]!));
    const socket = new PassThrough();
    let fragments = 0;
    const toWs = (chunk: Buffer): void => {
      receiver.write(chunk);
      fragments++;
      if (fragments === 2) process.nextTick(() => socket.emit('data', masked(Buffer.from([3]))));
    };
    socket.on('data', toWs);
    new FrameReader(socket, toWs, 16_384, (message) => told.push(message[0]!));
    const [start, end] = [masked(Buffer.from([2])), masked(Buffer.alloc(0))];
    start[0] = 0x02;
    end[0] = 0x80;
    socket.emit('data', Buffer.concat([masked(Buffer.from([1])), start, end]));
    for (let i = 0; i < 20; i++) await turn();
    expect(told).toEqual([1, 2, 3]);
  });
});
