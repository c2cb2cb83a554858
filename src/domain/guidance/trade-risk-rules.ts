import { type Finding, findingsOn, type Reading } from './finding.ts';
import { thresholds } from './thresholds.ts';
import { type RiskInput, riskInputs } from './trade-risk.ts';

const onTradeRisk = findingsOn('risk of the trade');

/** What the trade puts at risk, how it is made up, and its limit. */
export function tradeRiskFindings(read: Reading): Finding[] {
  const isKnown = read.number('risk_per_trade') !== null;
  const found = read.is('trade_missing') ? noTrade(read) : isKnown ? knownRisk(read) : unknownRisk(read);
  return [...found, ...marketDataFindings(read)];
}

const noTrade = (read: Reading): Finding[] => [
  onTradeRisk.unknown(
    `There is no trade in the payload: neither entry, stop, side nor size is given, so what it puts at risk is unknown${read.number('risk_stated') === null ? '' : `, though ${read.told('risk_stated')} is stated`}.`,
    `Give the trade: ${known(['entry', 'stop', 'side', 'size', 'size_unit'])}.`,
  ),
  ...limitFindings(read),
];

const missingOf = ({ word }: Reading): RiskInput[] => (word('risk_missing')?.split(', ') ?? []) as RiskInput[];
const known = (inputs: readonly RiskInput[]): string => inputs.map((input) => riskInputs[input]).join('; ');

function unknownRisk(read: Reading): Finding[] {
  const missing = missingOf(read);
  const inputs = missing.filter((input) => input !== 'rate');
  const limit =
    read.number('risk_per_trade_limit') === null
      ? 'no limit is set'
      : `the limit is ${read.told('risk_per_trade_limit')}`;
  const text = [
    `What the trade puts at risk is unknown; ${limit}.`,
    ...(inputs.length === 0 ? [] : [`It would be known with ${known(inputs)}.`]),
    ...(missing.includes('rate') ? [missingRate(read)] : []),
  ].join(' ');
  return [onTradeRisk.unknown(text, `Make the risk known first: ${known(missing)}.`), ...limitFindings(read)];
}

const rateProblems: Readonly<Record<string, string>> = {
  none: 'no symbol of the tape leads from the one to the other, nor do two across a third currency',
  stale: 'the newest close from before the trade is too old',
  later: 'the tape has no close from before the trade',
  away: 'the tape could not be read',
};

const missingRate = ({ told, word }: Reading): string =>
  `Prices are in ${told('quote_currency')} and the account is in ${told('account_currency')}: a rate between them is missing, for ${rateProblems[word('rate_problem') ?? 'none']}.`;

function knownRisk(read: Reading): Finding[] {
  const { word, told } = read;
  const basis = word('risk_basis');
  if (basis === 'contradictory')
    return [
      onTradeRisk.unknown(
        `The payload states a risk of ${told('risk_stated')}, but ${madeUp(read)}: that is ${told('risk_computed')}.`,
        'Find out which of the two risks is right.',
      ),
      ...againstLimit(read),
    ];
  if (basis === 'computed') return [...againstLimit(read), onTradeRisk.plain(`${capital(madeUp(read))}.`)];
  const missing = missingOf(read);
  const text = `That is the risk that the payload states; it could not be checked without ${known(missing)}.`;
  // Without these not even the side of the stop can be checked.
  const unseen = missing.filter((input) => input === 'entry' || input === 'side');
  return [
    ...againstLimit(read),
    unseen.length > 0
      ? onTradeRisk.unknown(text, `Give ${known(unseen)}.`)
      : onTradeRisk.caution(text, 'Give what the risk can be checked by.'),
  ];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** As arithmetic that a reader can follow. */
function madeUp({ told, number, word }: Reading): string {
  const [quote, account] = [told('quote_currency'), told('account_currency')];
  const loss = `${told('stop_distance')} from entry to stop times ${told('units')} units is ${told('risk_quote')} ${quote}`;
  const converted =
    number('rate') === null || word('rate_path') === null
      ? ''
      : `, which at ${told('rate')} (${told('rate_path')}, as of ${told('rate_time')}) is ${told('risk_money')} ${account}`;
  return `${loss}${converted}, of an equity of ${told('equity')} ${account}`;
}

function againstLimit(read: Reading): Finding[] {
  const { number, told } = read;
  const risk = number('risk_per_trade')!;
  const limit = number('risk_per_trade_limit');
  if (limit === null) return [onTradeRisk.plain(`The trade risks ${told('risk_per_trade')}.`), ...limitFindings(read)];
  if (limit >= thresholds.questionedLimit && risk <= limit) return limitFindings(read);
  const text = `The trade risks ${told('risk_per_trade')} of a limit of ${told('risk_per_trade_limit')}`;
  if (risk > limit * (1 + 1e-9))
    return [
      onTradeRisk.block(
        `${text}: too much.`,
        `Cut the size until the trade risks at most ${told('risk_per_trade_limit')}.`,
      ),
    ];
  return [
    risk >= thresholds.nearLimit * limit
      ? onTradeRisk.caution(`${text}: close to it.`)
      : onTradeRisk.support(`${text}.`),
    ...limitFindings(read),
  ];
}

const onLimit = findingsOn('limit of the trade');
const CHECK_LIMIT = 'Check risk.max_risk_per_trade: it is a share of the equity, not a percentage.';

/** Of a limit that is missing, limits nothing, or limits little. */
function limitFindings({ number, told }: Reading): Finding[] {
  const limit = number('risk_per_trade_limit');
  if (limit === null)
    return [
      onLimit.unknown(
        'No limit is set for the risk of one trade.',
        'Set a limit for the risk of one trade: risk.max_risk_per_trade (a share of the equity).',
      ),
    ];
  if (limit < thresholds.largeLimit) return [];
  if (limit < thresholds.questionedLimit)
    return [
      onLimit.caution(`The limit of one trade is ${told('risk_per_trade_limit')} of the equity: large.`, CHECK_LIMIT),
    ];
  const risk = number('risk_per_trade') === null ? '' : ` The trade risks ${told('risk_per_trade')}.`;
  return [
    onLimit.unknown(
      `The limit of one trade is ${told('risk_per_trade_limit')} of the equity, which limits nothing.${risk}`,
      CHECK_LIMIT,
    ),
  ];
}

const onData = findingsOn('market data');
const dataProblems: Readonly<Record<string, string>> = {
  none: 'There is no market data for the symbol: the tape has no bar of it.',
  stale: 'There is no market data for the symbol as of now: its newest bar is much older than the payload.',
  away: 'There is no market data for the symbol: its bars could not be read.',
};

function marketDataFindings({ word }: Reading): Finding[] {
  const problem = dataProblems[word('market_data') ?? 'none'];
  return problem === undefined
    ? []
    : [onData.unknown(problem, 'Check the symbol, and that its ticks arrive, before acting on it.')];
}
