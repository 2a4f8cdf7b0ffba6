/** The list of all pilots, best first; rows are kept and only changed texts are written. */

import type { Standing } from '../standing.ts';
import { cssColour, styleColour } from '../view/palette.ts';
import { findElement } from './element.ts';

interface Row {
  readonly line: HTMLTableRowElement;
  readonly cells: readonly HTMLTableCellElement[];
}

export class Scoreboard {
  readonly #body = findElement('score-rows', HTMLTableSectionElement);
  readonly #count = findElement('score-count', HTMLParagraphElement);
  readonly #rows: Row[] = [];

  show(standings: readonly Standing[]): void {
    for (let index = 0; index < standings.length; index++) {
      const standing = standings[index];
      if (standing) fillRow(this.#row(index), standing, index + 1);
    }
    while (this.#rows.length > standings.length) this.#rows.pop()?.line.remove();
    const people = standings.filter((standing) => !standing.isBot).length;
    const bots = standings.length - people;
    setText(this.#count, `${people} ${people === 1 ? 'pilot' : 'pilots'}, ${bots} bots`);
  }

  #row(index: number): Row {
    let row = this.#rows[index];
    if (!row) {
      const line = this.#body.insertRow();
      row = { line, cells: Array.from({ length: 5 }, () => line.insertCell()) };
      this.#rows.push(row);
    }
    return row;
  }
}

function fillRow({ line, cells }: Row, standing: Standing, rank: number): void {
  const texts = [rank, standing.name, standing.kills, standing.deaths, standing.score];
  for (let index = 0; index < cells.length; index++) {
    const cell = cells[index];
    if (cell) setText(cell, String(texts[index]));
  }
  const colour = cssColour(styleColour(standing.style));
  const name = cells[1];
  if (name && name.dataset.colour !== colour) {
    name.dataset.colour = colour;
    name.style.color = colour;
  }
  line.classList.toggle('is-self', standing.isSelf);
  line.classList.toggle('is-person', !standing.isBot);
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
