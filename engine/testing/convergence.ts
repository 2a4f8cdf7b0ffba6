/** Whether a client has everything that it should have, and shows it: what must be so a while after all faults are over. */
import type { Session } from '../client/session.ts';
import { HELD, TRACKED, UNKNOWN } from '../replication/known-kind.ts';
import type { Player } from '../server/player.ts';
import type { Room } from '../server/room.ts';
import type { RareField } from '../state/schema.ts';
import type { Checks } from './checks.ts';
import type { ShownPlayers } from './rare-checker.ts';
import { drawnForm, type Holds, isToldAs, maySee, receivedForm } from './rare-model.ts';

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
    (timeline.length > 0 ? 'has happenings that wait' : findUnlikeRare(room, player, session))
  );
}

/** What is in sight is tracked, or held where it is far or costs too many bytes; the player's own entity is told once. */
function findUntold(room: Room, { list, sight, own, budget }: Player): string | undefined {
  for (const table of room.tables) {
    const { kind } = table;
    const known = list.kinds[kind.index]!;
    for (let slot = 0; slot < table.high; slot++) {
      const isOwn = own.kind === kind.index && own.slot === slot;
      const isSeen = table.isAlive[slot] === 1 && (isOwn || sight.everyone || sight.has(kind.index, slot));
      const status = known.status[slot] ?? UNKNOWN;
      const isHeld = isOwn ? own.isHeld : sight.isFar?.(kind.index, slot) || budget.holds(kind.index, slot);
      const wanted = !isSeen ? UNKNOWN : isHeld ? HELD : TRACKED;
      if (status !== wanted) return `was told ${kind.name} ${slot} as ${status} instead of ${wanted}`;
    }
  }
  return undefined;
}

/** The room's state, who is there, each player's state, and what it steers. */
function findUnshared(room: Room, session: Session): string | undefined {
  const { shared, world } = session.parts;
  const { roomState, playerState } = room.schema;
  const unlike = findUnlikeRecord(roomState, room.shared.room, shared.room, holdsOf(session));
  if (unlike !== undefined) return `has room.${unlike}`;
  const shown = shared.view as ShownPlayers;
  if (shown.count !== room.players.count) return `knows ${shown.count} players of ${room.players.count}`;
  for (const player of room.players) {
    const here = shown.get(player.id);
    if (here === undefined) return `does not know player ${player.id}`;
    const difference = findUnlikeRecord(playerState, player.record, here.record, holdsOf(session));
    if (difference !== undefined) return `has player ${player.id}.${difference}`;
    const { kind, slot } = player.own;
    const isDrawn = kind >= 0 && world.kinds[kind]!.isDrawn(slot);
    const steers = (here.entity as { readonly id: number } | undefined)?.id;
    if (isDrawn ? steers !== world.kinds[kind]!.handleOf(slot).id : steers !== undefined)
      return `shows player ${player.id} as steering ${steers}`;
  }
  return undefined;
}

function holdsOf({ parts }: Session): Holds {
  return (kind, slot) => (parts.replica.kinds[kind]?.status[slot] ?? UNKNOWN) !== UNKNOWN;
}

interface Wire {
  toWire(index: number): unknown;
}

function findUnlikeRecord(fields: readonly RareField[], server: Wire, client: Wire, holds: Holds): string | undefined {
  for (const field of fields) {
    const sent = server.toWire(field.index);
    const received = receivedForm(field, client.toWire(field.index));
    if (!isToldAs(field, received, sent, holds))
      return `${field.name} ${JSON.stringify(received)} instead of ${JSON.stringify(sent)}`;
  }
  return undefined;
}

/** Rare values of what is drawn, of fields that this player may see. */
function findUnlikeRare(room: Room, player: Player, session: Session): string | undefined {
  const { world } = session.parts;
  for (const table of room.tables) {
    const picture = world.kinds[table.kind.index]!;
    for (const field of table.kind.rare) {
      if (field.packed >= 0) continue;
      for (let slot = 0; slot < picture.high; slot++) {
        if (!picture.isDrawn(slot) || !maySee(room, player, field, table.kind.index, slot)) continue;
        const sent = table.rareToWire(slot, field);
        const shown = drawnForm(field, picture.rare[field.index]![slot]);
        if (isToldAs(field, shown, sent, holdsOf(session))) continue;
        const difference = `${JSON.stringify(shown)} instead of ${JSON.stringify(sent)}`;
        return `shows ${table.kind.name} ${slot}.${field.name} ${difference}`;
      }
    }
  }
  return undefined;
}
