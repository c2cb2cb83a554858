import { describe, expect, test } from 'vitest';
import { TAPE_NOW, type TapeClose, tapeSources } from '../../../test/support/priced-tape.ts';
import { quickClock } from '../../../test/support/quick-clock.ts';
import { tradePayload } from '../../../test/support/trade-payloads.ts';
import { prometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { answerByRules } from '../../domain/guidance/rules.ts';
import { guidanceMetrics } from '../../services/desk/guidance/guidance-metrics.ts';
import { type GuidanceSources, gatherFacts } from '../../services/desk/guidance/inputs.ts';

/** As of the minute that ended with the trade. The closes a minute later are absurd: no rate may be of them. */
const tape: readonly TapeClose[] = [
  ['EURUSD', 1.1, 0],
  ['EURUSD', 9, 1],
  ['GBPUSD', 1.272, 0],
  ['USDJPY', 144, 0],
  ['USDJPY', 1, 1],
  ['GBPJPY', 184, 0],
  ['AUDJPY', 96.5, 0],
  ['XAUUSD', 2_034, 0],
  ['BTCUSDT', 46_800, 0],
  ['BTC-USD', 46_800, 0],
  ['US500', 4_760, 0],
  ['US30', 38_000, 0],
  ['USDCHF', 0.85, -90],
  ['USDSEK', 10.4, 1],
];
/** A contract of 50: the index point is worth 50 dollars. */
const instruments = [{ symbols: 'US500', contractSize: 50, base: 'SPX', quote: 'USD', calendar: '24x7' }];
const sources = (more: Partial<GuidanceSources> = {}) => ({ ...tapeSources(tape, { instruments }), ...more });

type Fields = Readonly<Record<string, unknown>>;
const limits = { max_risk_per_trade: 0.01, max_daily_drawdown: 0.03, daily_drawdown: 0.004 };

interface Case {
  readonly symbol?: string;
  readonly trade: Fields;
  readonly account?: Fields;
  readonly more?: Fields;
}

async function told({ symbol = 'EURUSD', trade, account, more }: Case, from: GuidanceSources = sources()) {
  const payload = tradePayload({
    market: { symbol, timeframe: '15m' },
    features: {},
    positions: { open: 0 },
    risk: limits,
    account,
    trade,
    ...more,
  });
  const metrics = guidanceMetrics(prometheusMetrics({ process: false }));
  const clock = { ...quickClock(1), now: () => TAPE_NOW };
  const facts = await gatherFacts(payload, { sources: from, clock, metrics, turn: async () => undefined });
  return { facts, ...answerByRules(facts, []) };
}

const GOOD = 'The trade is within its limits, and nothing that is known speaks against it.';
const CARE = 'The trade can be taken with care';
const STAND_ASIDE = 'Stand aside: a limit or a condition rules this trade out as it is.';
const WAIT = 'Wait: something that decides on this trade is unknown.';
const usd = (equity: number) => ({ equity, currency: 'USD' });
const eur = (equity: number) => ({ equity, currency: 'EUR' });
/** 24 pips. */
const long = { side: 'long', entry: 1.095, stop: 1.0926 };
const lots = (size: number) => ({ size, size_unit: 'lots' });

describe('risk that is known, with the arithmetic by hand', () => {
  test.each<[name: string, byHand: string, percent: number, money: number, action: string, trade: Case]>([
    [
      'half a standard lot of EURUSD, in dollars',
      '0.0024 × 0.5 × 100,000 = 120 USD; 120 / 24,000 = 0.5 %',
      0.5,
      120,
      GOOD,
      { trade: { ...long, ...lots(0.5) }, account: usd(24_000) },
    ],
    [
      'a hundred lots of EURUSD, which were once told as 0.005 %',
      '0.0024 × 100 × 100,000 = 24,000 USD; 24,000 / 1,000,000 = 2.4 %, above 1 %',
      2.4,
      24_000,
      STAND_ASIDE,
      { trade: { ...long, ...lots(100) }, account: usd(1_000_000) },
    ],
    [
      'three mini lots of EURUSD',
      '0.0024 × 3 × 10,000 = 72 USD; 72 / 10,000 = 0.72 %',
      0.72,
      72,
      GOOD,
      { trade: { ...long, size: 3, size_unit: 'mini lots' }, account: usd(10_000) },
    ],
    [
      'twenty-five micro lots of GBPUSD, short',
      '0.0040 × 25 × 1,000 = 100 USD; 100 / 20,000 = 0.5 %',
      0.5,
      100,
      GOOD,
      {
        symbol: 'GBPUSD',
        trade: { side: 'sell', entry: 1.272, stop: 1.276, size: 25, size_unit: 'micro_lots' },
        account: usd(20_000),
      },
    ],
    [
      'EURUSD in euros: its own rate, inverted',
      '0.0024 × 50,000 = 120 USD; 120 / 1.1 = 109.0909 EUR; 109.0909 / 20,000 = 0.545455 %',
      0.545455,
      109.090909091,
      GOOD,
      { trade: { ...long, ...lots(0.5) }, account: eur(20_000) },
    ],
    [
      'USDJPY in dollars, which was once told as 50 %',
      '0.72 × 72,000 = 51,840 JPY; 51,840 / 144 = 360 USD; 360 / 100,000 = 0.36 %',
      0.36,
      360,
      GOOD,
      {
        symbol: 'USDJPY',
        trade: { side: 'long', entry: 144, stop: 143.28, size: 72_000, size_unit: 'units' },
        account: usd(100_000),
      },
    ],
    [
      'GBPJPY in pounds: its own rate, inverted',
      '0.92 × 10,000 = 9,200 JPY; 9,200 / 184 = 50 GBP; 50 / 10,000 = 0.5 %',
      0.5,
      50,
      GOOD,
      {
        symbol: 'GBPJPY',
        trade: { side: 'long', entry: 184.1, stop: 183.18, size: 1, size_unit: 'mini lot' },
        account: { equity: 10_000, currency: 'GBP' },
      },
    ],
    [
      'GBPJPY in euros: across the dollar, as the tape has no EURJPY',
      '0.792 × 20,000 = 15,840 JPY; / 144 = 110 USD; / 1.1 = 100 EUR; 100 / 20,000 = 0.5 %',
      0.5,
      100,
      GOOD,
      { symbol: 'GBPJPY', trade: { side: 'long', entry: 184.1, stop: 183.308, ...lots(0.2) }, account: eur(20_000) },
    ],
    [
      'AUDJPY in yen, a short whose size is below zero: no rate is needed',
      '0.60 × 5 × 10,000 = 30,000 JPY; 30,000 / 6,000,000 = 0.5 %',
      0.5,
      30_000,
      GOOD,
      {
        symbol: 'AUDJPY',
        trade: { side: 'short', entry: 96.5, stop: 97.1, size: -5, size_unit: 'mini lots' },
        account: { equity: 6_000_000, currency: 'JPY' },
      },
    ],
    [
      'a fifth of a lot of gold',
      '10 × 0.2 × 100 ounces = 200 USD; 200 / 40,000 = 0.5 %',
      0.5,
      200,
      GOOD,
      { symbol: 'XAUUSD', trade: { side: 'long', entry: 2_034, stop: 2_024, ...lots(0.2) }, account: usd(40_000) },
    ],
    [
      'fifteen ounces of gold, short, in euros',
      '11 × 15 = 165 USD; 165 / 1.1 = 150 EUR; 150 / 30,000 = 0.5 %',
      0.5,
      150,
      GOOD,
      {
        symbol: 'XAUUSD',
        trade: { side: 'short', entry: 2_034, stop: 2_045, size: 15, size_unit: 'oz' },
        account: eur(30_000),
      },
    ],
    [
      'a twentieth of a coin, whose contract is one, so that no unit is needed',
      '800 × 0.05 = 40 USDT; 40 / 8,000 = 0.5 %',
      0.5,
      40,
      GOOD,
      {
        symbol: 'BTCUSDT',
        trade: { side: 'long', entry: 46_800, stop: 46_000, size: 0.05 },
        account: { equity: 8_000, currency: 'USDT' },
      },
    ],
    [
      'a tenth of a coin in euros',
      '1,100 × 0.1 = 110 USD; 110 / 1.1 = 100 EUR; 100 / 20,000 = 0.5 %',
      0.5,
      100,
      GOOD,
      {
        symbol: 'BTC-USD',
        trade: { side: 'long', entry: 46_800, stop: 45_700, size: 0.1, size_unit: 'coins' },
        account: eur(20_000),
      },
    ],
    [
      'a contract of an index in the table of instruments',
      '10 × 1 × 50 = 500 USD; 500 / 100,000 = 0.5 %',
      0.5,
      500,
      GOOD,
      {
        symbol: 'US500',
        trade: { side: 'long', entry: 4_760, stop: 4_750, size: 1, size_unit: 'contracts' },
        account: usd(100_000),
      },
    ],
    [
      'the same in yen: the rate directly',
      '10 × 1 × 50 = 500 USD; 500 × 144 = 72,000 JPY; 72,000 / 14,400,000 = 0.5 %',
      0.5,
      72_000,
      GOOD,
      {
        symbol: 'US500',
        trade: { side: 'long', entry: 4_760, stop: 4_750, size: 1, size_unit: 'contracts' },
        account: { equity: 14_400_000, currency: 'JPY' },
      },
    ],
    [
      'numbers as text',
      '0.0024 × 50,000 = 120 USD; 120 / 24,000 = 0.5 %',
      0.5,
      120,
      GOOD,
      {
        trade: { side: 'long', entry: '1.0950', stop: ' 1.0926 ', size: '0.5', size_unit: 'lots' },
        account: { equity: '24000.00', currency: 'usd' },
        more: { risk: { max_risk_per_trade: '0.01', max_daily_drawdown: '3e-2', daily_drawdown: '0.004' } },
      },
    ],
    [
      'a day nearly used up, which a loss would break',
      '0.5 % at risk; 2.6 % + 0.5 % = 3.1 %, above 3 %',
      0.5,
      120,
      STAND_ASIDE,
      {
        trade: { ...long, ...lots(0.5) },
        account: usd(24_000),
        more: { risk: { ...limits, daily_drawdown: 0.026 } },
      },
    ],
    [
      'a day nearly used up, which a loss would just not break',
      '0.5 % at risk; 2.5 % + 0.5 % = 3 %, not above 3 %',
      0.5,
      120,
      'Wait: what speaks against the trade is not outweighed',
      {
        trade: { ...long, ...lots(0.5) },
        account: usd(24_000),
        more: { risk: { ...limits, daily_drawdown: 0.025 } },
      },
    ],
    [
      'a risk above what a day may lose, though today’s loss is not given',
      '120 / 24,000 = 0.5 %, above 0.4 %',
      0.5,
      120,
      STAND_ASIDE,
      {
        trade: { ...long, ...lots(0.5) },
        account: usd(24_000),
        more: { risk: { max_risk_per_trade: 0.01, max_daily_drawdown: 0.004 } },
      },
    ],
    [
      'today’s loss not given: whether the day bears another cannot be told',
      '120 / 24,000 = 0.5 %',
      0.5,
      120,
      WAIT,
      {
        trade: { ...long, ...lots(0.5) },
        account: usd(24_000),
        more: { risk: { max_risk_per_trade: 0.01, max_daily_drawdown: 0.03 } },
      },
    ],
    [
      'a limit of 100 %, which is questioned',
      '120 / 24,000 = 0.5 %',
      0.5,
      120,
      WAIT,
      { trade: { ...long, ...lots(0.5) }, account: usd(24_000), more: { risk: { ...limits, max_risk_per_trade: 1 } } },
    ],
    [
      'a day that may lose 300 %, which is questioned',
      '120 / 24,000 = 0.5 %',
      0.5,
      120,
      WAIT,
      { trade: { ...long, ...lots(0.5) }, account: usd(24_000), more: { risk: { ...limits, max_daily_drawdown: 3 } } },
    ],
    [
      'limits of 50 %, perhaps meant as half a percent, which are called large',
      '120 / 24,000 = 0.5 %',
      0.5,
      120,
      'Wait: what speaks against the trade is not outweighed',
      {
        trade: { ...long, ...lots(0.5) },
        account: usd(24_000),
        more: { risk: { max_risk_per_trade: 0.5, max_daily_drawdown: 0.5, daily_drawdown: 0 } },
      },
    ],
    [
      'no limit for the trade',
      '120 / 24,000 = 0.5 %',
      0.5,
      120,
      WAIT,
      {
        trade: { ...long, ...lots(0.5) },
        account: usd(24_000),
        more: { risk: { max_daily_drawdown: 0.03, daily_drawdown: 0.004 } },
      },
    ],
  ])('%s: %s', async (_name, _byHand, percent, money, action, trade) => {
    const { facts, risk, ...answer } = await told(trade);
    expect([facts.risk_per_trade, facts.risk_money]).toEqual([percent, money]);
    expect(risk).toContain(`${percent} %`);
    expect(answer.action.slice(0, action.length)).toBe(action);
  });

  test('a risk that the payload states and that is another is not believed: the larger counts', async () => {
    // 0.0024 × 10 × 100,000 = 2,400 USD; 2,400 / 24,000 = 10 %; it states 0.5 %.
    const trade = {
      trade: { ...long, ...lots(10) },
      account: usd(24_000),
      more: { risk: { ...limits, risk_per_trade: 0.005 } },
    };
    const { facts, risk, action } = await told(trade);
    expect([facts.risk_per_trade, facts.risk_basis]).toEqual([10, 'contradictory']);
    expect(risk).toContain('The payload states a risk of 0.5 %, but 0.0024 from entry to stop times 1000000 units');
    expect(action).toMatch(/^Stand aside: .*Cut the size until the trade risks at most 1 %/);
  });

  test('a risk that is only stated is said to be that, and never plainly within its limits', async () => {
    const stated = { trade: long, more: { risk: { ...limits, risk_per_trade: -0.005 } } };
    const { risk, action } = await told(stated);
    expect(risk).toContain('The trade risks 0.5 % of a limit of 1 %. That is the risk that the payload states');
    expect(action).toContain(CARE);
    const unseen = await told({ trade: { stop: 1.0926 }, more: stated.more });
    expect(unseen.action).toContain(WAIT);
  });

  test('which rate was used, and as of when, is told', async () => {
    const { risk } = await told({
      symbol: 'GBPJPY',
      trade: { side: 'long', entry: 184.1, stop: 183.308, ...lots(0.2) },
      account: eur(20_000),
    });
    expect(risk).toContain(
      '0.792 from entry to stop times 20000 units is 15840 JPY, which at 0.00631313131313 (USDJPY inverted and EURUSD inverted, as of 2024-01-09 10:00 UTC) is 100 EUR, of an equity of 20000 EUR.',
    );
  });

  test('the account’s currency is that of the payload, or else the setting', async () => {
    const set = tapeSources(tape, { instruments, accountCurrency: 'EUR' });
    const trade = { ...long, ...lots(0.5) };
    expect((await told({ trade, account: { equity: 20_000 } }, set)).facts.risk_money).toBe(109.090909091);
    expect((await told({ trade, account: usd(20_000) }, set)).facts.risk_money).toBe(120);
    // What it names is not known: the setting does not overrule it.
    const odd = await told({ trade, account: { equity: 20_000, currency: 'Euro' } }, set);
    expect(odd.facts).toMatchObject({ risk_money: null, risk_missing: 'currency' });
  });
});

const MISSING = 'What the trade puts at risk is unknown';

describe('risk that is unknown names what would make it known, and nobody is told to proceed', () => {
  test.each<[name: string, missing: string, risk: string, action: string, trade: Case]>([
    [
      'no stop',
      'stop',
      'No stop is given.',
      STAND_ASIDE,
      { trade: { ...long, stop: null, ...lots(0.5) }, account: usd(24_000) },
    ],
    [
      'a stop of 0, which platforms write for none',
      'stop',
      'No stop is given.',
      STAND_ASIDE,
      { trade: { ...long, stop: 0, ...lots(0.5) }, account: usd(24_000) },
    ],
    [
      'a stop above the entry of a long',
      'stop_side',
      'The stop 1.0974 does not lie on the losing side of the entry 1.095',
      STAND_ASIDE,
      { trade: { ...long, stop: 1.0974, ...lots(0.5) }, account: usd(24_000) },
    ],
    [
      'a stop below the entry of a short',
      'stop_side',
      'does not lie on the losing side',
      STAND_ASIDE,
      { trade: { ...long, side: 'short', ...lots(0.5) }, account: usd(24_000) },
    ],
    [
      'a stop at the entry',
      'stop_side',
      'does not lie on the losing side',
      STAND_ASIDE,
      { trade: { ...long, stop: 1.095, ...lots(0.5) }, account: usd(24_000) },
    ],
    [
      'no side',
      'side',
      'trade.side (long or short)',
      WAIT,
      { trade: { ...long, side: 'up', ...lots(0.5) }, account: usd(24_000) },
    ],
    [
      'no entry',
      'entry',
      'trade.entry (a price)',
      WAIT,
      { trade: { ...long, entry: 'market', ...lots(0.5) }, account: usd(24_000) },
    ],
    [
      'no size',
      'size',
      'trade.size (a number above zero)',
      WAIT,
      { trade: { ...long, size: 0, size_unit: 'lots' }, account: usd(24_000) },
    ],
    [
      'a size below zero of a long',
      'size',
      'trade.size (a number above zero)',
      WAIT,
      { trade: { ...long, ...lots(-0.5) }, account: usd(24_000) },
    ],
    [
      'a size without a unit',
      'size_unit',
      'trade.size_unit (units, lots, mini lots, micro lots)',
      WAIT,
      { trade: { ...long, size: 0.5 }, account: usd(24_000) },
    ],
    [
      'a unit that is not known',
      'size_unit',
      'trade.size_unit',
      WAIT,
      {
        symbol: 'BTCUSDT',
        trade: { side: 'long', entry: 46_800, stop: 46_000, size: 40, size_unit: 'usdt' },
        account: { equity: 8_000, currency: 'USDT' },
      },
    ],
    [
      'no equity',
      'equity',
      'account.equity (money, above zero)',
      WAIT,
      { trade: { ...long, ...lots(0.5) }, account: { currency: 'USD' } },
    ],
    [
      'an equity of nothing',
      'equity',
      'account.equity (money, above zero)',
      WAIT,
      { trade: { ...long, ...lots(0.5) }, account: usd(0) },
    ],
    [
      'no currency',
      'currency',
      'account.currency (such as EUR; or the setting ACCOUNT_CURRENCY)',
      WAIT,
      { trade: { ...long, ...lots(0.5) }, account: { equity: 24_000 } },
    ],
    [
      'an index that no rule knows',
      'contract_size, quote',
      'quote, the currency of the symbol’s prices, in the table of instruments (PULSE_INSTRUMENTS)',
      WAIT,
      { symbol: 'US30', trade: { side: 'long', entry: 38_000, stop: 37_900, ...lots(1) }, account: usd(100_000) },
    ],
    [
      'a symbol that nobody knows',
      'contract_size, quote',
      'There is no market data for the symbol: the tape has no bar of it.',
      WAIT,
      { symbol: 'EURUDS', trade: { ...long, ...lots(0.5) }, account: usd(24_000) },
    ],
    [
      'what is no symbol',
      'contract_size, quote',
      'There is no market data for the symbol',
      WAIT,
      { symbol: 'EUR USD; say 99', trade: { ...long, ...lots(0.5) }, account: usd(24_000) },
    ],
    [
      'a stablecoin is no dollar: the tape has no USDTUSD',
      'rate',
      'Prices are in USDT and the account is in USD: a rate between them is missing, for no symbol of the tape leads from the one to the other',
      WAIT,
      { symbol: 'BTCUSDT', trade: { side: 'long', entry: 46_800, stop: 46_000, size: 0.05 }, account: usd(8_000) },
    ],
    [
      'a rate that is stale',
      'rate',
      'a rate between them is missing, for the newest close from before the trade is too old',
      WAIT,
      { trade: { ...long, ...lots(0.5) }, account: { equity: 24_000, currency: 'CHF' } },
    ],
    [
      'a rate from after the trade only',
      'rate',
      'a rate between them is missing, for the tape has no close from before the trade',
      WAIT,
      { trade: { ...long, ...lots(0.5) }, account: { equity: 24_000, currency: 'SEK' } },
    ],
  ])('%s', async (_, missing, text, action, trade) => {
    const { facts, risk, ...answer } = await told(trade);
    expect([facts.risk_missing, facts.risk_per_trade]).toEqual([missing, null]);
    expect(risk).toContain(MISSING);
    expect(risk).toContain(text);
    expect(answer.action.slice(0, action.length)).toBe(action);
    expect(JSON.stringify(answer)).not.toMatch(/within its limits|with care/);
  });

  test('no trade in the payload, even where it states a risk', async () => {
    for (const risk of [limits, { ...limits, risk_per_trade: 0.005 }]) {
      const answer = await told({ trade: {}, account: usd(24_000), more: { risk } });
      expect(answer.risk).toContain('There is no trade in the payload: neither entry, stop, side nor size is given');
      expect(answer.action).toMatch(/^Wait: something .* Give the trade: trade\.entry \(a price\); trade\.stop/);
    }
  });

  test('a known risk without market data for the symbol', async () => {
    const trade = { trade: { ...long, ...lots(0.5) }, account: usd(24_000) };
    for (const [closes, text] of [
      [[], 'There is no market data for the symbol: the tape has no bar of it.'],
      [[['EURUSD', 1.1, -61]], 'There is no market data for the symbol as of now: its newest bar is much older'],
    ] as const) {
      const answer = await told(trade, tapeSources(closes));
      expect(answer.risk).toContain('The trade risks 0.5 % of a limit of 1 %.');
      expect(answer.risk).toContain(text);
      expect(answer.action).toContain(WAIT);
    }
  });

  test('a tape that cannot be read is told apart from one without a rate', async () => {
    const away = () => Promise.reject(new PulseError('redis.unavailable', { at: 'redis://x', reason: 'away' }));
    const { risk, action } = await told(
      { trade: { ...long, ...lots(0.5) }, account: eur(20_000) },
      sources({ rate: away, close: away }),
    );
    expect(risk).toContain('a rate between them is missing, for the tape could not be read');
    expect(risk).toContain('There is no market data for the symbol: its bars could not be read.');
    expect(action).toContain(WAIT);
  });
});
