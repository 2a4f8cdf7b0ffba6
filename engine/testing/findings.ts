/** What the checkers of a simulation looked at, and what they found. */
import type { Clock } from '../core/clock.ts';

/** The first is what counts; more would repeat it. */
const PROBLEMS_KEPT = 20;

/** How much was looked at, and what of it happened: a check that never saw its case proves nothing. */
export interface CheckCounts {
  /** Ticks of rooms. */
  ticks: number;
  /** Snapshots that were sent, and how many of them a client was compared after. */
  snapshotsSent: number;
  snapshotsCompared: number;
  /** Entities in those. */
  entitiesCompared: number;
  /** Snapshots that skipped ticks, and that started over. */
  gaps: number;
  resets: number;
  /** Entities that were held, refreshed, that left, and of those whose slot was another's in the same snapshot. */
  holds: number;
  refreshes: number;
  leaves: number;
  reuses: number;
  inputsApplied: number;
  /** Inputs that the server dropped and counted. */
  inputsLost: number;
  /** Times that a player's prediction differed from the server without a lost input. */
  mispredictions: number;
  frames: number;
  /** Times that playout jumped back, from a moment of which nothing was known. */
  jumpsBack: number;
  /** Messages of the server that were read as a stranger would, living entities that must not be in them, rare values, events. */
  messagesRead: number;
  hiddenJudged: number;
  valuesCompared: number;
  eventsJudged: number;
  /** Messages that were weighed against a budget. */
  budgetsChecked: number;
  /** Rare values that were compared as a client draws them. */
  valuesDrawn: number;
  /** Bits flipped in replicas, and how many were found by a checksum or by what followed from them. */
  bitsFlipped: number;
  flipsFound: number;
}

/** The findings of one simulation. */
export class Findings {
  readonly counts: CheckCounts = {
    ticks: 0,
    snapshotsSent: 0,
    snapshotsCompared: 0,
    entitiesCompared: 0,
    gaps: 0,
    resets: 0,
    holds: 0,
    refreshes: 0,
    leaves: 0,
    reuses: 0,
    inputsApplied: 0,
    inputsLost: 0,
    mispredictions: 0,
    frames: 0,
    jumpsBack: 0,
    messagesRead: 0,
    hiddenJudged: 0,
    valuesCompared: 0,
    eventsJudged: 0,
    budgetsChecked: 0,
    valuesDrawn: 0,
    bitsFlipped: 0,
    flipsFound: 0,
  };
  /** Sentences, with the time. */
  readonly problems: string[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes a problem. */
  report(where: string, problem: string): void {
    if (this.problems.length >= PROBLEMS_KEPT) return;
    this.problems.push(`${(this.#clock.now() / 1000).toFixed(3)} s, ${where}: ${problem}`);
  }
}
