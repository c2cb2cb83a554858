import type { Condition } from './condition.ts';

/** A behavioural nudge, as data. Once released it never changes: a change is a new version, with a line of its own in nudge-hashes.ts. */
export interface Nudge {
  readonly name: string;
  readonly version: number;
  readonly condition: Condition;
  /** Goes to the end of that part of the answer. */
  readonly to: 'action' | 'journal';
  /** Without any digit: a nudge never brings a number into an answer. */
  readonly text: string;
}

/** In the order in which they are added. */
export const nudges: readonly Nudge[] = [
  {
    name: 'revenge-trading',
    version: 1,
    condition: {
      all: [
        { fact: 'losing_streak', is: '>=', value: 1 },
        { fact: 'minutes_since_loss', is: '<', value: 30 },
        {
          any: [
            { fact: 'size_up_after_loss', is: '=', value: true },
            { fact: 'losing_streak', is: '>=', value: 2 },
            { fact: 'trades_last_hour', is: '>=', value: 3 },
          ],
        },
      ],
    },
    to: 'action',
    text: 'This looks like trading to win a loss back. Step away before you enter, and take the trade only if you would take it after a win as well.',
  },
  {
    name: 'cooling-off',
    version: 1,
    condition: {
      all: [
        { fact: 'losing_streak', is: '>=', value: 3 },
        { fact: 'minutes_since_loss', is: '<', value: 120 },
      ],
    },
    to: 'action',
    text: 'After losses in a row, a pause costs nothing and a tired decision may. Leave the screen for a while before the next entry.',
  },
  {
    name: 'over-trading',
    version: 1,
    condition: {
      any: [
        { fact: 'trades_last_hour', is: '>=', value: 5 },
        { fact: 'trades_last_day', is: '>=', value: 20 },
      ],
    },
    to: 'action',
    text: 'You are trading often. Ask what this entry has that the last ones did not; if nothing comes to mind, let it pass.',
  },
  {
    name: 'sizing-up-in-drawdown',
    version: 1,
    condition: {
      all: [
        { fact: 'size_change', is: '>', value: 0 },
        {
          any: [
            { fact: 'drawdown', is: '>=', times: 0.5, of: 'drawdown_limit' },
            { fact: 'losing_streak', is: '>=', value: 2 },
          ],
        },
      ],
    },
    to: 'action',
    text: 'The size grows while the account shrinks. Size down in a drawdown; size up only from strength.',
  },
  {
    name: 'ignored-stop',
    version: 1,
    condition: {
      any: [
        { fact: 'stop_passed', is: '=', value: true },
        { fact: 'stop_moved_away', is: '=', value: true },
        { fact: 'stop_missing', is: '=', value: true },
      ],
    },
    to: 'action',
    text: 'A stop that is missing, moved away or ignored is a decision put off to a worse moment. Honour the plan that you made before the trade.',
  },
  {
    name: 'write-down-the-loss',
    version: 1,
    condition: { fact: 'losses_last_day', is: '>=', value: 1 },
    to: 'journal',
    text: 'Write down whether the loss followed the plan: a planned loss needs no lesson, an unplanned one does.',
  },
];
