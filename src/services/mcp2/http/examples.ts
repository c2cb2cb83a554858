/** Requests as a desk would send them, for the reference. */
export const payloadExample = {
  strategy: 'breakout-london',
  timestamp: '2026-03-02T08:15:00Z',
  market: { symbol: 'EURUSD', timeframe: '5m', session: 'london' },
  features: { indicators: { rsi: 61.2, atr: 0.00042 }, notes: 'second test of the high' },
  risk: { max_risk_per_trade: 0.01, max_positions: 3, max_daily_drawdown: 0.03, daily_drawdown: 0.004 },
  positions: { open: 1, closed: 4, total_risk: 0.012 },
  trade: { side: 'long', entry: 1.0842, stop: 1.083, target: 1.0866, size: 0.5, size_unit: 'lots' },
  account: { equity: 20000, currency: 'USD' },
};

export const guidanceExample = { payload: payloadExample, questions: ['Is the risk within the limits?'], notes: '' };

export const documentExample = {
  content: '# Slippage\n\nThe fill came two ticks worse than the quote.',
  format: 'markdown',
  url: 'https://desk.example/slippage',
};

export const tradeIdExample = '019cadb4-6a5e-7c3e-9d0b-2b1f6f1f0c55';
