/** `tickwire/testing`: play your game with simulated players over simulated lines, faster than time and the same each run. */

import type { Guest } from './server/types.ts';
import type { AnyGame } from './state/types.ts';
import { Simulation, type SimulationOptions } from './testing/simulation.ts';
import { flushPromises } from './transport/clock.node.ts';
import { createMsgpackrCodec } from './wire/msgpackr.node.ts';

/**
 * Starts a server and returns the simulation that clients join.
 *
 *     const simulation = createSimulation({ game, server: { rooms: { arena } }, seed: 7, link: 'rtt100' });
 *     const ann = await simulation.join({ play: (input) => { input.thrust = true; } });
 *     await simulation.advance(5_000);
 *     expect(ann.net.stats.corrections).toBe(0);
 *     await simulation.close();
 */
export function createSimulation<G extends AnyGame, U = Guest, Rooms = Record<string, unknown>>(
  options: SimulationOptions<G, U, Rooms>,
): Simulation<G, U> {
  return new Simulation(options as unknown as SimulationOptions<G, U>, {
    values: createMsgpackrCodec(),
    flush: flushPromises,
  });
}

export { Grid, type GridBounds } from './server/grid.ts';
export { FAULTS, type Fault, type FaultScene, type Faults, type FaultTarget } from './testing/faults.ts';
export type { CheckCounts } from './testing/findings.ts';
export type { FirstNumbers } from './testing/first-numbers.ts';
export { MachineClock, type MachineClockOptions } from './testing/machine-clock.ts';
export { randomInput, type Script } from './testing/random-input.ts';
export {
  type Looker,
  type RoomRules,
  type Seeing,
  type SightRule,
  seeAll,
  seeByAll,
  seeIf,
  seeNear,
  seeNothing,
  seeSlowly,
} from './testing/sight-rules.ts';
export type { SimulatedClient } from './testing/simulated-client.ts';
export type { JoinOptions, LogLine, Simulation, SimulationOptions } from './testing/simulation.ts';
export { LINK_PROFILES, Link, type LinkProfile, type LinkProfileName, type LinkSetting } from './transport/link.ts';
export {
  createMemoryTransport,
  type MemoryLinkOptions,
  type MemoryPair,
  type MemoryTransport,
} from './transport/memory.ts';
export type {
  Accept,
  ClientTransport,
  Connection,
  ConnectionListener,
  ServerTransport,
} from './transport/transport.ts';
export { VirtualClock, type VirtualClockOptions } from './transport/virtual-clock.ts';
