/** The own ship's card: name, score, rank, hull, boost and special weapon. */

import { WEAPON } from '../../sim/bodies.ts';
import { MAX_ENERGY, MAX_HP, TICK_RATE } from '../../sim/tuning.ts';
import type { ShipPicture } from '../picture.ts';
import type { Standing } from '../standing.ts';
import { findElement } from './element.ts';

const HIT_MS = 60;

export class PilotCard {
  readonly #name = findElement('name', HTMLInputElement);
  readonly #score = findElement('score', HTMLElement);
  readonly #rank = findElement('rank', HTMLElement);
  readonly #hp = findElement('hp-bar', HTMLDivElement);
  readonly #energy = findElement('energy-bar', HTMLDivElement);
  readonly #power = findElement('power', HTMLDivElement);
  readonly #damage = findElement('damage', HTMLDivElement);
  #lastHp = 0;

  constructor(name: string, onRename: (name: string) => void) {
    this.#name.value = name;
    this.#name.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === 'Escape') this.#name.blur();
      event.stopPropagation();
    });
    this.#name.addEventListener('change', () => onRename(this.#name.value));
  }

  showShip(ship: ShipPicture | undefined): void {
    const hp = ship?.hp ?? 0;
    fillBar(this.#hp, hp / MAX_HP);
    fillBar(this.#energy, (ship?.energy ?? 0) / MAX_ENERGY);
    this.#hp.classList.toggle('is-warn', hp <= 65 && hp > 35);
    this.#hp.classList.toggle('is-bad', hp <= 35);
    if (ship && hp < this.#lastHp) this.#flash();
    this.#damage.classList.toggle('is-low', ship !== undefined && hp <= 25);
    this.#lastHp = hp;
    const hasPower = ship !== undefined && ship.weapon !== WEAPON.single;
    this.#power.hidden = !hasPower;
    if (hasPower) {
      const weapon = ship.weapon === WEAPON.spread ? 'Triple shot' : 'Rapid fire';
      setText(this.#power, `${weapon} ${Math.ceil(ship.power / TICK_RATE)} s`);
    }
  }

  showStanding(standings: readonly Standing[]): void {
    const index = standings.findIndex((standing) => standing.isSelf);
    const own = standings[index];
    if (!own) return;
    setText(this.#score, String(own.score));
    setText(this.#rank, `#${index + 1} of ${standings.length}`);
    if (document.activeElement !== this.#name && own.name && this.#name.value !== own.name) this.#name.value = own.name;
  }

  #flash(): void {
    this.#damage.classList.add('is-hit');
    window.setTimeout(() => this.#damage.classList.remove('is-hit'), HIT_MS);
  }
}

function fillBar(bar: HTMLElement, share: number): void {
  const rounded = Math.round(Math.max(0, Math.min(1, share)) * 100);
  if (bar.dataset.percent === String(rounded)) return;
  bar.dataset.percent = String(rounded);
  const fill = bar.firstElementChild;
  if (fill instanceof HTMLElement) fill.style.transform = `scaleX(${rounded / 100})`;
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
