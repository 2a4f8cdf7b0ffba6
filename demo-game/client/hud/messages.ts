/** What is said and announced: chat, kill feed, big announcements, connection banner, help line. */

import { cssColour, styleColour } from '../view/palette.ts';
import { createElement, findElement } from './element.ts';

const CHAT_LINES = 7;
const FEED_LINES = 5;

export class Messages {
  readonly #lines = findElement('chat-lines', HTMLOListElement);
  readonly #feed = findElement('kill-feed', HTMLOListElement);
  readonly #announcement = findElement('announcement', HTMLDivElement);
  readonly #banner = findElement('banner', HTMLDivElement);
  readonly #help = findElement('help', HTMLParagraphElement);
  #announcementTimer = 0;

  /** A chat line; without a name it is a notice of the room. */
  say(name: string, style: number, text: string): void {
    const line = document.createElement('li');
    if (name) {
      const author = createElement('b', `${name} `);
      author.style.color = cssColour(styleColour(style));
      line.append(author, text);
    } else {
      line.className = 'is-notice';
      line.textContent = text;
    }
    append(this.#lines, line, CHAT_LINES);
  }

  kill(killer: { name: string; style: number }, victim: { name: string; style: number }, isOwn: boolean): void {
    const line = document.createElement('li');
    if (isOwn) line.className = 'is-own';
    line.append(coloured(killer), createElement('i', '▸'), coloured(victim));
    append(this.#feed, line, FEED_LINES);
  }

  announce(text: string, detail: string, isLoss: boolean, durationMs: number): void {
    this.#announcement.replaceChildren(text, createElement('small', detail));
    this.#announcement.classList.toggle('is-loss', isLoss);
    window.clearTimeout(this.#announcementTimer);
    this.#announcementTimer = window.setTimeout(() => this.#announcement.replaceChildren(), durationMs);
  }

  /** Shows or, with an empty text, hides the banner in the middle. */
  setBanner(text: string): void {
    this.#banner.hidden = text === '';
    if (this.#banner.textContent !== text) this.#banner.textContent = text;
  }

  showHelp(hasTouch: boolean, durationMs: number): void {
    if (hasTouch) {
      this.#help.textContent = 'Left thumb flies, right thumb fires. Collect lights, stay alive.';
    } else {
      for (const [key, deed] of [
        ['↑ W', 'thrust'],
        ['← → A D', 'turn'],
        ['Space', 'fire'],
        ['Shift', 'boost'],
      ] as const) {
        this.#help.append(createElement('kbd', key), ` ${deed}   `);
      }
    }
    window.setTimeout(() => this.#help.classList.add('is-gone'), durationMs);
  }
}

function coloured({ name, style }: { name: string; style: number }): HTMLElement {
  const element = createElement('b', name);
  element.style.color = cssColour(styleColour(style));
  return element;
}

function append(list: HTMLOListElement, line: HTMLLIElement, limit: number): void {
  list.append(line);
  while (list.childElementCount > limit) list.firstElementChild?.remove();
}
