/** Options with a name that means nothing are mistakes: what was meant would be left out in silence. */
import { TickwireError } from './errors.ts';

/** Throws for what is no object, and for a key that is not among `known`; `where` names it. */
export function checkKeys(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TickwireError(`${where} takes an object`);
  for (const key in options) {
    if (!known.includes(key)) throw new TickwireError(`${where} has no option '${key}'; it has ${known.join(', ')}`);
  }
}
