import { expect, test } from 'vitest';
import { memoryCalls, openDesk } from '../../../../test/support/guidance-desk.ts';
import { noModels } from '../../../../test/support/no-models.ts';
import { tradePayload } from '../../../../test/support/trade-payloads.ts';
import type { StoredInputs } from './guidance.ts';
import { replay } from './replay.ts';

test('a call from before some facts were known is replayed without them', async () => {
  const calls = memoryCalls();
  const desk = await openDesk(noModels, calls);
  const { signal } = new AbortController();
  await desk.guidance.simple(
    { payload: tradePayload(), questions: ['What is the risk?'], notes: '' },
    { name: 'desk', scopes: ['llm'] },
    signal,
  );
  await desk.close();
  const [call] = calls.all;
  const inputs = call!.inputs as StoredInputs;
  const { risk_basis, risk_money, units, equity, market_data, account_currency, ...older } = inputs.facts;
  expect([risk_basis, risk_money, units, equity, market_data, account_currency]).not.toContain(undefined);
  const { again, same } = await replay({ ...call!, inputs: { ...inputs, facts: older } }, noModels, signal);
  expect(same).toBe(false);
  expect(JSON.stringify(again)).not.toContain('undefined');
  expect(again.journal).toContain('risk money is unknown; account currency is unknown');
});
