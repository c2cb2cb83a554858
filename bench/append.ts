// The load generator of `enrichment-latency`: <redis url> <stream> <ticks/s> <seconds>
import { performance } from 'node:perf_hooks';
import { systemClock } from '../src/adapters/clock/system.ts';
import { redisEntryStream } from '../src/adapters/entry-stream/redis.ts';

const [url, stream, perSecond, seconds] = process.argv.slice(2) as [string, string, string, string];
const clock = systemClock();
const streams = redisEntryStream({ url, clock });
const SYMBOLS = ['EURUSD', 'GBPUSD', 'USDJPY', 'AUDUSD', 'BTCUSDT'];
const begun = performance.now();
const rate = Number(perSecond);
for (let sent = 0; sent < rate * Number(seconds); ) {
  const due = Math.min(rate * Number(seconds), Math.floor(((performance.now() - begun) * rate) / 1_000));
  const ts = (performance.timeOrigin + performance.now()) / 1_000;
  const entries = Array.from({ length: due - sent }, (_, i) => {
    const symbol = SYMBOLS[(sent + i) % SYMBOLS.length]!;
    const bid = 1.1 + ((sent + i) % 50) * 1e-5;
    return {
      stream,
      fields: {
        j: `{"symbol":"${symbol}","ts":${ts.toFixed(3)},"bid":${bid.toFixed(5)},"ask":${(bid + 1e-4).toFixed(5)}}`,
        symbol,
      },
    };
  });
  if (entries.length > 0) await streams.append(entries);
  sent = Math.max(sent, due);
  await clock.sleep(2);
}
await streams.close();
process.exit(0);
