/** Paints pickups, pillars and the crown of whoever leads; white, tinted later. */

import { PICKUP } from '../../sim/bodies.ts';

type Paint = CanvasRenderingContext2D;

/** A badge whose frame and sign differ for each sort of pickup. */
export function paintPickup(paint: Paint, size: number, sort: number): void {
  const unit = size / 2;
  paint.translate(unit, unit);
  paint.lineJoin = 'round';
  paint.lineCap = 'round';
  paint.strokeStyle = 'white';
  paint.fillStyle = 'rgba(34, 36, 44, 0.9)';
  paint.lineWidth = size * 0.05;
  paint.shadowColor = 'white';
  paint.shadowBlur = size * 0.06;
  const corners = sort === PICKUP.repair ? 6 : sort === PICKUP.spread ? 3 : sort === PICKUP.rapid ? 4 : 24;
  polygon(paint, corners, unit * (corners === 3 ? 0.86 : 0.74), -Math.PI / 2);
  paint.fill();
  paint.stroke();
  paint.shadowBlur = 0;
  paint.fillStyle = 'white';
  if (sort === PICKUP.repair) paintPlus(paint, unit);
  else if (sort === PICKUP.spread) paintFan(paint, unit);
  else if (sort === PICKUP.rapid) paintChevrons(paint, unit);
  else paintInnerShield(paint, unit);
}

function polygon(paint: Paint, corners: number, radius: number, turn: number): void {
  paint.beginPath();
  for (let corner = 0; corner < corners; corner++) {
    const angle = turn + (corner / corners) * Math.PI * 2;
    paint.lineTo(Math.cos(angle) * radius, Math.sin(angle) * radius);
  }
  paint.closePath();
}

function paintPlus(paint: Paint, unit: number): void {
  paint.fillRect(-unit * 0.11, -unit * 0.38, unit * 0.22, unit * 0.76);
  paint.fillRect(-unit * 0.38, -unit * 0.11, unit * 0.76, unit * 0.22);
}

function paintFan(paint: Paint, unit: number): void {
  paint.lineWidth = unit * 0.11;
  for (const angle of [-0.6, 0, 0.6]) {
    paint.beginPath();
    paint.moveTo(0, unit * 0.3);
    paint.lineTo(Math.sin(angle) * unit * 0.58, unit * 0.3 - Math.cos(angle) * unit * 0.58);
    paint.stroke();
  }
}

function paintChevrons(paint: Paint, unit: number): void {
  paint.lineWidth = unit * 0.12;
  for (const y of [-0.2, 0.04, 0.28]) {
    paint.beginPath();
    paint.moveTo(-unit * 0.24, unit * (y + 0.08));
    paint.lineTo(0, unit * (y - 0.12));
    paint.lineTo(unit * 0.24, unit * (y + 0.08));
    paint.stroke();
  }
}

function paintInnerShield(paint: Paint, unit: number): void {
  paint.beginPath();
  paint.moveTo(0, -unit * 0.42);
  paint.lineTo(unit * 0.34, -unit * 0.24);
  paint.quadraticCurveTo(unit * 0.34, unit * 0.24, 0, unit * 0.46);
  paint.quadraticCurveTo(-unit * 0.34, unit * 0.24, -unit * 0.34, -unit * 0.24);
  paint.closePath();
  paint.fill();
}

/** A machine block seen from above: dark, with a lit rim and spokes. */
export function paintPillar(paint: Paint, size: number): void {
  const unit = size / 2;
  paint.translate(unit, unit);
  const radius = unit * 0.9;
  paint.beginPath();
  paint.arc(0, 0, radius, 0, Math.PI * 2);
  const body = paint.createRadialGradient(0, 0, 0, 0, 0, radius);
  body.addColorStop(0, 'rgba(40, 40, 52, 1)');
  body.addColorStop(0.75, 'rgba(22, 22, 32, 1)');
  body.addColorStop(1, 'rgba(70, 70, 86, 1)');
  paint.fillStyle = body;
  paint.fill();
  paint.strokeStyle = 'rgba(255, 255, 255, 0.22)';
  paint.lineWidth = size * 0.006;
  for (let spoke = 0; spoke < 12; spoke++) {
    const angle = (spoke / 12) * Math.PI * 2;
    paint.beginPath();
    paint.moveTo(Math.cos(angle) * radius * 0.42, Math.sin(angle) * radius * 0.42);
    paint.lineTo(Math.cos(angle) * radius * 0.86, Math.sin(angle) * radius * 0.86);
    paint.stroke();
  }
  for (const [share, alpha, width] of [
    [0.42, 0.6, 0.01],
    [0.64, 0.25, 0.006],
    [0.86, 0.35, 0.006],
  ] as const) {
    paint.strokeStyle = `rgba(255, 255, 255, ${alpha})`;
    paint.lineWidth = size * width;
    polygon(paint, 6, radius * share, 0);
    paint.stroke();
  }
  paint.strokeStyle = 'white';
  paint.lineWidth = size * 0.014;
  paint.shadowColor = 'white';
  paint.shadowBlur = size * 0.05;
  paint.beginPath();
  paint.arc(0, 0, radius, 0, Math.PI * 2);
  paint.stroke();
  paint.stroke();
}

export function paintCrown(paint: Paint, size: number): void {
  paint.fillStyle = 'white';
  paint.beginPath();
  for (const [x, y] of [
    [0.12, 0.3],
    [0.34, 0.52],
    [0.5, 0.18],
    [0.66, 0.52],
    [0.88, 0.3],
    [0.8, 0.8],
    [0.2, 0.8],
  ] as const) {
    paint.lineTo(x * size, y * size);
  }
  paint.closePath();
  paint.fill();
}
