// What the builders promise: `.hermite` takes numeric siblings, modifiers fit their type, values have the right types.
import {
  angle,
  bool,
  defineGame,
  entity,
  float64,
  input,
  int,
  num,
  oneOf,
  ref,
  type StandardSchema,
  type StepRow,
  text,
  uint32,
  value,
} from 'tickwire';
import { isTrue, type Plain, type Same } from './same-type.ts';

const range = { min: 0, max: 16, precision: 1 / 16 };

// .hermite: a num of the same entity
entity({ x: num(range).hermite('vx'), vx: num(range) });
entity({ turn: angle(10).hermite('spin'), spin: num(range) });
entity({
  x: num(range).hermite('vx').extrapolate(50).predictor('linear').default(1).group('place'),
  vx: num(range).snap(),
});
// @ts-expect-error there is no vz
entity({ x: num(range).hermite('vz'), vx: num(range) });
// @ts-expect-error name is no num
entity({ x: num(range).hermite('name'), name: text(24) });
// @ts-expect-error an angle is no velocity
entity({ x: num(range).hermite('heading'), heading: angle(8) });
// @ts-expect-error nor is an int
entity({ x: num(range).hermite('hp'), hp: int(0, 9) });
entity({ x: num(range).hermite('nothing').lerp() });

// modifiers fit their type
// @ts-expect-error text does not move
text(24).lerp();
// @ts-expect-error nor do words
oneOf('red', 'blue').lerp();
// @ts-expect-error nor does a bool
bool().hermite('vx');
// @ts-expect-error a whole number has no velocity
int(0, 9).hermite('vx');
int(0, 9).lerp();
// @ts-expect-error only a bool is a pulse
int(0, 1).pulse();
// @ts-expect-error a ref has no default
ref('ship').default(1);
// @ts-expect-error rare fields share no code word
float64().group('place');
// @ts-expect-error bounds and precision are required
num({ min: 0, max: 1 });
// @ts-expect-error no words at all
oneOf();

// defaults have the field's type
num(range).default(3);
// @ts-expect-error not a number
num(range).default('3');
// @ts-expect-error not one of the words
oneOf('red', 'blue').default('green');
// @ts-expect-error not true or false
bool().default(1);
// @ts-expect-error not a text
text(24).default(7);
// @ts-expect-error not a text either
value<{ a: string }>().default({ a: 1 });

// inputs hold packed fields only: a sentence at run time, for the type would make every message longer
input({ fire: bool().pulse(), aim: angle(10), gun: oneOf('axe', 'bow') });

// who may see it
num(range).visibleTo('owner');
num(range).visibleTo((viewer, ship) => viewer.entity?.id === ship.id);
// @ts-expect-error nobody of that name
num(range).visibleTo('friends');

// values
interface Point {
  readonly left: number;
}
declare const pointSchema: StandardSchema<unknown, Point>;
const Every = entity({
  n: num(range),
  i: int(0, 9),
  a: angle(8),
  b: bool(),
  o: oneOf('red', 'blue'),
  t: text(8),
  f: float64(),
  u: uint32(),
  v: value<{ k: string }>(),
  w: value<string[]>().default([]),
  s: value(pointSchema),
  secret: num(range).visibleTo('server'),
  own: num(range).visibleTo('owner'),
  ruled: num(range).visibleTo(() => true),
});
export const everyGame = defineGame({ entities: { every: Every } });

// a step row: packed fields that the owner always sees
type Row = StepRow<typeof Every>;
isTrue<Same<Plain<Row>, { n: number; i: number; a: number; b: boolean; o: 'red' | 'blue'; own: number }>>();
