import { PulseError } from '../../domain/errors/errors.ts';
import { newestAnalysis } from '../beside-up/analysis-access.ts';
import { instrumentsOf } from '../config/instruments.ts';
import { nearest } from '../config/nearest.ts';
import { analysisLines } from './analysis-lines.ts';
import type { Command } from './command.ts';

export const analyzeCommand: Command<'analyze'> = {
  name: 'analyze',
  summary: 'show the newest analysis of a symbol',
  details: `Examples:
  pulse analyze EURUSD
  pulse analyze BTCUSDT --timeframe 1h --json`,
  args: [{ name: 'symbol', about: 'such as EURUSD', required: true }],
  async run(runtime, { symbol = '' }) {
    const { terminal, config } = runtime;
    const { timeframe, json } = config.values;
    const { analysis, charts } = await newestAnalysis(runtime, symbol, timeframe);
    if (analysis === null) {
      const known = charts.map((each) => `${each.symbol} ${each.timeframe}`).join(', ');
      const near = nearest(
        symbol,
        charts.map((each) => each.symbol),
      );
      throw new PulseError('analysis.none', { symbol, timeframe, known, near: near === symbol ? null : near });
    }
    const lines = json
      ? [JSON.stringify(analysis, null, 2)]
      : analysisLines(analysis, instrumentsOf(config.values)(symbol).priceIncrement, terminal.colour);
    terminal.out(`${lines.join('\n')}\n`);
    return 0;
  },
};
