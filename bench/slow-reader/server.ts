/** The server process of the slow-reader suite: W1 as a game, and what it says of itself to its parent. */
import { createServer } from 'tickwire/server';
import { ArenaWriter, createArenaGame } from '../sockets/arena-game.ts';
import { createArenaSmall } from '../traces/arena-small.ts';
import { sharedNow } from './rate-socket.ts';
import type { FromServer, ToServer } from './spec.ts';

const REPORT_MS = 100;

const trace = createArenaSmall(1);
const game = createArenaGame(trace);
const writer = new ArenaWriter(trace);
let isStanding = false;
let tick = 0;
let tickMs = 0;
const server = createServer(game, {
  strict: false,
  rooms: {
    arena: {
      maxPlayers: 100,
      onTick(room, context) {
        tick = context.tick;
        tickMs = sharedNow();
        if (isStanding) return;
        trace.step();
        writer.write(room.world);
      },
    },
  },
});
const { port } = await server.listen(0, '127.0.0.1');
const tell = (message: FromServer): void => {
  process.send?.(message);
};
tell({ kind: 'open', port });

function report(isClean = false): void {
  // All clients but one are well: who is skipped, or sent the least, is the slow one.
  let bufferedBytes = 0;
  let skipped = 0;
  let inFlightBytes = 0;
  let allowedBytes = Number.POSITIVE_INFINITY;
  let sendEvery = 1;
  for (const room of server.rooms) {
    for (const player of room.players) {
      const { quality } = player;
      bufferedBytes = Math.max(bufferedBytes, quality.bufferedBytes);
      skipped = Math.max(skipped, quality.snapshotsSkipped);
      sendEvery = Math.max(sendEvery, quality.sendEvery);
      // The slow one is the first that joined.
      if (player.id !== 1) continue;
      const explanation = room.explain(player as never);
      inFlightBytes = explanation.inFlightBytes;
      allowedBytes = explanation.maxBytesPerSecond;
    }
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const allowed = Number.isFinite(allowedBytes) ? allowedBytes : -1;
  tell({
    kind: 'report',
    isClean,
    tick,
    tickMs,
    rss,
    heap: heapUsed + external,
    bufferedBytes,
    skipped,
    inFlightBytes,
    allowed,
    sendEvery,
  });
}
setInterval(() => report(), REPORT_MS);

process.on('message', (message: ToServer) => {
  if (message.kind === 'stand') isStanding = true;
  if (message.kind !== 'collect') return;
  globalThis.gc?.();
  report(true);
});
process.on('disconnect', () => process.exit());
