/** How much is drawn. Falls by itself, step by step, while frames take too long; never rises again by itself. */

import type { Quality } from '../options.ts';

export interface QualityLevel {
  readonly name: 'high' | 'medium' | 'low';
  readonly maxResolution: number;
  readonly sparkDensity: number;
  readonly starDepths: number;
  readonly hasTrails: boolean;
}

const LEVELS: readonly QualityLevel[] = [
  { name: 'high', maxResolution: 2, sparkDensity: 1, starDepths: 3, hasTrails: true },
  { name: 'medium', maxResolution: 1, sparkDensity: 0.6, starDepths: 2, hasTrails: true },
  { name: 'low', maxResolution: 0.75, sparkDensity: 0.3, starDepths: 1, hasTrails: false },
];

const SLOW_FRAME_MS = 24;
const PATIENCE_MS = 2500;

export class QualityControl {
  level: QualityLevel;
  readonly #isAutomatic: boolean;
  #meanGapMs = 16;
  #slowMs = 0;

  constructor(wanted: Quality, isCanvas: boolean) {
    this.#isAutomatic = wanted === 'auto' && !isCanvas;
    const name = isCanvas ? 'low' : wanted === 'auto' ? 'high' : wanted;
    this.level = LEVELS.find((level) => level.name === name) ?? (LEVELS[0] as QualityLevel);
  }

  /** Takes note of a frame's length; true if the level has just changed. */
  notice(gapMs: number): boolean {
    // A gap this long is a hidden tab, not a slow machine.
    if (!this.#isAutomatic || gapMs > 500) return false;
    this.#meanGapMs += (gapMs - this.#meanGapMs) * 0.05;
    this.#slowMs = this.#meanGapMs > SLOW_FRAME_MS ? this.#slowMs + gapMs : 0;
    const lower = LEVELS[LEVELS.indexOf(this.level) + 1];
    if (this.#slowMs < PATIENCE_MS || !lower) return false;
    this.level = lower;
    this.#slowMs = 0;
    return true;
  }
}
