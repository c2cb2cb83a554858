import { type FactName, type Facts, shownFact } from './fact.ts';

interface Topic {
  /** Any of these words, at the beginning of a word of the question, names it. */
  readonly words: readonly string[];
  readonly facts: readonly FactName[];
}

const topics: readonly Topic[] = [
  { words: ['drawdown'], facts: ['drawdown', 'drawdown_limit', 'drawdown_with_trade'] },
  { words: ['exposure', 'exposed'], facts: ['exposure', 'exposure_limit'] },
  { words: ['stop'], facts: ['stop', 'stop_distance_atr', 'stop_missing'] },
  { words: ['reward', 'target'], facts: ['target', 'reward_to_risk'] },
  { words: ['size', 'sizing', 'lot'], facts: ['size', 'size_before', 'units', 'risk_per_trade'] },
  { words: ['position'], facts: ['open_positions', 'positions_limit'] },
  { words: ['losing', 'loss', 'lost', 'streak'], facts: ['losing_streak', 'losses_last_day'] },
  { words: ['overtrad', 'over-trad', 'trades', 'often'], facts: ['trades_last_hour', 'trades_last_day'] },
  { words: ['trend', 'adx'], facts: ['trend', 'adx'] },
  { words: ['momentum', 'rsi', 'overbought', 'oversold'], facts: ['rsi'] },
  { words: ['macd'], facts: ['macd_histogram'] },
  { words: ['volatil', 'atr'], facts: ['volatility', 'atr'] },
  { words: ['session', 'market hours'], facts: ['session'] },
  { words: ['old', 'stale', 'fresh'], facts: ['age'] },
  { words: ['currency', 'conversion', 'rate'], facts: ['quote_currency', 'account_currency', 'rate', 'rate_path'] },
  { words: ['risk'], facts: ['risk_per_trade', 'risk_per_trade_limit', 'risk_money', 'account_currency'] },
];

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What the facts say to each question. Nothing of a question's own text comes back: it is untrusted. */
export function answerQuestions(questions: readonly string[], facts: Facts): string[] {
  return questions.map((question, i) => {
    const which = i < ordinals.length ? `the ${ordinals[i]} question` : 'a further question';
    const topic = topics.find(({ words }) =>
      words.some((word) => new RegExp(`\\b${escaped(word)}`, 'i').test(question)),
    );
    if (topic === undefined) return `To ${which}: the rules do not answer it; no fact that they know is named in it.`;
    const told = topic.facts.map((name) => {
      const value = facts[name];
      return `${name.replaceAll('_', ' ')} is ${value === null ? 'unknown' : shownFact(name, value)}`;
    });
    return `To ${which}: ${told.join('; ')}.`;
  });
}
