/** How a client does, gathered from its parts when somebody asks. */
import { STALE_MS, STALE_SNAPSHOTS } from './limits.ts';
import type { Session } from './session.ts';
import type { ClientStats } from './types.ts';

/** The figures of now. */
export function readStats(session: Session): ClientStats {
  const { sync, playout, interpolation, prediction, world } = session.parts;
  return {
    rttMs: sync.rttMs,
    jitterMs: playout.jitterMs,
    // The fastest snapshot was half a round trip on its way.
    playoutDelayMs: playout.delayMs + sync.rttMs / 2,
    bytesInPerSecond: session.bytesInPerSecond,
    bytesOutPerSecond: session.bytesOutPerSecond,
    snapshotBytes: session.snapshotBytes,
    snapshots: session.snapshots,
    entities: world.kinds.reduce((sum, picture) => sum + picture.count, 0),
    underruns: interpolation.underruns,
    corrections: prediction?.corrections ?? 0,
    correctionSize: prediction?.correctionSize ?? 0,
    ticksAhead: prediction === undefined ? 0 : prediction.seq - prediction.acked,
    resyncs: session.receiver.resyncs,
    isStale: world.silenceMs > Math.max(STALE_MS, STALE_SNAPSHOTS * playout.intervalMs),
  };
}
