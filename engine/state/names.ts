/** Names that a field, kind, event or command may not have. */
import { TickwireError } from '../core/errors.ts';

const RESERVED: ReadonlySet<string> = new Set([
  // handles
  'id',
  'kind',
  'despawn',
  'teleport',
  'isOwn',
  'isHeld',
  'ageMs',
  'received',
  // worlds
  'columns',
  'get',
  'spawn',
  'count',
  'onEnter',
  'onLeave',
  // JavaScript
  'constructor',
  'prototype',
  '__proto__',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toString',
  'toJSON',
  'valueOf',
  'then',
]);

/** Throws when `name` is reserved or no identifier. `where` is the path to it, for the sentence. */
export function checkName(name: string, where: string): void {
  if (RESERVED.has(name)) throw new TickwireError(`${where}: the name '${name}' is reserved; choose another`);
  if (!/^[A-Za-z_][\w$]{0,63}$/.test(name)) {
    throw new TickwireError(
      `${where}: '${name}' is no name; take at most 64 letters, digits, _ and $, a letter or _ first`,
    );
  }
}
