/** One user's life in a room: what hooks see of it, and what the room keeps for it. */
import type { Code } from '../core/errors.ts';
import { TickwireError } from '../core/errors.ts';
import type { BodyCodec } from '../replication/body-codec.ts';
import { ClientList } from '../replication/client-list.ts';
import type { CommonBody } from '../replication/common-body.ts';
import { type Admits, RareList } from '../replication/rare-list.ts';
import { handleOf, type TableHandle } from '../state/handle.ts';
import { readInputBits } from '../state/input.ts';
import type { Schema } from '../state/schema.ts';
import type { Table } from '../state/table.ts';
import { createInputView, type InputView, readInput } from '../wire/input.ts';
import type { Reader } from '../wire/reader.ts';
import type { ValueCodec } from '../wire/value-codec.ts';
import { CommandQueue } from './commands.ts';
import { EventQueue } from './event-queue.ts';
import type { Explainer } from './explain.ts';
import { InputQueue } from './input-queue.ts';
import { placeOf } from './interest-options.ts';
import { KnownRefs } from './known-refs.ts';
import type { ServerLimits } from './options.ts';
import { OwnState } from './own-state.ts';
import { SendBudget, type SendOptions } from './send-budget.ts';
import { SendPace } from './send-pace.ts';
import { SendWindow } from './send-window.ts';
import type { SharedState } from './shared-state.ts';
import type { Sight } from './sight.ts';
import type { ServerStats } from './stats.ts';
import type { Point, Quality } from './types.ts';

/** The way to a player's client. */
export interface Link {
  readonly bufferedBytes: number;
  readonly rttMs: number;
  send(bytes: Uint8Array): void;
  /** Says BYE and closes. */
  end(code: Code, reason?: string, retryAfterMs?: number): void;
  /** Closes at once. */
  cut(code: Code): void;
}

/** What a player needs of its room. */
export interface PlayerRoom {
  readonly schema: Schema;
  readonly tables: readonly Table[];
  readonly limits: ServerLimits;
  /** Ticks from one snapshot to the next, in the first lane. */
  readonly sendEvery: number;
  readonly stats: ServerStats;
  readonly values: ValueCodec;
  readonly shared: SharedState;
  /** Who steers the entity. */
  findController(kind: number, slot: number): Player | undefined;
  /** The entity that `player` steers is another one, or none. */
  noteControl(player: Player): void;
}

/** What a player is made of. */
export interface PlayerParts {
  readonly id: number;
  readonly user: unknown;
  readonly joinOptions: unknown;
  readonly link: Link;
  readonly codec: BodyCodec;
  readonly sight: Sight;
  /** What the room type says of sending, for this player. */
  readonly sending: SendOptions;
  readonly nowMs: number;
}

const inputView: InputView = createInputView();

/** The class behind `ServerPlayer`. */
export class Player {
  readonly id: number;
  readonly user: unknown;
  readonly state: object;
  readonly joinOptions: unknown;
  readonly link: Link;
  readonly codec: BodyCodec;
  readonly sight: Sight;
  readonly commands: CommandQueue;
  readonly inputs: InputQueue;
  readonly own: OwnState;
  readonly events: EventQueue;
  /** What the client was told: its own list, or that of all who share a body. */
  list: ClientList;
  /** The body that it shares. */
  common: CommonBody | undefined;
  readonly knownRefs: KnownRefs;
  readonly record: SharedState['room'];
  readonly rare: RareList;
  /** What a `visibleTo` function says for this player. */
  readonly admits: Admits;
  readonly window: SendWindow;
  readonly pace: SendPace;
  readonly budget: SendBudget;
  /** Counts the player's bytes by entity, for some time after `room.explain`. */
  explainer: Explainer | undefined;
  /** It is sent a snapshot in this tick, and was not yet. */
  isSnapshotDue: boolean;
  /** The client has built its scene. */
  isReady: boolean;
  /** `onJoin` was called, `onLeave` was not. */
  isJoined: boolean;
  /** Why the player is gone; undefined as long as it is not. */
  leaveReason: Code | undefined;
  /** Where the player looks from; NaN before it looked from anywhere. */
  viewX: number;
  viewY: number;
  /** Tick of the last message with a timing element. */
  timingTick: number;
  /** Ticks from one snapshot to the next, as the client was last told. */
  toldSendEvery: number;
  /** The client asked for a reset, and the tick of the last one. */
  wantsReset: boolean;
  resetTick: number;
  snapshotsSkipped: number;
  readonly #room: PlayerRoom;
  readonly #ownList: ClientList;
  /** Since which tick it shares `common`. */
  #commonTick: number;
  readonly #codes: Int32Array;
  /** Where the controlled kind's place is. */
  readonly #place: { readonly x: number; readonly y: number };
  #viewpoint: Point | undefined;

  constructor(room: PlayerRoom, parts: PlayerParts) {
    const { schema, limits, stats, shared } = room;
    this.id = parts.id;
    this.user = parts.user;
    this.joinOptions = parts.joinOptions;
    this.link = parts.link;
    this.codec = parts.codec;
    this.sight = parts.sight;
    this.window = new SendWindow(limits, schema.tickRate);
    this.pace = new SendPace(room.sendEvery, schema.tickRate);
    this.budget = new SendBudget({
      schema,
      tables: room.tables,
      codec: parts.codec,
      options: parts.sending,
      window: this.window,
      viewpoint: this,
      stats,
      turn: parts.id,
    });
    this.#ownList = new ClientList(schema, parts.codec, this.budget);
    this.list = this.#ownList;
    this.common = undefined;
    this.#commonTick = -1;
    this.knownRefs = new KnownRefs(this, schema);
    this.commands = new CommandQueue({
      schema,
      values: room.values,
      commandsPerSecond: limits.commandsPerSecond,
      nowMs: parts.nowMs,
      knownRefs: this.knownRefs,
      send: (bytes) => parts.link.send(bytes),
    });
    this.inputs = new InputQueue(schema.input.byteLength, schema.tickRate, stats);
    this.own = new OwnState(schema.kinds, !parts.sight.everyone);
    this.events = new EventQueue(this.knownRefs);
    this.record = shared.createPlayerRecord(parts.id);
    this.state = this.record.view;
    this.rare = new RareList(shared.log);
    this.admits = (rule, kind, slot) => rule(this, handleOf(room.tables[kind]!, slot) as never);
    this.explainer = undefined;
    this.isSnapshotDue = false;
    this.isReady = false;
    this.isJoined = false;
    this.leaveReason = undefined;
    this.viewX = Number.NaN;
    this.viewY = Number.NaN;
    this.timingTick = Number.NEGATIVE_INFINITY;
    this.toldSendEvery = room.sendEvery;
    this.wantsReset = false;
    this.resetTick = Number.NEGATIVE_INFINITY;
    this.snapshotsSkipped = 0;
    this.#room = room;
    this.#codes = new Int32Array(schema.input.fields.length);
    const controlled = schema.kinds[schema.controls];
    this.#place = controlled === undefined ? { x: -1, y: -1 } : placeOf(controlled);
    this.#viewpoint = undefined;
  }

  get entity(): TableHandle | undefined {
    const { tables } = this.#room;
    return this.own.kind >= 0 && this.own.isAlive(tables) ? handleOf(tables[this.own.kind]!, this.own.slot) : undefined;
  }

  get viewpoint(): Point | undefined {
    return this.#viewpoint;
  }

  set viewpoint(point: Point | undefined) {
    if (point !== undefined && !(Number.isFinite(point.x) && Number.isFinite(point.y))) {
      throw new TickwireError('player.viewpoint takes { x, y }, two finite numbers, or undefined.');
    }
    this.#viewpoint = point === undefined ? undefined : { x: point.x, y: point.y };
  }

  get quality(): Quality {
    return {
      rttMs: this.link.rttMs,
      mispredictions: this.own.mispredictions,
      ticksStarved: this.inputs.ticksStarved,
      inputsQueued: this.inputs.length,
      snapshotsSkipped: this.snapshotsSkipped,
      sendEvery: this.pace.sendEvery,
      bufferedBytes: this.link.bufferedBytes,
    };
  }

  control(entity: { readonly id: number; readonly kind: string }): void {
    const { schema, tables } = this.#room;
    const table = tables[schema.controls];
    if (table === undefined) {
      throw new TickwireError("player.control() needs a kind that players steer: defineGame({ controls: 'ship', … }).");
    }
    if (!this.isJoined) throw new TickwireError(`player ${this.id} is not in the room, so it cannot control anything.`);
    const slot = slotIn(table, entity);
    if (slot < 0) {
      throw new TickwireError(`player.control() takes a ${table.kind.name} that lives in this room's world.`);
    }
    const controller = this.#room.findController(table.kind.index, slot);
    if (controller === this) return;
    if (controller !== undefined) {
      throw new TickwireError(
        `${table.kind.name} ${entity.id} is steered by player ${controller.id} already; call its release() first.`,
      );
    }
    this.own.grant(table, slot);
    this.inputs.restart();
    this.#room.noteControl(this);
  }

  watch(entity: object, how: 'always' | 'never' = 'always'): void {
    if (how !== 'always' && how !== 'never') throw new TickwireError("player.watch(entity, how): 'always' or 'never'.");
    this.#watch('watch', entity, how);
  }

  unwatch(entity: object): void {
    this.#watch('unwatch', entity, undefined);
  }

  #watch(name: string, entity: object, how: 'always' | 'never' | undefined): void {
    const table = this.#room.tables.find(({ kind }) => kind.name === (entity as TableHandle | undefined)?.kind);
    const slot = table === undefined ? -1 : slotIn(table, entity as TableHandle);
    if (slot < 0) throw new TickwireError(`player.${name}() takes an entity that lives in this room's world.`);
    this.sight.watch(table!.kind.index, slot, how);
  }

  release(): void {
    if (this.own.kind < 0) return;
    this.own.end();
    this.inputs.restart();
    this.#room.noteControl(this);
  }

  kick(): void {
    this.link.end('kicked');
  }

  /** The player's connection ended, or its life in the room did; the room sees to it at its next tick. */
  leave(reason: Code): void {
    this.leaveReason ??= reason;
  }

  /** Reads INPUT and stores what it holds. Throws a WireError. */
  receiveInput(reader: Reader, nowMs: number): void {
    const { input } = this.#room.schema;
    const { byteLength } = input;
    readInput(reader, inputView, byteLength);
    if (inputView.heldLow >= 0) this.window.noteAck(inputView.heldLow, nowMs);
    if (inputView.firstSeq < 0) return;
    let seq = inputView.firstSeq;
    for (let at = inputView.runsStart; at < inputView.runsEnd; at += 1 + byteLength) {
      // Only to check it: a tick is no place for a peer's mistakes.
      readInputBits(input, this.#codes, reader.bytes, at + 1);
      for (let held = reader.bytes[at]!; held > 0; held--) this.inputs.push(seq++, reader.bytes, at + 1, nowMs);
    }
    this.inputs.noteDigest(seq - 1, inputView.digest, inputView.adopted);
  }

  /** Shares a body from now on. */
  joinCommon(common: CommonBody): void {
    this.common = common;
    this.list = common.list;
    this.#commonTick = common.list.lastTick;
  }

  /** Gets bodies of its own from now on. Call it before the common one is made of a tick that the client is not sent. */
  leaveCommon(): void {
    if (this.common === undefined) return;
    this.#ownList.copyFrom(this.common.list, this.#commonTick);
    this.list = this.#ownList;
    this.common = undefined;
  }

  /** Brings `viewX` and `viewY` up to date. Who steers nothing goes on looking from where it last was. */
  look(): void {
    if (this.#viewpoint !== undefined) {
      this.viewX = this.#viewpoint.x;
      this.viewY = this.#viewpoint.y;
      return;
    }
    const { kind, slot } = this.own;
    if (kind < 0) return;
    const { x, y } = this.#place;
    if (x < 0 || y < 0) return;
    const { columns } = this.#room.tables[kind]!;
    this.viewX = columns[x]![slot]!;
    this.viewY = columns[y]![slot]!;
  }
}

/** Slot of the entity, if it lives in this table; else -1. */
function slotIn(table: Table, entity: { readonly id: number; readonly kind: string } | undefined): number {
  const slot = entity?.kind === table.kind.name ? table.slotOf(entity.id) : -1;
  return slot >= 0 && table.handles[slot] === (entity as object) ? slot : -1;
}
