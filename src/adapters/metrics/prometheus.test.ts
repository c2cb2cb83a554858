import { expect, test } from 'vitest';
import { prometheusMetrics } from './prometheus.ts';

test('counters, gauges and histograms come out as Prometheus text', async () => {
  const metrics = prometheusMetrics({ process: false });
  metrics.counter('pulse_ticks_total', 'Ticks.', ['symbol']).inc(3, { symbol: 'EURUSD' });
  metrics.counter('pulse_restarts_total', 'Restarts.').inc();
  metrics.gauge('pulse_open_bars', 'Open bars.').set(7);
  metrics.histogram('pulse_delay_seconds', 'Delay.', [0.1, 1], ['side']).observe(0.5, { side: 'candidate' });
  const text = await metrics.text();
  expect(text).toContain(
    '# HELP pulse_ticks_total Ticks.\n# TYPE pulse_ticks_total counter\npulse_ticks_total{symbol="EURUSD"} 3\n',
  );
  expect(text).toContain('pulse_restarts_total 1\n');
  expect(text).toContain('pulse_open_bars 7\n');
  expect(text).toContain('pulse_delay_seconds_bucket{le="0.1",side="candidate"} 0\n');
  expect(text).toContain('pulse_delay_seconds_bucket{le="1",side="candidate"} 1\n');
});

test('asked for twice, a metric counts on', async () => {
  const metrics = prometheusMetrics({ process: false });
  for (let start = 0; start < 2; start += 1) metrics.counter('pulse_ticks_total', 'Ticks.').inc(2);
  expect(await metrics.text()).toContain('pulse_ticks_total 4\n');
});

test('two registries share nothing, and the process tells of itself', async () => {
  const [one, other] = [prometheusMetrics(), prometheusMetrics({ process: false })];
  one.counter('pulse_ticks_total', 'Ticks.').inc();
  expect(await other.text()).not.toContain('pulse_ticks_total');
  const text = await one.text();
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds'])
    expect(text).toContain(`${name} `);
});
