import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import { MINUTE } from '../../src/domain/base/timeframe.ts';
import { tradingCalendars } from '../../src/domain/calendar/trading-calendar.ts';
import { type Compared, compare } from '../../src/domain/parity/parity.ts';
import type { SideBar } from '../../src/domain/parity/parity-bar.ts';
import { reportHtml } from '../../src/services/reconcile/report/html.ts';
import { chromiumPath } from '../support/chromium.ts';
import { describeWith } from '../support/needs.ts';

/** A session of a wandering price, in which the candidate lacks seven minutes and has one other bar. */
function sample(): Compared {
  const calendar = tradingCalendars.fx;
  const session = calendar.session('2026-07-01')!;
  const random = seededRandom('page');
  let price = 1.1;
  const bars = calendar.minutesOf(session).map((start, place): SideBar => {
    const open = price;
    price = Number((price + random.normal() * 0.0001).toFixed(5));
    const [high, low] = [Math.max(open, price), Math.min(open, price)];
    return {
      start,
      open,
      high,
      low,
      close: price,
      volume: '0',
      n: 40,
      rev: 0,
      digest: '00000000000000aa',
      partial: false,
      place,
    };
  });
  const candidate = bars.flatMap((bar, i) => {
    if (i >= 600 && i < 607) return [];
    return [i === 900 ? { ...bar, high: bar.high + 0.001, digest: '00000000000000bb' } : bar];
  });
  const side = (of: readonly SideBar[]) => ({ bars: of, gaps: [], late: [] });
  return compare({
    symbol: 'EURUSD',
    calendar,
    session,
    from: session.from,
    to: session.from + 1_440 * MINUTE,
    settled: session.to,
    tolerance: { pipSize: 0.0001, priceTicks: 1, volume: '1' },
    threshold: 99.9,
    incumbent: side(bars),
    candidate: side(candidate),
  });
}

const path = chromiumPath();

await describeWith('the parity page', { engines: [() => (path === null ? 'Chromium is not installed' : null)] }, () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: path!,
      args: ['--no-sandbox', '--disable-background-networking'],
    });
    folder = await mkdtemp(join(tmpdir(), 'pulse-page-'));
    const page = reportHtml([sample()], { title: 'Pulse parity', generatedFrom: 'incumbent and candidate' });
    await writeFile(join(folder, 'parity.html'), page);
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each`
    width   | scheme
    ${1280} | ${'light'}
    ${390}  | ${'dark'}
  `(
    'at $width pixels, $scheme: complete, within the window, without an error or a request',
    async ({ width, scheme }) => {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
      const troubles: string[] = [];
      page.on('console', (message) => troubles.push(message.text()));
      page.on('pageerror', (error) => troubles.push(error.message));
      page.on('request', (request) => request.url().startsWith('file:') || troubles.push(request.url()));
      await page.goto(pathToFileURL(join(folder, 'parity.html')).href);
      expect(await page.title()).toBe('Pulse parity');
      expect(await page.locator('svg path').count()).toBe(2);
      expect(await page.locator('svg rect.differ').count()).toBe(2);
      expect(await page.locator('section table').first().locator('tbody tr').count()).toBe(8);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(troubles).toEqual([]);
      if (process.env.PULSE_SCREENSHOTS !== undefined)
        await page.screenshot({ path: join(process.env.PULSE_SCREENSHOTS, `parity-${width}.png`), fullPage: true });
      await page.close();
    },
  );
});
