// Types compared by identity, not by assignability: `any` equals nothing but `any`.
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Written out, so that two spellings of one object type compare equal. */
export type Plain<T> = T extends object ? { [P in keyof T]: T[P] } : T;

/** Compiles only for `true`. */
export function isTrue<T extends true>(): T | undefined {
  return undefined;
}
