/** Calls of the author's hooks in one room: where an error came from is known, and a rejected promise counts as a throw. */
import { RefusedError } from '../core/errors.ts';
import type { RefResolver } from '../state/payload.ts';
import { payloadOf, type WaitingCommand } from './commands.ts';
import type { ResolvedRoomType } from './options.ts';
import type { Player } from './player.ts';
import type { TickContext } from './types.ts';

/** Hooks that get the room first and are told, not asked. */
export type HookName = 'onCreate' | 'onJoin' | 'onLeave' | 'onDispose';
type Hook = (room: object, ...args: readonly unknown[]) => unknown;

/** The hooks of one room. */
export class RoomHooks {
  /** The hook that runs or ran last, or the part of the tick that did: where an error comes from. */
  place: string;
  readonly #roomType: ResolvedRoomType;
  readonly #room: object;
  readonly #fail: (error: unknown, place: string) => void;

  /** `fail` is told of promises that reject; what throws at once is thrown at the caller. */
  constructor(roomType: ResolvedRoomType, room: object, fail: (error: unknown, place: string) => void) {
    this.place = 'onCreate';
    this.#roomType = roomType;
    this.#room = room;
    this.#fail = fail;
  }

  /** Calls a hook, if there is one; a promise that it returns is watched. */
  call(name: HookName, ...args: readonly unknown[]): void {
    this.#watch(this.#invoke(name, args), name);
  }

  /** Waits for `onCreate`. Throws, or rejects, what it does. */
  async create(options: unknown): Promise<void> {
    await this.#invoke('onCreate', [options]);
  }

  /** Calls a hook of a room that ends: what it throws is told to `fail` and stops nothing. */
  callAtEnd(name: HookName, ...args: readonly unknown[]): void {
    try {
      this.call(name, ...args);
    } catch (error) {
      this.#fail(error, name);
    }
  }

  tick(context: TickContext): void {
    const { hooks } = this.#roomType;
    if (hooks.onTick === undefined) return;
    this.place = 'onTick';
    // Nobody waits for it, but an async function must not fail unheard.
    this.#watch(hooks.onTick(this.#room as never, context) as unknown, 'onTick');
  }

  /** Whether the author puts a player who asked for `options` into this room. */
  matches(options: unknown): boolean {
    const { hooks } = this.#roomType;
    this.place = 'matches';
    return hooks.matches === undefined || hooks.matches(this.#room as never, options) === true;
  }

  /** Runs a command and answers it, now or when its promise resolves. */
  runCommand(player: Player, command: WaitingCommand, resolveRef: RefResolver): void {
    const { commands } = player;
    const hook = this.#roomType.commands[command.spec.index];
    const payload = hook === undefined ? undefined : payloadOf(command, resolveRef);
    if (hook === undefined || payload === undefined) {
      commands.refuse(command, hook === undefined ? 'unknown_command' : 'bad_payload');
      return;
    }
    const place = `onCommand.${command.spec.name}`;
    this.place = place;
    try {
      const result = hook.call(this.#roomType.hooks.onCommand, this.#room, player, payload);
      if (isPromise(result)) this.#answerLater(player, command, result, place);
      else commands.reply(command, result);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      commands.refuse(command, error.code);
    }
  }

  #invoke(name: HookName, args: readonly unknown[]): unknown {
    const { hooks } = this.#roomType;
    this.place = name;
    return (hooks[name] as Hook | undefined)?.call(hooks, this.#room, ...args);
  }

  #watch(result: unknown, place: string): void {
    if (isPromise(result)) result.then(undefined, (error: unknown) => this.#fail(error, place));
  }

  #answerLater(player: Player, command: WaitingCommand, result: Promise<unknown>, place: string): void {
    result
      .then((value) => player.commands.reply(command, value))
      .catch((error: unknown) => {
        if (error instanceof RefusedError) player.commands.refuse(command, error.code);
        else this.#fail(error, place);
      });
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
