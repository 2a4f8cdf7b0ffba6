/** What a server takes from Node by default, besides its clock, its sockets and its codec. */
import { randomBytes as nodeRandomBytes } from 'node:crypto';
import type { Logger } from './types.ts';

/** Warnings and errors to the console; who wants more hands in a logger. */
export const consoleLogger: Logger = {
  info: () => undefined,
  warn: (message, fields) => console.warn(message, fields ?? ''),
  error: (message, fields) => console.error(message, fields ?? ''),
};

/** Random bytes that nobody can guess. */
export function randomBytes(length: number): Uint8Array {
  return nodeRandomBytes(length);
}

/** Whether mistakes of the game are to be survived and not shown. */
export function isProduction(): boolean {
  return process.env.NODE_ENV === 'production';
}
