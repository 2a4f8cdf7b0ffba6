/** Whether a client has everything that it should have, and shows it: what must be so a while after all faults are over. */
import type { Session } from '../client/session.ts';
import { HELD, TRACKED, UNKNOWN } from '../replication/known-kind.ts';
import type { Player } from '../server/player.ts';
import type { Room } from '../server/room.ts';
import { SLOTS_PER_GENERATION } from '../state/limits.ts';
import type { RareField } from '../state/schema.ts';
import type { Checks } from './checks.ts';

/** A client of a slow lane over a slow line may be so far behind. */
const BEHIND_SECONDS = 2;

/** The first thing in which a client's session differs from its server; undefined if there is none. */
export function findDifference(checks: Checks, session: Session): string | undefined {
  if (session.state !== 'playing') return `is ${session.state}`;
  const room = checks.roomOf(session.roomId);
  const player = checks.lifeOf(session)?.player;
  if (room === undefined || player === undefined || player.leaveReason !== undefined) return 'is not in the room';
  const { replica, timeline } = session.parts;
  if (replica.awaitsReset) return 'awaits a reset';
  const behind = room.tick - replica.tick;
  if (behind > BEHIND_SECONDS * room.schema.tickRate) return `is ${behind} ticks behind`;
  return (
    findUntold(room, player) ??
    findUnshared(room, session) ??
    (timeline.length > 0 ? 'has happenings that wait' : findUnlikeRare(room, session))
  );
}

/** What is in sight is tracked, and the player's own entity is told once. */
function findUntold(room: Room, { list, sight, own }: Player): string | undefined {
  for (const table of room.tables) {
    const { kind } = table;
    const known = list.kinds[kind.index]!;
    for (let slot = 0; slot < table.high; slot++) {
      const isOwn = own.kind === kind.index && own.slot === slot;
      const isSeen = table.isAlive[slot] === 1 && (isOwn || sight.everyone || sight.has(kind.index, slot));
      const status = known.status[slot] ?? UNKNOWN;
      const wanted = !isSeen ? UNKNOWN : isOwn && own.isHeld ? HELD : TRACKED;
      if (status !== wanted) return `was told ${kind.name} ${slot} as ${status} instead of ${wanted}`;
    }
  }
  return undefined;
}

/** The room's state, who is there, and each player's state. */
function findUnshared(room: Room, session: Session): string | undefined {
  const { shared } = session.parts;
  const { roomState, playerState } = room.schema;
  const unlike = findUnlikeRecord(roomState, room.shared.room, shared.room);
  if (unlike !== undefined) return `has room.${unlike}`;
  const shown = shared.view as { count: number; get(id: number): { record: Wire } | undefined };
  if (shown.count !== room.players.count) return `knows ${shown.count} players of ${room.players.count}`;
  for (const player of room.players) {
    const here = shown.get(player.id);
    if (here === undefined) return `does not know player ${player.id}`;
    const difference = findUnlikeRecord(playerState, player.record, here.record);
    if (difference !== undefined) return `has player ${player.id}.${difference}`;
  }
  return undefined;
}

interface Wire {
  toWire(index: number): unknown;
}

function findUnlikeRecord(fields: readonly RareField[], server: Wire, client: Wire): string | undefined {
  for (const { name, index, type } of fields) {
    // Both sides keep a ref in a form of their own.
    if (type === 'ref') continue;
    const sent = JSON.stringify(server.toWire(index));
    const received = JSON.stringify(client.toWire(index));
    if (sent !== received) return `${name} ${received} instead of ${sent}`;
  }
  return undefined;
}

/** Rare values of what is drawn, of fields that everybody may see. */
function findUnlikeRare(room: Room, session: Session): string | undefined {
  const { world } = session.parts;
  for (const table of room.tables) {
    const picture = world.kinds[table.kind.index]!;
    for (const field of table.kind.rare) {
      if (field.packed >= 0 || field.visibleTo !== 'all') continue;
      for (let slot = 0; slot < picture.high; slot++) {
        if (!picture.isDrawn(slot)) continue;
        const sent = JSON.stringify(shownForm(field, table.rare[field.index]![slot]));
        const shown = JSON.stringify(picture.rare[field.index]![slot]);
        if (sent !== shown) return `shows ${table.kind.name} ${slot}.${field.name} ${shown} instead of ${sent}`;
      }
    }
  }
  return undefined;
}

/** A stored value of the server's as a client stores it: of a ref the slot + 1, 0 for none. */
function shownForm({ type }: RareField, stored: unknown): unknown {
  if (type !== 'ref' || stored === 0) return stored;
  return ((stored as number) % SLOTS_PER_GENERATION) + 1;
}
