import { type Finding, findingsOn, type Reading } from './finding.ts';
import { thresholds } from './thresholds.ts';
import { tradeRiskFindings } from './trade-risk-rules.ts';

/** Risk of the trade, exposure, drawdown and stop, each against its limit. */
export const riskFindings = (read: Reading): Finding[] => [
  ...tradeRiskFindings(read),
  ...positions(read),
  ...exposure(read),
  ...drawdown(read),
  ...stops(read),
];

const onPositions = findingsOn('open positions');

function positions({ number, told }: Reading): Finding[] {
  const open = number('open_positions');
  const limit = number('positions_limit');
  if (open === null || limit === null)
    return [onPositions.plain(`Open positions: ${told('open_positions')}; no limit is set.`)];
  const text = `Open positions: ${told('open_positions')} of at most ${told('positions_limit')}`;
  if (open > limit)
    return [onPositions.block(`${text}: too many.`, 'Close positions until they are within their limit.')];
  return open === limit
    ? [onPositions.block(`${text}: none is left.`, 'Open nothing before a position is closed.')]
    : [onPositions.plain(`${text}.`)];
}

const onExposure = findingsOn('exposure');

function exposure({ number, told, is }: Reading): Finding[] {
  const now = number('exposure');
  const limit = number('exposure_limit');
  if (now === null)
    return [
      onExposure.plain(
        'The exposure is unknown: positions are open, and neither their risk nor a limit for one trade is given.',
      ),
    ];
  const estimate = is('exposure_estimated') ? ', estimated as the open positions at their limit' : '';
  const after = number('exposure_with_trade');
  const next = after === null ? '' : `; with this trade ${told('exposure_with_trade')}`;
  if (limit === null)
    return [onExposure.plain(`Exposure is ${told('exposure')}${estimate}${next}; limits for it are not set.`)];
  const text = `Exposure is ${told('exposure')}${estimate}${next}, of at most ${told('exposure_limit')}`;
  // What stands at the limit exactly may differ from it in the last digit of a double.
  const reached = Math.max(now, after ?? 0);
  if (reached > limit * (1 + 1e-9))
    return [onExposure.block(`${text}: too much.`, 'Reduce what is at risk before adding to it.')];
  return reached >= thresholds.nearLimit * limit && limit > 0
    ? [onExposure.caution(`${text}: close to it.`)]
    : [onExposure.support(`${text}.`)];
}

const onDrawdown = findingsOn('drawdown');

function drawdown({ number, told }: Reading): Finding[] {
  const lost = number('drawdown');
  const limit = number('drawdown_limit');
  if (limit === null)
    return [
      onDrawdown.plain(
        lost === null
          ? 'The drawdown of the day is unknown; no limit is set.'
          : `The drawdown of the day is ${told('drawdown')}; no limit is set.`,
      ),
    ];
  const day =
    lost === null
      ? `The drawdown of the day is unknown; its limit is ${told('drawdown_limit')}`
      : `The drawdown of the day is ${told('drawdown')} of at most ${told('drawdown_limit')}`;
  if (lost !== null && lost >= limit && lost > 0)
    return [onDrawdown.block(`${day}: the day is over.`, 'Stop trading for the day.')];
  if (limit >= thresholds.questionedLimit) return [onDrawdown.unknown(`${day}, which limits nothing.`, CHECK_DAY)];
  const large =
    limit < thresholds.largeLimit
      ? []
      : [onDrawdown.caution(`A day may lose ${told('drawdown_limit')} of the equity: a large limit.`, CHECK_DAY)];
  return [...lossOfTrade({ number, told }, day), ...large];
}

const CHECK_DAY = 'Check risk.max_daily_drawdown: it is a share of the equity, not a percentage.';

/** Whether the day would survive a loss of this trade. */
function lossOfTrade({ number, told }: Pick<Reading, 'number' | 'told'>, day: string): Finding[] {
  const lost = number('drawdown');
  const limit = number('drawdown_limit')!;
  const risk = number('risk_per_trade');
  if (risk !== null && (lost ?? 0) + risk > limit * (1 + 1e-9))
    return [
      onDrawdown.block(
        `${day}: a loss of this trade, ${told('risk_per_trade')}, would break it${lost === null ? '' : `, at ${told('drawdown_with_trade')}`}.`,
        'Cut the size to what is left of the day, or stop for today.',
      ),
    ];
  if (lost === null)
    return [onDrawdown.unknown(`${day}.`, 'Give what was lost today: risk.daily_drawdown (a share of the equity).')];
  return lost >= thresholds.nearLimit * limit && lost > 0
    ? [onDrawdown.caution(`${day}: close to it.`, 'Trade smaller: one loss may end the day.')]
    : [onDrawdown.support(`${day}.`)];
}

const onStops = findingsOn('stop');

function stops(read: Reading): Finding[] {
  const { number, told, is } = read;
  if (is('stop_missing')) return [onStops.block('No stop is given.', 'Set a stop before anything else.')];
  if (number('stop') === null) return [];
  const found: Finding[] = [];
  if (is('stop_wrong_side'))
    found.push(
      onStops.block(
        `The stop ${told('stop')} does not lie on the losing side of the entry ${told('entry')}.`,
        'Correct the stop.',
      ),
    );
  if (is('stop_passed'))
    found.push(
      onStops.block(
        `The price ${told('price')} is beyond the stop ${told('stop')}, and positions are open.`,
        'Close what the stop should have closed.',
      ),
    );
  if (is('stop_moved_away'))
    found.push(onStops.caution('The stop was moved away from the price.', 'Put the stop back where it was.'));
  return [...found, ...distances(read)];
}

const onDistances = findingsOn('distances');

function distances({ number, told }: Reading): Finding[] {
  const found: Finding[] = [];
  const atrs = number('stop_distance_atr');
  if (atrs !== null) {
    const text = `The stop is ${told('stop_distance_atr')} ATRs from the entry`;
    if (atrs < thresholds.stopTightAtr)
      found.push(onDistances.caution(`${text}: within the noise.`, 'Give the stop more room, with a smaller size.'));
    else if (atrs > thresholds.stopWideAtr)
      found.push(onDistances.caution(`${text}: wide.`, 'Check that the size fits so wide a stop.'));
    else found.push(onDistances.support(`${text}.`));
  }
  const reward = number('reward_to_risk');
  if (reward !== null) {
    const text = `The target is ${told('reward_to_risk')} times as far as the stop`;
    found.push(
      reward < thresholds.rewardToRisk
        ? onDistances.caution(`${text}: little reward for the risk.`, 'Look for a better entry or target.')
        : onDistances.support(`${text}.`),
    );
  }
  return found;
}
