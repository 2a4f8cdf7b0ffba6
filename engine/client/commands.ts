/** Requests to the server and their replies. Without a connection they wait a while; none is ever sent twice. */
import { CODES, codeOfNumber, RefusedError, TickwireError, WireError } from '../core/errors.ts';
import { decodePayload, encodePayload } from '../state/payload.ts';
import type { PayloadSpec, Schema } from '../state/schema.ts';
import { encodeCommand } from '../wire/command.ts';
import type { Reply } from '../wire/reply.ts';
import type { ValueCodec } from '../wire/value-codec.ts';
import { COMMAND_WAIT_MS, WAITING_COMMANDS } from './limits.ts';

interface Request {
  readonly spec: PayloadSpec;
  readonly payload: readonly unknown[];
  readonly sinceMs: number;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (reason: RefusedError) => void;
  isSent: boolean;
}

/** A client's open requests. */
export class Commands {
  readonly #schema: Schema;
  readonly #values: ValueCodec;
  readonly #send: (message: Uint8Array) => void;
  /** By id, oldest first. */
  readonly #requests = new Map<number, Request>();
  #lastId = 0;
  #waiting = 0;

  constructor(schema: Schema, values: ValueCodec, send: (message: Uint8Array) => void) {
    this.#schema = schema;
    this.#values = values;
    this.#send = send;
  }

  /** Sends a command, or keeps it until there is a connection. The promise settles with its reply. */
  send(name: string, payload: object, isPlaying: boolean, nowMs: number): Promise<unknown> {
    const spec = this.#schema.commands.find((command) => command.name === name);
    if (spec === undefined) throw new TickwireError(`send('${name}'): the game has no command of that name`);
    const values = encodePayload(spec, payload);
    return new Promise((resolve, reject) => {
      if (!isPlaying && this.#waiting >= WAITING_COMMANDS) {
        reject(new RefusedError('unreachable', `${WAITING_COMMANDS} commands wait for a connection already`));
        return;
      }
      this.#requests.set(++this.#lastId, { spec, payload: values, sinceMs: nowMs, resolve, reject, isSent: false });
      this.#waiting++;
      if (isPlaying) this.flush();
    });
  }

  /** There is a connection: sends what waits. */
  flush(): void {
    for (const [id, request] of this.#requests) {
      if (request.isSent) continue;
      request.isSent = true;
      this.#waiting--;
      this.#send(encodeCommand(this.#values, { id, command: request.spec.index, payload: request.payload }));
    }
  }

  /** Settles the request that a reply is for; replies to none are ignored. Throws a WireError. */
  receive({ id, code, payload }: Reply): void {
    const request = this.#requests.get(id);
    if (!request?.isSent) return;
    if (code !== 0) {
      this.fail(id, code);
      return;
    }
    const { reply } = request.spec;
    if (reply !== undefined && payload === undefined) throw new WireError('reply without fields');
    const values = reply === undefined ? undefined : decodePayload(reply, payload);
    this.#requests.delete(id);
    request.resolve(values);
  }

  /** The server would not do what request `id` asked for. */
  fail(id: number, code: number): void {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    request?.reject(
      new RefusedError(codeOfNumber(code), `command '${request.spec.name}': ${CODES[codeOfNumber(code)].text}`),
    );
  }

  /** Gives up what has waited too long for a connection. */
  expire(nowMs: number): void {
    this.#reject(
      new RefusedError('unreachable'),
      (request) => !request.isSent && nowMs - request.sinceMs > COMMAND_WAIT_MS,
    );
  }

  /** The connection broke: nobody knows what became of requests without a reply. With `isOver` none will follow either. */
  lose(reason: RefusedError, isOver: boolean): void {
    this.#reject(reason, (request) => request.isSent || isOver);
  }

  #reject(reason: RefusedError, isMeant: (request: Request) => boolean): void {
    for (const [id, request] of this.#requests) {
      if (!isMeant(request)) continue;
      this.#requests.delete(id);
      if (!request.isSent) this.#waiting--;
      request.reject(reason);
    }
  }
}
