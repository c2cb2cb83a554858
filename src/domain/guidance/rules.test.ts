import { expect, test } from 'vitest';
import { earlierTrade, tradeAnalysis, tradeFacts, tradePayload } from '../../../test/support/trade-payloads.ts';
import { answerByRules } from './rules.ts';

test('x', () => {
  console.log(answerByRules(tradeFacts(), ['what is my risk?', 'who are you']));
  console.log(
    answerByRules(
      tradeFacts(tradePayload({ trade: { side: 'short', entry: 1.095, size: 1 } }), {
        analysis: tradeAnalysis({ conflict: 'up' }),
        earlier: [earlierTrade(5, { pnl: -10 }), earlierTrade(10, { pnl: -10 }), earlierTrade(15, { pnl: -10 })],
      }),
      [],
    ),
  );
  expect(1).toBe(1);
});
