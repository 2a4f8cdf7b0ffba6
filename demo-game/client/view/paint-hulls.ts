/** Paints the white hulls; a ship's colour comes from its tint. All look along +x. */

type Paint = CanvasRenderingContext2D;
type Outline = readonly (readonly [number, number])[];

/** Upper halves in units of the hull's radius, from nose to tail; the lower half is the mirror image. */
const OUTLINES: readonly Outline[] = [
  // Dart
  [
    [1, 0],
    [-0.1, 0.24],
    [-0.72, 0.74],
    [-0.5, 0.2],
    [-0.66, 0],
  ],
  // Manta
  [
    [0.8, 0],
    [0.52, 0.2],
    [-0.1, 0.92],
    [-0.5, 0.84],
    [-0.28, 0.4],
    [-0.62, 0.24],
    [-0.52, 0],
  ],
  // Hornet
  [
    [0.72, 0],
    [0.6, 0.2],
    [0.94, 0.42],
    [0.2, 0.5],
    [-0.66, 0.78],
    [-0.56, 0.3],
    [-0.76, 0],
  ],
  // Kite
  [
    [0.98, 0],
    [0.06, 0.62],
    [-0.22, 0.5],
    [-0.82, 0.34],
    [-0.56, 0],
  ],
  // Trident
  [
    [1, 0],
    [0.3, 0.14],
    [0.16, 0.4],
    [0.62, 0.66],
    [-0.5, 0.76],
    [-0.7, 0.5],
    [-0.42, 0.2],
    [-0.7, 0],
  ],
  // Beetle
  [
    [0.74, 0],
    [0.66, 0.28],
    [0.3, 0.6],
    [-0.34, 0.72],
    [-0.76, 0.5],
    [-0.62, 0],
  ],
  // Needle
  [
    [1, 0],
    [0.1, 0.16],
    [-0.06, 0.3],
    [-0.3, 0.82],
    [-0.58, 0.82],
    [-0.5, 0.22],
    [-0.82, 0.12],
    [-0.72, 0],
  ],
  // Crescent
  [
    [0.34, 0],
    [0.44, 0.36],
    [0.86, 0.64],
    [0.2, 0.84],
    [-0.48, 0.62],
    [-0.66, 0.22],
    [-0.5, 0],
  ],
];

export const HULL_COUNT = OUTLINES.length;

/** Paints hull `index` into a square of `size` pixels. */
export function paintHull(paint: Paint, size: number, index: number): void {
  const radius = size * 0.4;
  const outline = OUTLINES[index] ?? [];
  paint.translate(size / 2, size / 2);
  paint.lineJoin = 'round';
  trace(paint, outline, radius);
  const body = paint.createLinearGradient(-radius, 0, radius, 0);
  body.addColorStop(0, 'rgba(52, 52, 60, 0.96)');
  body.addColorStop(0.55, 'rgba(98, 98, 108, 0.96)');
  body.addColorStop(1, 'rgba(168, 168, 178, 0.96)');
  paint.fillStyle = body;
  paint.fill();
  paintPanels(paint, outline, radius);
  trace(paint, outline, radius);
  paint.shadowColor = 'white';
  paint.shadowBlur = size * 0.07;
  paint.strokeStyle = 'white';
  paint.lineWidth = size * 0.034;
  paint.stroke();
  paint.shadowBlur = 0;
  paint.stroke();
  paintCockpit(paint, radius);
}

/** Paints only the outline of hull `index`, for the server's ghost. */
export function paintHullOutline(paint: Paint, size: number, index: number): void {
  paint.translate(size / 2, size / 2);
  paint.lineJoin = 'round';
  paint.setLineDash([size * 0.06, size * 0.045]);
  paint.strokeStyle = 'white';
  paint.lineWidth = size * 0.03;
  trace(paint, OUTLINES[index] ?? [], size * 0.4);
  paint.stroke();
}

function trace(paint: Paint, outline: Outline, radius: number): void {
  paint.beginPath();
  for (const [x, y] of outline) paint.lineTo(x * radius, y * radius);
  for (const [x, y] of [...outline].reverse()) paint.lineTo(x * radius, -y * radius);
  paint.closePath();
}

function paintPanels(paint: Paint, outline: Outline, radius: number): void {
  paint.strokeStyle = 'rgba(255, 255, 255, 0.3)';
  paint.lineWidth = Math.max(1, radius * 0.03);
  paint.beginPath();
  for (const [x, y] of outline) {
    if (y === 0) continue;
    paint.moveTo(-0.1 * radius, 0);
    paint.lineTo(x * radius * 0.9, y * radius * 0.9);
    paint.moveTo(-0.1 * radius, 0);
    paint.lineTo(x * radius * 0.9, -y * radius * 0.9);
  }
  paint.stroke();
}

function paintCockpit(paint: Paint, radius: number): void {
  const light = paint.createRadialGradient(0.12 * radius, 0, 0, 0.12 * radius, 0, radius * 0.3);
  light.addColorStop(0, 'rgba(255, 255, 255, 1)');
  light.addColorStop(0.4, 'rgba(255, 255, 255, 0.65)');
  light.addColorStop(1, 'rgba(255, 255, 255, 0)');
  paint.fillStyle = light;
  paint.beginPath();
  paint.ellipse(0.12 * radius, 0, radius * 0.3, radius * 0.16, 0, 0, Math.PI * 2);
  paint.fill();
}
