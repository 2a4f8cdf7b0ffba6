/** Sounds made of tones and noise; silent until the first key or touch, as browsers demand. */

const HEARING = 1500;

export class Sound {
  #context: AudioContext | undefined = undefined;
  #noise: AudioBuffer | undefined = undefined;
  #isOn: boolean;

  constructor(isOn: boolean) {
    this.#isOn = isOn;
    for (const type of ['keydown', 'pointerdown'] as const) {
      window.addEventListener(type, () => this.#start(), { once: true });
    }
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  toggle(): boolean {
    this.#isOn = !this.#isOn;
    this.#start();
    return this.#isOn;
  }

  shoot(distance: number): void {
    this.#tone('square', 880, 220, 0.09, 0.05, distance);
  }

  hit(distance: number): void {
    this.#tone('triangle', 320, 120, 0.08, 0.14, distance);
  }

  explode(distance: number): void {
    this.#rumble(0.9, 900, 0.5, distance);
    this.#tone('sine', 150, 32, 0.6, 0.4, distance);
  }

  take(distance: number): void {
    this.#tone('sine', 520, 780, 0.1, 0.16, distance);
    this.#tone('sine', 780, 1170, 0.16, 0.12, distance, 0.08);
  }

  #start(): void {
    if (this.#context || !this.#isOn || typeof AudioContext === 'undefined') return;
    const context = new AudioContext();
    const noise = context.createBuffer(1, context.sampleRate, context.sampleRate);
    const samples = noise.getChannelData(0);
    for (let index = 0; index < samples.length; index++) samples[index] = Math.random() * 2 - 1;
    this.#context = context;
    this.#noise = noise;
  }

  #tone(
    type: OscillatorType,
    fromHz: number,
    toHz: number,
    seconds: number,
    volume: number,
    distance: number,
    delay = 0,
  ): void {
    const context = this.#context;
    const gain = this.#gain(volume, seconds, distance, delay);
    if (!context || !gain) return;
    const tone = context.createOscillator();
    const startAt = context.currentTime + delay;
    tone.type = type;
    tone.frequency.setValueAtTime(fromHz, startAt);
    tone.frequency.exponentialRampToValueAtTime(toHz, startAt + seconds);
    tone.connect(gain);
    tone.start(startAt);
    tone.stop(startAt + seconds);
  }

  #rumble(seconds: number, cutoffHz: number, volume: number, distance: number): void {
    const context = this.#context;
    const gain = this.#gain(volume, seconds, distance, 0);
    if (!context || !gain || !this.#noise) return;
    const source = context.createBufferSource();
    source.buffer = this.#noise;
    const filter = context.createBiquadFilter();
    filter.type = 'lowpass';
    filter.frequency.setValueAtTime(cutoffHz, context.currentTime);
    filter.frequency.exponentialRampToValueAtTime(60, context.currentTime + seconds);
    source.connect(filter).connect(gain);
    source.start();
    source.stop(context.currentTime + seconds);
  }

  #gain(volume: number, seconds: number, distance: number, delay: number): GainNode | undefined {
    const context = this.#context;
    const near = 1 - distance / HEARING;
    if (!context || !this.#isOn || near <= 0.05 || document.hidden) return undefined;
    const gain = context.createGain();
    const startAt = context.currentTime + delay;
    gain.gain.setValueAtTime(volume * near * near, startAt);
    gain.gain.exponentialRampToValueAtTime(0.0001, startAt + seconds);
    gain.connect(context.destination);
    return gain;
  }
}
