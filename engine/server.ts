/** `tickwire/server`: the authoritative server, for Node. */
import { checkServer, resolveTransportOptions, type ServerOptions } from './server/options.ts';
import { consoleLogger, isProduction, randomBytes } from './server/platform.node.ts';
import { createGameServer, type GameServer } from './server/server.ts';
import type { Guest } from './server/types.ts';
import type { AnyGame } from './state/types.ts';
import { systemClock } from './transport/clock.node.ts';
import { createWsTransport } from './transport/ws.node.ts';
import { createMsgpackrCodec } from './wire/msgpackr.node.ts';

export { type Code, RefusedError, TickwireError } from './core/errors.ts';
export type { ServerLimits, ServerOptions } from './server/options.ts';
export type { GameServer } from './server/server.ts';
export type { ServerStats } from './server/stats.ts';
export type {
  AnyServerHandle,
  AuthenticateRequest,
  CommandHooks,
  EmitOptions,
  ErrorPlace,
  ExplainedEntity,
  Explanation,
  Guest,
  Interest,
  KindInterest,
  Logger,
  Players,
  Point,
  Quality,
  Refusal,
  RoomType,
  ServerPlayer,
  ServerRoom,
  TickContext,
  User,
} from './server/types.ts';

/**
 * Makes a server for `game`. Throws a TickwireError for an option that does not exist or is out of its range. Nothing listens
 * before `listen` or `attach`.
 */
export function createServer<G extends AnyGame, U = Guest, Rooms = Record<string, unknown>>(
  game: G,
  options: ServerOptions<G, U, Rooms>,
): GameServer<G, U> {
  checkServer(game, options);
  const { logger = consoleLogger, clock = systemClock } = options;
  const onFault = (error: unknown): void => logger.error('a connection failed', { error });
  return createGameServer(
    game,
    { ...options, strict: options.strict ?? !isProduction() },
    {
      clock,
      transport: options.transport ?? createWsTransport({ ...resolveTransportOptions(options), onFault }),
      values: createMsgpackrCodec(),
      randomBytes: options.randomBytes ?? randomBytes,
      logger,
    },
  );
}
