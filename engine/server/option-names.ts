/** Names of options: one that means nothing is a mistake, and what was meant would be left out in silence. */
import { TickwireError } from '../core/errors.ts';

/** Throws for what is no object, and for a key that is not among `known`, with the one that was meant; `where` names it. */
export function checkKeys(where: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TickwireError(`${where} takes an object.`);
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const near = known.find((name) => isNear(name.toLowerCase(), key.toLowerCase()));
    const hint = near === undefined ? `It has: ${known.join(', ')}` : `Did you mean '${near}'?`;
    throw new TickwireError(`${where} has no option '${key}'. ${hint}`);
  }
}

/** Whether one is the other with at most two letters added, left out or changed. */
function isNear(a: string, b: string, edits = 2): boolean {
  if (a === b) return true;
  if (edits === 0) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const restA = a.slice(i);
  const restB = b.slice(i);
  return (
    isNear(restA.slice(1), restB.slice(1), edits - 1) ||
    isNear(restA.slice(1), restB, edits - 1) ||
    isNear(restA, restB.slice(1), edits - 1)
  );
}
