// Publishes ticks of many symbols in turn: <redis url> <symbols> <ticks> <ticks/s> <first ts, epoch s> <span of ts, s> [prefix of names]
import { performance } from 'node:perf_hooks';
import { systemClock } from '../src/adapters/clock/system.ts';
import { redisPubSub } from '../src/adapters/pub-sub/redis.ts';

const [url, symbolCount, tickCount, speed, firstTs, spanS, prefix = 'SYM'] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string?,
];
const [symbols, ticks, perSecond, from, span] = [symbolCount, tickCount, speed, firstTs, spanS].map(Number) as [
  number,
  number,
  number,
  number,
  number,
];
const clock = systemClock();
const pubSub = redisPubSub({ url, clock });
await pubSub.ping();
process.stdout.write(`begun ${Date.now()}\n`);
const begun = performance.now();
for (let sent = 0; sent < ticks; ) {
  const due = Math.min(ticks, Math.ceil(((performance.now() - begun + 1) * perSecond) / 1_000));
  if (due > sent) await pubSub.publish(Array.from({ length: due - sent }, (_, i) => message(sent + i)));
  sent = Math.max(sent, due);
  await clock.sleep(2);
}
process.stdout.write(`ended ${Date.now()}\n`);
await pubSub.close();
process.exit(0);

function message(i: number): { channel: string; payload: Buffer } {
  const symbol = `${prefix}${String(i % symbols).padStart(5, '0')}`;
  const ts = (from + (i / ticks) * span).toFixed(3);
  const price = (1 + (i % 977) / 10_000).toFixed(5);
  return {
    channel: `ticks.${symbol}`,
    payload: Buffer.from(`{"symbol":"${symbol}","ts":${ts},"price":${price},"volume":1,"id":"${from}-${i}"}`),
  };
}
