// The checkers themselves: each of them finds what it is for when somebody breaks it on purpose.
import type { RoomType } from 'tickwire/server';
import { createSimulation, FAULTS, type Simulation } from 'tickwire/testing';
import { afterEach, describe, expect, test } from 'vitest';
import type { Session } from '../../engine/client/session.ts';
import { Random } from '../../engine/core/random.ts';
import { HELD } from '../../engine/replication/known-kind.ts';
import type { CapturedColumns, Lane } from '../../engine/replication/lane.ts';
import type { MessagePlan } from '../../engine/replication/message-plan.ts';
import type { Player } from '../../engine/server/player.ts';
import type { Room } from '../../engine/server/room.ts';
import { Checks } from '../../engine/testing/checks.ts';
import { flyRight, type Game, game, yard } from '../tooling/yard-game.ts';

type YardSimulation = Simulation<Game>;
type Insides = { simulation: YardSimulation; room: Room; players: Player[]; sessions: Session[] };

const watchClient = Checks.prototype.watchClient;
afterEach(() => {
  Checks.prototype.watchClient = watchClient;
});

/** Two players in a yard, one second old, and the way to what is behind them. */
async function start(type: RoomType<Game> = yard, link: 'rtt50' | 'lan' = 'rtt50'): Promise<Insides> {
  const sessions: Session[] = [];
  Checks.prototype.watchClient = function (index, session) {
    sessions.push(session);
    watchClient.call(this, index, session);
  };
  const simulation = createSimulation({ game, server: { rooms: { yard: type } }, link });
  await simulation.join({ play: flyRight });
  await simulation.join();
  await simulation.advance(1_000);
  const room = [...simulation.server.rooms][0] as unknown as Room;
  return { simulation, room, players: [...room.players], sessions };
}

/** Everybody has a body of its own, though all is in sight. */
const apart: RoomType<Game> = { ...yard, interest: { radius: 5_000 } };

/** Calls `look` whenever a message for this player is planned. */
function onPlan({ rare }: Player, look: (lane: Lane, plan: MessagePlan) => void): void {
  const collect = rare.collect.bind(rare);
  rare.collect = (plan, log, admits) => {
    look(plan.lane, plan);
    return collect(plan, log, admits);
  };
}

async function laneOf({ simulation, players }: Insides): Promise<Lane> {
  let found: Lane | undefined;
  onPlan(players[0]!, (lane) => {
    found = lane;
  });
  await simulation.advance(100);
  return found!;
}

/** Lets time pass until the checkers complain, and returns the first complaint. */
async function complaint(simulation: YardSimulation, durationMs = 4_000): Promise<string> {
  await expect(simulation.advance(durationMs)).rejects.toThrow('the checkers found');
  return simulation.problems[0]!;
}

describe('what a client received', () => {
  test('a number that was not sent', async () => {
    const { simulation, sessions } = await start();
    sessions[1]!.parts.replica.kinds[1]!.columns[0]![3]! += 256;
    expect(await complaint(simulation)).toMatch(/client 1 at tick \d+: rock 3\.x is \d+ instead of \d+/);
  });

  test('an entity that is held and should not be', async () => {
    const { simulation, sessions } = await start();
    sessions[1]!.parts.replica.kinds[1]!.status[2] = HELD;
    expect(await complaint(simulation)).toContain('rock 2 has status 2 instead of 1');
  });

  test('an entity that nobody told of, and one that is another', async () => {
    const one = await start();
    one.sessions[0]!.parts.replica.kinds[1]!.reserve(20);
    one.sessions[0]!.parts.replica.kinds[1]!.status[20] = HELD;
    // A frame would find it first.
    one.simulation.clients[0]!.sleep();
    expect(await complaint(one.simulation)).toContain('knows 9 of kind rock instead of 8');
    const other = await start();
    other.sessions[0]!.parts.replica.kinds[1]!.instance[1] = 99;
    other.simulation.clients[0]!.sleep();
    expect(await complaint(other.simulation)).toMatch(/rock 1 entered at \d+ \(before \d+\) as 99/);
  });

  test('a flipped bit is found by the checksum, healed, and counted', async () => {
    const { simulation } = await start();
    const random = new Random(5);
    let flips = 0;
    for (let i = 0; i < 8; i++) {
      if (simulation.clients[1]!.flipBit(random)) flips++;
      await simulation.advance(4_000);
    }
    expect(flips).toBeGreaterThanOrEqual(5);
    expect(simulation.checked!.bitsFlipped).toBe(flips);
    expect(simulation.checked!.flipsFound).toBeGreaterThan(0);
    expect(simulation.clients[1]!.net.stats.resyncs).toBe(simulation.checked!.flipsFound);
    await simulation.settle();
    await simulation.close();
  });

  test('a flipped bit that no checksum finds', async () => {
    const { simulation, players } = await start(apart);
    onPlan(players[1]!, (_lane, plan) => {
      plan.hasChecksum = false;
    });
    expect(simulation.clients[1]!.flipBit(new Random(3))).toBe(true);
    expect(await complaint(simulation, 8_000)).toContain('was not found');
  });
});

describe('what a server sends', () => {
  test('a message that leaves somebody out', async () => {
    const { simulation, players } = await start(apart);
    players[1]!.list.kinds[1]!.tracked.count--;
    players[1]!.list.kinds[1]!.status[7] = 0;
    expect(await complaint(simulation)).toMatch(
      /rock 7 has status 0 instead of 1, and nothing is pending|refresh of a tracked slot/,
    );
  });

  test('somebody out of sight', async () => {
    const { simulation, players } = await start({ ...yard, interest: { radius: 200 } });
    const { sight } = players[1]!;
    sight.has = () => true;
    sight.near = (kind) => ({ ...players[1]!.list.kinds[kind]!.tracked, slots: Int32Array.of(0), count: 1 }) as never;
    expect(await complaint(simulation)).toMatch(/rock \d (must not be seen, and is shown|is known)/);
  });

  test('a lane that drifts from its words, and one that drifts from the truth', async () => {
    const one = await start();
    // Between two ticks: its next step starts from somewhere else than its receivers do.
    const lane = await laneOf(one);
    lane.kinds[0]!.bodyFields[0]!.p[0]! += 256;
    expect(await complaint(one.simulation)).toMatch(/P was \d+, and its lane's \d+|its words make/);
    const other = await start();
    const stuck = await laneOf(other);
    const advance = stuck.advance.bind(stuck);
    let old: CapturedColumns | undefined;
    stuck.advance = (tables, capture, tick) => {
      old ??= { columns: capture.columns.map((kind) => kind.map((column) => column.slice())) };
      advance(tables, old, tick);
    };
    expect(await complaint(other.simulation)).toMatch(/ship 0\.x: is \d+, and \d+ is sent/);
  });
});

describe('inputs', () => {
  test('one that is applied twice, and one that is lost', async () => {
    const { simulation, players } = await start();
    const { inputs } = players[0]!;
    const push = inputs.push.bind(inputs);
    let isLost = false;
    inputs.push = (seq, source, offset, arrivalMs) => {
      if (seq % 50 === 0 && !isLost) isLost = true;
      else push(seq, source, offset, arrivalMs);
    };
    expect(await complaint(simulation)).toMatch(/input 50 was neither applied nor counted as lost/);
  });

  test('one that is applied as another', async () => {
    const { simulation, players } = await start();
    const { inputs } = players[0]!;
    const push = inputs.push.bind(inputs);
    inputs.push = (seq, source, offset, arrivalMs) =>
      push(seq, seq === 45 ? new Uint8Array(source.length) : source, offset, arrivalMs);
    expect(await complaint(simulation)).toContain('input 45 was applied as another one than the client made');
  });

  test('a prediction that goes another way', async () => {
    const { simulation, players, room } = await start();
    const before = simulation.checked!.mispredictions;
    // As a step would that knows what only the server has.
    const { inputs, own } = players[0]!;
    const take = inputs.take.bind(inputs);
    inputs.take = () => {
      const seq = take();
      if (seq === 60) room.tables[0]!.columns[2]![own.slot]! += 10;
      return seq;
    };
    await simulation.advance(4_000);
    expect(simulation.checked!.mispredictions).toBe(before + 1);
  });
});

describe('frames, ticks, ends', () => {
  test('playout time that runs back', async () => {
    const { simulation, sessions } = await start();
    sessions[0]!.parts.playout.timeMs -= 300;
    expect(await complaint(simulation)).toMatch(/frame of client 0: playout time ran back from/);
  });

  test('a number that is none, in a picture and in a world', async () => {
    const one = await start();
    const { interpolation, world } = one.sessions[1]!.parts;
    const sample = interpolation.sample.bind(interpolation);
    interpolation.sample = (tick, dtMs) => {
      sample(tick, dtMs);
      world.kinds[1]!.columns[0]![5] = Number.NaN;
    };
    expect(await complaint(one.simulation)).toContain('rock 5.x is drawn at NaN');
    const other = await start();
    other.room.tables[1]!.columns[1]![6] = Number.NaN;
    await expect(other.simulation.advance(200)).rejects.toThrow();
    expect(other.simulation.problems[0]).toContain('rock 6.y is NaN');
  });

  test('an entity that is known and never drawn', async () => {
    const { simulation, sessions } = await start();
    sessions[1]!.parts.world.kinds[1]!.leave(4, 'scope');
    expect(await complaint(simulation)).toContain('rock 4 is known and not drawn');
  });

  test('a tick that is left out, an ack of nothing', async () => {
    const one = await start();
    one.room.tick++;
    await expect(one.simulation.advance(200)).rejects.toThrow('a send tick was left out');
    expect(one.simulation.problems[0]).toMatch(/tick \d+ after \d+/);
    const other = await start();
    other.players[0]!.window.noteAck = function () {
      this.ackedTick = this.lastSentTick + 3;
    };
    expect(await complaint(other.simulation)).toContain('which was not sent');
  });

  test('seats that nobody gives back', async () => {
    const { simulation } = await start();
    (simulation.server.stats as { players: number }).players++;
    await expect(simulation.close()).rejects.toThrow('1 players are left');
  });

  test('without checkers nothing is found, and nothing else is different', async () => {
    const run = async (check: boolean) => {
      const simulation = createSimulation({ game, server: { rooms: { yard } }, seed: 4, link: 'hol3', check });
      await simulation.joinBots(3);
      // But for the one that the checkers make.
      const { flip, ...others } = FAULTS;
      await simulation.trouble(8_000, others);
      await simulation.close();
      return { hash: simulation.hash, checked: simulation.checked };
    };
    const without = await run(false);
    const withThem = await run(true);
    expect(withThem.hash).toBe(without.hash);
    expect(without.checked).toBeUndefined();
    expect(withThem.checked!.snapshotsCompared).toBeGreaterThan(100);
  });
});
