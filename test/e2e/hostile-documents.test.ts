import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addressesOf, Mcp2Desk } from '../support/mcp2-desk.ts';
import { ServiceProcess } from '../support/service-process.ts';

let folder: string;
let up: ServiceProcess;
let desk: Mcp2Desk;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-hostile-'));
  up = new ServiceProcess(['up', '--feed', 'none'], { PULSE_DATA_DIR: folder, MCP2_PORT: '0' });
  const [, address = ''] = await addressesOf(up, 2);
  desk = new Mcp2Desk(address);
}, 60_000);
afterAll(async () => {
  await up.end('SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

const add = (id: string, content: string) => desk.post('/documents', { id, content, format: 'markdown' });

/** Statuses of what other callers get until `work` is done, by path. */
async function answersDuring(work: Promise<unknown>, paths: readonly string[]): Promise<Map<string, number[]>> {
  let over = false;
  const ended = work.finally(() => {
    over = true;
  });
  const answers = new Map<string, number[]>(paths.map((path) => [path, []]));
  await Promise.all(
    paths.map(async (path) => {
      while (!over) answers.get(path)!.push((await desk.get(path)).status);
    }),
  );
  await ended;
  return answers;
}

test('while 2 MB that were made to hurt are read, all others are answered; then they are refused', {
  timeout: 90_000,
}, async () => {
  expect((await add('stops', '# Stops\n\nA stop limits the loss.')).status).toBe(200);
  // The lexer of Markdown takes some 10 ms for each of these paragraphs.
  const hostile = add('hostile', `${'*a [b]('.repeat(570)}\n\n`.repeat(500));
  const paths = ['/health', '/search_docs?query=stops', '/documents/stops', '/trades/recent'];
  for (const [path, statuses] of await answersDuring(hostile, paths)) {
    expect([path, new Set(statuses)]).toEqual([path, new Set([200])]);
    expect(statuses.length, path).toBeGreaterThan(50);
  }
  const refused = await hostile;
  expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringMatching(/^hostile cannot be read/) } });
  expect(refused.headers.get('x-pulse-error')).toBe('document.unreadable');
  expect((await desk.get('/documents/hostile')).status).toBe(404);
  expect((await add('next', '# Next\n\nIt is read again.')).status).toBe(200);
});
