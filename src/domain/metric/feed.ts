import type { MetricSpec } from './spec.ts';

/** The feed, and what comes from exchanges. */
export const feedMetrics = {
  pulse_feed_ticks_total: { type: 'counter', labels: ['symbol'], help: 'Ticks published.' },
  pulse_feed_republished_ticks_total: {
    type: 'counter',
    labels: [],
    help: 'Ticks that subscribers may have seen twice.',
  },
  pulse_feed_unroutable_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Lines and frames that could not be brought to a channel, by reason.',
  },
  pulse_feed_missed_trades_total: {
    type: 'counter',
    labels: ['exchange', 'symbol'],
    help: 'Trades that an exchange made and the feed did not get or could not keep.',
  },
} as const satisfies Record<string, MetricSpec>;
