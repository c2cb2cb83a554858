import { systemClock } from '../../src/adapters/clock/system.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { kafkaRecordLog } from '../../src/adapters/record-log/kafka.ts';
import { redisTradeStore } from '../../src/adapters/trade-store/redis.ts';
import { TradeForwarder } from '../../src/services/desk/trades/forwarder.ts';

/** A process that forwards trades until it is killed: <url of Redis> <broker> <topic>. Prints a line when it begins. */
const [url, broker, topic] = process.argv.slice(2) as [string, string, string];
const clock = systemClock();
const forwarder = new TradeForwarder(
  {
    store: redisTradeStore({ url, clock }),
    log: kafkaRecordLog({ brokers: [broker], clientId: 'trades', clock, appendTimeoutMs: 5_000 }),
    clock,
    metrics: prometheusMetrics({ process: false }),
    journal: { event: () => undefined },
  },
  { topic, forwarder: 'only', retentionDays: 0 },
);
process.stdout.write('begins\n');
await forwarder.run(new AbortController().signal);
