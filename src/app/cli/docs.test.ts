import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Shell } from '../../../test/support/command-line.ts';
import { documentFiles, documentId, readDocument } from './document-files.ts';

let shell: Shell;
let folder: string;
beforeEach(async () => {
  shell = await Shell.open();
  folder = join(shell.folder, 'handbook');
  // As beside a pulse up: the embedded database is then taken.
  await mkdir(join(shell.dataDir, 'database'), { recursive: true });
  for (const name of ['orders', '.git', 'node_modules']) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'orders', 'stop.md'), '# Stop orders\n\nSleeps until its trigger.');
  await writeFile(join(folder, 'orders', 'page.HTM'), '<h1>Icebergs</h1><p>Show a part &amp; hide the rest.');
  await writeFile(join(folder, 'notes.txt'), 'Notes of the desk');
  await writeFile(join(folder, 'picture.png'), 'no text');
  await writeFile(join(folder, '.git', 'hidden.md'), '# Hidden');
  await writeFile(join(folder, 'node_modules', 'package.md'), '# Package');
});
afterEach(() => shell.close());

const docs = async (...argv: string[]) => shell.run(['docs', ...argv]);

describe('pulse docs', () => {
  test('indexes files and folders, finds, lists and removes', async () => {
    expect(await docs()).toMatchObject({ code: 0, out: expect.stringContaining('There are no documents') });
    expect(await docs('index', folder)).toMatchObject({ code: 0, out: '3 added, 0 updated, 0 unchanged, 0 skipped\n' });
    await writeFile(join(folder, 'notes.txt'), 'Notes of the desk, changed');
    expect(await docs('index', folder)).toMatchObject({ out: '0 added, 1 updated, 2 unchanged, 0 skipped\n' });
    const { out } = await docs('search', 'iceberg', 'parts', '--limit', '1');
    expect(out).toContain('1 found\n');
    expect(out).toContain('  Icebergs\n    Show a part & hide the rest.\n');
    expect((await docs('search', 'tirgger')).out).toContain('Searched for: trigger\n1 found\n');
    expect((await docs('search', 'nothing', 'such')).out).toBe('Nothing was found.\n');
    const listed = JSON.parse((await docs('list', '--json')).out) as { id: string; title: string }[];
    expect(listed.map(({ title }) => title).sort()).toEqual(['Icebergs', 'Notes of the desk, changed', 'Stop orders']);
    expect(await docs('remove', listed[0]!.id, listed[1]!.id)).toMatchObject({ code: 0, out: '2 removed\n' });
    expect(await docs('remove', listed[0]!.id)).toMatchObject({
      code: 66,
      err: expect.stringContaining('there is no document'),
    });
    expect((await docs('list')).out.split('\n')).toHaveLength(3);
  });

  test('tells each file that it skipped, and why, and indexes the others', async () => {
    await writeFile(join(folder, 'empty.md'), '\n');
    await writeFile(join(folder, 'latin.txt'), Buffer.from([0x4b, 0xf6, 0x6c, 0x6e]));
    await writeFile(join(folder, 'large.md'), 'word '.repeat(1_000));
    const { code, out } = await docs(
      'index',
      folder,
      join(folder, 'picture.png'),
      '--document-max-bytes',
      '2000',
      '--json',
    );
    const { skipped, ...counts } = JSON.parse(out) as { skipped: { path: string; reason: string }[] };
    expect(code).toBe(65);
    expect(counts).toEqual({ added: 3, updated: 0, unchanged: 0 });
    expect(skipped.map(({ path, reason }) => [relative(folder, path), reason])).toEqual([
      ['empty.md', expect.stringContaining('holds no text')],
      ['large.md', expect.stringContaining('has 5000 bytes; MCP2_DOCUMENT_MAX_BYTES allows 2000')],
      ['latin.txt', expect.stringContaining('it is not UTF-8 text')],
      ['picture.png', expect.stringContaining('not a document')],
    ]);
  });

  test.each([
    ['index', '`pulse docs index` needs files or folders'],
    ['search', '`pulse docs search` needs words'],
    ['remove', '`pulse docs remove` needs ids'],
    ['index no-such-folder', 'cannot read no-such-folder: there is no such file'],
    ['search x --mcp2-url http://127.0.0.1:9', 'cannot reach mcp2 at http://127.0.0.1:9'],
  ])('%s: what is wrong is told', async (line, complaint) => {
    const { code, err } = await docs(...line.split(' '));
    expect(code).toBeGreaterThan(0);
    expect(err).toContain(complaint);
  });
});

describe('through an mcp2', () => {
  test('a file without text is told as it is on the own engines', async () => {
    const address = await serve(async () => [500, { detail: 'nothing was to be sent' }]);
    await mkdir(join(folder, 'blank'));
    await writeFile(join(folder, 'blank', 'empty.md'), ' \n');
    const { code, out } = await docs('index', join(folder, 'blank'), '--mcp2-url', address);
    expect([code, out]).toEqual([65, expect.stringMatching(/^skipped .*empty\.md: .*empty\.md holds no text\n/)]);
  });

  test('documents are sent with the key, and answers are told', async () => {
    const asked: string[] = [];
    const address = await serve(async (request) => {
      const body =
        request.method === 'POST' ? (JSON.parse(await textOf(request)) as { title?: string; content: string }) : null;
      asked.push(
        `${request.method} ${request.url} ${request.headers['x-api-key']} ${body?.content.length ?? ''}`.trim(),
      );
      if (request.method === 'POST' && body!.content.startsWith('Notes')) return [413, { detail: 'too large here' }];
      if (request.method === 'POST') return [201, { id: 'x', chunks: 1, change: 'added' }];
      if (request.url!.startsWith('/search_docs')) return [200, { corrected: null, total: 0, results: [] }];
      if (request.method === 'DELETE') return [204, null];
      return [401, { detail: 'no such key' }];
    });
    const through = ['--mcp2-url', `${address}/`, '--mcp2-client-key', 'secret-key'];
    const { code, out } = await docs('index', folder, ...through);
    expect(code).toBe(65);
    expect(out).toMatch(/^skipped .*notes\.txt: too large here\n2 added, 0 updated, 0 unchanged, 1 skipped\n$/);
    expect(await docs('search', 'a & b', ...through)).toMatchObject({ code: 0, out: 'Nothing was found.\n' });
    expect(await docs('remove', 'a~b', ...through)).toMatchObject({ code: 0 });
    const refused = await docs('list', ...through);
    expect(refused).toMatchObject({ code: 77 });
    expect(refused.err).toContain('answers 401: no such key');
    expect(refused.err).not.toContain('secret-key');
    expect(asked).toEqual([
      'POST /documents secret-key 17',
      'POST /documents secret-key 52',
      'POST /documents secret-key 40',
      'GET /search_docs?query=a+%26+b&limit=20&offset=0 secret-key',
      'DELETE /documents/a~b secret-key',
      'GET /documents?limit=20&offset=0 secret-key',
    ]);
  });
});

describe('files as documents', () => {
  test('each is there once, sorted; hidden folders and packages are passed over', async () => {
    const found = await documentFiles([folder, join(folder, 'orders', 'stop.md'), join(folder, 'picture.png')]);
    expect(found.map(({ path, skipped }) => [relative(folder, path), skipped === null])).toEqual([
      ['notes.txt', true],
      ['orders/page.HTM', true],
      ['orders/stop.md', true],
      ['picture.png', false],
    ]);
  });

  test('with a base the url says what a document is; else its path does', async () => {
    const path = join(folder, 'notes.txt');
    const place = relative('', path).split('/').map(encodeURIComponent).join('/');
    expect(await readDocument(path, 'https://example.org/', 1_000)).toEqual({
      content: 'Notes of the desk',
      format: 'text',
      url: `https://example.org/${place}`,
    });
    expect(await readDocument(path, null, 1_000)).toMatchObject({ id: documentId(relative('', path)) });
  });

  test('what cannot be read is told as such', async () => {
    const gone = readDocument(join(folder, 'gone.txt'), null, 1_000);
    await expect(gone).rejects.toMatchObject({
      code: 'document.file',
      message: expect.stringContaining('no such file'),
    });
    await expect(readDocument(folder, null, 100_000)).rejects.toMatchObject({ code: 'document.file' });
  });

  test.each([
    ['docs/guide.md', 'docs~guide.md'],
    ['../other/guide.md', '..~other~guide.md'],
    ['docs/my guide.md', /^docs~my-guide\.md-[0-9a-f]{12}$/],
    ['docs/my~guide.md', /^docs~my~guide\.md-[0-9a-f]{12}$/],
    [`${'long/'.repeat(50)}guide.md`, /^[a-z~.]{100}-[0-9a-f]{12}$/],
    ['Bücher/größe.md', /^B-cher~gr-e\.md-[0-9a-f]{12}$/],
  ])('%s has the id %s', (place, id) => {
    expect(documentId(place)).toEqual(typeof id === 'string' ? id : expect.stringMatching(id));
    expect(documentId(place)).toMatch(/^[A-Za-z0-9._~-]{1,128}$/);
  });
});

/** Answers as mcp2 would, on a port of its own. */
async function serve(answer: (request: IncomingMessage) => Promise<[number, unknown]>): Promise<string> {
  const server: Server = createServer((request, response) => {
    // detached: a failure fails the test as an unhandled rejection
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body === null ? '' : JSON.stringify(body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => new Promise<void>((closed) => void server.close(() => closed()).closeAllConnections()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += part;
  return text;
}
