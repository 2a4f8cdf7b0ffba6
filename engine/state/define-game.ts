/** The functions that a game file calls: entity, input, event, command, defineGame. */

import { TickwireError } from '../core/errors.ts';
import { checkKeys } from '../core/keys.ts';
import { compileSchema } from './compile.ts';
import type { Fields } from './fields.ts';
import type { Game, StepFunction } from './schema.ts';
import type { Checked, Command, Entity, Event, Input, Steps } from './types.ts';

/** A kind of entity: its fields, and how many may live at once (default 4096, at most 65535). */
export function entity<const F extends Fields>(
  fields: F & Checked<F>,
  options: { readonly max?: number } = {},
): Entity<F> {
  return Object.freeze({ fields, max: options.max });
}

/** A player's input: packed fields only. */
export function input<const F extends Fields>(fields: F): Input<F> {
  return Object.freeze({ fields });
}

/** A notice from the server to clients. */
export function event<const F extends Fields = Record<never, never>>(fields?: F): Event<F> {
  return Object.freeze({ fields: fields ?? ({} as F) });
}

/** A command that may yet be given a reply. */
export interface CommandBuilder<F extends Fields> extends Command<F, undefined> {
  /** Makes it answer: `send` resolves with these fields. */
  replies<const R extends Fields>(fields: R): Command<F, R>;
}

/** A request from a client to the server. */
export function command<const F extends Fields = Record<never, never>>(fields?: F): CommandBuilder<F> {
  const own = fields ?? ({} as F);
  return Object.freeze({
    fields: own,
    reply: undefined,
    replies: <const R extends Fields>(reply: R): Command<F, R> => Object.freeze({ fields: own, reply }),
  });
}

type None = Record<never, never>;

/** What `defineGame` takes. Only `entities` is required. */
export interface GameDefinition<E, I extends Fields, V, C, R, P, K> {
  /** Ticks per second, 1..128. Default 30. */
  readonly tickRate?: number;
  readonly entities: E;
  readonly input?: Input<I>;
  readonly events?: V;
  readonly commands?: C;
  /** State of the room and of each player, for everybody in the room. */
  readonly roomState?: R;
  readonly playerState?: P;
  /** The kind that players steer. */
  readonly controls?: K;
  /** Moves a row by one tick. Pure: the server, the predicting client and a replay run the same function. */
  readonly step?: Steps<E, I, V, K>;
  /** Yours, for the message that a player with another version gets. */
  readonly version?: string;
}

const KEYS = [
  'tickRate',
  'entities',
  'input',
  'events',
  'commands',
  'roomState',
  'playerState',
  'controls',
  'step',
  'version',
];

/** Compiles a game. Throws a TickwireError that names the field and the fix. */
export function defineGame<
  const E extends { readonly [kind: string]: Entity },
  I extends Fields = None,
  const V extends { readonly [name: string]: Event } = None,
  const C extends { readonly [name: string]: Command } = None,
  const R extends Fields = None,
  const P extends Fields = None,
  const K extends keyof E & string = never,
>(
  definition: GameDefinition<E, I, V, C, R, P, K>,
): Game<{ entities: E; input: I; events: V; commands: C; roomState: R; playerState: P; controls: K }> {
  checkKeys('defineGame', definition, KEYS);
  if (definition.input !== undefined && definition.input?.fields === undefined) {
    throw new TickwireError('input is not made by input(); write input: input({ … })');
  }
  const schema = compileSchema({
    tickRate: definition.tickRate ?? 30,
    entities: definition.entities,
    input: definition.input?.fields ?? {},
    events: definition.events ?? {},
    commands: definition.commands ?? {},
    roomState: definition.roomState ?? {},
    playerState: definition.playerState ?? {},
    controls: definition.controls,
    version: definition.version ?? '',
  });
  const byKind = (definition.step ?? {}) as { readonly [kind: string]: unknown };
  for (const [name, step] of Object.entries(byKind)) {
    if (!schema.kinds.some((kind) => kind.name === name)) {
      throw new TickwireError(`step.${name}: the game has no entity of that name; the steps are named after entities`);
    }
    if (step !== undefined && typeof step !== 'function') throw new TickwireError(`step.${name} must be a function`);
  }
  const steps = schema.kinds.map((kind) => byKind[kind.name] as StepFunction | undefined);
  return Object.freeze({ schema, steps: Object.freeze(steps) });
}
