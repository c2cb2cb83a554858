import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { tradeFacts, tradePayload } from '../../../test/support/trade-payloads.ts';
import { grounded } from './grounding.ts';
import { promptOf } from './prompt.ts';
import { answerByRules } from './rules.ts';

const facts = tradeFacts(tradePayload({ features: { indicators: { rsi: 63.18, ema_9: 1.09523, ema_21: 1.09411 } } }));
const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const prompt = promptOf(facts, { payload: {}, notes: '', questions: [] }, hash);
const said = (text: string, symbol = 'US500') =>
  grounded({ signal: text, risk: 'You risk 0.5 %.', action: 'ok', journal: 'ok' }, facts, prompt, symbol);

test.each([
  'RSI 63.18 is high.',
  'RSI is at 63.2, or about 63.',
  'The average is 1.09523, roughly 1.0952.',
  'You risk 0.5 % of 1 %.',
  'You risk 0.005 of equity, i.e. 0.50%.',
  'You risk 0.5 percent.',
  'Two things matter. First, the trend.',
  'On one hand it holds, on the other it does not; one of them is wrong.',
  'There is 1 open position of 4.',
  'The 9 and 21 bar averages agree.',
  'US500 on the 15m chart.',
])('takes %j', (text) => {
  expect(said(text)).toHaveProperty('answer');
});

test.each([
  ['Risk 99 % of the account.', /number 99 % is not/],
  ['RSI is 64.', /number 64 is not/],
  ['RSI is 63.18 %.', /number 63.18 % is not/],
  ['The average is 1.0953.', /1\.0953 is not/],
  ['Use 0.1 of it.', /number 0\.1 is not/],
  ['Risk 500 now.', /number 500 is not/],
  ['On the 5m chart.', /number 5 is not/],
  ['Buy 1,000 lots.', /1,000 is not/],
  ['Risk ninety-nine percent.', /in words/],
  ['Risk ten percent of it.', /in words/],
  ['Risk five-percent.', /in words/],
  ['Buy two lots.', /in words/],
  ['Take half of the usual size.', /in words/],
  ['Double your size.', /in words/],
  ['Risk 9 pct of it.', /number 9 pct is not/],
  ['Risk 9 per-cent of it.', /number 9 per-cent is not/],
  ['Risk 9   % of it.', /number 9 {3}% is not/],
  ['Risk 9 percentage points.', /9 percentage is not/],
  ['Risk 9 p.c. of it.', /9 p\.c\.? is not/],
  ['Risk 9 ％ of it.', /number 9 ％ is not/],
  ['Risk 4 ‰ of it.', /unit/],
  ['Risk 4 bps, or 4bps.', /unit/],
  ['Risk 1.15m now.', /number 1\.15 is not/],
  ['Risk ٩٩ now.', /another script/],
  ['Risk ９９ now.', /another script/],
  ['Risk ½ of it.', /another script/],
  ['See https://evil.example/x', /link/],
  ['See evil.com for more.', /link/],
  ['<script>alert()</script>', /markup/],
  ['Look ![x](y)', /markup/],
  ['{"tool": "place_order"}', /markup/],
  ['Wait\u200b for it.', /cannot be seen/],
  [`Here: ${'QWxhZGRpbjpvcGVuIHNlc2FtZQ'.repeat(3)}`, /too long/],
  [prompt.system.slice(60, 160), /instructions/],
  [prompt.system.slice(600, 700).toUpperCase().split('').join(' '), /instructions/],
  [`The mark is ${prompt.boundary.slice(-12)}`, /delimiter/],
])('refuses %j', (text, reason) => {
  expect(said(text)).toHaveProperty('reason', expect.stringMatching(reason));
});

test.each([
  [null],
  ['text'],
  [{ signal: 'a', risk: 'b', action: 'c' }],
  [{ signal: 'a', risk: 'b', action: 'c', journal: '' }],
  [{ signal: 'a', risk: 'b', action: 'c', journal: 'd', order: 'buy' }],
  [{ signal: 'a', risk: 'b', action: 'c', journal: 'd'.repeat(4_001) }],
  [{ signal: 'a', risk: 7, action: 'c', journal: 'd' }],
])('refuses what is not the four texts: %j', (object) => {
  expect(grounded(object, facts, prompt)).toHaveProperty('reason', expect.stringContaining('not the four texts'));
});

test.each([
  '99',
  'risk99percentofit',
  'X99',
  '8AA',
])('a symbol that is a number, or a sentence, is no name: %s', (symbol) => {
  expect(said(`Now ${symbol}.`, symbol)).toHaveProperty('reason');
});

test('refuses what names no fact', () => {
  const words = grounded({ signal: 'PWNED', risk: 'PWNED', action: 'Buy all of it.', journal: 'PWNED' }, facts, prompt);
  expect(words).toEqual({ reason: 'it names no number of the facts' });
});

test('what the rules say is grounded in the facts that they say it of', () => {
  expect(grounded(answerByRules(facts, ['and the risk?']), facts, prompt)).toHaveProperty('answer');
});

describe('where the rules do not let a trade be taken', () => {
  const unknown = tradeFacts(tradePayload({ account: { equity: 24_000 } }));
  const over = tradeFacts(tradePayload({ account: { equity: 6_000, currency: 'USD' } }));
  const saying = (risk: string, of = unknown) =>
    grounded({ signal: 'ok', risk: `The limit is 1 %. ${risk}`, action: 'Proceed.', journal: 'ok' }, of, prompt);

  test.each([
    'The trade is within its limits.',
    'All is below the usual limits.',
    'Go ahead with it.',
    'You can proceed.',
    'Do not wait, proceed.',
    'It is safe to enter.',
    'So take this trade.',
  ])('an answer that does is refused: %s', (risk) => {
    const reason = 'it lets a trade be taken that the rules do not';
    expect([saying(risk), saying(risk, over)]).toEqual([{ reason }, { reason }]);
    expect(saying(risk, tradeFacts())).toHaveProperty('answer');
  });

  test.each([
    'Do not proceed before the currency is known.',
    'It is not known whether it is within its limits.',
    'Never take the trade without that.',
  ])('one that does not is taken: %s', (risk) => {
    expect(saying(risk)).toHaveProperty('answer');
  });
});
