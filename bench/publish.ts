// The load generator of the benches: <redis url> <ticks file> <symbol> <ticks/s | max> <seconds>
import { performance } from 'node:perf_hooks';
import { systemClock } from '../src/adapters/clock/system.ts';
import { redisPubSub } from '../src/adapters/pub-sub/redis.ts';
import { openTickFile } from '../src/adapters/tick-file/tick-file.ts';

const [url, file, symbol, speed, seconds] = process.argv.slice(2) as [string, string, string, string, string];
const clock = systemClock();
const pubSub = redisPubSub({ url, clock });
const channel = `ticks.${symbol}`;
await (speed === 'max' ? all() : steady(Number(speed), Number(seconds)));
await pubSub.close();
process.exit(0);

async function all(): Promise<void> {
  for await (const batch of (await openTickFile(file)).batches(new AbortController().signal))
    await pubSub.publish(batch.map(({ payload }) => ({ channel, payload })));
}

/** A hundredth of a second at a time. */
async function steady(perSecond: number, duration: number): Promise<void> {
  const begun = performance.now();
  for (let sent = 0; sent < perSecond * duration; ) {
    const due = Math.floor(((performance.now() - begun) * perSecond) / 1_000);
    const now = performance.timeOrigin + performance.now();
    const messages = Array.from({ length: due - sent }, (_, i) => ({
      channel,
      payload: Buffer.from(
        `{"symbol":"${symbol}","ts":${now / 1_000},"bid":1.1,"ask":1.2,"id":"${sent + i}","at":${now.toFixed(3)}}`,
      ),
    }));
    if (messages.length > 0) await pubSub.publish(messages);
    sent = Math.max(sent, due);
    await clock.sleep(2);
  }
}
