/** The game that Tickwire plays here: two movers whose truth is known, and what fills its messages on the narrow line. */
import { angle, defineGame, entity, event, int, num, text } from 'tickwire';
import type { ServerRoom } from 'tickwire/server';
import { createRandom } from '../traces/trace.ts';
import { LARGE_BYTES, LARGE_EVERY_MS, type ProfileName, snapshotBytes } from './profiles.ts';
import { ARENA, MOVERS, TICK_MS, TICK_RATE, type Truth } from './truth.ts';

const place = { min: 0, max: ARENA, precision: 1 / 16 };
const speed = { min: -512, max: 512, precision: 1 / 8 };
const byte = (): ReturnType<typeof int> => int(0, 255);

export const moverGame = defineGame({
  tickRate: TICK_RATE,
  entities: {
    mover: entity({
      which: int(0, 1),
      x: num(place).hermite('vx'),
      y: num(place).hermite('vy'),
      vx: num(speed),
      vy: num(speed),
    }),
    /** Is at one place, then at once at another one far away. */
    blinker: entity({ x: num(place), y: num(place) }),
    /** Turns, over the end of the range and on. */
    spinner: entity({ turn: angle(12) }),
    filler: entity({ a: byte(), b: byte(), c: byte(), d: byte() }),
  },
  events: { news: event({ text: text(1_000) }) },
});

/** Where the blinker is, and where nobody may ever see it. */
const BLINK_PLACES = [1_000, 3_000] as const;
const BLINK_TICKS = 90;
const BLINK_NEVER = { from: 1_100, to: 2_900 };
const TURN_PER_TICK = 3 / TICK_RATE;
/** What the spinner's picture may be off: it is continued for a quarter of a second at most. */
const TURN_OFF = 0.26 * 3;
/** Entities that can fill a message of the narrow line's size at any rate and with any codec; so many as it takes change. */
const FILLERS = 1_200;
/** How fast that number follows the sizes of the messages. */
const FILL_GAIN = 0.2;
const NEWS_BYTES = 1_000;

type MoverRoom = ServerRoom<typeof moverGame>;

/** Plays the truth in a room. */
export class MoverPlay {
  readonly #truth: Truth;
  readonly #profile: ProfileName;
  readonly #sendRate: number;
  readonly #random: () => number;
  #nextNewsMs = LARGE_EVERY_MS;
  /** Fillers that change. */
  #active = 50;

  constructor(truth: Truth, profile: ProfileName, sendRate: number, seed: number) {
    this.#truth = truth;
    this.#profile = profile;
    this.#sendRate = sendRate;
    this.#random = createRandom(seed + 99);
  }

  /** Brings all into the world. */
  begin({ world }: Pick<MoverRoom, 'world'>): void {
    for (const mover of MOVERS) world.mover.spawn({ which: mover });
    world.blinker.spawn({ x: BLINK_PLACES[0], y: ARENA / 2 });
    world.spinner.spawn();
    for (let i = 0; i < FILLERS && this.#profile === 'bw256'; i++) world.filler.spawn();
  }

  /** One tick. */
  move({ world, tick }: MoverRoom): void {
    const truth = this.#truth;
    for (const mover of world.mover) {
      mover.x = truth.x[mover.which]![tick]!;
      mover.y = truth.y[mover.which]![tick]!;
      mover.vx = truth.vx[mover.which]![tick]!;
      mover.vy = truth.vy[mover.which]![tick]!;
    }
    if (tick % BLINK_TICKS === 0) {
      for (const blinker of world.blinker) blinker.teleport({ x: BLINK_PLACES[(tick / BLINK_TICKS) % 2]! });
    }
    for (const spinner of world.spinner) spinner.turn = turnAt(tick);
  }

  /** A message had so many bytes: fills more or less. Those that make up for many at once say nothing. */
  noteSize(bytes: number): void {
    const wanted = snapshotBytes(this.#profile, this.#sendRate);
    if (this.#profile !== 'bw256' || bytes > 3 * wanted) return;
    this.#active = Math.min(Math.max(1, this.#active * (wanted / bytes) ** FILL_GAIN), FILLERS);
  }

  /** One tick that is sent. Returns whether its message is to be a large one. */
  fill(room: MoverRoom): boolean {
    const random = (): number => Math.floor(this.#random() * 256);
    let left = Math.round(this.#active);
    for (const filler of room.world.filler) {
      if (left-- <= 0) break;
      filler.a = random();
      filler.b = random();
      filler.c = random();
      filler.d = random();
    }
    if (this.#profile !== 'bw256' || room.tick * TICK_MS < this.#nextNewsMs) return false;
    this.#nextNewsMs += LARGE_EVERY_MS;
    const bytes = LARGE_BYTES - snapshotBytes(this.#profile, this.#sendRate);
    for (let i = 0; i < Math.round(bytes / NEWS_BYTES); i++) room.emit('news', { text: 'n'.repeat(NEWS_BYTES) });
    return true;
  }
}

function turnAt(tick: number): number {
  return (tick * TURN_PER_TICK) % (2 * Math.PI);
}

/** Whether the blinker was seen on a way that it never took. */
export function isSlid(x: number): boolean {
  return x > BLINK_NEVER.from && x < BLINK_NEVER.to;
}

/** Whether the spinner was seen where it is not at that tick: it turned the long way round. */
export function isTwisted(turn: number, tick: number): boolean {
  const off = turn - turnAt(tick);
  return !(Math.abs(Math.atan2(Math.sin(off), Math.cos(off))) <= TURN_OFF);
}
