// Which failures of hooks end their room, and which concern one client alone.
import { expect, test } from 'vitest';
import { RefusedError } from '../../../engine/core/errors.ts';
import { CommandQueue } from '../../../engine/server/commands.ts';
import { RoomHooks } from '../../../engine/server/hooks.ts';
import { resolveOptions } from '../../../engine/server/options.ts';
import type { Player } from '../../../engine/server/player.ts';
import { encodeCommand } from '../../../engine/wire/command.ts';
import { decodeReply, type Reply } from '../../../engine/wire/reply.ts';
import { codec } from './raw-client.ts';
import { COMMAND, game } from './small-game.ts';

/** Hooks of a room of this type, a player of it, and what came of them. */
function setUp(yard: object) {
  const failed: string[] = [];
  const reported: string[] = [];
  const replies: Reply[] = [];
  const roomType = resolveOptions(game, { rooms: { yard } }).roomTypes.get('yard')!;
  const hooks = new RoomHooks(
    roomType,
    {},
    (error, place) => failed.push(`${place}: ${(error as Error).message}`),
    (error, place) => reported.push(`${place}: ${(error as Error).message}`),
  );
  const commands = new CommandQueue({
    schema: game.schema,
    values: codec,
    commandsPerSecond: 20,
    nowMs: 0,
    send: (bytes) => replies.push(decodeReply(codec, bytes)),
  });
  const player = { commands, leaveReason: undefined } as unknown as Player;
  const run = (command: number, payload: readonly unknown[]) => {
    commands.receive(encodeCommand(codec, { id: 1, command, payload }), 0);
    hooks.runCommand(player, commands.take()!, () => undefined);
  };
  return { hooks, player, run, failed, reported, replies };
}

const jobs = () => new Promise((resolve) => setImmediate(resolve));
const TEXT = 'x'.repeat(20);

test('onJoin that fails after its player left is told, and ends nothing', async () => {
  for (const isGone of [false, true]) {
    const { hooks, player, failed, reported } = setUp({
      onJoin: async () => {
        await jobs();
        throw new Error('is not in the room');
      },
    });
    hooks.call('onJoin', player);
    if (isGone) player.leaveReason = 'closed';
    await jobs();
    await jobs();
    expect([failed, reported]).toEqual(
      isGone ? [[], ['onJoin: is not in the room']] : [['onJoin: is not in the room'], []],
    );
  }
});

test('so is a command that fails after its player left', async () => {
  for (const isGone of [false, true]) {
    const { run, player, failed, reported } = setUp({
      onCommand: {
        fail: async () => {
          await jobs();
          throw new Error('late');
        },
      },
    });
    run(COMMAND.fail, [TEXT]);
    if (isGone) player.leaveReason = 'closed';
    await jobs();
    await jobs();
    expect([failed, reported]).toEqual(isGone ? [[], ['onCommand.fail: late']] : [['onCommand.fail: late'], []]);
  }
});

test.each([
  ['at once', (value: unknown) => value],
  ['later', (value: unknown) => Promise.resolve(value)],
])('a reply that does not fit, given %s, is refused and told', async (_, give) => {
  const { run, failed, reported, replies } = setUp({ onCommand: { add: () => give({ sum: 5_000 }) } });
  run(COMMAND.add, [1, 2]);
  await jobs();
  expect(replies).toEqual([{ id: 1, code: 1011, payload: undefined }]);
  expect(failed).toEqual([]);
  expect(reported).toEqual(['onCommand.add: add.sum takes 0..999, not 5000']);
});

test('a refusal given later is the client’s answer', async () => {
  const { run, failed, reported, replies } = setUp({
    onCommand: { fail: () => Promise.reject(new RefusedError('forbidden')) },
  });
  run(COMMAND.fail, [TEXT]);
  await jobs();
  expect(replies).toEqual([{ id: 1, code: 4403, payload: undefined }]);
  expect([failed, reported]).toEqual([[], []]);
});

test('matches that rejects is told', async () => {
  const { hooks, failed, reported } = setUp({ matches: () => Promise.reject(new Error('no')) });
  expect(hooks.matches({})).toBe(false);
  await jobs();
  expect([failed, reported]).toEqual([[], ['matches: no']]);
});
