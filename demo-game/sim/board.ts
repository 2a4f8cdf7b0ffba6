/** Lists that everybody in the room gets, as bytes: a value of the wire is small, and a hundred bots are many numbers. */

const SCORE_BYTES = 8;
const PLACE_BYTES = 4;

export interface BoardScore {
  readonly pilot: number;
  readonly score: number;
  readonly kills: number;
  readonly deaths: number;
}

/** Where a ship is on the minimap. */
export interface RadarPlace {
  readonly pilot: number;
  /** 0..255 across the arena. */
  readonly x: number;
  readonly y: number;
}

/** Pilot, score, kills, deaths: 16 bits each. */
export function writeScores(scores: readonly BoardScore[]): Uint8Array {
  const bytes = new Uint8Array(scores.length * SCORE_BYTES);
  const view = new DataView(bytes.buffer);
  scores.forEach(({ pilot, score, kills, deaths }, index) => {
    view.setUint16(index * SCORE_BYTES, pilot);
    view.setUint16(index * SCORE_BYTES + 2, Math.min(score, 65535));
    view.setUint16(index * SCORE_BYTES + 4, Math.min(kills, 65535));
    view.setUint16(index * SCORE_BYTES + 6, Math.min(deaths, 65535));
  });
  return bytes;
}

export function readScores(bytes: Uint8Array): BoardScore[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / SCORE_BYTES) }, (_, index) => ({
    pilot: view.getUint16(index * SCORE_BYTES),
    score: view.getUint16(index * SCORE_BYTES + 2),
    kills: view.getUint16(index * SCORE_BYTES + 4),
    deaths: view.getUint16(index * SCORE_BYTES + 6),
  }));
}

/** Pilot in 16 bits, x and y in 8 each. */
export function writeRadar(places: readonly RadarPlace[]): Uint8Array {
  const bytes = new Uint8Array(places.length * PLACE_BYTES);
  places.forEach(({ pilot, x, y }, index) => {
    bytes.set([pilot >> 8, pilot & 255, x, y], index * PLACE_BYTES);
  });
  return bytes;
}

export function readRadar(bytes: Uint8Array): RadarPlace[] {
  return Array.from({ length: Math.floor(bytes.length / PLACE_BYTES) }, (_, index) => {
    const at = index * PLACE_BYTES;
    return { pilot: ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0), x: bytes[at + 2] ?? 0, y: bytes[at + 3] ?? 0 };
  });
}
