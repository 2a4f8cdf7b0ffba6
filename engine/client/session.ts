/** A client's life on its connections: joins, takes what comes to where the next frame finds it, and joins anew. */
import { Emitter } from '../core/emitter.ts';
import { RefusedError, TickwireError, WireError } from '../core/errors.ts';
import { hashText } from '../core/hash.ts';
import { checkKeys } from '../core/keys.ts';
import type { Game, Schema } from '../state/schema.ts';
import { decodeError } from '../wire/error.ts';
import { encodeHello } from '../wire/hello.ts';
import { TOKEN_BYTES } from '../wire/limits.ts';
import { MESSAGE } from '../wire/message.ts';
import { encodeReady } from '../wire/ready.ts';
import { decodeReply } from '../wire/reply.ts';
import { utf8Length } from '../wire/utf8.ts';
import { assertEncodable } from '../wire/value-codec.ts';
import { PROTOCOL_VERSION } from '../wire/version.ts';
import type { Welcome } from '../wire/welcome.ts';
import { Commands } from './commands.ts';
import { type ClientPlatform, type ConnectionOwner, ServerConnection } from './connection.ts';
import { type ClientParts, createParts } from './parts.ts';
import { StateReceiver } from './state-receiver.ts';
import type { ClientState, ConnectOptions } from './types.ts';

type StateEvents = { state: [state: ClientState, reason: RefusedError | undefined] };

const OPTIONS = ['room', 'joinOptions', 'token', 'codec', 'playout', 'ready', 'WebSocket', 'clock', 'transport'];

function checkConnect(options: ConnectOptions): void {
  const { room, token, codec, joinOptions } = (options ?? {}) as Partial<ConnectOptions>;
  if (typeof room !== 'string' && !(typeof room?.type === 'string' && typeof room.id === 'string')) {
    throw new TickwireError("connect needs a room: { room: 'arena' } or { room: { type, id } }");
  }
  checkKeys('connect', options, OPTIONS);
  if (codec !== undefined && codec !== 'packed' && codec !== 'plain') {
    throw new TickwireError("connect: codec is 'packed' or 'plain'");
  }
  if (token !== undefined && !(typeof token === 'string' && utf8Length(token) <= TOKEN_BYTES)) {
    throw new TickwireError(`connect: token is a text of at most ${TOKEN_BYTES} UTF-8 bytes`);
  }
  assertEncodable(joinOptions, 'joinOptions');
}

/** Everything between the connection and the frame. */
export class Session implements ConnectionOwner {
  state: ClientState = 'connecting';
  playerId = 0;
  roomId = '';
  /** How fast ticks run here, so that the server neither waits for inputs nor lets them wait. */
  dilation = 1;
  /** When the newest snapshot came, and its size. */
  snapshotMs = 0;
  snapshotBytes = 0;
  snapshots = 0;
  /** Bytes in the second before the last beat. */
  bytesInPerSecond = 0;
  bytesOutPerSecond = 0;
  readonly states = new Emitter<StateEvents>();
  readonly parts: ClientParts;
  readonly commands: Commands;
  readonly connection: ServerConnection;
  readonly receiver: StateReceiver;
  readonly #platform: ClientPlatform;
  readonly #schema: Schema;
  readonly #settle: (error?: RefusedError) => void;
  readonly #hello: Uint8Array;
  #isReady: boolean;
  #sampledAck = 0;
  #meteredMs = 0;

  /** `settle` is called with the first snapshot, or with why there will be none. */
  constructor(
    game: Game,
    url: string,
    options: ConnectOptions,
    platform: ClientPlatform,
    settle: (error?: RefusedError) => void,
    fireEvent: (index: number, values: unknown) => void,
  ) {
    checkConnect(options);
    const { schema } = game;
    const { values } = platform;
    const send = (message: Uint8Array): void => this.connection.send(message);
    this.parts = createParts(game, options.playout ?? 'adaptive', send, fireEvent);
    this.commands = new Commands(schema, values, send);
    this.connection = new ServerConnection(platform, url, schema, this.parts.sync, this);
    this.receiver = new StateReceiver({ schema, values, codec: platform.codec, send, ...this.parts });
    this.#platform = platform;
    this.#schema = schema;
    this.#settle = settle;
    this.#isReady = options.ready !== 'manual';
    const { room } = options;
    this.#hello = encodeHello(values, {
      protocol: PROTOCOL_VERSION,
      schemaHash: schema.hash,
      codecs: 1 << platform.codec.id,
      roomType: typeof room === 'string' ? room : room.type,
      roomId: typeof room === 'string' ? undefined : room.id,
      options: options.joinOptions,
      token: options.token,
      resume: undefined,
      gameVersion: schema.version,
    });
  }

  /** The scene is built: snapshots may come. */
  ready(): void {
    if (!this.#isReady && this.state !== 'closed') this.connection.send(encodeReady());
    this.#isReady = true;
  }

  /** Leaves the room, for good. */
  close(): void {
    if (this.state === 'closed') return;
    this.connection.close();
    this.lose(new RefusedError('closed'), undefined);
  }

  /** Sends the inputs that wait, or an ack where nothing was sent for long. */
  sendInputs(isDrawing: boolean): void {
    const { inputs, interpolation, prediction, replica } = this.parts;
    const nowMs = this.#platform.clock.now();
    if (this.state !== 'playing' || !inputs.isDue(nowMs)) return;
    const { view } = inputs;
    const shownTick = isDrawing ? interpolation.shownTick : -1;
    view.heldLow = replica.newestTick;
    view.seenLow = Math.floor(shownTick);
    view.seenFraction = (shownTick - view.seenLow) * 256;
    view.seenExtrapolatedMs = interpolation.extrapolatedMs;
    view.digest = prediction?.digest ?? 0;
    view.adopted = prediction?.adopted ?? 0;
    inputs.send(nowMs);
  }

  // ---------------------------------------------------------------------------------------------- for the connection

  hello(): Uint8Array {
    return this.#hello;
  }

  welcome(welcome: Welcome): void {
    const { timeline, ring, interpolation, playout, shared, inputs, prediction, tickMs } = this.parts;
    if (welcome.codec !== this.#platform.codec.id || welcome.tickRate !== this.#schema.tickRate)
      throw new WireError('unexpected WELCOME');
    this.playerId = welcome.playerId;
    this.roomId = welcome.roomId;
    // Ticks may count anew, so what waits for its tick cannot wait any longer.
    timeline.skip(Number.POSITIVE_INFINITY);
    ring.clear();
    interpolation.cut();
    interpolation.intervalMs = welcome.sendEvery * tickMs;
    playout.reset(welcome.sendEvery * tickMs);
    shared.reset();
    inputs.clear();
    prediction?.restart(hashText(welcome.roomId, 0), welcome.playerId);
    this.receiver.restart(welcome.sendEvery);
    this.#sampledAck = 0;
    this.#meteredMs = this.connection.heardMs;
    this.connection.bytesIn = this.connection.bytesOut = 0;
    this.dilation = 1;
    if (this.#isReady) this.connection.send(encodeReady());
    else this.#settle();
  }

  receive(type: number, bytes: Uint8Array): void {
    if (type === MESSAGE.state) this.#receiveState(bytes);
    else if (type === MESSAGE.event) this.receiver.receiveEvents(bytes);
    else if (type === MESSAGE.reply) this.commands.receive(decodeReply(this.#platform.values, bytes));
    else if (type === MESSAGE.error) this.#receiveError(bytes);
    else throw new WireError('message for a server');
    this.receiver.fireNow(this.parts.pace.hasFrames);
  }

  lose(reason: RefusedError, retryMs: number | undefined): void {
    const isOver = retryMs === undefined;
    this.commands.lose(reason, isOver);
    this.setState(isOver ? 'closed' : 'reconnecting', reason);
    this.#settle(reason);
  }

  beat(nowMs: number): void {
    this.commands.expire(nowMs);
    const seconds = (nowMs - this.#meteredMs) / 1000;
    if (seconds < 0.9) return;
    const { connection } = this;
    this.bytesInPerSecond = connection.bytesIn / seconds;
    this.bytesOutPerSecond = connection.bytesOut / seconds;
    connection.bytesIn = connection.bytesOut = 0;
    this.#meteredMs = nowMs;
  }

  /** Moves on to another state and tells so. */
  setState(state: ClientState, reason?: RefusedError): void {
    if (this.state === state || this.state === 'closed') return;
    this.state = state;
    this.states.emit('state', state, reason);
  }

  #receiveState(bytes: Uint8Array): void {
    const { pace, playout, prediction, replica, tickMs } = this.parts;
    const { heardMs } = this.connection;
    const isHonest = pace.hear(heardMs);
    const isNew = this.receiver.receiveState(bytes, this.playerId);
    const { view, acked } = this.receiver;
    if (view.hasTiming) this.#takeTiming(heardMs);
    if (prediction !== undefined) prediction.acked = acked;
    if (view.hasOwn) {
      if (prediction === undefined) throw new WireError('own row without an own kind');
      prediction.receive(view);
    }
    if (isNew) {
      this.snapshotMs = heardMs;
      this.snapshotBytes = bytes.length;
      this.snapshots++;
      playout.addArrival(heardMs, replica.tick * tickMs, isHonest);
      if (this.state !== 'playing') this.#startPlaying();
    }
    // A hidden page draws no frames, but what it takes it still acknowledges.
    if (!pace.isDrawing(heardMs)) this.sendInputs(false);
  }

  #startPlaying(): void {
    this.connection.markPlaying();
    this.setState('playing');
    this.commands.flush();
    this.#settle();
  }

  #takeTiming(nowMs: number): void {
    const { t3, t2, depthLow, sendEvery } = this.receiver.view;
    const { acked } = this.receiver;
    const { sync, playout, interpolation, inputs, tickMs } = this.parts;
    playout.intervalMs = interpolation.intervalMs = sendEvery * tickMs;
    sync.addBackward(t3, nowMs);
    // t2 is when input `acked` came; the same one twice would pass old news for new.
    if (t2 > 0 && acked > this.#sampledAck) sync.addForward(inputs.sentMsOf(acked), t2, nowMs);
    this.#sampledAck = acked;
    this.dilation = depthLow > 1 ? 1 - Math.min(0.05, 0.01 * (depthLow - 1)) : depthLow < 1 ? 1.03 : 1;
  }

  #receiveError(bytes: Uint8Array): void {
    const { code, ref } = decodeError(bytes);
    if (ref !== undefined) this.commands.fail(ref, code);
  }
}
