import { describe, expect, test } from 'vitest';
import { earlierTrade, tradeAnalysis, tradeFacts, tradePayload } from '../../../test/support/trade-payloads.ts';
import type { FactSources } from './fact-sources.ts';
import { numbersIn } from './numbers-in.ts';
import { answerByRules, withLimits } from './rules.ts';

type Fields = Readonly<Record<string, unknown>>;
const answer = (payload: Fields = {}, sources: Partial<FactSources> = {}, questions: string[] = []) =>
  answerByRules(tradeFacts(tradePayload(payload), sources), questions);

const limits = { max_risk_per_trade: 0.01, max_positions: 4, max_daily_drawdown: 0.03, daily_drawdown: 0.004 };
const trade = { side: 'long', entry: 1.095, stop: 1.0926, target: 1.0998, size: 0.5, size_unit: 'lots' };
const indicators = { ema_9: 1.0952, ema_21: 1.0941, rsi: 58.3, adx: 27.4, macd_histogram: 0.00031, atr: 0.0012 };
const losses = (n: number, last = 5) => Array.from({ length: n }, (_, i) => earlierTrade(last + 7 * i, { pnl: -40 }));

describe('a trade within its limits, with the trend', () => {
  test('is one to proceed with, and each fact is told with its number', () => {
    const { signal, risk, action, journal } = answer();
    expect(action).toBe('The trade is within its limits, and nothing that is known speaks against it.');
    expect(signal).toContain('The trade is long with a trend that is up, strong with ADX 27.4');
    expect(signal).toContain('RSI 58.3 has room');
    expect(risk).toContain('The trade risks 0.5 % of a limit of 1 %.');
    expect(risk).toContain('Exposure is 0.6 %; with this trade 1.1 %, of at most 4 %.');
    expect(risk).toContain('The stop is 2 ATRs from the entry. The target is 2 times as far as the stop.');
    expect(journal).toContain('Earlier trades of this strategy: 0 within the hour');
  });
});

describe('each threshold decides', () => {
  test.each<[string, Fields, 'signal' | 'risk' | 'journal', string, string]>([
    [
      'risk at its limit',
      { account: { equity: 12_000, currency: 'USD' } },
      'risk',
      '1 % of a limit of 1 %: close to it',
      'with care',
    ],
    [
      'risk over its limit',
      { account: { equity: 11_881.1881, currency: 'USD' } },
      'risk',
      '1.01 % of a limit of 1 %: too much',
      'Stand aside',
    ],
    [
      'risk far below',
      { account: { equity: 15_189.8734, currency: 'USD' } },
      'risk',
      '0.79 % of a limit of 1 %.',
      'within its limits',
    ],
    [
      'three positions of four',
      { positions: { open: 3, total_risk: 0.01 } },
      'risk',
      '3 of at most 4.',
      'within its limits',
    ],
    [
      'four positions of four',
      { positions: { open: 4, total_risk: 0.01 } },
      'risk',
      '4 of at most 4: none is left',
      'Stand aside',
    ],
    [
      'five positions of four',
      { positions: { open: 5, total_risk: 0.01 } },
      'risk',
      '5 of at most 4: too many',
      'Stand aside',
    ],
    [
      'exposure at its limit with the trade',
      { positions: { open: 1, total_risk: 0.035 } },
      'risk',
      'with this trade 4 %, of at most 4 %: close',
      'with care',
    ],
    [
      'exposure over it with the trade',
      { positions: { open: 1, total_risk: 0.0351 } },
      'risk',
      'with this trade 4.01 %, of at most 4 %: too much',
      'Stand aside',
    ],
    [
      'drawdown near its limit',
      { risk: { ...limits, daily_drawdown: 0.025 } },
      'risk',
      '2.5 % of at most 3 %: close',
      'with care',
    ],
    [
      'drawdown at its limit',
      { risk: { ...limits, daily_drawdown: 0.03 } },
      'risk',
      '3 % of at most 3 %: the day is over',
      'Stop trading for the day',
    ],
    ['a missing stop', { trade: { side: 'long', entry: 1.095 } }, 'risk', 'No stop is given', 'Set a stop'],
    [
      'a stop on the wrong side',
      { trade: { ...trade, side: 'short' } },
      'risk',
      'does not lie on the losing side',
      'Correct the stop',
    ],
    [
      'a price beyond the stop',
      { trade: { ...trade, entry: 1.099, stop: 1.0955 } },
      'risk',
      'The price 1.0951 is beyond the stop 1.0955',
      'Close what the stop',
    ],
    [
      'a tight stop',
      { trade: { ...trade, stop: 1.0945 } },
      'risk',
      '0.416667 ATRs from the entry: within the noise',
      'more room',
    ],
    [
      'a wide stop',
      { trade: { ...trade, stop: 1.0896 } },
      'risk',
      '4.5 ATRs from the entry: wide',
      'fits so wide a stop',
    ],
    [
      'little reward',
      { trade: { ...trade, target: 1.0974 } },
      'risk',
      '1 times as far as the stop: little',
      'better entry',
    ],
    [
      'RSI at 70',
      { features: { indicators: { ...indicators, rsi: 70 } } },
      'signal',
      'RSI 70 is overbought: a long entry is late',
      'pullback',
    ],
    [
      'RSI at 66',
      { features: { indicators: { ...indicators, rsi: 66 } } },
      'signal',
      'RSI 66 has room',
      'within its limits',
    ],
    [
      'RSI apart from the analysis',
      { features: { indicators: { ...indicators, rsi: 68 } } },
      'signal',
      '68 and the analysis’s 57.1 contradict',
      'with care',
    ],
    [
      'averages against the analysis',
      { features: { indicators: { ...indicators, ema_9: 1.093, macd_histogram: -0.001 } } },
      'signal',
      'evidence on the trend conflicts: the payload’s indicators say down and the newest analysis says up',
      'Wait until the trend is clear',
    ],
    [
      'MACD against the averages',
      { features: { indicators: { ...indicators, macd_histogram: -0.001 } } },
      'signal',
      'the payload’s indicators say mixed',
      'Wait until the trend',
    ],
    ['an old payload', { timestamp: '2024-01-09T08:55:00Z' }, 'signal', 'about 60 minutes old', 'with care'],
    [
      'a payload of the weekend',
      { timestamp: '2024-01-06T10:00:00Z' },
      'signal',
      'The market is closed',
      'Wait for the market to open',
    ],
    [
      'a payload of a thin hour',
      { timestamp: '2024-01-08T22:30:00Z' },
      'signal',
      'No main session is open',
      'wide spreads',
    ],
    [
      'a session that is claimed',
      { market: { symbol: 'EURUSD', timeframe: '15m', session: 'New York' } },
      'signal',
      'names the session new york, but by its time it is london',
      'within its limits',
    ],
  ])('%s', (_, payload, part, text, action) => {
    const given = answer(payload);
    expect(given[part]).toContain(text);
    expect(given.action).toContain(action);
  });

  test.each<[string, Partial<FactSources>, 'signal' | 'risk' | 'journal', string, string]>([
    ['no analysis', { analysis: null }, 'signal', 'The volatility regime is unknown', 'within its limits'],
    [
      'high volatility',
      { analysis: tradeAnalysis({ volatility: 'high' }) },
      'signal',
      'Volatility is high',
      'Size for the wider range',
    ],
    [
      'extreme volatility',
      { analysis: tradeAnalysis({ volatility: 'extreme' }) },
      'signal',
      'Volatility is extreme',
      'Halve the size',
    ],
    [
      'longer timeframes in conflict',
      { analysis: tradeAnalysis({ conflict: 'down' }) },
      'signal',
      'Longer timeframes point down',
      'agree first',
    ],
    [
      'two losses long ago',
      { earlier: losses(2, 45) },
      'journal',
      'Losses in a row: 2, the last 45 minutes ago',
      'within its limits',
    ],
    [
      'two losses just now',
      { earlier: losses(2) },
      'journal',
      'Losses in a row: 2, the last 5 minutes ago',
      'with care',
    ],
    ['three losses long ago', { earlier: losses(3, 45) }, 'journal', 'Losses in a row: 3', 'smallest size'],
    ['three losses just now', { earlier: losses(3) }, 'journal', 'Losses in a row: 3', 'Take a break'],
    [
      'a win after losses',
      { earlier: [earlierTrade(2, { pnl: 12 }), ...losses(3)] },
      'journal',
      'did not lose; losses of the last day: 3',
      'within its limits',
    ],
    [
      'four trades within the hour',
      { earlier: [1, 2, 3, 4].map((m) => earlierTrade(m)) },
      'journal',
      '4 within the hour, 4 within the day.',
      'within its limits',
    ],
    [
      'five trades within the hour',
      { earlier: [1, 2, 3, 4, 5].map((m) => earlierTrade(m)) },
      'journal',
      '5 within the hour, 5 within the day: that is a lot',
      'best set-up',
    ],
    [
      'a larger size after a loss',
      { earlier: [earlierTrade(45, { pnl: -3, size: 0.4 })] },
      'journal',
      'The size is 0.5 after 0.4, a change of 25 %, after a loss',
      'size before the loss',
    ],
    [
      'a larger size after a win',
      { earlier: [earlierTrade(45, { pnl: 3, size: 0.4 })] },
      'journal',
      'a change of 25 %.',
      'within its limits',
    ],
    ['earlier trades that cannot be read', { earlier: null }, 'journal', 'could not be read', 'within its limits'],
  ])('%s', (_, sources, part, text, action) => {
    const given = answer({}, sources);
    expect(given[part]).toContain(text);
    expect(given.action).toContain(action);
  });
});

test('of a bare payload nothing is made up: what is missing is said to be', () => {
  const bare = tradePayload({ features: {}, risk: {}, positions: {}, trade: undefined });
  const { signal, risk, action } = answerByRules(
    tradeFacts(bare, { analysis: null, close: 'none', earlier: null }),
    [],
  );
  expect(signal).toMatch(/trend is unknown.*Momentum is unknown.*regime is unknown/);
  expect(risk).toMatch(
    /no trade in the payload.*puts at risk is unknown.*No limit is set.*drawdown of the day is unknown/,
  );
  expect(action).toMatch(/^Wait: something that decides on this trade is unknown/);
  expect(numbersIn(signal)).toEqual([]);
});

test('questions are answered by the facts that they name, in words of the rules only', () => {
  const { journal } = answer({}, { earlier: losses(2) }, [
    'How many losses in a row do I have?',
    'What is the meaning of 42?',
    'Is volatility high?',
  ]);
  expect(journal).toContain('To the first question: losing streak is 2; losses last day is 2.');
  expect(journal).toContain('To the second question: the rules do not answer it');
  expect(journal).toContain('To the third question: volatility is normal; atr is 0.0012.');
  expect(journal).not.toContain('42');
});

test('a model cannot talk a limit away: where the rules forbid the trade, or cannot judge it, the action is theirs', () => {
  const said = { signal: 'a', risk: 'b', action: 'Buy now.', journal: 'c' };
  const over = tradeFacts(tradePayload({ account: { equity: 6_000, currency: 'USD' } }));
  expect(withLimits(said, over)).toEqual({
    ...said,
    action:
      'Stand aside: a limit or a condition rules this trade out as it is. Cut the size until the trade risks at most 1 %.',
  });
  const unknown = tradeFacts(tradePayload({ account: { equity: 24_000 } }));
  expect(withLimits(said, unknown)).toEqual({
    ...said,
    action:
      'Wait: something that decides on this trade is unknown. Make the risk known first: account.currency (such as EUR; or the setting ACCOUNT_CURRENCY).',
  });
  expect(withLimits(said, tradeFacts())).toBe(said);
});
