import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { type Edge, startEdge } from '../support/mcp2-edge.ts';
import { describeWith } from '../support/needs.ts';

const KEY = 'a-key-of-some-length';
const SHA256 = '7602afe257e4bd460fcbc16b78c16d0822834244638fbee1d489cdaed5b179d3';
const path = chromiumPath();

await describeWith(
  'the API reference',
  { engines: [() => (path === null ? 'Chromium is not installed' : null)] },
  () => {
    let browser: Browser;
    let edge: Edge;
    beforeAll(async () => {
      edge = await startEdge({ options: { keys: [{ name: 'desk', scopes: ['read'], sha256: SHA256 }] } });
      browser = await chromium.launch({
        executablePath: path!,
        args: ['--no-sandbox', '--disable-background-networking'],
      });
    });
    afterAll(async () => {
      await browser?.close();
      await edge?.close();
    });

    test('opens with the key as a password, shows the routes, and asks no other server for anything', async () => {
      const page = await browser.newPage({
        viewport: { width: 1280, height: 900 },
        httpCredentials: { username: 'desk', password: KEY },
      });
      const troubles: string[] = [];
      page.on('pageerror', (error) => troubles.push(error.message));
      page.on('console', (message) => {
        // That the page first asks for the key is told as an error, too.
        const asked = message.location().url === `${edge.address}/docs` && message.text().includes('401');
        if (message.type() === 'error' && !asked) troubles.push(message.text());
      });
      page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        if (origin !== edge.address && !['data:', 'blob:'].includes(protocol)) troubles.push(request.url());
      });
      await page.goto(`${edge.address}/docs`);
      expect(await page.title()).toBe('Pulse mcp2');
      await page.getByRole('heading', { name: 'Store a trade payload' }).first().waitFor();
      if (process.env.PULSE_SCREENSHOTS !== undefined)
        await page.screenshot({ path: join(process.env.PULSE_SCREENSHOTS, 'api-reference.png') });
      expect(troubles).toEqual([]);
      await page.close();
    });
  },
);
