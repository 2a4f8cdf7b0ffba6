// What a stranger could read on a player's line: nothing that the player may not see; and what is told is so. The checkers read all of
// it; here they are shown rules that are broken, and must find it.
import { defineGame, entity, event, input, int, num, ref, text, type VisibilityRule } from 'tickwire';
import type { RoomType } from 'tickwire/server';
import {
  createSimulation,
  type RoomRules,
  type Simulation,
  seeAll,
  seeByAll,
  seeIf,
  seeNear,
  seeNothing,
  seeSlowly,
} from 'tickwire/testing';
import { describe, expect, test } from 'vitest';
import type { Player } from '../../engine/server/player.ts';
import type { Room } from '../../engine/server/room.ts';

const SIZE = 1_000;
const place = { min: 0, max: SIZE, precision: 1 / 8 };
/** Spies know all that is written, others what is theirs. */
const forSpies: VisibilityRule = (viewer) => viewer.id === 1;

const game = defineGame({
  tickRate: 30,
  entities: {
    ghost: entity({
      x: num(place),
      y: num(place),
      note: text(16).visibleTo(forSpies),
      pin: int(0, 9).visibleTo('owner'),
    }),
    hut: entity({ x: num(place), y: num(place), name: text(16), guest: ref('ghost') }),
  },
  input: input({ right: int(-1, 1) }),
  events: { cry: event({ who: text(8) }), seen: event({ ghost: ref('ghost') }) },
  controls: 'ghost',
  roomState: { hour: int(0, 23), haunted: ref('hut') },
  playerState: { fear: int(0, 99), home: ref('hut') },
  step: {
    ghost(ghost, held) {
      ghost.x = Math.min(SIZE - 1, Math.max(0, ghost.x + held.right * 8));
    },
  },
});
type Game = typeof game;

/** A row of huts; everybody begins at its left end, and every value there is changes all the time. */
const village: RoomType<Game> = {
  onCreate(room) {
    for (let x = 50; x < SIZE; x += 100) room.world.hut.spawn({ x, y: 500, name: `h${x}` });
  },
  onJoin(room, player) {
    player.control(room.world.ghost.spawn({ x: 20, y: 500, note: 'boo' }));
  },
  onTick(room) {
    const { ghost, hut } = room.world;
    room.state.hour = room.tick % 24;
    for (const each of hut) if (room.random() < 0.2) each.name = `n${room.tick}`;
    for (const each of ghost) {
      if (room.random() < 0.2) each.note = `n${room.tick}`;
      if (room.random() < 0.2) each.pin = room.tick % 10;
    }
    for (const player of room.players) {
      if (room.random() < 0.1) player.state.fear = room.tick % 100;
      if (room.random() < 0.1) room.emit('cry', { who: `p${player.id}` }, { to: player });
      if (room.random() < 0.1) room.emit('cry', { who: `n${room.tick}` }, { near: { x: 500, y: 500, radius: 200 } });
    }
  },
};

interface Insides {
  readonly simulation: Simulation<Game>;
  readonly room: Room;
  readonly players: readonly Player[];
}

async function start(type: RoomType<Game> = village, rules?: Partial<RoomRules>): Promise<Insides> {
  const simulation = createSimulation({
    game,
    server: { rooms: { village: type } },
    ...(rules && { rules: { village: rules } }),
    link: 'rtt50',
  });
  await simulation.join({
    play: (held, timeMs) => {
      held.right = Math.floor(timeMs / 4_000) % 2 === 0 ? 1 : -1;
    },
  });
  await simulation.join();
  const room = [...simulation.server.rooms][0] as unknown as Room;
  return { simulation, room, players: [...room.players] };
}

async function complaint({ simulation }: Insides, durationMs = 12_000): Promise<string> {
  await expect(simulation.advance(durationMs)).rejects.toThrow('the checkers found');
  return simulation.problems.join('\n');
}

/** A message that tells of a hut: found as it is planned, or in its bytes. */
const SHOWN = /hut \d (must not be seen, and is shown|is known and must not be seen)/;

/** What is found of rules that are not the server's: as soon as somebody joins, or later. */
async function broken(type: RoomType<Game>, rules: Partial<RoomRules>): Promise<string> {
  return start(type, rules).then(
    (insides) => complaint(insides),
    (error: Error) => error.message,
  );
}

describe('what must not be seen', () => {
  test('rules that are kept', async () => {
    const near = await start({ ...village, interest: { radius: 250 } });
    await near.simulation.advance(12_000);
    await near.simulation.settle();
    const { hiddenJudged, valuesCompared, eventsJudged, leaves } = near.simulation.checked!;
    expect(Math.min(hiddenJudged, valuesCompared, eventsJudged)).toBeGreaterThan(100);
    expect(leaves).toBeGreaterThan(5);
    await near.simulation.close();
  });

  test('a radius that the server does not keep', async () => {
    const found = await broken(village, { sight: seeSlowly(seeNear(300), 4, 30) });
    expect(found).toMatch(/sent to player \d of village in tick \d+: told hut \d is known and must not be seen/);
    expect(found).toMatch(/told hut \d\.name, which must not be seen/);
  });

  test('a predicate that the server does not know of, alone and with a radius', async () => {
    const noHuts = seeIf((_player: unknown, seen: { readonly kind: string }) => seen.kind !== 'hut');
    expect(await broken(village, { sight: noHuts })).toMatch(SHOWN);
    const both = seeByAll(noHuts, seeNear(250));
    const type = { ...village, interest: { radius: 250 } };
    expect(await broken(type, { sight: both })).toMatch(SHOWN);
    expect(await broken(village, { sight: seeNothing })).toMatch(SHOWN);
  });

  test('something that should be seen and is not', async () => {
    const type = { ...village, interest: { radius: 250 } };
    expect(await broken(type, { sight: seeAll })).toMatch(/hut \d must be seen, and is hidden/);
  });

  test('what left sight stays no longer than was promised', async () => {
    const insides = await start({ ...village, interest: { radius: 250 } });
    await insides.simulation.advance(1_000);
    const { sight } = insides.players[0]!;
    // Who came in stays, for ever.
    const known = new Set<number>();
    const has = sight.has.bind(sight);
    sight.has = (kind, slot) => {
      const key = kind * 1_000 + slot;
      if (has(kind, slot)) known.add(key);
      return known.has(key);
    };
    expect(await complaint(insides)).toMatch(SHOWN);
  });
});

describe('values and events', () => {
  test('a value that is told to somebody else', async () => {
    const insides = await start();
    (insides.players[1] as { admits: Player['admits'] }).admits = () => true;
    expect(await complaint(insides)).toMatch(/told ghost \d\.note, which is not for this player/);
  });

  test('a value that is told wrongly, and one that is not told', async () => {
    const wrong = await start();
    const table = wrong.room.tables[1]!;
    const rareToWire = table.rareToWire.bind(table);
    let isAsked = false;
    table.rareToWire = (slot, field) => {
      isAsked = !isAsked;
      return field.name === 'name' && isAsked ? 'liar' : rareToWire(slot, field);
    };
    expect(await complaint(wrong)).toMatch(/told hut \d\.name/);
    const late = await start();
    const { rare } = late.players[1]!;
    const collect = rare.collect.bind(rare);
    rare.collect = (plan, log, admits) => {
      const count = collect(plan, log, admits);
      if (plan.tick % 7 === 0) rare.count = 0;
      return plan.tick % 7 === 0 ? 0 : count;
    };
    expect(await complaint(late)).toMatch(/is .+, and it has been told/);
  });

  test('an event that was for somebody else', async () => {
    const insides = await start();
    const [ann, bob] = insides.players;
    const push = ann!.events.push.bind(ann!.events);
    ann!.events.push = (...event: Parameters<typeof push>) => {
      bob!.events.push(...event);
      return push(...event);
    };
    expect(await complaint(insides)).toMatch(
      /sent to player 2 of village in tick \d+: told event cry, which was not for/,
    );
  });

  test('an event that names who must not be seen: it is left out, or found', async () => {
    const type: RoomType<Game> = {
      ...village,
      interest: { radius: 200 },
      onTick(room) {
        for (const ghost of room.world.ghost) room.emit('seen', { ghost });
      },
    };
    const { simulation, players } = await start(type);
    await simulation.advance(8_000);
    expect(simulation.checked!.eventsJudged).toBeGreaterThan(300);
    // As if the player knew everybody.
    (players[0] as unknown as { knownRefs: { has(): boolean } }).knownRefs.has = () => true;
    await expect(simulation.advance(4_000)).rejects.toThrow(/told of ghost \d by an event, and it must not be seen/);
  });
});

describe('what a client makes of values', () => {
  test('references of the room, of players and of entities are those of the server', async () => {
    const insides = await start({
      ...village,
      onTick(room) {
        village.onTick?.(room, { dt: 1 / 30, tick: room.tick });
        const huts = [...room.world.hut];
        const pick = () => (room.random() < 0.2 ? undefined : huts[Math.floor(room.random() * huts.length)]);
        if (room.random() < 0.2) room.state.haunted = pick();
        for (const player of room.players) if (room.random() < 0.2) player.state.home = pick();
        for (const hut of huts) if (room.random() < 0.1) hut.guest = [...room.world.ghost][0];
        if (room.random() < 0.05) huts[0]?.despawn();
        if (huts.length < 10) room.world.hut.spawn({ x: 300, y: 500 });
      },
    });
    await insides.simulation.advance(10_000);
    expect(insides.simulation.checked!.valuesDrawn).toBeGreaterThan(150);
    await insides.simulation.close();
  });
});

describe('a budget', () => {
  test('that is not kept is found, and one that is wide enough is not', async () => {
    expect(await complaint(await start(village, { bytesPerSecond: 500 }))).toMatch(/budget of player \d of village/);
    const { simulation } = await start(village, { bytesPerSecond: 50_000 });
    await simulation.advance(5_000);
    expect(simulation.checked!.budgetsChecked).toBeGreaterThan(200);
    await simulation.close();
  });
});
