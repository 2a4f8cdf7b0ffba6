/** The line to write chat in: Enter opens and sends, Escape leaves. */

import { isTyping } from '../input.ts';
import { findElement } from './element.ts';

export function bindChatBox(send: (text: string) => void): void {
  const form = findElement('chat-form', HTMLFormElement);
  const box = findElement('chat-text', HTMLInputElement);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (text) send(text);
    box.value = '';
    box.blur();
  });
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') box.blur();
    event.stopPropagation();
  });
  window.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || isTyping(event.target)) return;
    box.focus();
    event.preventDefault();
  });
}
