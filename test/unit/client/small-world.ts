// A world that tests fill by hand: a replica, the snapshots taken of it, and the picture drawn from them.
import { Interpolation } from '../../../engine/client/interpolation.ts';
import { SnapshotRing } from '../../../engine/client/snapshot-ring.ts';
import { World } from '../../../engine/client/world.ts';
import { angle, defineGame, entity, input, int, num, oneOf, ref, text } from '../../../engine/index.ts';
import { TRACKED } from '../../../engine/replication/known-kind.ts';
import { Replica, type ReplicaKind } from '../../../engine/replication/replica.ts';
import { codeOf, fineOf } from '../../../engine/state/quantize.ts';
import type { PackedField } from '../../../engine/state/schema.ts';

const Ship = entity({
  x: num({ min: 0, max: 4096, precision: 1 / 16 }).hermite('vx'),
  vx: num({ min: -512, max: 512, precision: 1 / 8 }),
  y: num({ min: 0, max: 4096, precision: 1 / 16 }),
  heading: angle(12).lerp(),
  hp: int(0, 100).default(100),
  team: oneOf('red', 'blue'),
  name: text(24),
  target: ref('ship'),
});

export const game = defineGame({ tickRate: 20, entities: { ship: Ship }, input: input({ turn: int(-1, 1) }) });
export const TICK_MS = 50;

export interface Pose {
  readonly x?: number;
  readonly vx?: number;
  readonly y?: number;
  readonly heading?: number;
  readonly hp?: number;
  readonly teleport?: number;
}

export class SmallWorld {
  readonly events: number[] = [];
  readonly replica = new Replica(game.schema);
  readonly world = new World(game.schema, this.replica, (index) => this.events.push(index));
  readonly ring = new SnapshotRing(game.schema.kinds.map((kind) => kind.packed.length));
  readonly interpolation = new Interpolation(this.world, this.ring);
  readonly kind = this.replica.kinds[0] as ReplicaKind;
  readonly picture = this.world.kinds[0]!;

  /** Sets what is known of a ship; an instance of 0 takes it away. */
  put(slot: number, pose: Pose, instance = 1, status: number = TRACKED): void {
    this.kind.reserve(slot);
    this.kind.status[slot] = instance === 0 ? 0 : status;
    this.kind.instance[slot] = instance;
    this.kind.touched[slot] = this.replica.tick;
    for (const field of game.schema.kinds[0]!.packed) {
      const value = field.type === 'teleport' ? pose.teleport : pose[field.name as keyof Pose];
      if (value === undefined) continue;
      this.kind.columns[field.index]![slot] = field.kernel === 'snap' ? codeOf(field, value) : fineOf(field, value);
    }
  }

  /** A snapshot of `tick` arrives. */
  capture(tick: number, fill: () => void): void {
    this.replica.tick = tick;
    fill();
    this.ring.capture(this.replica);
  }

  /** Shows a ship, as if playout had passed its enter. */
  enter(slot: number, instance = 1): void {
    this.world.enter(0, slot, instance);
    this.world.announce(0, slot, instance);
  }

  /** The column of a field as drawn. */
  drawn(field: string, slot = 0): number {
    const { index } = game.schema.kinds[0]!.packed.find(({ name }) => name === field) as PackedField;
    return this.picture.columns[index]![slot]!;
  }
}
