/** `tickwire`: what a game file shared by both sides imports. No codec library, no network, no platform in it. */
export { CODES, type Code, RefusedError, TickwireError } from './core/errors.ts';
export { command, defineGame, entity, event, input } from './state/define-game.ts';
export {
  angle,
  bool,
  type Field,
  type Fields,
  float64,
  int,
  num,
  oneOf,
  ref,
  text,
  uint32,
  value,
} from './state/fields.ts';
export type { Game, Viewer, Visibility, VisibilityRule } from './state/schema.ts';
export type { StandardSchema } from './state/standard-schema.ts';
export type {
  AnyGame,
  ClientHandle,
  ClientKind,
  ClientWorld,
  CommandNames,
  CommandPayload,
  EventNames,
  EventPayload,
  InputOf,
  KindNames,
  LeaveReason,
  PlayerStateOf,
  ReplyOf,
  RoomStateOf,
  SeenHandle,
  SeenWorld,
  ServerHandle,
  ServerKind,
  ServerWorld,
  SpawnInit,
  StepContext,
  StepRow,
} from './state/types.ts';
