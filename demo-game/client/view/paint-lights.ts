/** Paints white lights, rings and marks for the atlas; colour comes from the tint. */

type Paint = CanvasRenderingContext2D;

export function paintGlow(paint: Paint, size: number): void {
  const half = size / 2;
  const light = paint.createRadialGradient(half, half, 0, half, half, half);
  // Falls like the square of what is left of the radius: no visible edge.
  for (let step = 0; step <= 16; step++) {
    const at = step / 16;
    light.addColorStop(at, `rgba(255, 255, 255, ${((1 - at) ** 2.4).toFixed(4)})`);
  }
  paint.fillStyle = light;
  paint.fillRect(0, 0, size, size);
}

export function paintCore(paint: Paint, size: number): void {
  const half = size / 2;
  const light = paint.createRadialGradient(half, half, 0, half, half, half);
  light.addColorStop(0, 'white');
  light.addColorStop(0.35, 'rgba(255, 255, 255, 0.9)');
  light.addColorStop(1, 'rgba(255, 255, 255, 0)');
  paint.fillStyle = light;
  paint.fillRect(0, 0, size, size);
}

/** A streak along x: even lengthwise, soft across and at both ends. */
export function paintStreak(paint: Paint, width: number, height: number): void {
  const pixels = paint.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    const across = 1 - Math.abs((y + 0.5) / height - 0.5) * 2;
    for (let x = 0; x < width; x++) {
      const along = Math.min(1, Math.min(x + 0.5, width - x - 0.5) / (height / 2));
      const at = (y * width + x) * 4;
      pixels.data.fill(255, at, at + 3);
      pixels.data[at + 3] = 255 * across ** 1.8 * along;
    }
  }
  putPixels(paint, pixels);
}

/** A flame that burns toward -x; its right edge is the nozzle. */
export function paintFlame(paint: Paint, width: number, height: number): void {
  const pixels = paint.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const along = (x + 0.5) / width;
      const spread = 0.12 + 0.88 * along ** 0.7 * (1 - along ** 9);
      const across = Math.abs((y + 0.5) / height - 0.5) * 2;
      const inside = Math.max(0, 1 - across / spread);
      const at = (y * width + x) * 4;
      pixels.data.fill(255, at, at + 3);
      pixels.data[at + 3] = 255 * inside ** 1.4 * along ** 1.3;
    }
  }
  putPixels(paint, pixels);
}

/** A bolt that flies along +x: bright head, fading tail. */
export function paintBolt(paint: Paint, width: number, height: number): void {
  const pixels = paint.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const along = (x + 0.5) / width;
      const head = along > 0.84 ? Math.sqrt(Math.max(0, 1 - ((along - 0.84) / 0.16) ** 2)) : (along / 0.84) ** 1.6;
      const across = Math.max(0, 1 - Math.abs((y + 0.5) / height - 0.5) * 2);
      const at = (y * width + x) * 4;
      pixels.data.fill(255, at, at + 3);
      pixels.data[at + 3] = 255 * head * across ** 1.7;
    }
  }
  putPixels(paint, pixels);
}

/** A shockwave: thin bright rim, faint inside. */
export function paintShockwave(paint: Paint, size: number): void {
  const half = size / 2;
  const light = paint.createRadialGradient(half, half, 0, half, half, half);
  light.addColorStop(0, 'rgba(255, 255, 255, 0)');
  light.addColorStop(0.62, 'rgba(255, 255, 255, 0.05)');
  light.addColorStop(0.84, 'rgba(255, 255, 255, 0.3)');
  light.addColorStop(0.91, 'rgba(255, 255, 255, 1)');
  light.addColorStop(0.945, 'rgba(255, 255, 255, 0.45)');
  light.addColorStop(1, 'rgba(255, 255, 255, 0)');
  paint.fillStyle = light;
  paint.fillRect(0, 0, size, size);
}

export function paintShield(paint: Paint, size: number): void {
  paintShockwave(paint, size);
  paint.strokeStyle = 'rgba(255, 255, 255, 0.16)';
  paint.lineWidth = 1.5;
  const side = size / 9;
  paint.beginPath();
  paint.arc(size / 2, size / 2, size * 0.44, 0, Math.PI * 2);
  paint.clip();
  for (let row = -1; row < 11; row++) {
    for (let column = -1; column < 8; column++) {
      paintHexagon(paint, (column + (row % 2) / 2) * side * 1.5, row * side * 0.86, side * 0.48);
    }
  }
}

function paintHexagon(paint: Paint, x: number, y: number, radius: number): void {
  paint.beginPath();
  for (let corner = 0; corner < 6; corner++) {
    const angle = (corner / 6) * Math.PI * 2;
    paint.lineTo(x + Math.cos(angle) * radius, y + Math.sin(angle) * radius);
  }
  paint.closePath();
  paint.stroke();
}

/** A ring of dashes and four ticks: marks the own ship. */
export function paintOwnRing(paint: Paint, size: number): void {
  const half = size / 2;
  paint.strokeStyle = 'white';
  paint.lineWidth = size * 0.014;
  paint.setLineDash([size * 0.05, size * 0.0384]);
  paint.beginPath();
  paint.arc(half, half, size * 0.42, 0, Math.PI * 2);
  paint.stroke();
  paint.setLineDash([]);
  paint.lineWidth = size * 0.022;
  for (let quarter = 0; quarter < 4; quarter++) {
    const angle = Math.PI / 4 + (quarter * Math.PI) / 2;
    paint.beginPath();
    paint.moveTo(half + Math.cos(angle) * size * 0.42, half + Math.sin(angle) * size * 0.42);
    paint.lineTo(half + Math.cos(angle) * size * 0.48, half + Math.sin(angle) * size * 0.48);
    paint.stroke();
  }
}

/** An arc around -x that is `share` full, over a faint full one. */
export function paintGauge(paint: Paint, size: number, share: number): void {
  const half = size / 2;
  const from = Math.PI - 0.9;
  paint.lineCap = 'round';
  paint.lineWidth = size * 0.045;
  paint.strokeStyle = 'rgba(255, 255, 255, 0.16)';
  paint.beginPath();
  paint.arc(half, half, size * 0.43, from, from + 1.8);
  paint.stroke();
  if (share <= 0) return;
  paint.strokeStyle = 'white';
  paint.beginPath();
  paint.arc(half, half, size * 0.43, from, from + 1.8 * share);
  paint.stroke();
}

export function paintArrow(paint: Paint, size: number): void {
  paint.translate(size / 2, size / 2);
  paint.beginPath();
  paint.moveTo(size * 0.38, 0);
  paint.lineTo(-size * 0.2, size * 0.3);
  paint.lineTo(-size * 0.06, 0);
  paint.lineTo(-size * 0.2, -size * 0.3);
  paint.closePath();
  paint.shadowColor = 'white';
  paint.shadowBlur = size * 0.12;
  paint.fillStyle = 'white';
  paint.fill();
}

export function paintShard(paint: Paint, size: number): void {
  paint.fillStyle = 'white';
  paint.beginPath();
  paint.moveTo(size * 0.1, size * 0.3);
  paint.lineTo(size * 0.92, size * 0.5);
  paint.lineTo(size * 0.2, size * 0.78);
  paint.closePath();
  paint.fill();
}

export function paintDot(paint: Paint, size: number): void {
  paint.fillStyle = 'white';
  paint.beginPath();
  paint.arc(size / 2, size / 2, size * 0.4, 0, Math.PI * 2);
  paint.fill();
}

export function paintPixel(paint: Paint, size: number): void {
  paint.fillStyle = 'white';
  paint.fillRect(0, 0, size, size);
}

function putPixels(paint: Paint, pixels: ImageData): void {
  // putImageData ignores the canvas's transform.
  const { e, f } = paint.getTransform();
  paint.putImageData(pixels, e, f);
}
