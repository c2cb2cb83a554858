// node subscriber-process.ts <redis url> <pattern>: prints what a subscription is told, a line each
import { systemClock } from '../../src/adapters/clock/system.ts';
import { redisPubSub } from '../../src/adapters/pub-sub/redis.ts';

const [url, pattern] = process.argv.slice(2) as [string, string];
const say = (line: string): void => void process.stdout.write(`${line}\n`);
await redisPubSub({ url, clock: systemClock() }).subscribe(
  pattern,
  {
    message: (_channel, payload) => say(payload.toString()),
    joined: () => say('joined'),
    lost: (reason) => say(`lost ${reason}`),
  },
  new AbortController().signal,
);
