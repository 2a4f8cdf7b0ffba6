// The client file of architecture.md, whole.
import { connect } from 'tickwire/client';
import { game } from './example-game.ts';
import { isTrue, type Same } from './same-type.ts';

declare const keys: { up: boolean; left: boolean; right: boolean; space: boolean };
declare const token: string;
declare function boom(x: number, y: number): void;
declare function draw(id: number, x: number, y: number, heading: number): void;

export async function play(): Promise<void> {
  const net = await connect(game, 'ws://localhost:8080', { room: 'arena', token });
  net.sampleInput((input) => {
    input.thrust = keys.up;
    input.turn = Number(keys.right) - Number(keys.left);
    input.fire = keys.space;
  });
  net.on('explosion', ({ x, y }) => boom(x, y));
  const frame = (now: number) => {
    net.frame(now);
    for (const ship of net.world.ship) draw(ship.id, ship.x, ship.y, ship.heading);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const reply = await net.send('buy', { item: 3 });
  isTrue<Same<typeof reply.ok, boolean>>();
}
