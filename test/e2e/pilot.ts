// What the tests do inside a page of the demo: note each frame, and fly a ship by its keys.
import type { Page } from 'playwright-core';

/** What the demo's page tells of itself. */
export type DemoStats = ReturnType<NonNullable<Window['tickwireDemo']>['stats']>;

/** One drawn frame, as the page's own hook tells it. */
export interface Frame {
  /** Of the page's clock, on the common time of the machine, ms. */
  atMs: number;
  own: DemoStats['own'];
  ships: DemoStats['ships'];
  corrections: number;
  pickups: number;
  /** The other ship's newest heading received, before it is drawn. */
  receivedHeading: number | undefined;
  playoutDelayMs: number;
}

interface Recorder {
  frames: Frame[];
  keys: { atMs: number; code: string; isDown: boolean; frame: number }[];
  events: string[];
}

declare global {
  interface Window {
    recorder?: Recorder;
    pickupsTaken?: number;
    autopilot?: { targetX: number; targetY: number; isOn: boolean };
  }
}

/** Notes every frame of the page from now on, after the demo has drawn it, and every key at the frame before it. */
export async function record(page: Page): Promise<void> {
  await page.evaluate(() => {
    const recorder: Recorder = { frames: [], keys: [], events: [] };
    window.recorder = recorder;
    const now = (): number => performance.timeOrigin + performance.now();
    const demo = () => window.tickwireDemo!.stats();
    // Asked for inside the demo's own frame callback's turn: the demo asks first, so it draws first.
    const frame = (): void => {
      requestAnimationFrame(frame);
      const { own, ships, corrections, pickups } = demo();
      const { net } = window.tickwireDemo!;
      const other = [...(net?.world.ship ?? [])].find(({ isOwn }) => !isOwn);
      recorder.frames.push({
        atMs: now(),
        own,
        ships,
        corrections,
        pickups,
        receivedHeading: other?.received.heading,
        playoutDelayMs: net?.stats.playoutDelayMs ?? 0,
      });
      if (recorder.frames.length > 5_000) recorder.frames.shift();
    };
    requestAnimationFrame(frame);
    for (const type of ['keydown', 'keyup'] as const) {
      window.addEventListener(
        type,
        ({ code, repeat }) => {
          if (!repeat) {
            recorder.keys.push({ atMs: now(), code, isDown: type === 'keydown', frame: recorder.frames.length - 1 });
          }
        },
        { capture: true },
      );
    }
  });
}

/** Counts the power-ups that the page's own ship takes from now on. */
export async function countPickups(page: Page): Promise<void> {
  await page.evaluate(() => {
    const net = window.tickwireDemo!.net!;
    window.pickupsTaken = 0;
    net.on('pickupTaken', ({ pilot }) => {
      if (pilot === net.own?.pilot) window.pickupsTaken = (window.pickupsTaken ?? 0) + 1;
    });
  });
}

/** What was noted so far. */
export function recorded(page: Page): Promise<Recorder> {
  return page.evaluate(() => window.recorder!);
}

/** Waits until that many more frames were drawn. */
export async function frames(page: Page, count: number): Promise<void> {
  await page.evaluate(
    (wanted) =>
      new Promise<void>((resolve) => {
        let left = wanted;
        const frame = (): void => {
          if (left-- <= 0) resolve();
          else requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      }),
    count,
  );
}

/** From now on the page's ship turns to the target, flies there and fires when it points at it: all by key events. */
export async function flyTo(page: Page, x: number, y: number): Promise<void> {
  await page.evaluate(
    ([targetX, targetY]) => {
      if (window.autopilot !== undefined) {
        Object.assign(window.autopilot, { targetX, targetY, isOn: true });
        return;
      }
      const pilot = { targetX: targetX!, targetY: targetY!, isOn: true };
      window.autopilot = pilot;
      const down = new Set<string>();
      const hold = (code: string, isHeld: boolean): void => {
        if (isHeld === down.has(code)) return;
        if (isHeld) down.add(code);
        else down.delete(code);
        window.dispatchEvent(new KeyboardEvent(isHeld ? 'keydown' : 'keyup', { code, bubbles: true }));
      };
      const demo = () => window.tickwireDemo!.stats();
      const steer = (): void => {
        requestAnimationFrame(steer);
        const { own } = demo();
        if (own === undefined || !pilot.isOn) {
          for (const code of [...down]) hold(code, false);
          return;
        }
        const dx = pilot.targetX - own.x;
        const dy = pilot.targetY - own.y;
        const distance = Math.hypot(dx, dy);
        const wanted = Math.atan2(dy, dx);
        const turn = Math.atan2(Math.sin(wanted - own.heading), Math.cos(wanted - own.heading));
        hold('ArrowRight', turn > 0.06);
        hold('ArrowLeft', turn < -0.06);
        hold('ArrowUp', Math.abs(turn) < 0.5 && distance > 220);
        hold('Space', Math.abs(turn) < 0.12 && distance < 620);
      };
      requestAnimationFrame(steer);
    },
    [x, y],
  );
}

/** Lets go of all keys. */
export async function land(page: Page): Promise<void> {
  await page.evaluate(() => {
    if (window.autopilot !== undefined) window.autopilot.isOn = false;
  });
}
