/** The version of the protocol: it counts changes of the bytes, not releases. */

/** Raised by one with every change that an older peer would misread. HELLO and WELCOME carry it. */
export const PROTOCOL_VERSION = 1;
