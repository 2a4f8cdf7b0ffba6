/** Checks what a client received: after each message it holds what the server meant it to hold, number by number. */
import type { Session } from '../client/session.ts';
import type { Random } from '../core/random.ts';
import { TRACKED, UNKNOWN } from '../replication/known-kind.ts';
import type { Replica, ReplicaKind } from '../replication/replica.ts';
import { SLOTS_PER_GENERATION } from '../state/limits.ts';
import type { Kind, PackedField } from '../state/schema.ts';
import type { Findings } from './findings.ts';
import { rounded } from './lane-checker.ts';
import type { RareChecker } from './rare-checker.ts';
import type { Told, ToldChecker, ToldKind } from './told-checker.ts';

/** A checksum rides at least every so many ticks, and a slow lane's comes a little later. */
const FOUND_TICKS = 64 + 16;
/** A client that asks for a reset has it within so many ticks of messages: the server gives one in two seconds at most. */
const HEALED_SECONDS = 6;

/** A bit that was flipped on purpose. */
interface Flip {
  readonly kind: number;
  readonly slot: number;
  readonly instance: number;
  /** The replica's tick when it happened, or when it was last held: checksums do not cover what is held. */
  tick: number;
}

/** One client's replica. */
export class ReplicaChecker {
  readonly #where: string;
  readonly #session: Session;
  readonly #findings: Findings;
  readonly #toldOf: (session: Session) => ToldChecker | undefined;
  readonly #healedTicks: number;
  readonly #rare: RareChecker;
  #flip: Flip | undefined;
  /** The flipped entity differed after the newest message. */
  #isFlipSeen = false;
  /** By kind and slot: when the entity became known, and its instance. */
  #instances = new Map<number, { enteredTick: number; instance: number }>();
  #told: ToldChecker | undefined;
  #refusedTick = -1;
  #tick = -1;

  /** `toldOf` finds what the session's player was sent. */
  constructor(
    where: string,
    session: Session,
    tickRate: number,
    findings: Findings,
    toldOf: (session: Session) => ToldChecker | undefined,
    rare: RareChecker,
  ) {
    this.#where = where;
    this.#session = session;
    this.#findings = findings;
    this.#toldOf = toldOf;
    this.#rare = rare;
    this.#healedTicks = HEALED_SECONDS * tickRate;
    const { receiver } = session;
    const receiveState = receiver.receiveState.bind(receiver);
    receiver.receiveState = (bytes, playerId) => {
      const isNew = this.#receive(() => receiveState(bytes, playerId));
      this.#rare.receive(bytes, isNew);
      return isNew;
    };
  }

  /** Flips a bit of what the client tracks, as bad memory would. Returns whether there was one to flip. */
  flipBit(random: Random): boolean {
    const { replica } = this.#session.parts;
    if (replica.awaitsReset || this.#flip !== undefined) return false;
    const kind = replica.kinds[random.int(0, replica.kinds.length - 1)]!;
    const slots = Array.from({ length: kind.high }, (_, slot) => slot).filter((slot) => kind.status[slot] === TRACKED);
    const slot = slots[random.int(0, slots.length - 1)];
    const fields = kind.kind.bodyFields;
    const index = fields[random.int(0, fields.length - 1)];
    if (slot === undefined || index === undefined) return false;
    const field = kind.kind.packed[index]!;
    const column = kind.columns[index]!;
    const bit = random.int(0, field.bits - 1) + (field.kernel === 'snap' ? 0 : 8);
    const flipped = column[slot]! ^ (1 << bit);
    if (codeIn(field, flipped) >= field.levels) return false;
    column[slot] = flipped;
    this.#flip = { kind: kind.kind.index, slot, instance: kind.instance[slot]!, tick: replica.tick };
    this.#findings.counts.bitsFlipped++;
    return true;
  }

  #receive(apply: () => boolean): boolean {
    const { receiver, parts } = this.#session;
    const { replica } = parts;
    this.#followLife();
    const awaited = replica.awaitsReset;
    const { resyncs } = receiver;
    const isNew = apply();
    const told = this.#told?.take();
    if (told === undefined || told.tick !== replica.newestTick) {
      this.#report(`tick ${replica.newestTick} arrived, and ${told?.tick ?? 'nothing'} was sent`);
      return isNew;
    }
    if (replica.newestTick <= this.#tick) this.#report(`tick ${replica.newestTick} after ${this.#tick}`);
    this.#tick = replica.newestTick;
    if (receiver.acked !== told.ack) this.#report(`input ${receiver.acked} is acknowledged instead of ${told.ack}`);
    if (receiver.resyncs > resyncs) this.#noteRefusal();
    else if (isNew) this.#compare(replica, told);
    else if (!awaited || told.isReset) this.#report('a good body was skipped');
    this.#checkDeadlines(replica);
    this.#told?.giveBack(told);
    return isNew;
  }

  /** Another connection is another life, with nothing of the one before. */
  #followLife(): void {
    const told = this.#toldOf(this.#session);
    if (told === this.#told) return;
    this.#told = told;
    this.#tick = this.#refusedTick = -1;
    this.#rare.restart();
    this.#flip = undefined;
    this.#instances = new Map();
  }

  #noteRefusal(): void {
    const { counts } = this.#findings;
    if (this.#flip === undefined && this.#refusedTick < 0) this.#report('a good body was refused');
    if (this.#flip !== undefined) counts.flipsFound++;
    this.#flip = undefined;
    if (this.#refusedTick < 0) this.#refusedTick = this.#tick;
  }

  #checkDeadlines(replica: Replica): void {
    if (!replica.awaitsReset) this.#refusedTick = -1;
    else if (this.#refusedTick >= 0 && this.#tick - this.#refusedTick > this.#healedTicks) {
      this.#report(`no reset came since tick ${this.#refusedTick}`);
      this.#refusedTick = this.#tick;
    }
    if (this.#flip === undefined || this.#tick - this.#flip.tick <= FOUND_TICKS) return;
    const { kind, slot, tick } = this.#flip;
    this.#flip = undefined;
    this.#report(`the bit of ${replica.kinds[kind]!.kind.name} ${slot} flipped at ${tick} was not found`);
  }

  #compare(replica: Replica, told: Told): void {
    const { counts } = this.#findings;
    counts.snapshotsCompared++;
    if (replica.tick !== told.tick) this.#report(`holds tick ${replica.tick}`);
    this.#isFlipSeen = false;
    for (let k = 0; k < told.kinds.length; k++) this.#compareKind(replica.kinds[k]!, told.kinds[k]!);
    // A refresh may have put it right, or its entity is gone, before anybody noticed.
    if (!this.#isFlipSeen) this.#flip = undefined;
  }

  #compareKind(received: ReplicaKind, told: ToldKind): void {
    const { kind, status } = received;
    const { count, slots } = told;
    this.#findings.counts.entitiesCompared += count;
    const known = countKnown(received);
    if (known !== count) this.#report(`knows ${known} of kind ${kind.name} instead of ${count}`);
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      if (status[slot] !== told.status[i]) {
        this.#report(`${kind.name} ${slot} has status ${status[slot]} instead of ${told.status[i]}`);
      } else {
        this.#compareInstance(kind, slot, told.enteredTick[i]!, received.instance[slot]!);
      }
    }
    for (let i = 0; i < kind.bodyFields.length; i++) {
      const column = received.columns[kind.bodyFields[i]!]!;
      const values = told.columns[i]!;
      for (let j = 0; j < count; j++) {
        if (column[slots[j]!] !== values[j]) this.#noteDifference(received, kind.bodyFields[i]!, slots[j]!, values[j]!);
      }
    }
  }

  #noteDifference({ kind, columns, status, instance }: ReplicaKind, column: number, slot: number, value: number): void {
    const flip = this.#flip;
    if (flip?.kind !== kind.index || flip.slot !== slot || flip.instance !== instance[slot]) {
      this.#report(
        `${kind.name} ${slot}.${kind.packed[column]!.name} is ${columns[column]![slot]} instead of ${value}`,
      );
      return;
    }
    this.#isFlipSeen = true;
    if (status[slot] !== TRACKED) flip.tick = this.#tick;
  }

  /** Who entered anew is another instance, and who did not is the same. */
  #compareInstance(kind: Kind, slot: number, enteredTick: number, instance: number): void {
    const key = kind.index * SLOTS_PER_GENERATION + slot;
    const last = this.#instances.get(key);
    if (last === undefined) {
      this.#instances.set(key, { enteredTick, instance });
      return;
    }
    if ((last.enteredTick === enteredTick) !== (last.instance === instance)) {
      const now = `entered at ${enteredTick} (before ${last.enteredTick}) as ${instance} (before ${last.instance})`;
      this.#report(`${kind.name} ${slot} ${now}`);
    }
    last.enteredTick = enteredTick;
    last.instance = instance;
  }

  #report(problem: string): void {
    this.#findings.report(`${this.#where} at tick ${this.#session.parts.replica.newestTick}`, problem);
  }
}

function codeIn(field: PackedField, value: number): number {
  return field.kernel === 'snap' ? value : rounded(field, value);
}

function countKnown({ status, high }: ReplicaKind): number {
  let known = 0;
  for (let slot = 0; slot < high; slot++) if (status[slot] !== UNKNOWN) known++;
  return known;
}
