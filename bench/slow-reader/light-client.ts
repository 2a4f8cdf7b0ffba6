/** A client that takes everything, acknowledges it and draws nothing: one of those who must not notice the slow one. */
import { RateSocket } from './rate-socket.ts';

const ACKS_PER_SECOND = 20;

export class LightClient {
  readonly socket: RateSocket;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(url: string, hello: Uint8Array) {
    const socket = new RateSocket(url);
    this.socket = socket;
    socket.onopen = () => socket.send(hello);
    socket.onmessage = (event: { data: ArrayBuffer }) => this.#hear(new Uint8Array(event.data));
    this.#timer = setInterval(() => this.#acknowledge(), 1000 / ACKS_PER_SECOND);
  }

  close(): void {
    clearInterval(this.#timer);
    this.socket.close();
  }

  #hear(message: Uint8Array): void {
    const { socket } = this;
    if (message[1] === 2) socket.send(Uint8Array.of(0x91, 3));
    // PONG: the nonce and the time of PING, and our own.
    if (message[1] === 9) socket.send(Buffer.concat([Uint8Array.of(0x94, 10), message.subarray(2), Uint8Array.of(0)]));
  }

  #acknowledge(): void {
    if (this.socket.tick >= 0) this.socket.send(Uint8Array.of(0x95, 5, 0xc0, 0xc0, this.socket.tick & 127, 0xc0));
  }
}
