/** Promises that nobody waits for: one that rejects unheard would end the process. */

/** Whether a value is a promise, of whatever make. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Tells `onError` if `value` is a promise and rejects. Returns whether it is one. */
export function hearRejection(value: unknown, onError: (error: unknown) => void): boolean {
  if (!isPromise(value)) return false;
  value.then(undefined, onError);
  return true;
}
