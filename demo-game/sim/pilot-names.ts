/** Call signs and looks of pilots, and the rule for names. */

import { STYLE_COUNT } from './tuning.ts';

const NAME_BYTES = 24;

const NAMES = [
  'Altair',
  'Bellatrix',
  'Corvus',
  'Deneb',
  'Electra',
  'Fornax',
  'Gemma',
  'Hydra',
  'Izar',
  'Juno',
  'Kepler',
  'Lyra',
  'Mimosa',
  'Nova',
  'Orion',
  'Polaris',
  'Quasar',
  'Rigel',
  'Sirius',
  'Talitha',
  'Umbra',
  'Vega',
  'Wezen',
  'Xenon',
  'Yildun',
  'Zaurak',
  'Atlas',
  'Bolide',
  'Comet',
  'Draco',
  'Eos',
  'Falcon',
  'Gale',
  'Halo',
  'Ion',
  'Jinx',
  'Kestrel',
  'Lumen',
  'Meteor',
  'Nimbus',
  'Onyx',
  'Photon',
  'Pulsar',
  'Raven',
  'Solstice',
  'Tempest',
  'Ultra',
  'Vortex',
] as const;

/** The `index`-th call sign; later rounds through the list get a number. */
export function pilotName(index: number): string {
  const round = Math.floor(index / NAMES.length);
  const name = NAMES[index % NAMES.length] ?? 'Pilot';
  return round === 0 ? name : `${name} ${round + 1}`;
}

/** Look of a pilot's ships: stays with the pilot's number. */
export function styleOfPilot(pilot: number): number {
  return pilot % STYLE_COUNT;
}

/** `random` in 0..1 chooses a call sign. */
export function randomPilotName(random: number): string {
  return `${pilotName(Math.floor(random * NAMES.length))}-${10 + (Math.floor(random * 1e6) % 90)}`;
}

/** A name as others may see it: one line, no control characters, at most 24 bytes of UTF-8; may be empty. */
export function cleanName(raw: string): string {
  return cutBytes(raw.replace(/[\p{C}\s]+/gu, ' ').trim(), NAME_BYTES).trim();
}

/** The longest start of `text` that fits into `limit` bytes of UTF-8. */
export function cutBytes(text: string, limit: number): string {
  let bytes = 0;
  let cut = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > limit) break;
    cut += character;
  }
  return cut;
}
