// Async functions where nobody waits for one: what they reject with must not end the process.
import { command, defineGame, entity, int, type StandardSchema, value } from 'tickwire';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStage } from './raw-client.ts';
import { game } from './small-game.ts';

const unheard: unknown[] = [];
const note = (error: unknown): void => {
  unheard.push(error);
};

beforeEach(() => {
  unheard.length = 0;
  process.on('unhandledRejection', note);
});

afterEach(async () => {
  // Node tells of them when a turn of the event loop is over.
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off('unhandledRejection', note);
  expect(unheard).toEqual([]);
});

test('onError', async () => {
  const stage = await createStage(game, {
    rooms: {
      yard: {
        onJoin() {
          throw new Error('first');
        },
      },
    },
    onError: async () => {
      throw new Error('second');
    },
  });
  await stage.join();
  expect(stage.log.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
    "onJoin of room type 'yard' failed",
    'onError itself failed',
  ]);
});

test('matches: neither yes nor no', async () => {
  const errors: unknown[] = [];
  const stage = await createStage(game, {
    rooms: {
      yard: {
        matches: async () => {
          throw new Error('late');
        },
      },
    },
    onError: (error: unknown) => errors.push(String(error)),
  });
  await stage.join();
  await stage.join();
  expect(errors).toEqual(['Error: late']);
});

test('joinOptions: its author is told, the client is not', async () => {
  const errors: string[] = [];
  const stage = await createStage(game, {
    rooms: {
      yard: {
        joinOptions: async (value: unknown) => {
          throw new Error(`canary ${String(value)}`);
        },
      },
    },
    onError: (error: unknown) => errors.push(String(error)),
  });
  const client = await stage.join({ options: 'canary' });
  expect(client.byeCode).toBe('internal');
  expect(errors).toEqual(["TickwireError: joinOptions of room type 'yard' must answer at once: ask others in onAuth."]);
  expect(stage.server.stats.rooms).toBe(0);
});

test('a validator of a command, on what a client sent', async () => {
  const late: StandardSchema<unknown, number> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: async (given) => {
        throw new Error(`canary ${String(given)}`);
      },
    },
  };
  const asking = defineGame({
    tickRate: 20,
    entities: { ship: entity({ x: int(0, 9) }) },
    commands: { put: command({ any: value(late) }) },
  });
  const stage = await createStage(asking, { rooms: { yard: {} } });
  const client = await stage.join();
  client.command(1, 0, ['canary']);
  await stage.clock.advance(100);
  expect(client.byeCode).toBe('internal');
  expect(String(JSON.stringify(stage.log))).not.toContain('canary');
});
