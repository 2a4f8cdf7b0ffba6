/** Tickwire as it is shipped, on real sockets. */
import { pack } from 'msgpackr';
import { createServer } from 'tickwire/server';
import { ArenaWriter, createArenaGame } from './arena-game.ts';
import { createTrace, type StartSystem } from './system.ts';
import { plainClock } from './ticks.ts';

/** HELLO of a client that reads every codec. */
function helloOf(hash: Uint8Array): string {
  return Buffer.from(pack([1, 1, hash, 3, 'arena', null, null, null, ''])).toString('base64');
}

export const startTickwire: StartSystem = async (spec, onTick) => {
  const trace = createTrace(spec.workload);
  const game = createArenaGame(trace);
  const viewers = trace.entities.slice(0, spec.clients);
  const writer = new ArenaWriter(trace);
  const server = createServer(game, {
    strict: false,
    ...(spec.isShippedClock ? {} : { clock: plainClock }),
    rooms: {
      arena: {
        maxPlayers: 10_000,
        ...(trace.sightRadius === undefined ? {} : { interest: { radius: trace.sightRadius } }),
        onTick(room) {
          onTick();
          trace.step();
          writer.write(room.world);
          if (trace.sightRadius === undefined) return;
          for (const player of room.players) {
            const { x, y } = viewers[(player.id - 1) % viewers.length]!;
            player.viewpoint = { x, y };
          }
        },
      },
    },
  });
  const { port } = await server.listen(0, '127.0.0.1');
  return {
    door: { port, paths: ['/'], hello: helloOf(game.schema.hash) },
    tickRate: trace.tickRate,
    messagesIn: () => server.stats.messagesIn,
  };
};
