/** Runs an author's `step` for one row: the one place where the server, prediction and replay do. */
import { rowOf, type StepRows } from '../state/handle.ts';
import { bindInput } from '../state/input.ts';
import type { Game } from '../state/schema.ts';
import type { StepContext } from './step-context.ts';

/**
 * Steps a living row; does nothing for a kind without a step. `input` are the codes of the player that steers it, undefined
 * for an input of defaults; other kinds than the controlled one get none. Set `ctx` up with `begin` before.
 */
export function stepEntity(
  game: Game,
  kindIndex: number,
  table: StepRows,
  slot: number,
  input: Int32Array | undefined,
  ctx: StepContext,
): void {
  const step = game.steps[kindIndex];
  if (step === undefined) return;
  const row = rowOf(table, slot);
  if (kindIndex !== game.schema.controls) {
    step(row, ctx);
    return;
  }
  bindInput(ctx.inputView, input ?? ctx.neutralInput);
  step(row, ctx.inputView, ctx);
}
