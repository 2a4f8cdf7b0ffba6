/** A world, a lane over it and clients of it, for tests that say tick by tick what happens. */
import { applyBody } from '../../../engine/replication/body-codec.ts';
import {
  ClientList,
  type MessageBudget,
  type OwnEntity,
  type VisibleSet,
} from '../../../engine/replication/client-list.ts';
import { Lane } from '../../../engine/replication/lane.ts';
import { MessagePlan } from '../../../engine/replication/message-plan.ts';
import { plainCodec } from '../../../engine/replication/plain-codec.ts';
import { Replica } from '../../../engine/replication/replica.ts';
import { Capture } from '../../../engine/state/capture.ts';
import type { Schema } from '../../../engine/state/schema.ts';
import type { Table } from '../../../engine/state/table.ts';
import { createWorld } from '../../../engine/state/world.ts';
import { createMsgpackrCodec } from '../../../engine/wire/msgpackr.node.ts';
import { Reader } from '../../../engine/wire/reader.ts';
import { Writer } from '../../../engine/wire/writer.ts';

export const EVERYTHING: VisibleSet = { everyone: true, has: () => true };
export const NOTHING_OWN: OwnEntity = { kind: -1, slot: -1, isHeld: false };

const values = createMsgpackrCodec();

/** Decodes a body as a foreign client would. */
export function decode(body: Uint8Array): unknown {
  return values.decode(body);
}

/** The server's side. */
export class Scene {
  readonly schema: Schema;
  readonly tables: readonly Table[];
  readonly lane: Lane;
  readonly plan: MessagePlan;
  tick = 0;
  readonly #capture: Capture;

  constructor(schema: Schema, sendEvery = 1) {
    this.schema = schema;
    this.tables = createWorld(schema).tables;
    this.lane = new Lane(schema, sendEvery);
    this.plan = new MessagePlan(this.lane);
    this.#capture = new Capture(schema);
    this.setTick(1);
  }

  /** The tick that spawns and writes belong to. */
  setTick(tick: number): void {
    for (const table of this.tables) table.tick = tick;
  }

  set(kind: number, column: number, slot: number, value: number): void {
    (this.tables[kind]?.columns[column] as Float64Array)[slot] = value;
  }

  /** Ends a tick. */
  advance(): void {
    this.tick += this.lane.sendEvery;
    this.setTick(this.tick);
    this.#capture.capture(this.tables, true, () => undefined);
    this.lane.advance(this.tables, this.#capture, this.tick);
    this.setTick(this.tick + 1);
  }
}

/** A client, both of its sides. */
export class Client {
  readonly list: ClientList;
  readonly replica: Replica;
  readonly scene: Scene;
  visible: VisibleSet = EVERYTHING;
  own: OwnEntity = NOTHING_OWN;

  constructor(scene: Scene, budget?: MessageBudget) {
    this.scene = scene;
    this.list = new ClientList(scene.schema, plainCodec, budget);
    this.replica = new Replica(scene.schema);
  }

  /** Makes the message of the scene's tick. */
  send(ack = 0): Uint8Array {
    const { plan, lane } = this.scene;
    this.list.prepare(plan, lane, this.visible, this.own, ack);
    const writer = new Writer();
    plainCodec.write(writer, lane, plan);
    return writer.finish();
  }

  /** Applies it. Throws a WireError. */
  receive(body: Uint8Array, tick = this.scene.tick): 'applied' | 'skipped' {
    return applyBody(plainCodec, new Reader().open(body), this.replica, tick & 127);
  }

  /** Sends, decodes what was sent, and receives it. */
  exchange(): unknown {
    const body = this.send();
    this.receive(body);
    return decode(body);
  }

  /** A slot's status, 0 while its kind is empty. */
  status(kind: number, slot: number): number {
    return this.replica.kinds[kind]?.status[slot] ?? 0;
  }

  /** A tracked or held entity's codes. */
  codes(kindIndex: number, slot: number): number[] {
    const { kind, columns } = this.replica.kinds[kindIndex] as Replica['kinds'][number];
    return kind.bodyFields.map((index) => {
      const value = columns[index]?.[slot] ?? -1;
      return kind.packed[index]?.kernel === 'snap' ? value : value >> 8;
    });
  }
}
