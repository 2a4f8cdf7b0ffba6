/** How the clients of each system talk. */
import type { LoadClient, Speaker } from './load-client.ts';
import type { Door, SystemName } from './spec.ts';

const READY = Uint8Array.of(0x91, 3);
const text = (words: string): Buffer => Buffer.from(words, 'latin1');

/** Tickwire: HELLO, READY, acks, inputs; PING is answered. */
function createTickwireSpeaker(hello: Uint8Array): Speaker {
  // [5, seq, nil, held, seen, runs]: one input of one byte, in the form in which the shipped client sends it.
  const input = Uint8Array.of(0x96, 5, 0xce, 0, 0, 0, 0, 0xc0, 0, 0xcd, 0, 0, 0xc4, 2, 1, 0);
  const ack = Uint8Array.of(0x94, 5, 0xc0, 0xc0, 0);
  return {
    open: (client) => client.send(hello),
    message(client, bytes, start, end) {
      const type = bytes[start + 1];
      if (type === 4) {
        client.heldLow = bytes[start + 2]!;
        client.isIn = true;
      } else if (type === 2) {
        client.send(READY);
      } else if (type === 9) {
        // PONG: the nonce and the time of PING, and our own.
        client.send(Buffer.concat([Uint8Array.of(0x94, 10), bytes.subarray(start + 2, end), Uint8Array.of(0)]));
      }
    },
    input(client, seq) {
      if (client.heldLow < 0) return;
      for (let i = 0; i < 4; i++) input[3 + i] = (seq >>> (24 - 8 * i)) & 0xff;
      input[8] = client.heldLow;
      input[11] = (client.heldLow - 3) & 127;
      input[15] = ((seq >> 3) % 3) << 1;
      client.send(input);
    },
    alive(client) {
      if (client.heldLow < 0) return;
      ack[4] = client.heldLow;
      client.send(ack);
    },
  };
}

/** Raw ws: nothing is said but inputs, of as many bytes as Tickwire's. */
function createRawSpeaker(): Speaker {
  const input = new Uint8Array(16);
  return {
    open: () => undefined,
    message(client) {
      client.isIn = true;
    },
    input(client, seq) {
      input[6] = seq & 0xff;
      client.send(input);
    },
    alive: () => undefined,
  };
}

const COLYSEUS = { joinRoom: 10, statePatch: 15, data: 13 } as const;

/** Colyseus: the seat is reserved; the answer to JOIN_ROOM asks for the state. Inputs are messages of type 0. */
function createColyseusSpeaker(): Speaker {
  const join = Uint8Array.of(COLYSEUS.joinRoom);
  // The payload: an array of four numbers in MessagePack.
  const input = Uint8Array.of(COLYSEUS.data, 0, 0x94, 0xce, 0, 0, 0, 0, 0xcd, 0, 0, 0xcc, 130, 0);
  return {
    open: () => undefined,
    message(client, bytes, start) {
      const code = bytes[start]! & 0x1f;
      if (code === COLYSEUS.joinRoom) client.send(join);
      else if (code === COLYSEUS.statePatch) client.isIn = true;
    },
    input(client, seq) {
      for (let i = 0; i < 4; i++) input[4 + i] = (seq >>> (24 - 8 * i)) & 0xff;
      client.send(input);
    },
    alive: () => undefined,
  };
}

/** Socket.IO over WebSocket alone: engine.io's open, the namespace's connect, pings answered. */
function createSocketIoSpeaker(): Speaker {
  const connect = text('40');
  const pong = text('3');
  return {
    open: () => undefined,
    message(client: LoadClient, bytes, start, end) {
      const first = bytes[start];
      if (first === 0x30) client.send(connect, 1);
      else if (first === 0x32 && end === start + 1) client.send(pong, 1);
      else if (first === 0x34 && bytes[start + 1] !== 0x30) client.isIn = true;
    },
    input: (client, seq) => client.send(text(`42["i",${seq},3,1]`), 1),
    alive: () => undefined,
  };
}

/** The speaker for the clients of a system. */
export function createSpeaker(system: SystemName, door: Door): Speaker {
  switch (system) {
    case 'Tickwire':
      return createTickwireSpeaker(Buffer.from(door.hello, 'base64'));
    case 'raw ws':
      return createRawSpeaker();
    case 'Colyseus':
      return createColyseusSpeaker();
    case 'Socket.IO':
      return createSocketIoSpeaker();
  }
}
