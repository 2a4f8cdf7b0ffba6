/** `tickwire/client`: joins a room from a page, or from Node with a WebSocket constructor. */
import { connectClient } from './client/client.ts';
import { needsLibrary, scalarCodec } from './client/scalar-codec.ts';
import type { ConnectOptions as ClientOptions, Net } from './client/types.ts';
import type { Clock } from './core/clock.ts';
import { RefusedError } from './core/errors.ts';
import type { BodyReader } from './replication/body-codec.ts';
import { packedReader } from './replication/packed-reader.ts';
import type { AnyGame } from './state/types.ts';
import { browserClock } from './transport/clock.browser.ts';
import type { ClientTransport } from './transport/transport.ts';
import { createBrowserTransport, type WebSocketConstructor } from './transport/websocket.browser.ts';
import type { ValueCodec } from './wire/value-codec.ts';

/** How to join, and over what. */
export interface ConnectOptions extends ClientOptions {
  /** Default: the global one. Node has none before version 22: pass that of `ws`. */
  readonly WebSocket?: WebSocketConstructor;
  /** For tests: time. */
  readonly clock?: Clock;
  /** For tests: the network. */
  readonly transport?: ClientTransport;
}

/**
 * Joins a room of the server at `url` (ws: or wss:).
 *
 *     const net = await connect(game, 'wss://play.example.com', { room: 'arena', token });
 *
 * Resolves with the first snapshot. Rejects with a RefusedError: its `code` says why, its `retryAfterMs` when to try again;
 * or with a TickwireError for what cannot be asked.
 */
export function connect<G extends AnyGame>(game: G, url: string, options: ConnectOptions): Promise<Net<G>> {
  const connectWith = ([values, codec]: readonly [ValueCodec, BodyReader]): Promise<Net<G>> =>
    connectClient(game, url, options, {
      clock: options?.clock ?? browserClock,
      transport: options?.transport ?? createBrowserTransport(options?.WebSocket),
      values,
      codec,
    });
  const needsValues = needsLibrary(game.schema, options?.joinOptions);
  const needsPlain = options?.codec === 'plain';
  if (!needsValues && !needsPlain) return connectWith([scalarCodec, packedReader]);
  return load(
    Promise.all([
      needsValues ? import('./client/value-codec.ts').then((part) => part.createValueCodec()) : scalarCodec,
      needsPlain ? import('./replication/plain-reader.ts').then((part) => part.plainReader) : packedReader,
    ]),
  ).then(connectWith);
}

/** Parts of their own in a bundle, so that most pages never fetch them. */
function load<T>(parts: Promise<T>): Promise<T> {
  return parts.catch(() => {
    throw new RefusedError('unreachable', 'a part of the page could not be loaded');
  });
}

export type { PlayoutMode } from './client/playout.ts';
export type { ClientPlayer, ClientPlayers, ClientState, ClientStats, Net, ServerClock } from './client/types.ts';
export type { WebSocketConstructor, WebSocketLike } from './transport/websocket.browser.ts';
