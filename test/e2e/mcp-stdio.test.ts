import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimDataDir } from '../../src/app/host/data-dir.ts';
import { type FakeDesk, fakeDesk, samplePayload } from '../support/fake-desk.ts';
import { connectOptions, type Revision, revisions } from '../support/mcp-desk.ts';
import { type Edge, startEdge } from '../support/mcp2-edge.ts';

const MAIN = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));
let desk: FakeDesk;
let edge: Edge;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  desk = fakeDesk();
  edge = await startEdge({ needs: { desk } });
  folder = await mkdtemp(join(tmpdir(), 'pulse-mcp-'));
  env = { PATH: process.env.PATH ?? '', PULSE_DATA_DIR: join(folder, 'data') };
});
afterAll(async () => {
  await edge.close();
  await rm(folder, { recursive: true });
});

async function connected(revision: Revision, more: Record<string, string>): Promise<Client> {
  const client = new Client({ name: 'desktop', version: '1' }, connectOptions(revision));
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [MAIN, 'mcp'], env: { ...env, ...more }, cwd: folder }),
  );
  return client;
}

describe.each(Object.keys(revisions) as Revision[])('a desktop client of %s', (revision) => {
  test('works through the mcp2 that it is told of', async () => {
    const client = await connected(revision, { MCP2_URL: edge.address });
    expect((await client.listTools()).tools).toHaveLength(11);
    const logged = await client.callTool({ name: 'log_enriched_trade', arguments: { payload: samplePayload } });
    const { id } = logged.structuredContent as { id: string };
    expect(desk.stored.at(-1)).toMatchObject({ id, payload: samplePayload });
    const missing = await client.callTool({ name: 'fetch_payload', arguments: { id: 'nope' } });
    expect(missing).toMatchObject({ isError: true, content: [{ text: 'there is no trade payload "nope"' }] });
    expect((await client.readResource({ uri: `pulse://trades/${id}` })).contents[0]!.mimeType).toBe('application/json');
    expect((await client.getPrompt({ name: 'review-trade', arguments: { trade_id: id } })).messages).toHaveLength(1);
    await client.close();
  });

  test('cancels a call', async () => {
    const client = await connected(revision, { MCP2_URL: edge.address });
    const before = desk.aborted;
    const cancel = new AbortController();
    const slow = client.callTool(
      { name: 'get_guidance', arguments: { payload: { ...samplePayload, strategy: 'slow' } } },
      { signal: cancel.signal },
    );
    const ended = expect(slow).rejects.toThrow();
    await desk.slowBegun();
    cancel.abort();
    await ended;
    await expect.poll(() => desk.aborted).toBe(before + 1);
    await client.close();
  });
});

test('finds the mcp2 that runs in the data directory', async () => {
  const claim = await claimDataDir(env.PULSE_DATA_DIR!, '1', Date.UTC(2026, 6, 1));
  await claim.setAddresses('http://127.0.0.1:9', edge.address);
  const client = await connected('2025-11-25', {});
  const { structuredContent } = await client.callTool({ name: 'get_bars', arguments: { symbol: 'EURUSD', count: 1 } });
  expect(structuredContent).toMatchObject({ symbol: 'EURUSD', source: 'incumbent' });
  await client.close();
  await claim.release();
});

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};

test.each([
  'the end of its input',
  'SIGTERM',
])('writes nothing but the protocol to its output, and ends by %s', async (end) => {
  const child = spawn(process.execPath, [MAIN, 'mcp'], { env: { ...env, MCP2_URL: edge.address }, cwd: folder });
  let out = '';
  let err = '';
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
  const send = (message: unknown): void =>
    void child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  send(initialize);
  send('this is no JSON');
  send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'search', arguments: { query: 'broken' } } });
  await expect.poll(() => out, { timeout: 10_000 }).toMatch(/"id":2/);
  const exited = once(child, 'exit');
  if (end === 'SIGTERM') child.kill('SIGTERM');
  else child.stdin.end();
  const [code, signal] = (await exited) as [number | null, string | null];
  expect([code, signal]).toEqual([0, null]);
  for (const line of out.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
  expect(err).toContain('request.failed');
});
