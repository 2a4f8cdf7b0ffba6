// The demo as a visitor has it: two pages in a real browser, one server process.
import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, launch, listenToConsole } from '../tooling/chromium.ts';
import { type DemoServer, startDemo } from '../tooling/demo-server.ts';
import { repositoryRoot } from '../tooling/source-command.ts';
import { countPickups, type DemoStats, flyTo, frames, land, record, recorded } from './pilot.ts';

const screenshots = `${repositoryRoot}/test/e2e/screenshots`;

describe.skipIf(!hasBrowser())('the demo in a browser', () => {
  let browser: Browser;
  let demo: DemoServer;
  const opened: { page: Page; complaints: string[] }[] = [];

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    [browser, demo] = await Promise.all([launch(), startDemo()]);
  });

  afterAll(async () => {
    await browser?.close();
    expect(await demo?.stop()).toBe(0);
  });

  // A page that a failed test left open would play on in the next one.
  afterEach(async () => {
    for (const { page } of opened.splice(0)) await page.context().close();
  });

  /** Opens a page and waits until its ship is drawn. */
  async function open(name: string, query = ''): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 960, height: 600 } });
    const page = await context.newPage();
    opened.push({ page, complaints: listenToConsole(page) });
    await page.goto(`${demo.url}?renderer=canvas&sound=0&quality=low&name=${name}${query}`);
    await page.waitForFunction(() => window.tickwireDemo?.stats().own !== undefined);
    return page;
  }

  const statsOf = (page: Page): Promise<DemoStats> => page.evaluate(() => window.tickwireDemo!.stats());

  /** Waits until `isDone` of the page's stats, drawing frames meanwhile. */
  async function untilStats(
    page: Page,
    isDone: (stats: DemoStats) => boolean,
    each?: () => Promise<void>,
  ): Promise<DemoStats> {
    for (let round = 0; round < 2_000; round++) {
      const stats = await statsOf(page);
      if (isDone(stats)) return stats;
      await each?.();
      await frames(page, 3);
    }
    throw new Error(`waited too long for: ${isDone}`);
  }

  async function closeAll(): Promise<void> {
    const complaints = opened.flatMap((entry) => entry.complaints);
    for (const { page } of opened.splice(0)) await page.context().close();
    expect(complaints).toEqual([]);
  }

  test('two pages join, see each other, and A turns at once in A and after the playout delay in B', async () => {
    const a = await open('Ada');
    const b = await open('Bob');
    await Promise.all([record(a), record(b)]);
    // Both fly to the middle, where each is within the other's sight.
    await Promise.all([flyTo(a, 1_400, 1_536), flyTo(b, 1_660, 1_536)]);
    await untilStats(b, ({ ships }) => ships.length === 2);
    await Promise.all([land(a), land(b)]);
    await Promise.all([frames(a, 30), frames(b, 30)]);
    const id = (await statsOf(a)).own!.id;
    expect((await statsOf(a)).scores.map(({ name }) => name).sort()).toEqual(['Ada', 'Bob']);

    await a.keyboard.down('ArrowLeft');
    await frames(a, 12);
    await a.keyboard.up('ArrowLeft');
    await Promise.all([frames(a, 20), frames(b, 40)]);
    const [atA, atB] = [await recorded(a), await recorded(b)];

    // In A: the frame before the key shows the old heading, the next one another.
    const key = atA.keys.findLast(({ code, isDown }) => code === 'ArrowLeft' && isDown)!;
    const before = atA.frames[key.frame]!;
    const next = atA.frames[key.frame + 1]!;
    expect(before.own!.heading).toBe(atA.frames[key.frame - 1]!.own!.heading);
    expect(next.own!.heading).not.toBe(before.own!.heading);

    // In B: from the frame at which the news was there, the playout delay and a margin of six frames.
    const isNew = (heading: number | undefined) => Math.abs((heading ?? 0) - before.own!.heading) > 0.01;
    const since = atB.frames.filter(({ atMs }) => atMs > key.atMs);
    const heard = since.findIndex(({ receivedHeading }) => isNew(receivedHeading));
    const drawn = since.findIndex(({ ships }) => isNew(ships.find((ship) => !ship.isOwn)?.heading));
    expect(heard).toBeGreaterThanOrEqual(0);
    expect(drawn).toBeGreaterThanOrEqual(heard);
    const waited = since.slice(heard, drawn + 1);
    const longestMs = Math.max(...waited.slice(1).map(({ atMs }, i) => atMs - waited[i]!.atMs), 17);
    const delayMs = Math.max(...waited.map(({ playoutDelayMs }) => playoutDelayMs));
    expect(since[drawn]!.atMs - since[heard]!.atMs).toBeLessThan(delayMs + 6 * longestMs);
    expect(id).toBe(next.own!.id);

    await a.screenshot({ path: `${screenshots}/two-pages-a.png` });
    await b.screenshot({ path: `${screenshots}/two-pages-b.png` });
    await closeAll();
  });

  test('a shot hits, and the score changes in both pages', async () => {
    const a = await open('Hunter');
    const b = await open('Target');
    const score = (stats: DemoStats, name: string) => stats.scores.find((entry) => entry.name === name)?.score ?? -1;
    await untilStats(a, (stats) => score(stats, 'Hunter') >= 0 && score(stats, 'Target') >= 0);
    await flyTo(b, 1_536, 1_536);
    const full = (await statsOf(b)).own!.hp;
    let lowest = full;
    await untilStats(
      a,
      (stats) => score(stats, 'Hunter') >= 10,
      async () => {
        const { own } = await statsOf(b);
        if (own === undefined) return;
        lowest = Math.min(lowest, own.hp);
        if (Math.hypot(own.x - 1_536, own.y - 1_536) < 300) await land(b);
        await flyTo(a, own.x, own.y);
      },
    );
    expect(lowest).toBeLessThan(full);
    const seen = await untilStats(b, (stats) => score(stats, 'Hunter') >= 10);
    expect(score(seen, 'Hunter')).toBeGreaterThanOrEqual(10);
    await a.screenshot({ path: `${screenshots}/after-the-hit.png` });
    await closeAll();
  });

  test('with 150 ms more latency, jitter and stalls the own ship is never corrected', async () => {
    const a = await open('Lag', '&latency=150&jitter=40&stall=300');
    await record(a);
    await countPickups(a);
    const start = await statsOf(a);
    for (const code of ['ArrowLeft', 'ArrowRight', 'ArrowLeft']) {
      await a.keyboard.down(code);
      await a.keyboard.down('ArrowUp');
      await frames(a, 40);
      await a.keyboard.up('ArrowUp');
      await frames(a, 20);
      await a.keyboard.up(code);
    }
    const end = await statsOf(a);
    // The news of the last pickup is shown when the picture reaches it.
    await frames(a, 60);
    // What touches a ship from outside its step costs one correction: here only a power-up could.
    const taken = await a.evaluate(() => window.pickupsTaken ?? 0);
    expect(end.corrections - start.corrections).toBeLessThanOrEqual(taken);
    expect(end.own!.id).toBe(start.own!.id);
    const moved = Math.hypot(end.own!.x - start.own!.x, end.own!.y - start.own!.y);
    expect(moved).toBeGreaterThan(5);
    await a.screenshot({ path: `${screenshots}/slow-line.png` });
    await closeAll();
  });

  test('many visitors at once are let in', async () => {
    const pages = [];
    for (let i = 0; i < 6; i++) pages.push(await open(`Guest${i}`));
    await untilStats(pages[0]!, ({ scores }) => scores.length === 6);
    await closeAll();
  });
});
