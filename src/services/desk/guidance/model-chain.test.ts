import { expect, test } from 'vitest';
import {
  chainDesk,
  memorySpending,
  request,
  type ScriptedModel,
  type Step,
  scriptedModel,
  unavailable,
} from '../../../../test/support/scripted-models.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import type { RegisteredModel } from './registered-model.ts';

const never = new AbortController().signal;
const anything = (): null => null;
const GOOD = { signal: 'long' };
const PRICE = { input: 10, output: 100 };
/** 100 tokens in and 100 out, by PRICE. */
const MOST_USD = 0.011;

function desk(steps: readonly Step[], limits: Partial<RegisteredModel> = {}, spending = memorySpending()) {
  let first!: ScriptedModel;
  let second!: ScriptedModel;
  const made = chainDesk((clock) => {
    first = scriptedModel(clock, ...steps);
    second = scriptedModel(clock, GOOD);
    return [
      { name: 'whisperer', model: first, fallback: ['local'], ...limits },
      { name: 'local', model: second },
    ];
  }, spending);
  return { ...made, first, second, spending };
}

test('an answer comes with its model, tokens and cost, and nothing to state', async () => {
  const { chain, spending } = desk([GOOD], { price: PRICE });
  expect(await chain.ask('whisperer', request, anything, never)).toEqual({
    outcome: 'answer',
    object: GOOD,
    name: 'whisperer',
    provider: 'openai',
    model: 'gpt-1',
    tokens: { input: 80, output: 20 },
    cost: 0.0028,
    latencyMs: 0,
    fallbacks: [],
  });
  expect([...spending.byDay]).toEqual([['whisperer 2026-07-01', 0.0028]]);
});

test('what a retry can help is tried again, and then the next model is asked', async () => {
  const { chain, pass, first, second } = desk([unavailable()]);
  const asked = chain.ask('whisperer', request, anything, never);
  await pass(5_000);
  expect(await asked).toMatchObject({ name: 'local', fallbacks: [{ model: 'whisperer', code: 'model.unavailable' }] });
  expect([first.tries.length, second.tries.length]).toEqual([3, 1]);
});

test('a provider is left alone as long as it wants, but not beyond the limit', async () => {
  const patient = desk([unavailable(7_000), GOOD]);
  const asked = patient.chain.ask('whisperer', request, anything, never);
  await patient.pass(10_000);
  expect(await asked).toMatchObject({ name: 'whisperer', fallbacks: [] });
  expect(patient.first.tries).toEqual([0, 7_000]);

  const hurried = desk([unavailable(31_000), GOOD]);
  expect(await hurried.chain.ask('whisperer', request, anything, never)).toMatchObject({ name: 'local' });
  expect(hurried.first.tries).toEqual([0]);
});

test('one that gives no answer is given up at its limit, and not asked again', async () => {
  const { chain, pass, first } = desk([null]);
  const asked = chain.ask('whisperer', request, anything, never);
  await pass(30_000);
  expect(await asked).toMatchObject({
    name: 'local',
    fallbacks: [{ code: 'model.timeout', reason: expect.stringContaining('30000 ms') }],
  });
  expect(first.tries).toHaveLength(1);
});

test('an answer that is not accepted counts as none', async () => {
  const { chain, first } = desk([{ signal: 'moon' }]);
  const accept = (object: unknown): string | null => ((object as typeof GOOD).signal === 'moon' ? 'no ground' : null);
  expect(await chain.ask('whisperer', request, accept, never)).toMatchObject({
    name: 'local',
    fallbacks: [{ code: 'model.answer', reason: expect.stringContaining('no ground') }],
  });
  expect(first.tries).toHaveLength(1);
  expect(await chain.ask('whisperer', request, () => 'never', never)).toMatchObject({
    outcome: 'none',
    fallbacks: [{ model: 'whisperer' }, { model: 'local' }],
  });
});

test.each`
  cap                                            | reason
  ${{ maxInputTokens: 99 }}                      | ${'some 100 input tokens are more than 99'}
  ${{ price: PRICE, maxCostUsdPerCall: 0.0109 }} | ${'the call could cost $0.011'}
  ${{ price: PRICE, maxCostUsdPerDay: 0.0109 }}  | ${'over $0.0109 today'}
`('a call over $cap is not made', async ({ cap, reason }) => {
  const { chain, first } = desk([GOOD], cap);
  expect(await chain.ask('whisperer', request, anything, never)).toMatchObject({
    name: 'local',
    fallbacks: [{ code: 'model.capped', reason: expect.stringContaining(reason) }],
  });
  expect(first.tries).toEqual([]);
});

test('calls just under the caps are made', async () => {
  const limits = { price: PRICE, maxInputTokens: 100, maxCostUsdPerCall: MOST_USD, maxCostUsdPerDay: MOST_USD };
  expect(await desk([GOOD], limits).chain.ask('whisperer', request, anything, never)).toMatchObject({
    name: 'whisperer',
  });
});

test('the cap of a day holds over restarts and for calls at the same time, and ends with the day', async () => {
  const spending = memorySpending();
  const limits = { price: PRICE, maxCostUsdPerDay: 3 * MOST_USD, concurrency: 20 };
  const ask = async ({ chain }: ReturnType<typeof desk>) =>
    Promise.all(Array.from({ length: 20 }, () => chain.ask('whisperer', request, anything, never)));
  const own = (all: Awaited<ReturnType<typeof ask>>) =>
    all.filter((one) => one.outcome === 'answer' && one.name === 'whisperer').length;
  expect(own(await ask(desk([GOOD], limits, spending)))).toBe(3);
  const again = desk([GOOD], limits, spending);
  for (let i = 0; i < 20; i += 1) await again.chain.ask('whisperer', request, anything, never);
  const spent = spending.byDay.get('whisperer 2026-07-01')!;
  expect(spent).toBeLessThanOrEqual(3 * MOST_USD);
  expect(spent).toBeGreaterThan(2 * MOST_USD - 0.0028);
  await again.pass(86_400_000);
  expect(await again.chain.ask('whisperer', request, anything, never)).toMatchObject({ name: 'whisperer' });
});

test('what was given up counts with the most that it can have cost', async () => {
  const { chain, pass, spending } = desk([null], { price: PRICE });
  const asked = chain.ask('whisperer', request, anything, never);
  await pass(30_000);
  await asked;
  expect(spending.byDay.get('whisperer 2026-07-01')).toBe(MOST_USD);
});

test('a try that broke off when the answer had begun counts with the most, one that was refused with nothing', async () => {
  const broken = new PulseError('model.unavailable', {
    provider: 'openai',
    model: 'gpt',
    reason: 'broke',
    begun: true,
  });
  const begun = desk([broken], { price: PRICE, retries: 0 });
  await begun.chain.ask('whisperer', request, anything, never);
  expect(begun.spending.byDay.get('whisperer 2026-07-01')).toBe(MOST_USD);
  const refused = desk([unavailable()], { price: PRICE, retries: 0 });
  await refused.chain.ask('whisperer', request, anything, never);
  expect(refused.spending.byDay.size).toBe(0);
});

test('without a look at what was spent a capped model is not asked, and what cannot be stored counts all the same', async () => {
  const stored = memorySpending();
  let away = true;
  const spending = {
    ...stored,
    spent: () => (away ? Promise.reject(new Error('away')) : stored.spent('whisperer', '2026-07-01')),
  };
  const blind = desk([GOOD], { price: PRICE, maxCostUsdPerDay: 1 }, spending);
  expect(await blind.chain.ask('whisperer', request, anything, never)).toMatchObject({
    fallbacks: [{ code: 'model.capped', reason: expect.stringContaining('cannot be read: away') }],
  });
  away = false;
  const mute = desk(
    [GOOD],
    { price: PRICE, maxCostUsdPerDay: MOST_USD },
    { ...stored, add: () => Promise.reject(new Error('away')) },
  );
  expect(await mute.chain.ask('whisperer', request, anything, never)).toMatchObject({ name: 'whisperer' });
  expect(await mute.chain.ask('whisperer', request, anything, never)).toMatchObject({ name: 'local' });
  expect(await mute.metrics.text()).toContain('pulse_mcp2_model_spending_unwritten_total{model="whisperer"} 1');
});

test('a slow model takes so many calls and no more; the rest go on at once', async () => {
  const { chain, pass, first } = desk([null], { concurrency: 2, fallback: [] });
  const all = Promise.all(Array.from({ length: 200 }, () => chain.ask('whisperer', request, anything, never)));
  await pass(0);
  expect(first.tries).toHaveLength(2);
  expect(await chain.ask('whisperer', request, anything, never)).toMatchObject({
    outcome: 'none',
    fallbacks: [{ code: 'model.unavailable', reason: expect.stringContaining('busy') }],
  });
  await pass(30_000);
  expect((await all).every(({ outcome }) => outcome === 'none')).toBe(true);
  expect(first.tries).toHaveLength(2);
});

test('simple has the model of whisperer where it has none, and an unknown name is refused', async () => {
  const { chain } = desk([GOOD]);
  expect(await chain.ask('simple', request, anything, never)).toMatchObject({ name: 'whisperer' });
  expect(chain.identity('simple')).toEqual({ provider: 'openai', model: 'gpt' });
  await expect(chain.ask('other', request, anything, never)).rejects.toMatchObject({
    code: 'model.unknown',
    status: 404,
  });
});

test('whoever asked and has gone is not answered by another model', async () => {
  const { chain, second } = desk([null]);
  const end = new AbortController();
  const asked = chain.ask('whisperer', request, anything, end.signal);
  end.abort(new Error('gone'));
  await expect(asked).rejects.toThrow('gone');
  expect(second.tries).toEqual([]);
});
