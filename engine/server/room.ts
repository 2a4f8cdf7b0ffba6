/** One running room: a world, its players, and the tick that moves both. Read `runTick` first. */
import { type Code, RefusedError, TickwireError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import type { BodyCodec } from '../replication/body-codec.ts';
import { UNKNOWN } from '../replication/known-kind.ts';
import { handleOf } from '../state/handle.ts';
import type { RefResolver } from '../state/payload.ts';
import type { Game, Schema } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import type { ValueCodec } from '../wire/value-codec.ts';
import { ControlWatch } from './control-watch.ts';
import { EventRouter, type RouteOptions } from './event-router.ts';
import { explainPlayer } from './explain.ts';
import { RoomHooks } from './hooks.ts';
import { RoomInterest } from './interest.ts';
import type { ResolvedOptions, ResolvedRoomType } from './options.ts';
import { Outbox } from './outbox.ts';
import { type Link, Player, type PlayerRoom } from './player.ts';
import { Roster } from './roster.ts';
import { SharedState } from './shared-state.ts';
import { Simulation } from './simulation.ts';
import type { ServerStats } from './stats.ts';
import { type Phases, TickLoop } from './tick-loop.ts';
import type { ErrorPlace, Explanation, Platform } from './types.ts';

/** What the rooms of a server share. */
export interface RoomContext {
  readonly game: Game;
  readonly options: ResolvedOptions;
  readonly platform: Platform;
  readonly stats: ServerStats;
  readonly phases: Phases;
  /** An error of the game's. */
  report(error: unknown, place: ErrorPlace): void;
  /** The room has ended. */
  forget(room: Room): void;
}

/** Players of a room that failed or closes may ask for another one after this. */
const RETRY_AFTER_MS = 1_000;
/** The last tick: ticks, and the one that writes after it belong to, are kept in 32 bits. Over two years at 30 Hz. */
const LAST_TICK = 2 ** 31 - 2;

/** The class behind `ServerRoom`. */
export class Room implements PlayerRoom {
  readonly id: string;
  readonly type: string;
  readonly options: unknown;
  readonly world: object;
  readonly players: Roster;
  readonly state: object;
  tick: number;
  readonly schema: Schema;
  readonly tables: readonly Table[];
  readonly limits: ResolvedOptions;
  readonly stats: ServerStats;
  readonly values: ValueCodec;
  readonly shared: SharedState;
  readonly sendEvery: number;
  isClosed: boolean;
  readonly #context: RoomContext;
  readonly #roomType: ResolvedRoomType;
  readonly #hooks: RoomHooks;
  readonly #random: Random;
  readonly #phase: number;
  readonly #loop: TickLoop;
  readonly #events: EventRouter;
  readonly #simulation: Simulation;
  readonly #interest: RoomInterest;
  readonly #outbox: Outbox;
  readonly #tickContext: { dt: number; tick: number };
  #opening: Promise<void> | undefined;
  #stopWaiting: () => void;
  #isTicking: boolean;
  /** Why the room ends after the tick that runs. */
  #closing: Code | undefined;
  #emptySinceMs: number;

  constructor(id: string, roomType: ResolvedRoomType, options: unknown, seed: number, context: RoomContext) {
    const { game, platform, stats, phases } = context;
    const { schema } = game;
    const { clock, values } = platform;
    this.id = id;
    this.type = roomType.name;
    this.options = options;
    this.tick = 0;
    this.schema = schema;
    this.limits = context.options;
    this.stats = stats;
    this.values = values;
    this.sendEvery = roomType.sendEvery;
    this.isClosed = false;
    this.#context = context;
    this.#roomType = roomType;
    this.#random = new Random(seed);
    this.#phase = phases.take();
    const isIdle = () => this.players.isEmpty;
    this.#loop = new TickLoop(clock, schema.tickRate, this.#phase, () => this.runTick(), stats, isIdle);
    const fail = (error: unknown, place: string) => this.fail(error, place);
    this.#hooks = new RoomHooks(roomType, this, fail, (error, place) => this.#report(error, place));
    this.#simulation = new Simulation({
      game,
      roomId: id,
      sendEvery: roomType.sendEvery,
      isStrict: context.options.strict,
      stats,
      emit: (event, payload) => this.#events.emitFromStep(event, payload, this.tick),
    });
    const { tables, views, lanes } = this.#simulation;
    this.tables = tables;
    this.world = views;
    this.#interest = new RoomInterest(tables, roomType.interest);
    this.shared = new SharedState(schema, tables, values);
    this.state = this.shared.room.view;
    const controls = new ControlWatch(schema, roomType, platform.logger);
    this.players = new Roster(roomType.maxPlayers, this.#hooks, this.shared, stats, controls);
    this.#events = new EventRouter({ schema, values, stats, players: this.players, isStrict: context.options.strict });
    this.#outbox = new Outbox({ schema, tables, lanes, shared: this.shared, stats, clock });
    this.#tickContext = { dt: 1 / schema.tickRate, tick: 0 };
    this.#opening = undefined;
    this.#stopWaiting = () => undefined;
    this.#isTicking = false;
    this.#closing = undefined;
    this.#emptySinceMs = clock.now();
    this.#setWriteTick(1);
    stats.rooms++;
    stats.roomsTotal++;
  }

  // -------------------------------------------------------------------------------------------------- for authors

  emit(name: string, payload: object | undefined, options: RouteOptions = {}): void {
    this.#events.emit(name, payload, this.shared.tick, options);
  }

  random(): number {
    return this.#random.next();
  }

  explain(player: Player): Explanation {
    if (this.players.get(player?.id) !== player) throw new TickwireError('room.explain() takes a player of this room.');
    return explainPlayer(player, this.schema, this.tables, this.#context.platform.clock.now());
  }

  close(): void {
    this.end('room_closed');
  }

  // ----------------------------------------------------------------------------------------------------- one tick

  /** One tick, in this order. What throws in it ends this room, and no other. */
  runTick(): void {
    this.#isTicking = true;
    try {
      this.#beginTick();
      this.#removeGone();
      this.#joinReady();
      this.#runCommands();
      this.#applyInputs();
      this.#stepOthers();
      this.#callOnTick();
      this.#captureWorld();
      this.#noteOutsideWrites();
      this.#advanceSentState();
      this.#sendSnapshots();
      this.#endTick();
    } catch (error) {
      this.fail(error, this.#hooks.place);
    }
    this.#isTicking = false;
    if (this.#closing !== undefined) this.#endNow(this.#closing);
  }

  #beginTick(): void {
    this.tick++;
    this.#tickContext.tick = this.tick;
    this.#hooks.place = 'runTick';
  }

  #removeGone(): void {
    this.players.removeGone();
  }

  #joinReady(): void {
    this.players.joinReady();
  }

  #runCommands(): void {
    for (const player of this.players) {
      // One of them may have the player kicked.
      while (player.leaveReason === undefined) {
        const command = player.commands.take();
        if (command === undefined) break;
        this.stats.commands++;
        this.#hooks.runCommand(player, command, this.#resolverOf(player));
      }
    }
  }

  #applyInputs(): void {
    this.#hooks.place = 'step';
    for (const player of this.players) {
      if (!player.own.isAlive(this.tables)) player.release();
      this.#simulation.applyInputs(player);
    }
  }

  #stepOthers(): void {
    this.#simulation.stepOthers(this.tick);
  }

  #callOnTick(): void {
    this.#hooks.tick(this.#tickContext);
  }

  #captureWorld(): void {
    this.#hooks.place = 'capture';
    this.#simulation.captureWorld();
  }

  #noteOutsideWrites(): void {
    for (const player of this.players) {
      if (!player.own.isAlive(this.tables)) player.release();
      this.#simulation.noteOutsideWrites(player);
    }
  }

  #advanceSentState(): void {
    this.#simulation.advanceSentState(this.tick);
    this.shared.record();
  }

  #sendSnapshots(): void {
    this.#hooks.place = 'visibleTo';
    this.#outbox.sendAll(this.players, this.tick);
  }

  #endTick(): void {
    this.#setWriteTick(this.tick + 1);
    const now = this.#context.platform.clock.now();
    if (this.tick >= LAST_TICK) this.end('room_closed');
    if (!this.players.isEmpty) this.#emptySinceMs = now;
    // A room that was asked for and never played in keeps nothing for anybody: strangers must not fill the server with them.
    else if (!this.players.hasPlayed || now - this.#emptySinceMs >= this.#roomType.emptyRoomTtlMs)
      this.end('room_closed');
  }

  // ---------------------------------------------------------------------------------------- seats, and the room's life

  /** Keeps a seat for somebody on the way. */
  takeSeat(): boolean {
    return !this.isClosed && this.players.reserve();
  }

  /** Gives a kept seat back. */
  releaseSeat(): void {
    this.players.release();
  }

  accepts(joinOptions: unknown): boolean {
    if (this.isClosed) return false;
    try {
      return this.#hooks.matches(joinOptions);
    } catch (error) {
      // The options are a stranger's: what they do to `matches` must not end the room of those who play.
      this.#report(error, 'matches');
      throw error instanceof RefusedError ? error : new RefusedError('internal');
    }
  }

  /** Calls `onCreate`, the first time, and starts to tick. Resolves when it does, or when the room has ended before. */
  open(): Promise<void> {
    this.#opening ??= new Promise((resolve) => {
      this.#stopWaiting = resolve;
      this.#create().then(resolve);
    });
    return this.#opening;
  }

  async #create(): Promise<void> {
    const { clock } = this.#context.platform;
    const deadlineMs = this.limits.authenticateDeadlineMs;
    const cancel = clock.schedule(
      () => !this.isClosed && this.fail(new TickwireError(`onCreate took longer than ${deadlineMs} ms.`), 'onCreate'),
      deadlineMs,
    );
    try {
      await this.#hooks.create(this.options);
      if (!this.isClosed) this.#loop.start();
    } catch (error) {
      this.fail(error, 'onCreate');
    } finally {
      cancel();
    }
  }

  /** Turns a kept seat into a player's, who is in the game once its client is ready. */
  seat(link: Link, user: unknown, joinOptions: unknown, codec: BodyCodec): Player {
    const hooks = this.#hooks;
    const id = this.players.takeId();
    const isVisible = (kind: number, slot: number) => hooks.visible(player, handleOf(this.tables[kind]!, slot));
    const sight = this.#interest.createSight(id, hooks.hasVisible ? isVisible : undefined);
    const nowMs = this.#context.platform.clock.now();
    const { maxBytesPerSecond, priorities, interest } = this.#roomType;
    const sending = {
      maxBytesPerSecond,
      priorities: priorities.map((weight) =>
        typeof weight === 'number'
          ? weight
          : (kind: number, slot: number) => hooks.priority(weight, player, handleOf(this.tables[kind]!, slot)),
      ),
      hasFar: interest.kinds.some(({ far, radius }) => far > radius),
    };
    const player: Player = new Player(this, { id, user, joinOptions, link, codec, sight, sending, nowMs });
    this.players.sit(player);
    return player;
  }

  findController(kind: number, slot: number): Player | undefined {
    for (const player of this.players) if (player.own.kind === kind && player.own.slot === slot) return player;
    return undefined;
  }

  noteControl(player: Player): void {
    this.shared.noteControl(player);
  }

  /** Ends the room for an error of the game's. */
  fail(error: unknown, hook: string): void {
    this.#report(error, hook);
    this.end('room_failed');
  }

  #report(error: unknown, hook: string): void {
    this.#context.report(error, { roomId: this.id, roomType: this.type, hook });
  }

  /** Ends the room: now, or after the tick that runs. */
  end(code: Code): void {
    if (this.#isTicking) this.#closing ??= code;
    else this.#endNow(code);
  }

  #endNow(code: Code): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#loop.stop();
    this.#context.phases.release(this.#phase);
    const retryAfterMs = code === 'room_closed' ? undefined : RETRY_AFTER_MS;
    this.players.dismiss(code, retryAfterMs);
    this.#hooks.callAtEnd('onDispose');
    this.stats.rooms--;
    this.#context.forget(this);
    this.#stopWaiting();
  }

  #setWriteTick(tick: number): void {
    this.#simulation.setTick(tick);
    this.shared.tick = tick;
  }

  /** References in a player's commands mean what its client sees. */
  #resolverOf(player: Player): RefResolver {
    return (kind, slot) => {
      const known = player.list.kinds[kind]!;
      const table = this.tables[kind]!;
      const isKnown = (known.status[slot] ?? UNKNOWN) !== UNKNOWN && known.generation[slot] === table.generation[slot];
      return isKnown && table.isAlive[slot] === 1 ? handleOf(table, slot) : undefined;
    };
  }
}
