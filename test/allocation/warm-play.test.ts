// What 10,000 ticks of a server and 10,000 frames of a client (1,000 entities that all move) leave on the heap, and what
// one of them allocates.
//
// Each run is a process of its own, from the plain source: a test runner's wrapping of modules keeps V8 from taking small
// functions into large ones, and then numbers become objects. It compiles on one thread, so that a run is like the last.
//
// `retained` compares two heap snapshots, before and after: exact, and without what the compiler makes, which grows
// `heapUsed` by 50 kB or shrinks it by 300 in ten thousand ticks without any leak. `bytesPerTick` and `bytesPerFrame` are
// what `used_heap_size` grows by while the server ticks or the client reads and draws, with a young generation so large
// that no collection comes in between; the one window that it does come into is left out.
//
// Seen to fail: a number kept by each tick of the room, and by each frame of the client (83,000 bytes of an array each); an
// object made for each row that the capture looks at, and for each slot that is sorted before it is drawn (35,000 bytes a
// tick, and 38,000 a frame).
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { repositoryRoot, sourceArguments } from '../tooling/source-command.ts';

interface Report {
  readonly bytesPerTick: number;
  readonly bytesPerFrame: number;
  readonly retained: number;
  /** What grew most. */
  readonly most: string[];
  readonly entities: number;
  readonly underruns: number;
  readonly heard: number;
  readonly troubles: number;
}

const FLAGS = ['--single-threaded', '--min-semi-space-size=64', '--max-semi-space-size=64'];
const program = fileURLToPath(new URL('./warm-play.ts', import.meta.url));

/** A watchdog: both together take less than 20 s on a machine that does nothing else. */
const TIMEOUT_MS = 180_000;

/** Objects that come and go with the play: events on their way, a client's news that wait to be shown. */
const RETAINED_BYTES = 16_384;
/**
 * A message's Uint8Array is 200 to 300 bytes besides its content, which is not on the heap. Two clients get one a tick;
 * the clock's timer, the reading of the heap and numbers that once-a-tick functions return take the rest.
 */
const TICK_BYTES = 4_096;
/** One message comes and one goes in each frame. A checksum of 1,000 entities every 64 ticks is 800 of it. */
const FRAME_BYTES = 4_096;

async function play(sight: 'everyone' | 'near', ticks: number): Promise<Report> {
  const run = promisify(execFile)(process.execPath, [...FLAGS, ...sourceArguments(program, sight, String(ticks))], {
    cwd: repositoryRoot,
  });
  return JSON.parse((await run).stdout) as Report;
}

test(
  '10,000 warm ticks and frames: nothing is left behind, and little more than the messages is allocated',
  async () => {
    const report = await play('everyone', 10_000);
    // It was the play that it should be: everybody in sight, a line that stalls, events and replies heard.
    expect(report.entities).toBeGreaterThan(1_000);
    expect(report.underruns).toBeGreaterThan(50);
    expect(report.heard).toBeGreaterThan(20_000);
    expect(report.troubles).toBe(0);
    expect(report.retained, report.most.join(', ')).toBeLessThan(RETAINED_BYTES);
    expect(report.bytesPerTick).toBeLessThan(TICK_BYTES);
    expect(report.bytesPerFrame).toBeLessThan(FRAME_BYTES);
  },
  TIMEOUT_MS,
);

test(
  'the same with interest, which is another way through the server',
  async () => {
    const report = await play('near', 1_500);
    expect(report.entities).toBeGreaterThan(150);
    expect(report.troubles).toBe(0);
    expect(report.retained, report.most.join(', ')).toBeLessThan(RETAINED_BYTES);
    expect(report.bytesPerTick).toBeLessThan(TICK_BYTES);
    expect(report.bytesPerFrame).toBeLessThan(FRAME_BYTES);
  },
  TIMEOUT_MS,
);
