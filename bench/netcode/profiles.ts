/** The lines that everything here runs over, and what is sent over them. */
import type { LinkProfileName } from 'tickwire/testing';

export const PROFILES = [
  'lan',
  'rtt50',
  'rtt100',
  'rtt200',
  'hol1',
  'hol3',
  'lte',
  'bw256',
] as const satisfies readonly LinkProfileName[];
export type ProfileName = (typeof PROFILES)[number];
/** Snapshots per second. */
export const RATES = [10, 20, 30, 60] as const;

/** Message size where the line's bandwidth is no limit, bytes. */
const SMALL_BYTES = 60;
/** On the narrow line: bytes a second, that is 1,050 in each message at 20 Hz, and one of 5,200 every two seconds. */
const STEADY_BYTES_PER_SECOND = 21_000;
export const LARGE_BYTES = 5_200;
export const LARGE_EVERY_MS = 2_000;

/** What a snapshot weighs: as many bytes a second at every rate, so that no rate overloads the line. */
export function snapshotBytes(profile: ProfileName, sendRate: number): number {
  return profile === 'bw256' ? STEADY_BYTES_PER_SECOND / sendRate : SMALL_BYTES;
}
