/** Thumb stick on the left, two buttons on the right; shown on devices that have touch. */

import type { PlayerInput } from '../input.ts';
import { findElement } from './element.ts';

const REACH = 52;

/** True if the main pointer is a finger. */
export function hasTouch(): boolean {
  return window.matchMedia('(pointer: coarse)').matches;
}

export function bindTouchControls(input: PlayerInput): void {
  const show = () => {
    findElement('touch', HTMLDivElement).hidden = false;
    document.body.classList.add('has-touch');
  };
  if (hasTouch()) show();
  else window.addEventListener('touchstart', show, { once: true, passive: true });
  bindStick(input);
  bindButton('touch-fire', (isHeld) => (input.touch.fire = isHeld));
  bindButton('touch-boost', (isHeld) => (input.touch.boost = isHeld));
}

function bindStick(input: PlayerInput): void {
  const zone = findElement('stick-zone', HTMLDivElement);
  const stick = findElement('stick', HTMLDivElement);
  const knob = stick.firstElementChild as HTMLElement;
  let originX = 0;
  let originY = 0;

  const move = (event: PointerEvent) => {
    const dx = event.clientX - originX;
    const dy = event.clientY - originY;
    const distance = Math.hypot(dx, dy);
    const shown = Math.min(distance, REACH);
    input.stick.push = shown / REACH;
    if (distance > 6) input.stick.angle = Math.atan2(dy, dx);
    knob.style.transform = `translate(${(dx / (distance || 1)) * shown}px, ${(dy / (distance || 1)) * shown}px)`;
  };
  const release = () => {
    input.stick.isHeld = false;
    input.stick.push = 0;
    knob.style.transform = '';
    stick.style.transform = '';
  };
  zone.addEventListener('pointerdown', (event) => {
    // The stick comes to the thumb.
    stick.style.transform = '';
    const home = stick.getBoundingClientRect();
    originX = event.clientX;
    originY = event.clientY;
    stick.style.transform = `translate(${originX - home.x - home.width / 2}px, ${originY - home.y - home.height / 2}px)`;
    zone.setPointerCapture(event.pointerId);
    input.stick.isHeld = true;
    input.stick.push = 0;
    event.preventDefault();
  });
  zone.addEventListener('pointermove', (event) => {
    if (input.stick.isHeld) move(event);
  });
  zone.addEventListener('pointerup', release);
  zone.addEventListener('pointercancel', release);
}

function bindButton(id: string, onChange: (isHeld: boolean) => void): void {
  const button = findElement(id, HTMLButtonElement);
  const set = (isHeld: boolean) => {
    onChange(isHeld);
    button.classList.toggle('is-held', isHeld);
  };
  button.addEventListener('pointerdown', (event) => {
    button.setPointerCapture(event.pointerId);
    set(true);
    event.preventDefault();
  });
  button.addEventListener('pointerup', () => set(false));
  button.addEventListener('pointercancel', () => set(false));
  button.addEventListener('contextmenu', (event) => event.preventDefault());
}
