import { block, caution, type Finding, plain, type Reading } from './finding.ts';
import { thresholds } from './thresholds.ts';

/** Recent losses, number of trades and size. */
export function habitFindings(read: Reading): Finding[] {
  if (read.number('trades_last_day') === null)
    return [plain('Earlier trades could not be read: nothing is said of losses and of over-trading.')];
  return [...losses(read), ...frequency(read), ...sizes(read)];
}

function losses({ number, told }: Reading): Finding[] {
  const streak = number('losing_streak');
  if (streak === null) return [plain('No outcome of an earlier trade is known, so nothing is said of losses.')];
  if (streak === 0)
    return [
      plain(`The last trade whose outcome is known did not lose; losses of the last day: ${told('losses_last_day')}.`),
    ];
  const since = number('minutes_since_loss');
  const text = `Losses in a row: ${told('losing_streak')}, the last ${told('minutes_since_loss')} minutes ago; losses of the last day: ${told('losses_last_day')}`;
  const fresh = since !== null && since < thresholds.coolDownMinutes;
  if (streak >= thresholds.streak)
    return fresh
      ? [block(`${text}.`, 'Take a break before the next trade, and look at what the losses have in common.')]
      : [caution(`${text}.`, 'Trade the smallest size until the streak ends.')];
  return [fresh ? caution(`${text}.`) : plain(`${text}.`)];
}

function frequency({ number, told }: Reading): Finding[] {
  const hour = number('trades_last_hour')!;
  const day = number('trades_last_day')!;
  const text = `Earlier trades of this strategy: ${told('trades_last_hour')} within the hour, ${told('trades_last_day')} within the day`;
  return hour >= thresholds.tradesPerHour || day >= thresholds.tradesPerDay
    ? [caution(`${text}: that is a lot.`, 'Take only the best set-up that is left today.')]
    : [plain(`${text}.`)];
}

function sizes({ number, told, is }: Reading): Finding[] {
  const change = number('size_change');
  if (change === null) return [];
  const text = `The size is ${told('size')} after ${told('size_before')}, a change of ${told('size_change')}`;
  return is('size_up_after_loss')
    ? [caution(`${text}, after a loss.`, 'Go back to the size before the loss.')]
    : [plain(`${text}.`)];
}
