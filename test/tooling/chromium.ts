// Debian's Chromium under playwright-core, or a notice that it is missing.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FLAGS = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  // A page behind another one goes on drawing: both are looked at here.
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
];

function find(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const name of NAMES) {
    for (const folder of folders) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

const executablePath = find();

/** Whether tests in a browser can run here; says so when they cannot, and fails where all must run. */
export function hasBrowser(): boolean {
  if (executablePath !== undefined) return true;
  const text = `no browser: none of ${NAMES.join(', ')} is in PATH`;
  if (process.env.TICKWIRE_REQUIRE_ALL === '1') throw new Error(text);
  process.stdout.write(`\n  end-to-end tests are left out: ${text}\n\n`);
  return false;
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath!, args: FLAGS, headless: true });
}

/** What a page may say without being at fault: the software renderer of a machine without a GPU. */
const IGNORED = [/GPU stall due to ReadPixels/, /Automatic fallback to software WebGL/, /swiftshader/i];

/** Collects what the page complains of. */
export function listenToConsole(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const text = message.text();
    if (!IGNORED.some((pattern) => pattern.test(text))) complaints.push(`${message.type()}: ${text}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => complaints.push(`request failed: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  return complaints;
}
