import { type Finding, findingsOn, type Reading } from './finding.ts';
import { thresholds } from './thresholds.ts';

/** Recent losses, number of trades and size. */
export function habitFindings(read: Reading): Finding[] {
  if (read.number('trades_last_day') === null)
    return [
      findingsOn('history').plain('Earlier trades could not be read: nothing is said of losses and of over-trading.'),
    ];
  return [...losses(read), ...frequency(read), ...sizes(read)];
}

const onLosses = findingsOn('losses');

function losses({ number, told }: Reading): Finding[] {
  const streak = number('losing_streak');
  if (streak === null)
    return [onLosses.plain('No outcome of an earlier trade is known, so nothing is said of losses.')];
  if (streak === 0)
    return [
      onLosses.plain(
        `The last trade whose outcome is known did not lose; losses of the last day: ${told('losses_last_day')}.`,
      ),
    ];
  const since = number('minutes_since_loss');
  const text = `Losses in a row: ${told('losing_streak')}, the last ${told('minutes_since_loss')} minutes ago; losses of the last day: ${told('losses_last_day')}`;
  const fresh = since !== null && since < thresholds.coolDownMinutes;
  if (streak >= thresholds.streak)
    return fresh
      ? [onLosses.block(`${text}.`, 'Take a break before the next trade, and look at what the losses have in common.')]
      : [onLosses.caution(`${text}.`, 'Trade the smallest size until the streak ends.')];
  return [fresh ? onLosses.caution(`${text}.`) : onLosses.plain(`${text}.`)];
}

const onFrequency = findingsOn('number of trades');

function frequency({ number, told }: Reading): Finding[] {
  const hour = number('trades_last_hour')!;
  const day = number('trades_last_day')!;
  const text = `Earlier trades of this strategy: ${told('trades_last_hour')} within the hour, ${told('trades_last_day')} within the day`;
  return hour >= thresholds.tradesPerHour || day >= thresholds.tradesPerDay
    ? [onFrequency.caution(`${text}: that is a lot.`, 'Take only the best set-up that is left today.')]
    : [onFrequency.plain(`${text}.`)];
}

const onSizes = findingsOn('size');

function sizes({ number, told, is }: Reading): Finding[] {
  const change = number('size_change');
  if (change === null) return [];
  const text = `The size is ${told('size')} after ${told('size_before')}, a change of ${told('size_change')}`;
  return is('size_up_after_loss')
    ? [onSizes.caution(`${text}, after a loss.`, 'Go back to the size before the loss.')]
    : [onSizes.plain(`${text}.`)];
}
