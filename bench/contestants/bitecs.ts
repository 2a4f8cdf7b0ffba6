/**
 * bitECS: its SoA serializer in diff mode over typed arrays, with messages of who left and entered beside it, for the library
 * has no such thing for chosen entities. Where clients see parts, each has a serializer of its own, for that keeps the shadow.
 */
import { importPeer } from '../peers/install.ts';
import { codeOf, type Trace, type TraceField } from '../traces/trace.ts';
import type { View } from '../traces/views.ts';
import { type Contestant, createBaseline } from './contestant.ts';
import { holdsView } from './quantize.ts';

type Column = Uint8Array | Uint16Array | Uint32Array;
type Columns = Record<string, Column>;
type Serialize = (ids: readonly number[]) => ArrayBuffer;

/** What is used of the module. */
interface Serialization {
  createSoASerializer(components: Columns[], options: { diff: boolean; buffer: ArrayBuffer }): Serialize;
  createSoADeserializer(components: Columns[], options: { diff: boolean }): (packet: ArrayBuffer) => void;
}

const BUFFER_BYTES = 4 * 2 ** 20;

/** Of enough slots for every entity there is and some that rest. */
function createColumns(fields: readonly TraceField[], slots: number): Columns {
  const create = ({ levels }: TraceField): Column => {
    if (levels <= 256) return new Uint8Array(slots);
    return levels <= 65_536 ? new Uint16Array(slots) : new Uint32Array(slots);
  };
  return Object.fromEntries(fields.map((field) => [field.name, create(field)]));
}

class BitecsRoom {
  readonly received: Columns;
  /** Slots by the entity that the first client knows. */
  readonly known = new Map<number, number>();
  readonly #trace: Trace;
  readonly #sent: Columns;
  readonly #serializers: readonly Serialize[];
  readonly #deserialize: (packet: ArrayBuffer) => void;
  readonly #slots = new Map<number, number>();
  readonly #free: number[] = [];
  #slotsUsed = 0;

  constructor({ createSoASerializer, createSoADeserializer }: Serialization, trace: Trace, views: number) {
    const slots = 2 * trace.entities.length + 64;
    this.#trace = trace;
    this.#sent = createColumns(trace.fields, slots);
    this.received = createColumns(trace.fields, slots);
    this.#serializers = Array.from({ length: views }, () =>
      createSoASerializer([this.#sent], { diff: true, buffer: new ArrayBuffer(BUFFER_BYTES) }),
    );
    this.#deserialize = createSoADeserializer([this.received], { diff: true });
  }

  apply(): void {
    for (const { id } of this.#trace.left) {
      this.#free.push(this.#slots.get(id)!);
      this.#slots.delete(id);
    }
    const { fields } = this.#trace;
    for (const entity of this.#trace.entities) {
      let slot = this.#slots.get(entity.id);
      if (slot === undefined) {
        slot = this.#free.shift() ?? this.#slotsUsed++;
        this.#slots.set(entity.id, slot);
      }
      for (const field of fields) this.#sent[field.name]![slot] = codeOf(field, entity);
    }
  }

  /** Counts of who left and entered, their ids (and slots and kinds), then the library's packet. */
  write(index: number, { stayed, entered, left }: View): Uint8Array {
    const slots: number[] = [];
    for (const { id } of stayed) slots.push(this.#slots.get(id)!);
    for (const { id } of entered) slots.push(this.#slots.get(id)!);
    const packet = new Uint8Array(this.#serializers[index]!(slots));
    const headBytes = 4 + 4 * left.length + 7 * entered.length;
    const message = new Uint8Array(headBytes + packet.length);
    const head = new DataView(message.buffer);
    head.setUint16(0, left.length);
    head.setUint16(2, entered.length);
    let at = 4;
    for (const { id } of left) {
      head.setUint32(at, id);
      at += 4;
    }
    for (const { id, kind } of entered) {
      head.setUint32(at, id);
      head.setUint16(at + 4, this.#slots.get(id)!);
      head.setUint8(
        at + 6,
        this.#trace.kinds.findIndex(({ name }) => name === kind),
      );
      at += 7;
    }
    message.set(packet, headBytes);
    return message;
  }

  read(message: Uint8Array): void {
    const head = new DataView(message.buffer);
    const left = head.getUint16(0);
    const entered = head.getUint16(2);
    let at = 4;
    for (let i = 0; i < left; i++, at += 4) this.known.delete(head.getUint32(at));
    for (let i = 0; i < entered; i++, at += 7) this.known.set(head.getUint32(at), head.getUint16(at + 4));
    this.#deserialize(message.buffer.slice(at) as ArrayBuffer);
  }
}

/** Install the peers first. */
export async function createBitecs(): Promise<Contestant> {
  const serialization = await importPeer<Serialization>('bitecs/serialization');
  let room: BitecsRoom;
  return createBaseline({
    name: 'bitECS 0.4, SoA diff',
    start(trace, views) {
      room = new BitecsRoom(serialization, trace, views.list.length);
      room.apply();
      return room.write(0, views.list[0]!);
    },
    apply: () => room.apply(),
    write: (_trace, views) => views.list.map((view, i) => room.write(i, view)),
    read: (message) => room.read(message),
    check: (trace, views) =>
      holdsView(trace, views, room.known.size, (id) => {
        const slot = room.known.get(id);
        return slot === undefined ? undefined : trace.fields.map(({ name }) => room.received[name]![slot]!);
      }),
  });
}
