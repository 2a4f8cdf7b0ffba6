/** What the processes of the sockets suite tell each other: over Node's channel between parent and child. */

export type SystemName = 'Tickwire' | 'raw ws' | 'Colyseus' | 'Socket.IO';
export type WorkloadName = 'W1' | 'W2';

/** What a server process is to run. */
export interface ServerSpec {
  readonly system: SystemName;
  readonly workload: WorkloadName;
  readonly clients: number;
  /** Of raw ws: bytes of the one message that everybody is sent in a tick. */
  readonly payloadBytes: number;
  /** Tickwire on its own clock, which spins for precision, and not on the one that all systems share here. */
  readonly isShippedClock: boolean;
}

/** How clients reach a server that runs. */
export interface Door {
  readonly port: number;
  /** One path for each client, or one for all. */
  readonly paths: readonly string[];
  /** Of Tickwire: HELLO, in base64. */
  readonly hello: string;
}

/** What a load process is to do. */
export interface LoadSpec {
  readonly system: SystemName;
  readonly door: Door;
  readonly clients: number;
  /** Index of the first of these clients among all. */
  readonly first: number;
}

/** What a server process measured between `begin` and `end`. */
export interface ServerFigures {
  /** User and system time of the process, microseconds. */
  readonly cpuUs: number;
  readonly ticks: number;
  /** Of each tick, ms after it was due. */
  readonly latenessMs: readonly number[];
  /** From `begin` to `end`, by its own clock. */
  readonly elapsedMs: number;
  readonly rssBytes: number;
  /** Messages that the server itself counted, where it counts. */
  readonly messagesIn: number;
}

/** What a load process counted between `begin` and `end`. */
export interface LoadFigures {
  /** Payload of WebSocket messages received: without WebSocket, TCP and IP headers. */
  readonly bytes: number;
  readonly messages: number;
  /** Clients that are still connected and were sent something. */
  readonly alive: number;
  readonly cpuUs: number;
}

export type ToChild =
  | { readonly kind: 'serve'; readonly spec: ServerSpec }
  | { readonly kind: 'load'; readonly spec: LoadSpec }
  /** From now on clients send so many inputs a second; 0: only what keeps them connected. Ticks run and clients speak again. */
  | { readonly kind: 'resume'; readonly inputsPerSecond: number }
  /** No ticks, and no word from clients. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' };

export type FromChild =
  | { readonly kind: 'open'; readonly door: Door }
  | { readonly kind: 'joined' }
  | { readonly kind: 'served'; readonly figures: ServerFigures }
  | { readonly kind: 'loaded'; readonly figures: LoadFigures };

/** Tells the parent. */
export function tellParent(message: FromChild): void {
  process.send?.(message);
}
