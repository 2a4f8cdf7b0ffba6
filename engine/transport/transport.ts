/** What carries messages: ordered, reliable, message by message, like one WebSocket. Everything above knows only this. */

/** One end of an open link to a peer. No method throws, in any state. */
export interface Connection {
  /**
   * Sends one message. Ignored before the link is open and after `close` or `terminate`. The bytes belong to the
   * transport from here on: they may be written out later, so the caller never changes them again.
   */
  send(message: Uint8Array): void;
  /**
   * Ends the link after all that was sent, with a code of the `CODES` table and a reason that is cut to 123 bytes. A
   * code that may not travel in a close frame is replaced by the nearest one that may.
   */
  close(code: number, reason: string): void;
  /** Ends the link at once; what was not yet sent is lost. For a peer that is gone or hostile. */
  terminate(): void;
  /** Bytes that were sent and not yet handed to the operating system. Kernel buffers hold more that do not show here. */
  readonly bufferedBytes: number;
  /** The peer's IP address as far as it is known, else an empty string. */
  readonly remoteAddress: string;
}

/** What the owner of a connection is told. */
export interface ConnectionListener {
  /**
   * One binary message from the peer. Never called after the owner's own `close` or `terminate`. The bytes are the
   * receiver's to read during the call; what is kept longer must be copied.
   */
  message(bytes: Uint8Array): void;
  /**
   * The link has ended; called exactly once, never inside `close` or `terminate`. Code and reason are the peer's, or
   * one's own if this end closed first; 1006 with an empty reason when the link broke.
   */
  close(code: number, reason: string): void;
}

/** Called for each new connection of a server; what it returns hears of that connection. */
export type Accept = (connection: Connection) => ConnectionListener;

/** The client's way to a server. */
export interface ClientTransport {
  /**
   * Starts to connect. `open` is called once when messages can be sent; a failure is told by `close` with 1006. Never
   * throws and calls none of the handlers before it returned.
   */
  connect(url: string, handlers: ConnectionListener & { open(): void }): Connection;
}

/** The server's way to its clients. */
export interface ServerTransport {
  /** Opens a port of its own (0: any free one) on `host` and resolves with the port. Rejects when the port is taken. */
  listen(port: number, host: string, accept: Accept): Promise<{ port: number }>;
  /** Takes the WebSocket upgrades to `path` of an HTTP server that someone else made, starts and stops. */
  attach(httpServer: unknown, path: string, accept: Accept): void;
  /** Accepts nobody any more, ends every connection with 1012 and resolves when all are gone. Can be called twice. */
  close(): Promise<void>;
}
