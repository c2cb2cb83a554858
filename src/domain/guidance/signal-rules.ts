import { type Finding, findingsOn, type Reading } from './finding.ts';
import { thresholds } from './thresholds.ts';

/** Trend, momentum, volatility, session and age. */
export const signalFindings = (read: Reading): Finding[] => [
  ...trendFindings(read),
  ...momentumFindings(read),
  ...volatilityFindings(read),
  ...setupFindings(read),
  ...sessionFindings(read),
  ...ageFindings(read),
];

const onTrend = findingsOn('trend');

function trendFindings({ number, word, told, is }: Reading): Finding[] {
  const trend = word('trend');
  const adx = number('adx');
  const sources = [
    word('trend_payload') === null ? null : `the payload’s indicators say ${told('trend_payload')}`,
    word('trend_analysis') === null ? null : `the newest analysis says ${told('trend_analysis')}`,
  ].filter((source) => source !== null);
  if (trend === null)
    return [onTrend.plain('The trend is unknown: neither averages nor MACD are given, and there is no analysis.')];
  const strength =
    adx === null
      ? 'of unknown strength'
      : `${adx >= thresholds.strongAdx ? 'strong' : adx >= thresholds.trendAdx ? 'weak' : 'too weak to count'} with ADX ${told('adx')}`;
  const averages =
    number('average_short') === null
      ? ''
      : `; the average of ${told('average_short_period')} bars stands at ${told('average_short')}, that of ${told('average_long_period')} bars at ${told('average_long')}`;
  const basis = `${sources.join(' and ')}${averages}`;
  const found: Finding[] = [];
  const side = word('side');
  if (trend === 'mixed')
    found.push(onTrend.caution(`The evidence on the trend conflicts: ${basis}.`, 'Wait until the trend is clear.'));
  else if (trend === 'sideways')
    found.push(
      onTrend.caution(`There is no trend, ${strength}: ${basis}.`, 'Wait for a trend, or trade the range on purpose.'),
    );
  else if (side === null) found.push(onTrend.plain(`The trend is ${trend}, ${strength}: ${basis}.`));
  else if (is('against_trend'))
    found.push(
      onTrend.caution(
        `The trade is ${side} against a trend that is ${trend}, ${strength}: ${basis}.`,
        'Trade with the trend, or wait for it to turn.',
      ),
    );
  else found.push(onTrend.support(`The trade is ${side} with a trend that is ${trend}, ${strength}: ${basis}.`));
  const higher = word('trend_higher');
  if (higher !== null)
    found.push(
      onTrend.caution(
        `Longer timeframes point ${higher}, in conflict with this one.`,
        'Let the longer timeframes agree first.',
      ),
    );
  return found;
}

const onMomentum = findingsOn('momentum');

function momentumFindings({ number, word, told }: Reading): Finding[] {
  const rsi = number('rsi');
  const found: Finding[] = [];
  if (rsi === null) found.push(onMomentum.plain('Momentum is unknown: no RSI is given.'));
  else {
    const side = word('side');
    const state = rsi >= thresholds.rsiOverbought ? 'overbought' : rsi <= thresholds.rsiOversold ? 'oversold' : null;
    const late = (state === 'overbought' && side === 'long') || (state === 'oversold' && side === 'short');
    if (late)
      found.push(
        onMomentum.caution(`RSI ${told('rsi')} is ${state}: a ${side} entry is late.`, 'Wait for a pullback.'),
      );
    else if (state !== null) found.push(onMomentum.plain(`RSI ${told('rsi')} is ${state}.`));
    else if (side !== null && rsi > 50 === (side === 'long') && rsi !== 50)
      found.push(onMomentum.support(`RSI ${told('rsi')} has room and is on the side of the trade.`));
    else found.push(onMomentum.plain(`RSI ${told('rsi')} is neither overbought nor oversold.`));
    const other = number('rsi_analysis');
    if (other !== null && Math.abs(other - rsi) > thresholds.rsiApart)
      found.push(
        onMomentum.caution(
          `The payload’s RSI ${told('rsi')} and the analysis’s ${told('rsi_analysis')} contradict one another.`,
          'Check where the RSI of the payload comes from.',
        ),
      );
  }
  const histogram = number('macd_histogram');
  if (histogram !== null)
    found.push(
      onMomentum.plain(
        `The MACD histogram is ${histogram > 0 ? 'positive' : histogram < 0 ? 'negative' : 'flat'} at ${told('macd_histogram')}.`,
      ),
    );
  return found;
}

const onVolatility = findingsOn('volatility');

function volatilityFindings({ number, word, told }: Reading): Finding[] {
  const regime = word('volatility');
  const atr =
    number('atr') === null
      ? ''
      : ` ATR is ${told('atr')}${number('atr_percent') === null ? '' : `, ${told('atr_percent')} of the price`}.`;
  if (regime === 'extreme' || regime === 'high')
    return [
      onVolatility.caution(
        `Volatility is ${regime}.${atr}`,
        regime === 'extreme'
          ? 'Halve the size, or stay out, while volatility is extreme.'
          : 'Size for the wider range.',
      ),
    ];
  if (regime !== null) return [onVolatility.support(`Volatility is ${regime}.${atr}`)];
  return [onVolatility.plain(`The volatility regime is unknown.${atr}`)];
}

const onSetup = findingsOn('set-up');

function setupFindings({ number, word, told }: Reading): Finding[] {
  const maturity = number('maturity');
  if (maturity === null) return [];
  const text = `The newest analysis grades the set-up ${word('grade')}, with a maturity of ${told('maturity')}`;
  return [maturity >= thresholds.ripe ? onSetup.support(`${text}.`) : onSetup.plain(`${text}, which is not ripe.`)];
}

const onSession = findingsOn('session');

function sessionFindings({ word, told }: Reading): Finding[] {
  const session = word('session');
  if (session === null) return [onSession.plain('The session is unknown.')];
  const found: Finding[] = [];
  if (session === 'closed')
    found.push(onSession.block('The market is closed at the time of the payload.', 'Wait for the market to open.'));
  else if (session === 'off')
    found.push(
      onSession.caution('No main session is open: the market is thin.', 'Expect wide spreads, or wait for a session.'),
    );
  else found.push(onSession.plain(`The session is ${told('session')}.`));
  const claimed = word('session_claimed');
  if (claimed !== null && claimed !== session)
    found.push(
      onSession.plain(
        `The payload names the session ${told('session_claimed')}, but by its time it is ${told('session')}.`,
      ),
    );
  return found;
}

const onAge = findingsOn('age');

function ageFindings({ number, told, is }: Reading): Finding[] {
  const found: Finding[] = [];
  const age = number('age');
  if (age === null) found.push(onAge.plain('The time of the payload is unknown.'));
  else if (is('from_future'))
    found.push(onAge.caution('The payload is dated ahead of the clock.', 'Check the clock of the strategy.'));
  else if (age >= thresholds.staleMinutes)
    found.push(
      onAge.caution(
        `The payload is about ${told('age')} minutes old: the market has moved on.`,
        'Read the market anew before acting.',
      ),
    );
  const analysis = number('analysis_age');
  if (analysis !== null && analysis >= thresholds.staleMinutes)
    found.push(onAge.plain(`The newest analysis ended about ${told('analysis_age')} minutes before the payload.`));
  return found;
}
