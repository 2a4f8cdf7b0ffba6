/** One profile, rate and seed: Tickwire as it ships beside the peers, then Tickwire at each peer's own delay. */
import { installPeers } from '../peers/install.ts';
import { type Film, measureFilm, type Quality } from './metrics.ts';
import { createColyseus, createGeckos } from './packages.ts';
import type { Peer } from './peer.ts';
import { WALL_ORIGIN_MS } from './peer-network.ts';
import {
  createLance,
  createLatest,
  createMirror,
  createNengi,
  createQuake,
  createSource,
  createTutorialLerp,
  createUnity,
} from './ports.ts';
import type { ProfileName } from './profiles.ts';
import { runScene, type Scene } from './remote.ts';
import { type Truth, WANDER } from './truth.ts';

/** What to compare, and for how long. */
export interface CompareOptions {
  readonly profile: ProfileName;
  readonly sendRate: number;
  readonly seed: number;
  readonly filmMs: number;
  /** Keeps the error over time of the first seconds. */
  readonly keepsTrace: boolean;
}

/** A way of drawing, and how it did. */
export interface Contender {
  readonly name: string;
  readonly origin: 'tickwire' | Peer['origin'];
  readonly isRival: boolean;
  readonly quality: Quality;
  /** Of a peer: Tickwire with that peer's delay. */
  readonly equal: Quality | undefined;
  /** Error of the smooth mover by frame, px, if it was asked for. */
  readonly trace: readonly number[];
}

/** What came of one comparison. */
export interface Comparison {
  readonly profile: ProfileName;
  readonly sendRate: number;
  readonly seed: number;
  readonly contenders: readonly Contender[];
  /** Snapshot interval and the 95 % quantile of their way, ms: what an adaptive delay should come to. */
  readonly demandedMs: number;
  /** The least constant delays that run out of snapshots in 5 % and in 1 % of the frames, ms. */
  readonly optimum5Ms: number;
  readonly optimum1Ms: number;
  /** A spectator's clock: mean and largest error, ms. */
  readonly clockMeanMs: number;
  readonly clockMaxMs: number;
  /** Frames with a jump drawn as movement or a turn the long way round. */
  readonly oddFrames: number;
  readonly snapshotBytes: number;
  readonly snapshotsSkipped: number;
  readonly underruns: number;
}

const WARM_UP_MS = 8_000;
const TRACE_FRAMES = 900;
/** The modes of Tickwire that are shown: as it ships, waiting for stragglers, and a fixed delay. */
const MODES = ['adaptive', 'smooth', 100] as const;

async function createPeers(sendRate: number): Promise<Peer[]> {
  await installPeers();
  return [
    await createGeckos(sendRate, WALL_ORIGIN_MS),
    await createColyseus(sendRate),
    createMirror(sendRate),
    createNengi(Date.now),
    createLance(),
    createTutorialLerp(),
    createUnity(sendRate),
    createSource(),
    createQuake(),
    createLatest(),
  ];
}

function quantileOf(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function traceOf(film: Film, truth: Truth, delayMs: number): number[] {
  return Array.from({ length: Math.min(TRACE_FRAMES, film.count) }, (_, i) => {
    const tick = ((film.times[i]! - delayMs) * 60) / 1_000;
    return Number(truth.distance(WANDER, tick, film.x[WANDER]![i]!, film.y[WANDER]![i]!).toFixed(2));
  });
}

/** Tickwire with fixed delays: as many clients as there are delays, on the same line. */
async function runAtDelays(options: CompareOptions, delays: readonly number[], first: Scene): Promise<Quality[]> {
  // The mode counts from the fastest snapshot.
  const fastestMs = Math.min(...first.lateness);
  const modes = delays.map((delay) => Math.max(1, delay - fastestMs));
  const scene = await runScene({ ...options, warmUpMs: WARM_UP_MS, modes, peers: [] });
  return scene.clients.map((film) => measureFilm(film, scene.truth));
}

/** Runs it all. The process's clocks must have been taken over. */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { profile, sendRate, seed, keepsTrace } = options;
  const peers = await createPeers(sendRate);
  const scene = await runScene({ ...options, warmUpMs: WARM_UP_MS, modes: MODES, peers });
  const { truth, lateness, ages, clockErrors } = scene;
  const qualities = scene.peers.map((film) => measureFilm(film, truth));
  const equals = await runAtDelays(
    options,
    qualities.map((quality) => quality.bestDelayMs),
    scene,
  );
  const trace = (film: Film, quality: Quality): number[] =>
    keepsTrace ? traceOf(film, truth, quality.bestDelayMs) : [];
  const own = MODES.map((mode, i): Contender => {
    const film = scene.clients[i]!;
    const quality = measureFilm(film, truth);
    const name = `Tickwire ${mode}`;
    return { name, origin: 'tickwire', isRival: false, quality, equal: undefined, trace: trace(film, quality) };
  });
  const others = peers.map(({ name, origin, isRival }, i): Contender => {
    const quality = qualities[i]!;
    return { name, origin, isRival, quality, equal: equals[i], trace: trace(scene.peers[i]!, quality) };
  });
  return {
    profile,
    sendRate,
    seed,
    contenders: [...own, ...others],
    demandedMs: 1_000 / sendRate + quantileOf(lateness, 0.95),
    optimum5Ms: quantileOf(ages, 0.95),
    optimum1Ms: quantileOf(ages, 0.99),
    clockMeanMs: clockErrors.reduce((sum, error) => sum + error, 0) / clockErrors.length,
    clockMaxMs: Math.max(...clockErrors),
    oddFrames: scene.oddFrames,
    snapshotBytes: scene.snapshotBytes,
    snapshotsSkipped: scene.snapshotsSkipped,
    underruns: scene.underruns,
  };
}
