// What happens in a reef besides the faults of lines, pages and machines: everything that hooks may do to a world and to players.
import type { GameServer, Guest, ServerRoom } from 'tickwire/server';
import type { Faults } from 'tickwire/testing';
import { type Game, type Ledger, REEF_SIZE } from './reef-game.ts';

type Draw = { next(): number; int(min: number, max: number): number };

const pick = <T>(draw: Draw, all: readonly T[]): T | undefined => all[draw.int(0, all.length - 1)];
const somewhere = (draw: Draw) => ({ x: draw.next() * (REEF_SIZE - 1), y: draw.next() * (REEF_SIZE - 1) });

/** One drone and some mines go, others come, at times all of them in one tick: freed slots are given away at once. */
function churn(room: ServerRoom<Game, Guest>, draw: Draw): void {
  const { drone, mine, banner } = room.world;
  // A slot is not free in the tick in which its entity went.
  const mines = mine.count;
  if (draw.next() < 0.6) pick(draw, [...drone])?.despawn();
  for (const each of mine) if (draw.next() < 0.3) each.despawn();
  if (draw.next() < 0.1) for (const each of drone) each.despawn();
  const more = draw.next() < 0.2 ? 30 : draw.int(0, 4);
  for (let i = 0; i < Math.min(more, 30 - mines); i++) mine.spawn({ ...somewhere(draw), isArmed: draw.next() < 0.5 });
  while (drone.count < 10) drone.spawn({ ...somewhere(draw), vx: draw.int(-200, 200), mood: 'lost' });
  for (const each of mine) if (draw.next() < 0.1) each.isArmed = !each.isArmed;
  for (const each of drone) if (draw.next() < 0.2) each.mood = pick(draw, ['calm', 'angry', 'lost'] as const)!;
  if (draw.next() < 0.1) pick(draw, [...banner])?.despawn();
  if (banner.count < 3) banner.spawn({ height: draw.int(0, 9), motto: `at ${room.tick}` });
}

/** Writes to every kind of value that travels when it changes. */
function rename(room: ServerRoom<Game, Guest>, draw: Draw): void {
  const { diver, drone, banner } = room.world;
  room.state.tide = draw.int(0, 999);
  if (draw.next() < 0.2) room.state.title = `reef at ${room.tick}`;
  for (const each of diver) {
    if (draw.next() < 0.3) each.name = draw.next() < 0.2 ? '' : `n${room.tick}`;
    if (draw.next() < 0.3) each.prey = draw.next() < 0.3 ? undefined : pick(draw, [...drone]);
    if (draw.next() < 0.3) each.harpoons = draw.int(0, 255);
    if (draw.next() < 0.3) each.air = draw.int(0, 100);
    if (draw.next() < 0.3) each.secret = `s${draw.int(0, 99)}`;
    if (draw.next() < 0.3) each.depth = draw.int(0, 255);
    if (draw.next() < 0.3) each.key = draw.int(0, 2 ** 32 - 1);
    if (draw.next() < 0.3) each.luck = draw.next() * 1e12;
    if (draw.next() < 0.3) each.gear = { names: [`g${room.tick}`, ''], weight: draw.int(-9, 9) };
  }
  if (draw.next() < 0.3) room.state.oldest = draw.next() < 0.3 ? undefined : pick(draw, [...drone]);
  if (draw.next() < 0.3) room.state.chart = { names: [], weight: draw.int(0, 9) };
  for (const player of room.players)
    if (draw.next() < 0.3) player.state.hunted = draw.next() < 0.3 ? undefined : pick(draw, [...diver]);
  for (const each of banner) if (draw.next() < 0.3) each.motto = `m${draw.int(0, 99)}`;
  for (const player of room.players) if (draw.next() < 0.3) player.state.name = `p${draw.int(0, 99)}`;
  const at = draw.next() < 0.5 ? 'now' : 'playout';
  room.emit('note', { text: `tide ${room.state.tide}` }, { at });
  const near = { ...somewhere(draw), radius: 300 };
  room.emit('note', { text: `whisper ${room.tick}` }, { at, near });
  const to = pick(draw, [...room.players]);
  if (to !== undefined) room.emit('note', { text: `for ${to.id} at ${room.tick}` }, { at, to });
}

/** Orders that went out, and what became of them. */
export class Orders {
  readonly ledger: Ledger = new Map();
  readonly problems: string[] = [];
  #next = 0;
  #open = 0;

  /** Sends one, and checks its answer when that comes. */
  send(send: (order: number) => Promise<{ readonly price: number }>): void {
    const order = this.#next++ % 65_536;
    this.#open++;
    send(order).then(
      ({ price }) => {
        this.#open--;
        if (price !== order * 2) this.problems.push(`order ${order} was answered with ${price}`);
        if (this.ledger.get(order) !== 1)
          this.problems.push(`order ${order} was answered and done ${this.ledger.get(order)} times`);
      },
      () => {
        // What became of it is not known; but it was not done twice.
        this.#open--;
        if ((this.ledger.get(order) ?? 0) > 1) this.problems.push(`order ${order} failed and was done twice`);
      },
    );
  }

  /** Call when all is over. */
  checkEnd(): void {
    if (this.#open > 0) this.problems.push(`${this.#open} orders were never answered`);
  }
}

/** The faults of a reef on this server. */
export function reefFaults(server: () => GameServer<Game, Guest>, orders: Orders): Faults<Game> {
  const roomOf = (): ServerRoom<Game, Guest> | undefined => [...server().rooms][0];
  const playerOf = (id: number) => roomOf()?.players.get(id);
  const inRoom =
    (happen: (room: ServerRoom<Game, Guest>, draw: Draw) => void) =>
    ({ random }: { random: Draw }): boolean => {
      const room = roomOf();
      if (room !== undefined) happen(room, random);
      return room !== undefined;
    };
  let churnTick = -1;
  const churnOnce = (room: ServerRoom<Game, Guest>, draw: Draw): void => {
    if (room.tick !== churnTick) churn(room, draw);
    churnTick = room.tick;
  };
  return {
    churn: { everyMs: 600, strike: inRoom(churnOnce) },
    rename: { everyMs: 900, strike: inRoom(rename) },
    shove: {
      everyMs: 4_000,
      strike({ client, random }) {
        const diver = playerOf(client.net.playerId)?.entity;
        if (diver !== undefined) diver.vx = random.int(-300, 300);
        return diver !== undefined;
      },
    },
    jump: {
      everyMs: 3_000,
      strike({ client, random }) {
        const diver = playerOf(client.net.playerId)?.entity;
        diver?.teleport(somewhere(random));
        pick(random, [...(roomOf()?.world.drone ?? [])])?.teleport(somewhere(random));
        return diver !== undefined;
      },
    },
    steer: {
      everyMs: 6_000,
      strike({ client, random }) {
        const player = playerOf(client.net.playerId);
        const room = roomOf();
        if (player === undefined || room === undefined) return false;
        const last = player.entity;
        player.release();
        const choice = random.next();
        if (choice < 0.25 && last !== undefined) {
          player.control(last);
          return true;
        }
        // What nobody steers any more must not fill the table.
        if (choice < 0.6 || room.world.diver.count > 30) last?.despawn();
        player.control(room.world.diver.spawn({ ...somewhere(random), name: 'again' }));
        return true;
      },
    },
    gaze: {
      everyMs: 2_500,
      strike({ client, random }) {
        const player = playerOf(client.net.playerId);
        if (player !== undefined) player.viewpoint = random.next() < 0.4 ? undefined : somewhere(random);
        return player !== undefined;
      },
    },
    order: {
      everyMs: 500,
      strike({ client }) {
        orders.send((order) => client.net.send('buy', { order }));
        return true;
      },
    },
  };
}
