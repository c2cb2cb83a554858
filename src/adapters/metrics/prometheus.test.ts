import { expect, test } from 'vitest';
import { prometheusMetrics } from './prometheus.ts';

test('counters, gauges and histograms come out as Prometheus text', async () => {
  const metrics = prometheusMetrics({ process: false });
  metrics.counter('pulse_feed_ticks_total').inc(3, { symbol: 'EURUSD' });
  metrics.counter('pulse_feed_republished_ticks_total').inc();
  metrics.gauge('pulse_bars_open').set(7, { side: 'candidate' });
  metrics.gauge('pulse_mcp2_vectors').set(8);
  metrics.histogram('pulse_mcp2_model_latency_seconds').observe(0.07, { model: 'house' });
  const text = await metrics.text();
  expect(text).toContain(
    '# HELP pulse_feed_ticks_total Ticks published.\n# TYPE pulse_feed_ticks_total counter\npulse_feed_ticks_total{symbol="EURUSD"} 3\n',
  );
  expect(text).toContain('pulse_feed_republished_ticks_total 1\n');
  expect(text).toContain('pulse_bars_open{side="candidate"} 7\n');
  expect(text).toContain('pulse_mcp2_vectors 8\n');
  expect(text).toContain('pulse_mcp2_model_latency_seconds_bucket{le="0.05",model="house"} 0\n');
  expect(text).toContain('pulse_mcp2_model_latency_seconds_bucket{le="0.1",model="house"} 1\n');
});

test('asked for twice, a metric counts on', async () => {
  const metrics = prometheusMetrics({ process: false });
  for (let start = 0; start < 2; start += 1) metrics.counter('pulse_feed_republished_ticks_total').inc(2);
  expect(await metrics.text()).toContain('pulse_feed_republished_ticks_total 4\n');
});

test('two registries share nothing, and the process tells of itself', async () => {
  const [one, other] = [prometheusMetrics(), prometheusMetrics({ process: false })];
  one.counter('pulse_feed_republished_ticks_total').inc();
  expect(await other.text()).not.toContain('pulse_feed_republished_ticks_total');
  const text = await one.text();
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds'])
    expect(text).toContain(`${name} `);
});
