/** A player who presses anything: a bot for every game, made from the declaration of its input. */
import { Random } from '../core/random.ts';
import type { PackedField } from '../state/schema.ts';
import type { AnyGame, InputOf } from '../state/types.ts';

/** What a simulated player holds: called once per frame, like the function given to `sampleInput`. */
export type Script<G extends AnyGame> = (input: InputOf<G>, timeMs: number) => void;

/** Each choice is held for a time between these, ms. */
const HOLD_MIN_MS = 50;
const HOLD_MAX_MS = 800;

/** A script that holds random values of every input field, each for a while. */
export function randomInput<G extends AnyGame>(game: G, seed: number): Script<G> {
  const random = new Random();
  random.seed(seed, 0x1b07, 0);
  const held = game.schema.input.fields.map((field) => ({ field, value: pick(field, random), untilMs: 0 }));
  return (input, timeMs) => {
    const target = input as Record<string, unknown>;
    for (const choice of held) {
      if (timeMs >= choice.untilMs) {
        choice.value = pick(choice.field, random);
        choice.untilMs = timeMs + random.int(HOLD_MIN_MS, HOLD_MAX_MS);
      }
      target[choice.field.name] = choice.value;
    }
  };
}

function pick(field: PackedField, random: Random): unknown {
  const code = random.int(0, field.levels - 1);
  if (field.type === 'bool') return code === 1;
  if (field.type === 'oneOf') return field.choices[code];
  return field.min + code * field.precision;
}
