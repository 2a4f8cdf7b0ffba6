/** The demo's page with 100 ships and their shots in sight: JavaScript per frame and draw calls, in headless Chromium. */

import { hasBrowser, launch } from '../../test/tooling/chromium.ts';
import { startDemo } from '../../test/tooling/demo-server.ts';
import { atLeast, atMost, median, type Suite, type SuiteResult } from '../suite.ts';

const BOTS = 120;
/** Small, for the frame is drawn in software where there is no GPU; the same world and the same quads are in it. */
const VIEWPORT = { width: 320, height: 180 };

interface Sample {
  readonly costMs: number;
  readonly drawCalls: number;
  readonly ships: number;
  readonly shots: number;
  readonly framesPerSecond: number;
}

async function measure(url: string, seconds: number): Promise<Sample[]> {
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: VIEWPORT });
    await page.goto(`${url}?sound=0&quality=high&name=Bench`);
    await page.waitForFunction(() => window.tickwireDemo?.stats().own !== undefined);
    // Code is compiled and caches are filled.
    await page.waitForTimeout(5_000);
    const samples: Sample[] = [];
    for (let second = 0; second < seconds; second++) {
      await page.waitForTimeout(1_000);
      samples.push(
        await page.evaluate(() => {
          const stats = window.tickwireDemo!.stats();
          const { costP95Ms, drawCalls, framesPerSecond } = stats;
          return {
            costMs: costP95Ms,
            drawCalls,
            framesPerSecond,
            ships: stats.ships.length,
            shots: stats.shots.length,
          };
        }),
      );
    }
    return samples;
  } finally {
    await browser.close();
  }
}

export const suite: Suite = {
  name: 'frame',
  title: `the demo's page with 100 ships in sight`,
  async run({ quick }): Promise<SuiteResult> {
    if (!hasBrowser()) return { tables: [], charts: [], bars: [], notes: ['Left out: no Chromium in PATH.'] };
    const demo = await startDemo({ BOTS: String(BOTS), SIGHT: '0' });
    try {
      const samples = await measure(demo.url, quick ? 10 : 40);
      const costMs = median(samples.map((sample) => sample.costMs));
      const drawCalls = Math.max(...samples.map((sample) => sample.drawCalls));
      const ships = median(samples.map((sample) => sample.ships));
      const shots = median(samples.map((sample) => sample.shots));
      const rate = median(samples.map((sample) => sample.framesPerSecond));
      return {
        tables: [
          {
            title: `Frames of the page, ${VIEWPORT.width}x${VIEWPORT.height}, WebGL`,
            columns: ['ships', 'shots', 'JavaScript p95 ms', 'draw calls', 'frames/s'],
            rows: [[ships, shots, Number(costMs.toFixed(2)), drawCalls, Number(rate.toFixed(0))]],
          },
        ],
        charts: [],
        bars: [
          atLeast('ships drawn', ships, 'ships', 95),
          atMost('JavaScript per frame, p95', costMs, 'ms', 4),
          atMost('draw calls per frame', drawCalls, 'calls', 12),
        ],
        notes: [
          'JavaScript is everything between the start and the end of the frame callback: net, scene, HUD and the GL calls.',
          'Of the 120 bots a few are always down, waiting for their return.',
        ],
      };
    } finally {
      await demo.stop();
    }
  },
};
