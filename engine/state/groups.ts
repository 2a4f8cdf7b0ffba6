/** Which packed fields of a kind share a code word, and in which order words are read: a velocity before what it moves. */
import { TickwireError } from '../core/errors.ts';
import { MAX_SEND_EVERY } from './limits.ts';
import type { Group, PackedField } from './schema.ts';

interface Unplaced {
  readonly columns: readonly PackedField[];
  /** By column: the sibling that `.hermite` names. */
  readonly velocityNames: readonly (string | undefined)[];
  /** By column: the name that `.group` gives. */
  readonly groupNames: readonly (string | undefined)[];
  /** Path to the kind, for sentences. */
  readonly where: string;
  readonly tickRate: number;
}

/** Fields with `velocity` and `group` set, and the groups: those that hold a velocity first, the teleport counter's last. */
export function arrangeGroups(unplaced: Unplaced): { packed: PackedField[]; groups: Group[] } {
  const { columns } = unplaced;
  const velocities = columns.map((field, index) => velocityOf(field, unplaced.velocityNames[index], unplaced));
  const velocityOrder = orderByVelocity(columns, velocities, unplaced.where);
  const members = new Map<string, number[]>();
  for (const column of velocityOrder) {
    const field = columns[column]!;
    if (field.visibleTo !== 'all') continue;
    const key = groupKey(field, unplaced.groupNames[column]);
    members.set(key, [...(members.get(key) ?? []), column]);
  }
  // By first column declared, so that the order of fields in the author's file decides where velocities do not.
  const sets = [...members.values()].sort((a, b) => Math.min(...a) - Math.min(...b));
  const ordered = orderGroups(sets, columns, velocities, unplaced.where);
  const groups = ordered.map((fields, index) => ({
    index,
    fields,
    isTeleport: columns[fields[0]!]!.type === 'teleport',
  }));
  const packed = columns.map((field, index) => ({
    ...field,
    velocity: velocities[index]!,
    group: groups.findIndex((group) => group.fields.includes(index)),
  }));
  return { packed, groups };
}

function groupKey(field: PackedField, given: string | undefined): string {
  if (given !== undefined) return `named ${given}`;
  return field.kernel === 'snap' ? `alone ${field.index}` : 'moving';
}

function velocityOf(field: PackedField, name: string | undefined, { columns, where, tickRate }: Unplaced): number {
  if (name === undefined) return -1;
  const path = `${where}.${field.name}`;
  const velocity = columns.find((sibling) => sibling.name === name);
  if (velocity === undefined || velocity.type !== 'num') {
    throw new TickwireError(`${path}: .hermite('${name}') needs a num named ${name} in the same entity`);
  }
  if (velocity === field)
    throw new TickwireError(`${path}: .hermite('${name}') names the field itself; name its velocity`);
  if (velocity.visibleTo !== 'all') {
    throw new TickwireError(
      `${path}: the velocity ${name} must be visible to all who see ${field.name}; take its .visibleTo() away`,
    );
  }
  // The velocity predictor of wire.md section 4 must stay exact in integers below 2^53.
  const scale = (2 ** 24 * MAX_SEND_EVERY) / (field.precision * tickRate);
  const reach = velocity.levels * velocity.precision * scale + Math.abs(velocity.min) * scale;
  if (!(reach < 2 ** 52)) {
    throw new TickwireError(
      `${path}: ${name} is too fast for this precision (a tick would move it too many steps); narrow the range of ${name} or coarsen ${field.name}`,
    );
  }
  return velocity.index;
}

/** Columns in declaration order, but for a velocity: it comes before the fields that use it. */
function orderByVelocity(columns: readonly PackedField[], velocities: readonly number[], where: string): number[] {
  const order: number[] = [];
  for (const field of columns) {
    const chain: number[] = [];
    for (let column = field.index; column >= 0 && !order.includes(column); column = velocities[column]!) {
      if (chain.includes(column)) {
        throw new TickwireError(
          `${where}.${field.name}: .hermite() leads back to ${columns[column]!.name}; take one of them away`,
        );
      }
      chain.push(column);
    }
    order.push(...chain.reverse());
  }
  return order;
}

/** Groups that hold a velocity first, each after the groups whose velocities it uses; the teleport counter's last. */
function orderGroups(
  sets: readonly (readonly number[])[],
  columns: readonly PackedField[],
  velocities: readonly number[],
  where: string,
): (readonly number[])[] {
  const holdsVelocity = (set: readonly number[]): boolean => set.some((column) => velocities.includes(column));
  const waiting = [...sets.filter(holdsVelocity), ...sets.filter((set) => !holdsVelocity(set))];
  const ordered: (readonly number[])[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex(
      (set) => !waiting.some((other) => other !== set && set.some((column) => other.includes(velocities[column]!))),
    );
    if (next < 0) {
      const names = waiting.flat().map((column) => columns[column]!.name);
      throw new TickwireError(
        `${where}: the groups of ${names.join(', ')} need each other's velocities; put them into one .group()`,
      );
    }
    ordered.push(...waiting.splice(next, 1));
  }
  return ordered;
}
