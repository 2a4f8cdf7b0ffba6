/** A decoded value as JSON; bins as {"bin": hex}. */
export function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
    return { bin: Buffer.from(value as Uint8Array).toString('hex') };
  }
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toJson(part)]));
}
