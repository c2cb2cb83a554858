import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { remoteDesk } from '../../src/adapters/desk/mcp2.ts';
import { strategyPayload } from '../../src/domain/trade/strategy-payload.ts';
import type { Scope } from '../../src/ports/caller.ts';
import type { Desk } from '../../src/ports/desk.ts';
import { type FakeDesk, fakeDesk, samplePayload } from '../support/fake-desk.ts';
import { type Edge, startEdge } from '../support/mcp2-edge.ts';

const caller = { name: 'stdio', scopes: [] };
const payload = strategyPayload.parse(samplePayload);
const never = new AbortController().signal;
let desk: FakeDesk;
let edge: Edge;
let remote: Desk;

const key = (name: string, ...scopes: Scope[]) => ({
  name,
  scopes,
  sha256: createHash('sha256').update(name).digest('hex'),
});

beforeAll(async () => {
  desk = fakeDesk();
  edge = await startEdge({
    needs: { desk },
    options: { keys: [key('desk', 'read', 'write', 'llm'), key('reader', 'read')] },
  });
  remote = remoteDesk(`${edge.address}/`, 'desk');
});
afterAll(() => edge.close());

// What a desk promises, at hand or over HTTP, is in test/contract/desk.contract.ts: here is what only the one over HTTP has.

test('works as the key that is shown, whoever calls', async () => {
  const { id, repeated } = await remote.trades.log(payload, caller, 'k-1');
  expect([id, repeated]).toEqual([desk.stored[0]!.id, false]);
  expect(desk.stored[0]!.received_by).toBe('desk');
  await remote.documents.add({ content: 'a retest & more', format: 'text', id: 'a~b' }, caller);
  await remote.guidance.whisperer({ payload, questions: ['now?'], notes: '' }, caller, never);
  expect(desk.callers).toEqual(['desk', 'desk', 'desk']);
});

test('gives the answer of the model that mcp2 asked', async () => {
  const analyzed = await remote.guidance.analyze('local', 'setups', { questions: [], notes: '' }, caller, never);
  expect(analyzed.meta.endpoint).toBe('analyze/local');
});

const signalOf = never;
test.each<[string, (remote: Desk) => Promise<unknown>, string, string]>([
  ['a trade', (r) => r.trades.fetch('x'), 'trade.none', 'there is no trade payload "x"'],
  ['a page', (r) => r.trades.recent(1, 'x'), 'trade.cursor', 'there is no trade payload "x" to go on before'],
  ['a document', (r) => r.documents.get('x'), 'document.none', 'there is no document "x"'],
  [
    'a symbol',
    (r) => r.market.bars('GBPUSD', 1),
    'symbol.unknown',
    'there are no bars of "GBPUSD"; there are some of: EURUSD',
  ],
  [
    'a model',
    (r) => r.guidance.analyze('nobody', 's', { questions: [], notes: '' }, caller, signalOf),
    'model.unknown',
    'there is no model "nobody"; configured are: whisperer, simple',
  ],
])('tells of %s that is not there as the desk does', async (_, call, code, message) => {
  await expect(call(remote)).rejects.toMatchObject({ name: 'PulseError', code, message, status: 404 });
});

test('tells what mcp2 refused, place by place', async () => {
  await expect(remote.market.bars('EURUSD', 100_000)).rejects.toMatchObject({
    code: 'mcp2.refused',
    message: expect.stringMatching(/answers 422: query\.count: /),
  });
});

test('tells of a key that is wrong, or may not do it', async () => {
  await expect(remoteDesk(edge.address, null).trades.recent(1, null)).rejects.toMatchObject({
    code: 'mcp2.refused',
    message: expect.stringMatching(/answers 401: send an API key/),
  });
  await expect(remoteDesk(edge.address, 'reader').trades.log(payload, caller, null)).rejects.toMatchObject({
    code: 'mcp2.refused',
    message: expect.stringMatching(/answers 403: .*write/),
  });
});

test('tells of an mcp2 that is away, once it is', async () => {
  await expect(remoteDesk('http://127.0.0.1:9', null).trades.recent(1, null)).rejects.toMatchObject({
    code: 'mcp2.unreachable',
    retry: true,
  });
});

test('ends the work of a call that is cancelled', async () => {
  const cancel = new AbortController();
  const slow = remote.guidance.whisperer(
    { payload: { ...payload, strategy: 'slow' }, questions: [], notes: '' },
    caller,
    cancel.signal,
  );
  const ended = expect(slow).rejects.toMatchObject({ name: 'AbortError' });
  await desk.slowBegun();
  cancel.abort();
  await ended;
  await expect.poll(() => desk.aborted).toBe(1);
});
