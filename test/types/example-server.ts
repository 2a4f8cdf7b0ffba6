// The server file of architecture.md, whole.
import { createServer } from 'tickwire/server';
import { game } from './example-game.ts';
import { isTrue, type Same } from './same-type.ts';

declare function verify(token: string | undefined): Promise<{ id: string; name: string }>;

export async function serve(): Promise<void> {
  const server = createServer(game, {
    authenticate: async ({ token }) => verify(token),
    rooms: {
      arena: {
        maxPlayers: 64,
        interest: { radius: 900 },
        onJoin(room, player) {
          player.control(room.world.ship.spawn({ x: 100, y: 100, name: player.user.name }));
        },
        onTick(room, ctx) {
          isTrue<Same<typeof ctx.tick, number>>();
          for (const ship of room.world.ship)
            if (ship.hp === 0) {
              room.emit('explosion', ship);
              ship.despawn();
            }
        },
        onCommand: {
          chat(room, player, { text }) {
            isTrue<Same<typeof text, string>>();
            player.state.score += 1;
            room.state.round += 1;
          },
          buy(_room, _player, { item }) {
            return { ok: item > 0 };
          },
        },
      },
    },
  });
  await server.listen(8080);
}
