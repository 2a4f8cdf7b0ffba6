// What defineGame promises: names and values flow to steps, events, commands, input and state.
import {
  type AnyGame,
  type CommandPayload,
  command,
  defineGame,
  type EventPayload,
  entity,
  event,
  type InputOf,
  int,
  type KindNames,
  num,
  type PlayerStateOf,
  type ReplyOf,
  type RoomStateOf,
  ref,
  type StepContext,
  type StepRow,
  text,
} from 'tickwire';
import { type ExampleGame, game, type Ship, type Shot } from './example-game.ts';
import { isTrue, type Plain, type Same } from './same-type.ts';

export const any: AnyGame = game;
isTrue<Same<KindNames<ExampleGame>, 'ship' | 'shot'>>();
isTrue<Same<Plain<InputOf<ExampleGame>>, { thrust: boolean; turn: number; fire: boolean }>>();
isTrue<Same<Plain<EventPayload<ExampleGame, 'explosion'>>, { readonly x: number; readonly y: number }>>();
isTrue<Same<Plain<CommandPayload<ExampleGame, 'buy'>>, { readonly item: number }>>();
isTrue<Same<Plain<ReplyOf<ExampleGame, 'buy'>>, { readonly ok: boolean }>>();
isTrue<Same<ReplyOf<ExampleGame, 'chat'>, undefined>>();
isTrue<Same<Plain<RoomStateOf<ExampleGame>>, { round: number }>>();
isTrue<Same<Plain<RoomStateOf<ExampleGame, 'client'>>, { readonly round: number }>>();
isTrue<Same<Plain<PlayerStateOf<ExampleGame>>, { name: string; score: number }>>();
// @ts-expect-error no event of that name
isTrue<Same<EventPayload<ExampleGame, 'explode'>, never>>();
game.schema.kinds.map((kind) => kind.name);
// @ts-expect-error a compiled game does not change
game.schema.tickRate = 60;

const range = { min: 0, max: 16, precision: 1 / 16 };
const Tank = entity({ x: num(range), hp: int(0, 9), name: text(8), secret: int(0, 9).visibleTo('server') });
const Wall = entity({ x: num(range), builder: ref('tank') });
const entities = { tank: Tank, wall: Wall };
const events = { hit: event({ by: int(0, 9) }), ping: event() };

// step: ctx and input are typed, without a word by the author
defineGame({
  entities,
  events,
  controls: 'tank',
  step: {
    tank(tank, input, ctx) {
      isTrue<Same<Plain<typeof tank>, { x: number; hp: number }>>();
      isTrue<Same<typeof ctx.dt, number>>();
      ctx.emit('hit', { by: 1 });
      ctx.emit('ping', {});
      ctx.spawn('wall', { x: tank.x });
      for (const wall of ctx.seen.wall) ctx.spawn('wall', { builder: wall.builder });
      // @ts-expect-error rare fields are not in a row
      tank.name;
      // @ts-expect-error nor is what only the server knows
      tank.secret;
      // @ts-expect-error the input has no such field
      input.fire;
      // @ts-expect-error no such event
      ctx.emit('miss', {});
      // @ts-expect-error the payload is wrong
      ctx.emit('hit', { by: 'me' });
      // @ts-expect-error no such kind
      ctx.spawn('ghost');
      // @ts-expect-error no such field
      ctx.spawn('wall', { y: 1 });
      // @ts-expect-error what was seen is read-only
      for (const seen of ctx.seen.tank) seen.x = 1;
      // @ts-expect-error time is given
      ctx.dt = 1;
    },
    wall(wall, ctx) {
      wall.x += ctx.dt * ctx.random();
    },
  },
});
defineGame({
  entities,
  step: {
    tank(tank, ctx) {
      // Without `controls` no kind gets an input.
      tank.x += ctx.dt;
    },
  },
});
// @ts-expect-error no such kind to control
defineGame({ entities, controls: 'ghost' });
// @ts-expect-error no such kind to step
defineGame({ entities, step: { ghost: () => undefined } });
// @ts-expect-error only the controlled kind has three arguments
defineGame({ entities, controls: 'tank', step: { wall: (_wall, _input, _ctx) => undefined } });

// steps in files of their own: naming `typeof game` there would be circular
function stepTank(tank: StepRow<typeof Tank>, ctx: StepContext<typeof entities, typeof events>): void {
  tank.hp -= 1;
  ctx.emit('hit', { by: tank.hp });
  // @ts-expect-error no such event
  ctx.emit('miss', {});
}
defineGame({ entities, events, step: { tank: stepTank } });
declare const shipRow: StepRow<typeof Ship>;
const shotRow: StepRow<typeof Shot> = shipRow;
// @ts-expect-error a shot has no heading
shotRow.heading = 1;

// commands with and without fields and replies
const talk = defineGame({
  entities,
  commands: { wave: command(), ask: command({ q: text(9) }).replies({ a: text(9) }) },
});
isTrue<Same<Plain<CommandPayload<typeof talk, 'ask'>>, { readonly q: string }>>();
isTrue<Same<Plain<ReplyOf<typeof talk, 'ask'>>, { readonly a: string }>>();
isTrue<Same<ReplyOf<typeof talk, 'wave'>, undefined>>();
