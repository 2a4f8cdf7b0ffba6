/** The story of PROTOCOL.md, played by the engine: what its lane and its client's list make of where the ships are. */
import { ClientList } from '../../engine/replication/client-list.ts';
import { Lane } from '../../engine/replication/lane.ts';
import { type MessageBudget, MessagePlan } from '../../engine/replication/message-plan.ts';
import { packedCodec } from '../../engine/replication/packed-codec.ts';
import { plainCodec } from '../../engine/replication/plain-codec.ts';
import { LINEAR } from '../../engine/replication/predictor.ts';
import { Reader } from '../../engine/wire/reader.ts';
import { Writer } from '../../engine/wire/writer.ts';
import { storyGame } from './story-game.ts';

/** One tick: codes of x, y, hp and #teleport by slot. */
interface Tick {
  readonly tick: number;
  /** The newest input applied; -1: this tick is never sent. */
  readonly ack: number;
  readonly ships: Readonly<Record<number, readonly [x: number, y: number, hp: number, teleport: number]>>;
}

const TICKS: readonly Tick[] = [
  { tick: 1020, ack: 0, ships: { 0: [1600, 800, 100, 0], 2: [3200, 800, 80, 0] } },
  { tick: 1021, ack: 200, ships: { 0: [1624, 800, 100, 0], 2: [3197, 816, 70, 0] } },
  { tick: 1022, ack: 201, ships: { 0: [1648, 800, 100, 0], 2: [3150, 850, 66, 0], 5: [4000, 4000, 100, 0] } },
  { tick: 1023, ack: 202, ships: { 0: [3648, 800, 100, 1], 2: [3100, 900, 60, 0] } },
  { tick: 1024, ack: -1, ships: { 0: [3672, 800, 100, 1], 2: [3084, 917, 58, 0] } },
  { tick: 1025, ack: -1, ships: { 0: [3696, 800, 100, 1], 2: [3067, 933, 57, 0] } },
  { tick: 1026, ack: 203, ships: { 0: [3720, 800, 100, 1], 2: [3050, 950, 55, 0] } },
];
const SLOTS = 6;

/** Holds ship 2 in ticks 1022 and 1023, and refreshes it in the second. */
class StoryBudget implements MessageBudget {
  readonly isRanking = true;
  #tick = 0;

  open(plan: MessagePlan): void {
    this.#tick = plan.tick;
  }

  choose(): void {
    // Nothing to settle.
  }

  isHeld(_kind: number, slot: number): boolean {
    return slot === 2 && (this.#tick === 1022 || this.#tick === 1023);
  }

  allow(): void {
    // There is room for all.
  }

  urgency(): number {
    return 1;
  }

  take(_kind: number, slot: number): boolean {
    return !(slot === 2 && this.#tick === 1022);
  }
}

/** The bodies of the story's messages, by both codecs. */
export function playStory(): { tick: number; packed: Uint8Array; plain: Uint8Array }[] {
  const { schema } = storyGame;
  const lane = new Lane(schema, 1);
  const plan = new MessagePlan(lane);
  const list = new ClientList(schema, packedCodec, new StoryBudget());
  const truth = { isAlive: new Uint8Array(SLOTS), generation: new Uint32Array(SLOTS), high: SLOTS };
  const columns = [0, 1, 2, 3].map(() => new Int32Array(SLOTS));
  const bodies: { tick: number; packed: Uint8Array; plain: Uint8Array }[] = [];
  for (const { tick, ack, ships } of TICKS) {
    truth.isAlive.fill(0);
    for (const [slot, codes] of Object.entries(ships)) {
      truth.isAlive[Number(slot)] = 1;
      // Positions are interpolated, so that a lane reads them in 1/256 of a step.
      codes.forEach((code, i) => {
        columns[i]![Number(slot)] = i < 2 ? code * 256 : code;
      });
    }
    // The writer is free to choose; here it chooses so that there is something to follow.
    for (const field of lane.kinds[0]!.bodyFields) if (field.model !== undefined) field.nextPredictor = LINEAR;
    lane.advance([truth], { columns: [columns] }, tick);
    if (ack < 0) continue;
    const everything = { everyone: true, has: () => true };
    list.prepare(plan, lane, everything, { kind: 0, slot: 0, isHeld: false }, ack);
    const writer = new Writer();
    plainCodec.write(writer, lane, plan);
    const plain = writer.finish();
    writer.reset();
    packedCodec.write(writer, lane, plan);
    bodies.push({ tick, plain, packed: new Uint8Array(new Reader().open(writer.finish()).bin(65_535)) });
  }
  return bodies;
}
