/** The game that PROTOCOL.md's examples are of. */
import { bool, command, defineGame, entity, event, float64, input, int, num, text } from '../../engine/index.ts';

const position = () => num({ min: 0, max: 4096, precision: 1 / 16 });

export const storyGame = defineGame({
  tickRate: 20,
  entities: { ship: entity({ x: position(), y: position(), hp: int(0, 100).default(100), name: text(24) }) },
  input: input({ thrust: bool(), turn: int(-1, 1), fire: bool().pulse() }),
  events: { explosion: event({ x: position(), y: position() }) },
  commands: { chat: command({ text: text(200) }), buy: command({ item: int(0, 99) }).replies({ ok: bool() }) },
  roomState: { roundEndsAt: float64() },
  playerState: { score: int(0, 9999) },
  controls: 'ship',
});
