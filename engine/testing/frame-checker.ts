/** Checks what one client shows after each frame: time, numbers, and who is in the picture. */
import { PREDICTED_TICKS, SNAPSHOTS, TICKS_AHEAD } from '../client/limits.ts';
import type { Session } from '../client/session.ts';
import type { KindPicture } from '../client/world.ts';
import { UNKNOWN } from '../replication/known-kind.ts';
import type { Findings } from './findings.ts';

/** Handles are read in every so many frames; their columns in each. */
const HANDLES_EVERY = 50;
/** Happenings that may wait for playout: far more than a second of a busy game. */
const HAPPENINGS_MAX = 20_000;

/** One client's picture. */
export class FrameChecker {
  readonly #where: string;
  readonly #session: Session;
  readonly #findings: Findings;
  #life = '';
  #playoutMs = Number.NEGATIVE_INFINITY;
  #frames = 0;

  constructor(where: string, session: Session, findings: Findings) {
    this.#where = where;
    this.#session = session;
    this.#findings = findings;
  }

  /** A frame was drawn. */
  check(): void {
    this.#findings.counts.frames++;
    this.#frames++;
    this.#checkTime();
    this.#checkQueues();
    const { world, timeline, replica } = this.#session.parts;
    // What waits for its tick is not shown yet, and a body that failed half way is not shown at all. Else all that is known
    // is shown, and nothing else.
    const isCurrent = timeline.length === 0 && !replica.awaitsReset;
    for (const picture of world.kinds) {
      this.#checkNumbers(picture);
      this.#checkCount(picture);
      if (isCurrent) this.#checkPresence(picture);
      if (this.#frames % HANDLES_EVERY === 0) this.#checkHandles(picture);
    }
  }

  #checkTime(): void {
    const { parts, roomId, playerId, snapshots } = this.#session;
    const { timeMs } = parts.playout;
    const life = `${roomId}/${playerId}`;
    // Another connection counts its ticks anew.
    if (life !== this.#life || Number.isNaN(timeMs)) this.#playoutMs = Number.NEGATIVE_INFINITY;
    this.#life = life;
    if (timeMs < this.#playoutMs) this.#checkJumpBack(timeMs);
    if (Number.isNaN(timeMs) && snapshots > 0 && this.#session.state === 'playing') this.#report('playout time is NaN');
    if (!Number.isNaN(timeMs)) this.#playoutMs = timeMs;
  }

  /** Only from where nothing is known: the server dropped ticks, or the line became slower, and both for good. */
  #checkJumpBack(timeMs: number): void {
    const { playout, ring, tickMs } = this.#session.parts;
    const newestMs = ring.count === 0 ? 0 : ring.at(0).tick * tickMs;
    if (playout.hasJumped && this.#playoutMs > newestMs) this.#findings.counts.jumpsBack++;
    else this.#report(`playout time ran back from ${this.#playoutMs} to ${timeMs}, and ${newestMs} is known`);
  }

  #checkQueues(): void {
    const { prediction, timeline, ring } = this.#session.parts;
    if (timeline.length > HAPPENINGS_MAX) this.#report(`${timeline.length} happenings wait`);
    if (ring.count > SNAPSHOTS) this.#report(`${ring.count} snapshots are kept`);
    if (prediction === undefined) return;
    const { seq, acked } = prediction;
    if (acked > seq) this.#report(`input ${acked} is acknowledged, and ${seq} is the newest`);
    if (seq - acked > Math.min(TICKS_AHEAD, PREDICTED_TICKS)) this.#report(`predicts ${seq - acked} ticks ahead`);
  }

  #checkNumbers({ kind, columns, presence, high }: KindPicture): void {
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      for (let slot = 0; slot < high; slot++) {
        if (presence[slot] === 0 || Number.isFinite(column[slot])) continue;
        this.#report(`${kind.name} ${slot}.${kind.packed[i]!.name} is drawn at ${column[slot]}`);
      }
    }
  }

  #checkCount({ kind, presence, count, high }: KindPicture): void {
    let drawn = 0;
    for (let slot = 0; slot < high; slot++) if (presence[slot] !== 0) drawn++;
    if (drawn !== count) this.#report(`${drawn} of kind ${kind.name} are drawn, and ${count} are counted`);
  }

  #checkHandles(picture: KindPicture): void {
    for (let slot = 0; slot < picture.high; slot++) {
      if (!picture.isDrawn(slot)) continue;
      const handle = picture.handleOf(slot) as unknown as Record<string, unknown>;
      for (const { name, type, visibleTo } of picture.kind.packed) {
        if (type === 'teleport' || visibleTo === 'server') continue;
        const value = handle[name];
        const isBad = typeof value === 'number' ? !Number.isFinite(value) : value === undefined;
        if (isBad) this.#report(`the handle of ${picture.kind.name} ${slot} has ${name} ${String(value)}`);
      }
    }
  }

  #checkPresence({ kind, presence, instance, high }: KindPicture): void {
    const received = this.#session.parts.replica.kinds[kind.index]!;
    for (let slot = 0; slot < Math.max(high, received.high); slot++) {
      const isKnown = (received.status[slot] ?? UNKNOWN) !== UNKNOWN;
      const isDrawn = presence[slot] !== 0;
      if (isKnown !== isDrawn)
        this.#report(`${kind.name} ${slot} is ${isKnown ? 'known and not drawn' : 'drawn and not known'}`);
      else if (isDrawn && instance[slot] !== received.instance[slot]) {
        this.#report(`${kind.name} ${slot} is drawn as ${instance[slot]}, and is ${received.instance[slot]}`);
      }
    }
  }

  #report(problem: string): void {
    this.#findings.report(`frame of ${this.#where}`, problem);
  }
}
