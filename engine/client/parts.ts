/** What a client is made of: each part knows what it needs of the others, and the frame and the connection work with all. */
import { Replica } from '../replication/replica.ts';
import type { Game } from '../state/schema.ts';
import { ClockSync } from './clock-sync.ts';
import { FramePace } from './frame-pace.ts';
import { InputSender } from './input-sender.ts';
import { Interpolation } from './interpolation.ts';
import { Playout, type PlayoutMode } from './playout.ts';
import { Prediction } from './prediction.ts';
import { SharedState } from './shared-state.ts';
import { SnapshotRing } from './snapshot-ring.ts';
import { Timeline } from './timeline.ts';
import { World } from './world.ts';

/** The parts of one client. */
export interface ClientParts {
  readonly tickMs: number;
  // Time.
  readonly sync: ClockSync;
  readonly pace: FramePace;
  readonly playout: Playout;
  // What was received.
  readonly replica: Replica;
  readonly ring: SnapshotRing;
  readonly timeline: Timeline;
  readonly shared: SharedState;
  // What is drawn.
  readonly world: World;
  readonly interpolation: Interpolation;
  /** Undefined in a game without a kind that players control. */
  readonly prediction: Prediction | undefined;
  // What is sent.
  readonly inputs: InputSender;
}

/** Makes the parts; `fireEvent` tells listeners of an event by its index and values. */
export function createParts(
  game: Game,
  mode: PlayoutMode,
  send: (message: Uint8Array) => void,
  fireEvent: (index: number, values: unknown) => void,
): ClientParts {
  const { schema } = game;
  const tickMs = 1000 / schema.tickRate;
  const replica = new Replica(schema);
  const world = new World(schema, replica, fireEvent);
  const ring = new SnapshotRing(schema.kinds.map((kind) => kind.packed.length));
  const controlled = schema.kinds[schema.controls];
  return {
    tickMs,
    sync: new ClockSync(),
    pace: new FramePace(),
    playout: new Playout(mode, tickMs),
    replica,
    ring,
    timeline: new Timeline(world),
    shared: new SharedState(schema, world),
    world,
    interpolation: new Interpolation(world, ring),
    prediction: controlled && new Prediction(game, controlled, world.views),
    inputs: new InputSender(schema.input, send),
  };
}
