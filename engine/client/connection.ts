/** The way to the server: dial, HELLO, WELCOME, heartbeat, and back again with back-off when it breaks. */
import type { Clock } from '../core/clock.ts';
import { CODES, codeOfNumber, FINAL_CODES, RefusedError, WireError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import type { BodyReader } from '../replication/body-codec.ts';
import type { Schema } from '../state/schema.ts';
import type { ClientTransport, Connection } from '../transport/transport.ts';
import { decodeBye } from '../wire/bye.ts';
import { MESSAGE, messageType } from '../wire/message.ts';
import { readPing, writePing } from '../wire/ping.ts';
import { readPong, writePong } from '../wire/pong.ts';
import { Reader } from '../wire/reader.ts';
import type { ValueCodec } from '../wire/value-codec.ts';
import { decodeWelcome, type Welcome } from '../wire/welcome.ts';
import { Writer } from '../wire/writer.ts';
import type { ClockSync } from './clock-sync.ts';
import {
  BEAT_MS,
  DIAL_MS,
  FIRST_PING_MS,
  FIRST_PINGS,
  PING_MS,
  RETRY_MAX_MS,
  RETRY_MS,
  SETTLE_MS,
  SETTLE_PING_MS,
  SILENCE_MS,
  STABLE_MS,
} from './limits.ts';

/** What the client takes from its surroundings. */
export interface ClientPlatform {
  readonly clock: Clock;
  readonly transport: ClientTransport;
  readonly values: ValueCodec;
  /** How bodies are read. */
  readonly codec: BodyReader;
  /** For the checkers of a simulation: told of the client's `Session`. */
  readonly inspect?: (session: unknown) => void;
}

/** Who uses the connection. */
export interface ConnectionOwner {
  /** Bytes of HELLO. */
  hello(): Uint8Array;
  /** There is a seat. */
  welcome(welcome: Welcome): void;
  /** A message behind WELCOME. May throw a WireError. */
  receive(type: number, bytes: Uint8Array): void;
  /** The connection is gone; with `retryMs` a new one follows, else it is over. */
  lose(reason: RefusedError, retryMs: number | undefined): void;
  /** Once a second or more often. */
  beat(nowMs: number): void;
}

/** One connection at a time. All bytes from the server come through here; a WireError ends the connection. */
export class ServerConnection {
  bytesIn = 0;
  bytesOut = 0;
  /** When a message last came, in ms. */
  heardMs = 0;
  readonly #platform: ClientPlatform;
  readonly #url: string;
  readonly #schema: Schema;
  readonly #sync: ClockSync;
  readonly #owner: ConnectionOwner;
  readonly #random: Random;
  readonly #reader = new Reader();
  readonly #writer = new Writer(32);
  readonly #view = { nonce: 0, t1: 0, t2: 0 };
  #connection: Connection | undefined;
  #cancel: () => void = () => undefined;
  #hasSeat = false;
  #seatMs = 0;
  #hasPlayed = false;
  /** Since when the game is on, or was last. */
  #sinceMs = Number.POSITIVE_INFINITY;
  #beatMs = 0;
  #pings = 0;
  #attempts = 0;

  constructor(platform: ClientPlatform, url: string, schema: Schema, sync: ClockSync, owner: ConnectionOwner) {
    this.#platform = platform;
    this.#url = url;
    this.#schema = schema;
    this.#sync = sync;
    this.#owner = owner;
    // Not for secrets: it only has to differ between the clients that one server lost at the same moment.
    this.#random = new Random(platform.clock.now() * 1024);
  }

  /** Starts to connect. */
  dial(): void {
    const { clock, transport } = this.#platform;
    this.#hasSeat = false;
    this.#pings = 0;
    this.heardMs = this.#beatMs = clock.now();
    const connection = transport.connect(this.#url, {
      open: () => {
        if (this.#connection === connection) this.send(this.#owner.hello());
      },
      message: (bytes) => {
        if (this.#connection === connection) this.#receive(bytes);
      },
      close: (code, reason) => {
        if (this.#connection === connection) this.#lose(this.#errorOfClose(code, reason));
      },
    });
    this.#connection = connection;
    this.#schedule(BEAT_MS, () => this.#beat());
  }

  /** Sends one message; dropped without a connection. */
  send(message: Uint8Array): void {
    this.bytesOut += message.length;
    this.#connection?.send(message);
  }

  /** The first STATE is here: from now on a loss is followed by another dial. */
  markPlaying(): void {
    this.#hasPlayed = true;
    this.#sinceMs = this.heardMs;
  }

  /** Ends the connection for good. */
  close(): void {
    this.#hang(CODES.closed.number);
    this.#cancel();
  }

  #receive(bytes: Uint8Array): void {
    this.bytesIn += bytes.length;
    this.heardMs = this.#platform.clock.now();
    try {
      this.#dispatch(messageType(bytes), bytes);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#hang(CODES.bad_message.number);
      // The server's fault, not a verdict of the server's: worth another try.
      this.#lose(new RefusedError('bad_message', error.message), false);
    }
  }

  #dispatch(type: number, bytes: Uint8Array): void {
    const view = this.#view;
    if (type === MESSAGE.bye) {
      this.#leave(bytes);
    } else if (type === MESSAGE.welcome) {
      this.#enter(decodeWelcome(bytes));
    } else if (type === MESSAGE.ping) {
      readPing(this.#reader.open(bytes), view);
      this.#writer.reset();
      writePong(this.#writer, view.nonce, view.t1, this.heardMs);
      this.send(this.#writer.finish());
    } else if (type === MESSAGE.pong) {
      readPong(this.#reader.open(bytes), view);
      this.#sync.addForward(view.t1, view.t2, this.heardMs);
      this.#sync.addBackward(view.t2, this.heardMs);
    } else if (this.#hasSeat) {
      this.#owner.receive(type, bytes);
    } else {
      throw new WireError('message before WELCOME');
    }
  }

  #enter(welcome: Welcome): void {
    if (this.#hasSeat || welcome.schemaHash.some((byte, i) => byte !== this.#schema.hash[i])) {
      throw new WireError('unexpected WELCOME');
    }
    this.#hasSeat = true;
    this.#seatMs = this.heardMs;
    this.#random.seed(this.heardMs * 1024, welcome.playerId, welcome.epoch);
    this.#sync.reset();
    this.#owner.welcome(welcome);
    this.#beat();
  }

  #leave(bytes: Uint8Array): void {
    const bye = decodeBye(bytes);
    const code = codeOfNumber(bye.code);
    const difference = bye.lineHashes && this.#nameDifference(bye.lineHashes);
    const reason = [bye.reason, difference].filter(Boolean).join(': ');
    this.#hang(CODES.closed.number);
    this.#lose(new RefusedError(code, reason, bye.retryAfterMs));
  }

  #nameDifference(theirs: readonly number[]): string {
    const { lines, lineHashes } = this.#schema;
    const at = lineHashes.findIndex((hash, i) => hash !== theirs[i]);
    // A line begins with what it is about: ["field","ship","x",…].
    const parts = JSON.parse(lines.at(at) as string) as unknown[];
    const end = parts.findIndex((part) => typeof part !== 'string') >>> 0;
    const thing = `'${parts.slice(0, Math.min(end, 3)).join(' ')}'; build both sides from one game file`;
    return at < 0 ? `the server has more behind ${thing}` : `first in ${thing}`;
  }

  /** Lets go of the connection; nothing more is heard of it. */
  #hang(code: number): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.close(code, '');
  }

  #lose(reason: RefusedError, isVerdict = true): void {
    this.#connection = undefined;
    this.#cancel();
    if (!this.#hasPlayed || (isVerdict && FINAL_CODES.has(reason.code))) {
      this.#owner.lose(reason, undefined);
      return;
    }
    if (this.#platform.clock.now() - this.#sinceMs >= STABLE_MS) this.#attempts = 0;
    this.#sinceMs = Number.POSITIVE_INFINITY;
    const most = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** this.#attempts++);
    const retryMs = (reason.retryAfterMs ?? 0) + this.#random.next() * most;
    this.#schedule(retryMs, () => this.dial());
    this.#owner.lose(reason, retryMs);
  }

  /** Says PING, and listens whether the server still speaks. */
  #beat(): void {
    const nowMs = this.#platform.clock.now();
    // A beat that comes late means that the page slept: what the server said meanwhile is still on its way.
    if (nowMs - this.#beatMs > 2 * BEAT_MS) this.heardMs = nowMs;
    this.#beatMs = nowMs;
    if (nowMs - this.heardMs > (this.#hasSeat ? SILENCE_MS : DIAL_MS)) {
      this.#hang(CODES.silent.number);
      this.#lose(this.#hasSeat ? new RefusedError('silent') : this.#unreachable());
      return;
    }
    if (this.#hasSeat) {
      this.#writer.reset();
      writePing(this.#writer, this.#pings++, nowMs);
      this.send(this.#writer.finish());
    }
    this.#owner.beat(nowMs);
    this.#schedule(this.#beatDelayMs(nowMs), () => this.#beat());
  }

  /** Uneven: in step with the server's ticks and the frames here, each PING would wait for its turn as long as all others. */
  #beatDelayMs(nowMs: number): number {
    return this.#beatMsOf(nowMs) * (0.75 + 0.5 * this.#random.next());
  }

  #beatMsOf(nowMs: number): number {
    if (!this.#hasSeat) return BEAT_MS;
    if (this.#pings < FIRST_PINGS) return FIRST_PING_MS;
    return nowMs - this.#seatMs < SETTLE_MS ? SETTLE_PING_MS : PING_MS;
  }

  /** What a socket's end means. Codes that are not of our table come from browsers and proxies: the server was not reached. */
  #errorOfClose(number: number, reason: string): RefusedError {
    const isOurs = number >= 4400 || number === CODES.shutting_down.number || number === CODES.internal.number;
    return isOurs ? new RefusedError(codeOfNumber(number), reason) : this.#unreachable();
  }

  #unreachable(): RefusedError {
    // A query may hold a secret.
    const [url] = this.#url.split(/[?#]/);
    return new RefusedError(
      'unreachable',
      `no connection to ${url}: does the server run there, and does it allow this page's origin?`,
    );
  }

  #schedule(delayMs: number, run: () => void): void {
    this.#cancel();
    this.#cancel = this.#platform.clock.schedule(run, delayMs);
  }
}
