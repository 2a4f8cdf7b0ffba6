/** Measures what a frame costs: JavaScript time (95th percentile), frames per second and draw calls. */

const WINDOW = 240;

interface DrawContext {
  drawElements(...values: never[]): void;
  drawArrays(...values: never[]): void;
  drawElementsInstanced(...values: never[]): void;
  drawArraysInstanced(...values: never[]): void;
}

export class FrameMeter {
  drawCalls = 0;
  readonly #costsMs = new Float64Array(WINDOW);
  readonly #gapsMs = new Float64Array(WINDOW);
  #count = 0;
  #lastStartMs = 0;

  /** Counts draw calls of a WebGL context from now on. */
  watch(gl: DrawContext): void {
    for (const name of ['drawElements', 'drawArrays', 'drawElementsInstanced', 'drawArraysInstanced'] as const) {
      const draw = gl[name].bind(gl);
      gl[name] = (...values: never[]) => {
        this.drawCalls++;
        draw(...values);
      };
    }
  }

  begin(startMs: number): void {
    const slot = this.#count % WINDOW;
    this.#gapsMs[slot] = Math.min(1000, startMs - this.#lastStartMs);
    this.#lastStartMs = startMs;
    this.drawCalls = 0;
  }

  end(endMs: number): void {
    this.#costsMs[this.#count % WINDOW] = endMs - this.#lastStartMs;
    this.#count++;
  }

  get costP95Ms(): number {
    const filled = Math.min(this.#count, WINDOW);
    if (filled === 0) return 0;
    const sorted = this.#costsMs.slice(0, filled).sort();
    return sorted[Math.min(filled - 1, Math.floor(filled * 0.95))] ?? 0;
  }

  /** Of the last `frames` frames. */
  framesPerSecond(frames = 60): number {
    const filled = Math.min(this.#count, WINDOW, frames);
    if (filled === 0) return 0;
    let sum = 0;
    for (let back = 1; back <= filled; back++) sum += this.#gapsMs[(this.#count - back) % WINDOW] ?? 0;
    return sum > 0 ? (1000 * filled) / sum : 0;
  }
}
