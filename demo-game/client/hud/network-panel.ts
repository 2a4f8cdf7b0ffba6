/** The network panel: measured values, a graph, sliders that make the line worse, and the switch for server positions. */

import type { LinkQuality } from '../slow-socket.ts';
import { findElement } from './element.ts';

export interface NetworkValues {
  readonly state: string;
  readonly rttMs: number;
  readonly jitterMs: number;
  readonly playoutDelayMs: number;
  readonly bytesInPerSecond: number;
  readonly bytesOutPerSecond: number;
  readonly snapshotBytes: number;
  readonly corrections: number;
  readonly entities: number;
  readonly costP95Ms: number;
  readonly framesPerSecond: number;
  readonly drawCalls: number;
  readonly quality: string;
}

const GRAPH_POINTS = 118;
const WIDE_PAGE = 1100;

export class NetworkPanel {
  readonly #toggle = findElement('network-toggle', HTMLButtonElement);
  readonly #body = findElement('network-body', HTMLDivElement);
  readonly #short = findElement('network-short', HTMLSpanElement);
  readonly #dot = findElement('link-dot', HTMLSpanElement);
  readonly #values = findElement('network-values', HTMLDListElement);
  readonly #graph = findElement('network-graph', HTMLCanvasElement);
  readonly #paint = this.#graph.getContext('2d');
  readonly #shown = new Map<string, HTMLElement>();
  readonly #rtts: number[] = [];
  readonly #sizes: number[] = [];

  constructor(link: LinkQuality, showsServer: boolean, onShowServer: (isShown: boolean) => void) {
    this.#toggle.addEventListener('click', () => this.toggle());
    bindSlider('latency', link.latencyMs, (value) => (link.latencyMs = value));
    bindSlider('jitter', link.jitterMs, (value) => (link.jitterMs = value));
    bindSlider('stall', link.stallMs, (value) => (link.stallMs = value));
    const box = findElement('shows-server', HTMLInputElement);
    box.checked = showsServer;
    box.addEventListener('change', () => onShowServer(box.checked));
    if (window.innerWidth >= WIDE_PAGE) this.toggle();
  }

  toggle(): void {
    this.#body.hidden = !this.#body.hidden;
    this.#toggle.setAttribute('aria-expanded', String(!this.#body.hidden));
  }

  show(values: NetworkValues): void {
    const isPlaying = values.state === 'playing';
    this.#dot.className = isPlaying ? 'is-good' : values.state === 'closed' ? 'is-bad' : '';
    const summary = isPlaying
      ? `${Math.round(values.rttMs)} ms · ${Math.round(values.framesPerSecond)} fps`
      : values.state;
    setText(this.#short, summary);
    push(this.#rtts, values.rttMs);
    push(this.#sizes, values.snapshotBytes);
    if (this.#body.hidden) return;
    this.#write('Ping', `${values.rttMs.toFixed(0)} ms`);
    this.#write('Jitter', `${values.jitterMs.toFixed(1)} ms`);
    this.#write('Playout delay', `${values.playoutDelayMs.toFixed(0)} ms`);
    this.#write('In', formatRate(values.bytesInPerSecond));
    this.#write('Out', formatRate(values.bytesOutPerSecond));
    this.#write('Snapshot', `${Math.round(values.snapshotBytes)} B`);
    this.#write('Corrections', String(values.corrections));
    this.#write('Entities', String(values.entities));
    this.#write('Frame JS p95', `${values.costP95Ms.toFixed(1)} ms`);
    this.#write('Draw calls', `${values.drawCalls} · ${values.quality}`);
    this.#drawGraph();
  }

  #write(name: string, text: string): void {
    let value = this.#shown.get(name);
    if (!value) {
      const term = document.createElement('dt');
      term.textContent = name;
      value = document.createElement('dd');
      this.#values.append(term, value);
      this.#shown.set(name, value);
    }
    setText(value, text);
  }

  #drawGraph(): void {
    const paint = this.#paint;
    if (!paint) return;
    const { width, height } = this.#graph;
    paint.clearRect(0, 0, width, height);
    const step = width / GRAPH_POINTS;
    const highestSize = Math.max(400, ...this.#sizes);
    paint.fillStyle = 'rgb(217 140 255 / 45%)';
    this.#sizes.forEach((size, index) => {
      const tall = (size / highestSize) * (height - 6);
      paint.fillRect(index * step, height - tall, step - 1, tall);
    });
    const highestRtt = Math.max(60, ...this.#rtts) * 1.15;
    paint.strokeStyle = '#58d4ff';
    paint.lineWidth = 2.5;
    paint.beginPath();
    this.#rtts.forEach((rtt, index) => {
      paint.lineTo((index + 0.5) * step, height - (rtt / highestRtt) * (height - 4));
    });
    paint.stroke();
    paint.fillStyle = 'rgb(143 160 204)';
    paint.font = '18px system-ui, sans-serif';
    paint.fillText('ping', 8, 20);
    paint.fillText('snapshot', 52, 20);
  }
}

function bindSlider(id: string, value: number, onChange: (value: number) => void): void {
  const slider = findElement(id, HTMLInputElement);
  const shown = findElement(`${id}-shown`, HTMLOutputElement);
  slider.value = String(value);
  shown.textContent = `${value} ms`;
  slider.addEventListener('input', () => {
    onChange(slider.valueAsNumber);
    shown.textContent = `${slider.value} ms`;
  });
  // Arrow keys steer the ship: a slider must not keep the focus.
  slider.addEventListener('change', () => slider.blur());
}

function formatRate(bytes: number): string {
  return bytes < 10_000 ? `${(bytes / 1000).toFixed(2)} kB/s` : `${(bytes / 1000).toFixed(1)} kB/s`;
}

function push(points: number[], value: number): void {
  points.push(value);
  if (points.length > GRAPH_POINTS) points.shift();
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
