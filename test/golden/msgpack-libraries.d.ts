/** What the tests use of two libraries that come without types. */
declare module 'msgpack-lite' {
  export function decode(bytes: Uint8Array): unknown;
}

declare module 'msgpack5' {
  export default function create(): { decode(bytes: Uint8Array): unknown };
}
