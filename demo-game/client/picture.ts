/** What a frame shows, as plain values: the net writes it, the views read it, neither knows the other. */

import type { RadarPlace } from '../sim/board.ts';

export interface ShipPicture {
  id: number;
  pilot: number;
  name: string;
  style: number;
  x: number;
  y: number;
  vx: number;
  vy: number;
  heading: number;
  hp: number;
  energy: number;
  guard: number;
  weapon: number;
  power: number;
  engine: number;
  cooldown: number;
  isOwn: boolean;
  /** Shown from an old value because the server sends this one less often. */
  isHeld: boolean;
  isLeader: boolean;
  /** The newest place that the server sent. */
  serverX: number;
  serverY: number;
  serverHeading: number;
}

export interface ShotPicture {
  id: number;
  style: number;
  x: number;
  y: number;
  vx: number;
  vy: number;
  isOwn: boolean;
}

export interface PickupPicture {
  id: number;
  sort: number;
  x: number;
  y: number;
}

export interface Picture {
  readonly ships: PictureList<ShipPicture>;
  readonly shots: PictureList<ShotPicture>;
  readonly pickups: PictureList<PickupPicture>;
  /** The own ship, an entry of `ships`, or undefined between two lives. */
  own: ShipPicture | undefined;
  /** What the camera follows: the own ship, else whoever shot it down. */
  focus: ShipPicture | undefined;
  ownPilot: number;
  /** Places of all ships of the room. */
  radar: readonly RadarPlace[];
}

/** A list whose entries are kept and refilled, so that frames make no garbage. */
export class PictureList<Entry> {
  count = 0;
  readonly #entries: Entry[] = [];
  readonly #create: () => Entry;

  constructor(create: () => Entry) {
    this.#create = create;
  }

  clear(): void {
    this.count = 0;
  }

  /** The next entry, to be filled by the caller. */
  next(): Entry {
    let entry = this.#entries[this.count];
    if (!entry) {
      entry = this.#create();
      this.#entries.push(entry);
    }
    this.count++;
    return entry;
  }

  at(index: number): Entry {
    const entry = this.#entries[index];
    if (!entry || index >= this.count) throw new RangeError(`Picture list has ${this.count} entries, not ${index + 1}`);
    return entry;
  }

  *[Symbol.iterator](): IterableIterator<Entry> {
    for (let index = 0; index < this.count; index++) yield this.at(index);
  }
}

export function createPicture(): Picture {
  return {
    ships: new PictureList(createShipPicture),
    shots: new PictureList(() => ({ id: 0, style: 0, x: 0, y: 0, vx: 0, vy: 0, isOwn: false })),
    pickups: new PictureList(() => ({ id: 0, sort: 0, x: 0, y: 0 })),
    own: undefined,
    focus: undefined,
    ownPilot: -1,
    radar: [],
  };
}

function createShipPicture(): ShipPicture {
  return {
    id: 0,
    pilot: 0,
    name: '',
    style: 0,
    x: 0,
    y: 0,
    vx: 0,
    vy: 0,
    heading: 0,
    hp: 0,
    energy: 0,
    guard: 0,
    weapon: 0,
    power: 0,
    engine: 0,
    cooldown: 0,
    isOwn: false,
    isHeld: false,
    isLeader: false,
    serverX: 0,
    serverY: 0,
    serverHeading: 0,
  };
}
