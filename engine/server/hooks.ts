/** Calls of the author's hooks in one room: where an error came from is known, and a rejected promise counts as a throw. */
import { RefusedError, TickwireError } from '../core/errors.ts';
import type { RefResolver } from '../state/payload.ts';
import { payloadOf, type WaitingCommand } from './commands.ts';
import type { PriorityHook, ResolvedRoomType } from './options.ts';
import type { Player } from './player.ts';
import type { TickContext } from './types.ts';
import { hearRejection, isPromise } from './unheard.ts';

/** Hooks that get the room first and are told, not asked. */
export type HookName = 'onCreate' | 'onJoin' | 'onLeave' | 'onDispose';
type Tell = (error: unknown, place: string) => void;
type Hook = (room: object, ...args: readonly unknown[]) => unknown;

/** The hooks of one room. */
export class RoomHooks {
  /** The hook that runs or ran last, or the part of the tick that did: where an error comes from. */
  place: string;
  readonly #roomType: ResolvedRoomType;
  readonly #room: object;
  readonly #fail: Tell;
  readonly #report: Tell;

  /**
   * `fail` is told of promises that reject; what throws at once is thrown at the caller. `report` is told of what concerns
   * one client and does not end the room.
   */
  constructor(roomType: ResolvedRoomType, room: object, fail: Tell, report: Tell = fail) {
    this.place = 'onCreate';
    this.#roomType = roomType;
    this.#room = room;
    this.#fail = fail;
    this.#report = report;
  }

  /** Calls a hook, if there is one; a promise that it returns is watched. */
  call(name: HookName, ...args: readonly unknown[]): void {
    this.#watch(this.#invoke(name, args), name, name === 'onJoin' ? (args[0] as Player) : undefined);
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
    if (hooks.matches === undefined) return true;
    const answer: unknown = hooks.matches(this.#room as never, options);
    // An async function says neither yes nor no, but it must not fail unheard; and who asks is a stranger to the room.
    hearRejection(answer, (error) => this.#report(error, 'matches'));
    return answer === true;
  }

  /** Whether the author limits what players may know of. */
  get hasVisible(): boolean {
    return this.#roomType.hooks.visible !== undefined;
  }

  /** Whether the author lets this player know of an entity. */
  visible(player: Player, entity: object): boolean {
    const { place } = this;
    this.place = 'visible';
    const answer: unknown = this.#roomType.hooks.visible!(player as never, entity as never);
    if (answer !== true && answer !== false) {
      hearRejection(answer, () => undefined);
      throw new TickwireError(`visible(player, entity) of room type '${this.#roomType.name}' returns true or false`);
    }
    this.place = place;
    return answer;
  }

  /** What the author's function says of an entity's importance to this player. */
  priority(hook: PriorityHook, player: Player, entity: object): number {
    const { place } = this;
    this.place = 'priority';
    const answer: unknown = hook(player, entity);
    if (typeof answer !== 'number') {
      hearRejection(answer, () => undefined);
      throw new TickwireError(`priority of room type '${this.#roomType.name}' returns a number`);
    }
    this.place = place;
    return answer;
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
      else this.#reply(player, command, result, place);
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

  #watch(result: unknown, place: string, player?: Player): void {
    hearRejection(result, (error) => this.#failFor(player, error, place));
  }

  /** A client chooses when it leaves: what a hook that had waited meets then must not cost the others their room. */
  #failFor(player: Player | undefined, error: unknown, place: string): void {
    if (player === undefined || player.leaveReason === undefined) this.#fail(error, place);
    else this.#report(error, place);
  }

  /** A reply that does not fit is its author's mistake, and only the client that asked goes without. */
  #reply({ commands }: Player, command: WaitingCommand, result: unknown, place: string): void {
    try {
      commands.reply(command, result);
    } catch (error) {
      commands.refuse(command, 'internal');
      this.#report(error, place);
    }
  }

  #answerLater(player: Player, command: WaitingCommand, result: Promise<unknown>, place: string): void {
    result.then(
      (value) => this.#reply(player, command, value, place),
      (error: unknown) => {
        if (error instanceof RefusedError) player.commands.refuse(command, error.code);
        else this.#failFor(player, error, place);
      },
    );
  }
}
