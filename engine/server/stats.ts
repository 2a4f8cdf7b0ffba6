/** The server's counters: plain numbers that only grow, but for the first three. */
import { CODES, type Code } from '../core/errors.ts';
import type { InputQueueStats } from './input-queue.ts';
import type { TickLoopStats } from './tick-loop.ts';

/** What happened since the server was made. */
export interface ServerStats extends TickLoopStats, InputQueueStats {
  /** Open sockets, players or not. */
  connections: number;
  /** Rooms that run. */
  rooms: number;
  /** Players in them, from `onJoin` to `onLeave`. */
  players: number;
  connectionsTotal: number;
  roomsTotal: number;
  /** New rooms that were not made because their address had asked for too many. */
  roomsRefused: number;
  playersTotal: number;
  messagesIn: number;
  bytesIn: number;
  messagesOut: number;
  bytesOut: number;
  snapshots: number;
  /** Left out because a client had not taken earlier ones. */
  snapshotsSkipped: number;
  /** Snapshots that made up for such. */
  gaps: number;
  /** Refreshes that had to wait for a later message, counted once for each message that they waited for. */
  refreshesDeferred: number;
  /** Times that an entity was held for a client whose bytes were too few for its words. */
  entitiesHeld: number;
  /** Times that a client was sent snapshots less often from then on, or more often again. */
  laneChanges: number;
  /** Exact rows sent to players who control something. */
  exactRows: number;
  mispredictions: number;
  /** Cosmetic events that a slow client never got. */
  eventsDropped: number;
  commands: number;
  resyncs: number;
  /** Messages that broke the protocol. */
  badMessages: number;
  /** Values that capture had to clamp; only without `strict`. */
  badValues: number;
  /** Spawns of steps for which there was no slot; only without `strict`. */
  spawnsDropped: number;
  /** Hooks and steps that threw. */
  gameErrors: number;
  /** Connections that this side ended, by reason. */
  readonly closed: Record<Code, number>;
}

/** All zero. */
export function createStats(): ServerStats {
  return {
    connections: 0,
    rooms: 0,
    players: 0,
    connectionsTotal: 0,
    roomsTotal: 0,
    roomsRefused: 0,
    playersTotal: 0,
    ticks: 0,
    ticksDropped: 0,
    ticksOverrun: 0,
    messagesIn: 0,
    bytesIn: 0,
    messagesOut: 0,
    bytesOut: 0,
    snapshots: 0,
    snapshotsSkipped: 0,
    gaps: 0,
    refreshesDeferred: 0,
    entitiesHeld: 0,
    laneChanges: 0,
    exactRows: 0,
    mispredictions: 0,
    inputsApplied: 0,
    inputsDuplicate: 0,
    inputsDropped: 0,
    inputsRefused: 0,
    ticksStarved: 0,
    eventsDropped: 0,
    commands: 0,
    resyncs: 0,
    badMessages: 0,
    badValues: 0,
    spawnsDropped: 0,
    gameErrors: 0,
    closed: Object.fromEntries(Object.keys(CODES).map((code) => [code, 0])) as Record<Code, number>,
  };
}
