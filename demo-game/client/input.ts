/** What the player holds right now, from keyboard and touch. */

import { TURN_RATE, TURN_STEPS } from '../sim/tuning.ts';

export interface HeldInput {
  thrust: boolean;
  boost: boolean;
  fire: boolean;
  turn: number;
}

type Action = 'thrust' | 'boost' | 'fire' | 'left' | 'right';

const KEYS: Readonly<Record<string, Action>> = {
  ArrowUp: 'thrust',
  KeyW: 'thrust',
  ArrowLeft: 'left',
  KeyA: 'left',
  ArrowRight: 'right',
  KeyD: 'right',
  Space: 'fire',
  ShiftLeft: 'boost',
  ShiftRight: 'boost',
  ArrowDown: 'boost',
  KeyS: 'boost',
};

/** How long a turn of the thumb should take to be followed. */
const FOLLOW_SECONDS = 0.1;

/** A direction that a thumb points to, and how far it is pushed (0..1). */
export interface Stick {
  isHeld: boolean;
  angle: number;
  push: number;
}

export class PlayerInput {
  readonly stick: Stick = { isHeld: false, angle: 0, push: 0 };
  /** Set by touch buttons. */
  readonly touch = { fire: false, boost: false };
  readonly #held = new Set<Action>();

  constructor(target: Window) {
    target.addEventListener('keydown', (event) => this.#onKey(event, true));
    target.addEventListener('keyup', (event) => this.#onKey(event, false));
    // Keys released while another window has the focus are never reported.
    target.addEventListener('blur', () => this.#held.clear());
  }

  /** Writes the current input; `heading` of the own ship lets the stick point instead of turn. */
  read(input: HeldInput, heading: number): void {
    const held = this.#held;
    input.thrust = held.has('thrust') || (this.stick.isHeld && this.stick.push > 0.35);
    input.boost = held.has('boost') || this.touch.boost;
    input.fire = held.has('fire') || this.touch.fire;
    input.turn = (Number(held.has('right')) - Number(held.has('left'))) * TURN_STEPS;
    if (this.stick.isHeld && input.turn === 0) input.turn = turnToward(heading, this.stick.angle);
  }

  #onKey(event: KeyboardEvent, isDown: boolean): void {
    const action = KEYS[event.code];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isDown && isTyping(event.target)) return;
    if (isDown) {
      this.#held.add(action);
      event.preventDefault();
    } else {
      this.#held.delete(action);
    }
  }
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.type !== 'range' && target.type !== 'checkbox';
}

function turnToward(heading: number, wanted: number): number {
  const turn = Math.atan2(Math.sin(wanted - heading), Math.cos(wanted - heading));
  const share = turn / (TURN_RATE * FOLLOW_SECONDS);
  return Math.round(Math.max(-1, Math.min(1, share)) * TURN_STEPS);
}
