/** Paints a nebula: layered noise, bent by itself, in three colours on near black. */

const OCTAVES = 5;
const LATTICE = 64;

/** Red, green, blue at full strength. */
const DEEP = [5, 6, 15] as const;
const CLOUDS = [
  { colour: [92, 40, 176], scale: 2.1, at: 11, floor: 0.4, power: 1.5, strength: 0.74 },
  { colour: [16, 92, 168], scale: 2.6, at: 37, floor: 0.43, power: 1.5, strength: 0.78 },
  { colour: [196, 40, 120], scale: 3.1, at: 71, floor: 0.5, power: 1.6, strength: 0.66 },
  { colour: [20, 150, 140], scale: 3.4, at: 93, floor: 0.52, power: 1.6, strength: 0.6 },
] as const;

/** A square canvas of `size` pixels; about 0.1 s for 320. */
export function paintNebula(size: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  const paint = canvas.getContext('2d');
  if (!paint) return canvas;
  const lattice = Float32Array.from({ length: LATTICE * LATTICE }, () => Math.random());
  const pixels = paint.createImageData(size, size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) paintPixel(pixels.data, (y * size + x) * 4, x / size, y / size, lattice);
  }
  paint.putImageData(pixels, 0, 0);
  return canvas;
}

function paintPixel(data: Uint8ClampedArray, at: number, x: number, y: number, lattice: Float32Array): void {
  const bend = layeredNoise(lattice, x * 3 + 5, y * 3 + 9, 3) - 0.5;
  let red: number = DEEP[0];
  let green: number = DEEP[1];
  let blue: number = DEEP[2];
  for (const { colour, scale, at: offset, floor, power, strength } of CLOUDS) {
    const noise = layeredNoise(lattice, x * scale + offset + bend * 1.3, y * scale + offset - bend * 1.3, OCTAVES);
    const density = Math.max(0, (noise - floor) / (1 - floor)) ** power * strength;
    red += colour[0] * density;
    green += colour[1] * density;
    blue += colour[2] * density;
  }
  // Random rounding hides the bands that dark gradients show on 8-bit screens.
  const grain = Math.random();
  data[at] = Math.floor(red + grain);
  data[at + 1] = Math.floor(green + grain);
  data[at + 2] = Math.floor(blue + grain);
  data[at + 3] = 255;
}

function layeredNoise(lattice: Float32Array, x: number, y: number, octaves: number): number {
  let sum = 0;
  let weight = 0.5;
  for (let octave = 0; octave < octaves; octave++) {
    sum += noiseAt(lattice, x, y) * weight;
    x = x * 2.03 + 17.1;
    y = y * 2.03 + 31.7;
    weight *= 0.5;
  }
  return sum / (1 - weight * 2);
}

function noiseAt(lattice: Float32Array, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const u = ease(x - column);
  const v = ease(y - row);
  const left = column & (LATTICE - 1);
  const right = (column + 1) & (LATTICE - 1);
  const top = (row & (LATTICE - 1)) * LATTICE;
  const bottom = ((row + 1) & (LATTICE - 1)) * LATTICE;
  const above = mix(lattice[top + left] ?? 0, lattice[top + right] ?? 0, u);
  const below = mix(lattice[bottom + left] ?? 0, lattice[bottom + right] ?? 0, u);
  return mix(above, below, v);
}

function ease(share: number): number {
  return share * share * (3 - 2 * share);
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
