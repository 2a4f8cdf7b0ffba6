/**
 * One socket of a client: handshake, gate, rates, strikes, liveness, and every way in which it ends.
 *
 *     hello --HELLO--> admitting --seat, WELCOME--> seated --READY--> playing --> dead
 *
 * Arrival only stores: what a message asks for happens at the start of the room's next tick.
 */
import { CODES, type Code, RefusedError, WireError } from '../core/errors.ts';
import type { Schema } from '../state/schema.ts';
import type { Connection } from '../transport/transport.ts';
import { decodeBye, encodeBye } from '../wire/bye.ts';
import { encodeError } from '../wire/error.ts';
import { decodeHello, type Hello } from '../wire/hello.ts';
import { MESSAGE, messageType } from '../wire/message.ts';
import { readPing, writePing } from '../wire/ping.ts';
import { readPong, writePong } from '../wire/pong.ts';
import { Reader } from '../wire/reader.ts';
import { decodeReady } from '../wire/ready.ts';
import { decodeResync } from '../wire/resync.ts';
import { PROTOCOL_VERSION } from '../wire/version.ts';
import { Writer } from '../wire/writer.ts';
import type { ServerLimits } from './options.ts';
import type { Link, Player } from './player.ts';
import { RateLimit } from './rate-limit.ts';
import type { ServerStats } from './stats.ts';
import type { Platform } from './types.ts';

/** What connections share. */
export interface ConnectionContext {
  readonly schema: Schema;
  readonly limits: ServerLimits;
  readonly platform: Platform;
  readonly stats: ServerStats;
  /** Finds a seat for who said `hello`; resolves after `seat` was called. Rejects with a RefusedError. */
  admit(hello: Hello, connection: ClientConnection): Promise<void>;
  /** The socket is gone. */
  forget(connection: ClientConnection): void;
}

type Phase = 'hello' | 'admitting' | 'seated' | 'playing' | 'dead';

/** Connections are swept far more often: so long without it, and this process stood still. */
const STALL_MS = 1_000;
/** Mistakes are forgotten after this time without another. */
const STRIKES_WITHIN_MS = 60_000;

// Views and buffers that are used up within one call.
const reader = new Reader();
const writer = new Writer(64);
const ping = { nonce: 0, t1: 0 };
const pong = { nonce: 0, t1: 0, t2: 0 };

/** A client's end of the server. */
export class ClientConnection implements Link {
  /** Number of this connection, for logs. */
  readonly id: number;
  rttMs: number;
  /** Who is behind it, once that is known. */
  userId: string | number | undefined;
  readonly #connection: Connection;
  readonly #context: ConnectionContext;
  readonly #messages: RateLimit;
  readonly #bytes: RateLimit;
  #phase: Phase;
  #player: Player | undefined;
  /** Time in this phase, and since the client was last heard; counted by sweeps, so that a stall of the server is not taken for silence. */
  #phaseMs: number;
  #silentMs: number;
  #sincePingMs: number;
  /** When this process was last seen at work. */
  #awakeMs: number;
  #pingNonce: number;
  #pingSentMs: number;
  #strikes: number;
  #lastStrikeMs: number;

  constructor(id: number, connection: Connection, context: ConnectionContext) {
    const now = context.platform.clock.now();
    this.id = id;
    this.rttMs = 0;
    this.userId = undefined;
    this.#connection = connection;
    this.#context = context;
    this.#messages = new RateLimit(context.limits.messagesPerSecond, now);
    this.#bytes = new RateLimit(context.limits.bytesPerSecond, now);
    this.#phase = 'hello';
    this.#player = undefined;
    this.#phaseMs = 0;
    this.#silentMs = 0;
    this.#sincePingMs = 0;
    this.#awakeMs = now;
    this.#pingNonce = 0;
    this.#pingSentMs = -1;
    this.#strikes = 0;
    this.#lastStrikeMs = now;
  }

  get isDead(): boolean {
    return this.#phase === 'dead';
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get bufferedBytes(): number {
    return this.#connection.bufferedBytes;
  }

  /** One message arrived. */
  receive(bytes: Uint8Array): void {
    // A socket goes on delivering what it had read when it was told to close.
    if (this.#phase === 'dead') return;
    const { stats, platform } = this.#context;
    const now = platform.clock.now();
    stats.messagesIn++;
    stats.bytesIn += bytes.length;
    this.#silentMs = 0;
    this.#noteStall(now);
    try {
      if (!this.#messages.take(1, now) || !this.#bytes.take(bytes.length, now)) this.#strike('rate_limited', now);
      else if (this.#phase === 'playing') this.#receiveInGame(bytes, now);
      else this.#receiveHandshake(bytes, now);
    } catch (error) {
      if (error instanceof WireError) {
        stats.badMessages++;
        this.#strike('bad_message', now);
      } else {
        platform.logger.error('serving a message failed', { connection: this.id, error });
        this.end('internal');
      }
    }
  }

  /** The seat is taken: the client may build its scene now. `welcome` are the bytes of WELCOME. */
  seat(player: Player, welcome: Uint8Array): void {
    this.#player = player;
    this.#enter('seated');
    this.send(welcome);
  }

  send(bytes: Uint8Array): void {
    if (this.#phase === 'dead') return;
    this.#context.stats.messagesOut++;
    this.#context.stats.bytesOut += bytes.length;
    this.#connection.send(bytes);
  }

  /** Says BYE and closes. `reason` is a sentence for people; by default the code's own. */
  end(code: Code, reason = '', retryAfterMs?: number, lineHashes?: readonly number[]): void {
    if (this.#phase === 'dead') return;
    this.send(encodeBye({ code: CODES[code].number, reason, retryAfterMs, lineHashes }));
    this.#connection.close(CODES[code].number, code);
    this.#die(code);
  }

  /** Ends the connection at once: for a peer that would not read a BYE. */
  cut(code: Code): void {
    if (this.#phase === 'dead') return;
    this.#connection.terminate();
    this.#die(code);
  }

  /** The socket is gone, whoever ended it. */
  noteClosed(): void {
    this.#die('closed', false);
    this.#context.forget(this);
  }

  /** Looks for deadlines; `elapsedMs` since the last look. */
  sweep(elapsedMs: number): void {
    if (this.#phase === 'dead') return;
    const { limits, platform } = this.#context;
    this.#noteStall(platform.clock.now());
    this.#awakeMs = platform.clock.now();
    this.#phaseMs += elapsedMs;
    this.#silentMs += elapsedMs;
    if (this.#phaseMs > this.#phaseDeadlineMs()) this.end('handshake_timeout');
    else if (this.#player !== undefined) {
      if (this.#silentMs > limits.silentAfterMs) this.end('silent');
      this.#sincePingMs += elapsedMs;
      if (this.#sincePingMs >= limits.pingIntervalMs) this.#sendPing();
    }
  }

  /** What clients went on to send meanwhile comes at once, and is not a flood of theirs. */
  #noteStall(now: number): void {
    const stoodMs = now - this.#awakeMs;
    if (stoodMs <= STALL_MS) return;
    this.#messages.forgive(stoodMs, now);
    this.#bytes.forgive(stoodMs, now);
    this.#awakeMs = now;
  }

  #phaseDeadlineMs(): number {
    const { limits } = this.#context;
    if (this.#phase === 'hello') return limits.helloDeadlineMs;
    if (this.#phase === 'admitting') return limits.authenticateDeadlineMs;
    return this.#phase === 'seated' ? limits.seatReservationMs : Number.POSITIVE_INFINITY;
  }

  #receiveHandshake(bytes: Uint8Array, now: number): void {
    const type = messageType(bytes);
    if (this.#phase === 'hello' && type === MESSAGE.hello) {
      this.#greet(decodeHello(this.#context.platform.values, bytes));
    } else if (this.#phase === 'seated' && type === MESSAGE.ready) {
      decodeReady(bytes);
      this.#enter('playing');
      this.#player!.isReady = true;
    } else if (this.#phase === 'seated') {
      this.#receiveAlways(type, bytes, now);
    } else {
      throw new WireError('out of turn');
    }
  }

  #receiveInGame(bytes: Uint8Array, now: number): void {
    const player = this.#player!;
    const type = messageType(bytes);
    switch (type) {
      case MESSAGE.input:
        player.receiveInput(reader.open(bytes), now);
        break;
      case MESSAGE.command:
        this.#receiveCommand(player, bytes, now);
        break;
      case MESSAGE.resync:
        decodeResync(bytes);
        this.#context.stats.resyncs++;
        player.wantsReset = true;
        break;
      default:
        this.#receiveAlways(type, bytes, now);
    }
  }

  #receiveCommand(player: Player, bytes: Uint8Array, now: number): void {
    const fault = player.commands.receive(bytes, now);
    if (fault !== undefined) this.#strike(fault, now);
  }

  /** What a client may send whenever it has a seat. */
  #receiveAlways(type: number, bytes: Uint8Array, now: number): void {
    switch (type) {
      case MESSAGE.ping:
        readPing(reader.open(bytes), ping);
        writer.reset();
        writePong(writer, ping.nonce, ping.t1, now);
        this.send(writer.finish());
        break;
      case MESSAGE.pong:
        readPong(reader.open(bytes), pong);
        if (pong.nonce === this.#pingNonce && this.#pingSentMs >= 0) this.rttMs = now - this.#pingSentMs;
        this.#pingSentMs = -1;
        break;
      case MESSAGE.bye:
        decodeBye(bytes);
        this.#connection.close(CODES.closed.number, '');
        this.#die('closed', false);
        break;
      default:
        throw new WireError('out of turn');
    }
  }

  #greet(hello: Hello): void {
    const { schema } = this.#context;
    if (hello.protocol !== PROTOCOL_VERSION) {
      this.end('version_mismatch', `the server speaks protocol ${PROTOCOL_VERSION}, the client ${hello.protocol}`);
    } else if (!isSameHash(hello.schemaHash, schema.hash)) {
      const version = schema.version === '' ? '' : `; the server runs version ${schema.version}`;
      this.end('version_mismatch', `the game's schemas differ${version}`, undefined, schema.lineHashes);
    } else {
      this.#enter('admitting');
      this.#context.admit(hello, this).catch((error: unknown) => this.#refuse(error));
    }
  }

  #refuse(error: unknown): void {
    // Authors without types may have made up a code.
    if (error instanceof RefusedError && Object.hasOwn(CODES, error.code)) {
      this.end(error.code, error.reason, error.retryAfterMs);
      return;
    }
    this.#context.platform.logger.error('admitting a client failed', { connection: this.id, error });
    this.end('internal');
  }

  #sendPing(): void {
    this.#sincePingMs = 0;
    this.#pingNonce = (this.#pingNonce + 1) >>> 0;
    this.#pingSentMs = this.#context.platform.clock.now();
    writer.reset();
    writePing(writer, this.#pingNonce, this.#pingSentMs);
    this.send(writer.finish());
  }

  /** Counts a mistake and tells the client; too many of them end the connection, in the handshake the first one. */
  #strike(code: Code, now: number): void {
    if (now - this.#lastStrikeMs > STRIKES_WITHIN_MS) this.#strikes = 0;
    this.#lastStrikeMs = now;
    this.#strikes++;
    const isHandshake = this.#phase === 'hello' || this.#phase === 'admitting';
    if (isHandshake || this.#strikes >= this.#context.limits.strikes) {
      this.end(code === 'rate_limited' ? code : 'bad_message');
    } else if (code !== 'unknown_command' && code !== 'bad_payload') {
      // Commands were answered by a REPLY.
      this.send(encodeError({ code: CODES[code].number, ref: undefined }));
    }
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#phaseMs = 0;
    this.#silentMs = 0;
  }

  #die(code: Code, isByServer = true): void {
    if (this.#phase === 'dead') return;
    this.#phase = 'dead';
    if (isByServer) this.#context.stats.closed[code]++;
    const player = this.#player;
    this.#player = undefined;
    player?.leave(code);
    this.#context.platform.logger.info('connection ended', {
      connection: this.id,
      code,
      isByServer,
      player: player?.id,
    });
  }
}

function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
