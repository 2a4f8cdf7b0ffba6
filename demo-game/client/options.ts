/** Choices from the page's address, such as `?renderer=canvas&latency=150&name=Ada`. */

import { randomPilotName } from '../sim/pilot-names.ts';
import type { LinkQuality } from './slow-socket.ts';

export type Quality = 'auto' | 'high' | 'medium' | 'low';

export interface Options {
  readonly renderer: 'webgl' | 'canvas';
  readonly quality: Quality;
  readonly name: string;
  readonly room: string;
  /** Extra delay to start with. */
  readonly link: LinkQuality;
  readonly showsServer: boolean;
  readonly isSilent: boolean;
}

const NAME_KEY = 'tickwire-demo-name';

export function readOptions(search: string): Options {
  const query = new URLSearchParams(search);
  const quality = query.get('quality');
  return {
    renderer: query.get('renderer') === 'canvas' ? 'canvas' : 'webgl',
    quality: quality === 'high' || quality === 'medium' || quality === 'low' ? quality : 'auto',
    name: query.get('name') ?? readName(),
    room: query.get('room') ?? 'arena',
    link: {
      latencyMs: readNumber(query, 'latency', 1000),
      jitterMs: readNumber(query, 'jitter', 500),
      stallMs: readNumber(query, 'stall', 2000),
    },
    showsServer: query.get('server') === '1',
    isSilent: query.get('sound') === '0',
  };
}

/** Keeps a chosen name for the next visit, where the browser allows it. */
export function storeName(name: string): void {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // Private windows may refuse storage; the name then lasts as long as the page.
  }
}

function readName(): string {
  try {
    const stored = localStorage.getItem(NAME_KEY);
    if (stored) return stored;
  } catch {
    // As above.
  }
  return randomPilotName(Math.random());
}

function readNumber(query: URLSearchParams, key: string, highest: number): number {
  const number = Number(query.get(key) ?? 0);
  return Number.isFinite(number) ? Math.min(highest, Math.max(0, number)) : 0;
}
