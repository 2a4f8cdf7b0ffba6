/** Someone who flies: a visitor or a bot, through all their ships. */

import type { BotBrain } from './bot-brain.ts';
import type { ShipHandle, Visitor } from './room-types.ts';

export class Pilot {
  readonly number: number;
  readonly style: number;
  name: string;
  score = 0;
  kills = 0;
  deaths = 0;
  ship: ShipHandle | undefined = undefined;
  /** Tick at which the next ship starts, while there is none. */
  returnTick = 0;
  lastChatTick = -1000;
  /** Set for people. */
  readonly visitor: Visitor | undefined;
  /** Set for bots. */
  readonly brain: BotBrain | undefined;

  constructor(number: number, style: number, name: string, mind: { visitor?: Visitor; brain?: BotBrain }) {
    this.number = number;
    this.style = style;
    this.name = name;
    this.visitor = mind.visitor;
    this.brain = mind.brain;
  }

  /** Copies the score to where everybody in the room sees it; bots are published as one list instead. */
  publish(): void {
    const state = this.visitor?.state;
    if (!state) return;
    state.name = this.name;
    state.style = this.style;
    state.pilot = this.number;
    state.score = Math.min(this.score, 9999);
    state.kills = Math.min(this.kills, 9999);
    state.deaths = Math.min(this.deaths, 9999);
  }
}
