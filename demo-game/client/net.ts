/** The only file that knows Tickwire's client: joins the arena and turns what it shows into plain pictures. */

import { connect } from 'tickwire/client';
import { readRadar, readScores } from '../sim/board.ts';
import { game } from '../sim/game.ts';
import { styleOfPilot } from '../sim/pilot-names.ts';
import type { HeldInput } from './input.ts';
import type { Picture, ShipPicture } from './picture.ts';
import { createSlowSocket, type LinkQuality } from './slow-socket.ts';
import type { Standing } from './standing.ts';

const RETRY_MS = 2000;

export interface LinkEvents {
  explosion(payload: { x: number; y: number; vx: number; vy: number; style: number; pilot: number }): void;
  hit(payload: { x: number; y: number; style: number; shooter: number; victim: number }): void;
  pickupTaken(payload: { x: number; y: number; sort: number; pilot: number }): void;
  kill(payload: KillNotice): void;
  said(payload: { name: string; style: number; text: string }): void;
  /** Fills the input; called once per frame with the own ship's heading. */
  sampleInput(input: HeldInput, heading: number): void;
}

export interface KillNotice {
  readonly killer: number;
  readonly victim: number;
  readonly killerName: string;
  readonly victimName: string;
  readonly hasBounty: boolean;
}

export interface LinkTarget {
  readonly url: string;
  readonly room: string;
  readonly name: string;
  readonly quality: LinkQuality;
}

type Net = Awaited<ReturnType<typeof openNet>>;

function openNet({ url, room, name, quality }: LinkTarget) {
  return connect(game, url, { room, token: name, WebSocket: createSlowSocket(quality) });
}

export class Link {
  /** Why there is no play, in words for the player; empty while playing. */
  trouble = 'Connecting';
  readonly #target: LinkTarget;
  readonly #events: LinkEvents;
  #net: Net | undefined = undefined;
  #ownHeading = 0;
  #ownPilot = -1;
  #killer = -1;
  #leader = -1;
  #radar: Uint8Array | undefined = undefined;
  #ownPlace: { readonly x: number; readonly y: number; readonly heading: number } = { x: 0, y: 0, heading: 0 };

  constructor(target: LinkTarget, events: LinkEvents) {
    this.#target = target;
    this.#events = events;
    void this.#open();
  }

  /** The client, while there is one: for tests and the curious. */
  get net(): Net | undefined {
    return this.#net;
  }

  get state(): string {
    return this.#net?.state ?? 'connecting';
  }

  /** Advances the client to this frame and writes what is to be drawn. */
  frame(nowMs: number, picture: Picture): void {
    picture.ships.clear();
    picture.shots.clear();
    picture.pickups.clear();
    picture.own = undefined;
    picture.focus = undefined;
    const net = this.#net;
    if (!net) return;
    net.frame(nowMs);
    this.#writeShips(net, picture);
    for (const shot of net.world.shot) {
      const shown = picture.shots.next();
      shown.id = shot.id;
      shown.style = shot.style;
      shown.x = shot.x;
      shown.y = shot.y;
      shown.vx = shot.vx;
      shown.vy = shot.vy;
      shown.isOwn = shot.pilot === this.#ownPilot;
    }
    for (const pickup of net.world.pickup) {
      const shown = picture.pickups.next();
      shown.id = pickup.id;
      shown.sort = pickup.sort;
      shown.x = pickup.x;
      shown.y = pickup.y;
    }
    picture.ownPilot = this.#ownPilot;
    this.#writeRadar(net, picture);
  }

  /** All pilots of the room, best first. */
  standings(): Standing[] {
    const net = this.#net;
    if (!net) return [];
    const standings: Standing[] = [];
    for (const player of net.players) {
      const { name, style, pilot, score, kills, deaths } = player.state;
      standings.push({ pilot, name, style, score, kills, deaths, isSelf: player.isOwn, isBot: false });
      if (player.isOwn) this.#ownPilot = pilot;
    }
    const { botNames, botScores } = net.room;
    readScores(botScores).forEach((bot, index) => {
      const name = botNames[index] ?? '';
      standings.push({ ...bot, name, style: styleOfPilot(bot.pilot), isSelf: false, isBot: true });
    });
    standings.sort((a, b) => b.score - a.score || a.deaths - b.deaths || a.pilot - b.pilot);
    const first = standings[0];
    this.#leader = first && first.score > 0 ? first.pilot : -1;
    return standings;
  }

  get ownPilot(): number {
    return this.#ownPilot;
  }

  get stats(): Net['stats'] | undefined {
    return this.#net?.stats;
  }

  chat(text: string): void {
    this.#send(this.#net?.send('chat', { text }));
  }

  rename(name: string): void {
    this.#send(this.#net?.send('setName', { name }));
  }

  #send(reply: Promise<unknown> | undefined): void {
    reply?.catch((error: unknown) => this.#events.said({ name: '', style: 0, text: `Not sent: ${describe(error)}` }));
  }

  async #open(): Promise<void> {
    try {
      const net = await openNet(this.#target);
      this.#listen(net);
      this.#net = net;
      this.#noticeState(net.state);
    } catch (error) {
      this.trouble = `No connection: ${describe(error)}. Trying again`;
      window.setTimeout(() => void this.#open(), RETRY_MS);
    }
  }

  #listen(net: Net): void {
    const events = this.#events;
    net.sampleInput((input) => events.sampleInput(input, this.#ownHeading));
    net.on('explosion', (payload) => events.explosion(payload));
    net.on('hit', (payload) => events.hit(payload));
    net.on('pickupTaken', (payload) => events.pickupTaken(payload));
    net.on('said', (payload) => events.said(payload));
    net.on('placed', (payload) => {
      this.#ownPlace = payload;
    });
    net.on('kill', (payload) => {
      if (payload.victim === this.#ownPilot) this.#killer = payload.killer;
      events.kill(payload);
    });
    net.onState((state) => this.#noticeState(state));
  }

  #noticeState(state: string): void {
    if (state === 'playing') this.trouble = '';
    else if (state === 'reconnecting') this.trouble = 'Connection lost. Reconnecting';
    else if (state === 'connecting') this.trouble = 'Connecting';
    else if (state === 'closed') {
      this.trouble = 'Connection closed. Joining again';
      this.#net = undefined;
      window.setTimeout(() => void this.#open(), RETRY_MS);
    }
  }

  #writeRadar(net: Net, picture: Picture): void {
    const { radar } = net.room;
    if (radar === this.#radar) return;
    this.#radar = radar;
    picture.radar = readRadar(radar);
  }

  #writeShips(net: Net, picture: Picture): void {
    let killer: ShipPicture | undefined;
    for (const ship of net.world.ship) {
      const shown = picture.ships.next();
      shown.id = ship.id;
      shown.pilot = ship.pilot;
      shown.name = ship.name;
      shown.style = ship.style;
      shown.x = ship.x;
      shown.y = ship.y;
      shown.vx = ship.vx;
      shown.vy = ship.vy;
      shown.heading = ship.heading;
      shown.hp = ship.hp;
      shown.energy = ship.energy;
      shown.guard = ship.guard;
      shown.weapon = ship.weapon;
      shown.power = ship.power;
      shown.engine = ship.engine;
      shown.cooldown = ship.cooldown;
      shown.isOwn = ship.isOwn;
      shown.isHeld = ship.isHeld;
      shown.isLeader = ship.pilot === this.#leader;
      // What the server sends of others skips the own ship; its place comes apart.
      const placed = ship.isOwn ? this.#ownPlace : ship.received;
      shown.serverX = placed.x;
      shown.serverY = placed.y;
      shown.serverHeading = placed.heading;
      if (ship.isOwn) {
        picture.own = shown;
        this.#ownPilot = ship.pilot;
        this.#ownHeading = ship.heading;
      } else if (ship.pilot === this.#killer) {
        killer = shown;
      }
    }
    picture.focus = picture.own ?? killer;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
