import { createClient } from 'redis';
import { expect, onTestFinished, test } from 'vitest';
import type { Finding } from '../../src/domain/event/checkup-finding.ts';
import { Shell } from '../support/command-line.ts';
import { describeWith } from '../support/needs.ts';
import { redisAvailable, startRedis } from '../support/redis-server.ts';

const STREAM = 'v2:ticks:l1';
const payload = (symbol: string | null, bid: number): string =>
  JSON.stringify({ ...(symbol !== null && { symbol }), ts: 1_772_539_200, bid, ask: bid + 0.0001 });

async function desk() {
  const redis = await startRedis();
  const shell = await Shell.open({ REDIS_URL: redis.url });
  const client = createClient({ url: redis.url });
  await client.connect();
  onTestFinished(async () => {
    client.destroy();
    await shell.close();
    await redis.dispose();
  });
  return {
    add: (...fields: readonly string[]) => client.sendCommand(['XADD', STREAM, '*', ...fields]),
    tell: (...words: readonly string[]) => client.sendCommand([...words]),
    async finds(check: string): Promise<Finding[]> {
      const { out } = await shell.run(['doctor', '--json']);
      return (JSON.parse(out) as Finding[]).filter((finding) => finding.check === check);
    },
  };
}

/** The words of a command as a person types it: separated by blanks, one with blanks in quotation marks. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);

await describeWith('pulse doctor on Redis', { engines: [redisAvailable] }, () => {
  test('warns of the limits that Redis has by default, and is content once its advice was followed', async () => {
    const { finds, tell } = await desk();
    const [before] = await finds('redis.output-buffer');
    expect(before).toMatchObject({
      status: 'warn',
      found: 'a subscriber is cut off at 32 MB, or at 8 MB for 60 s',
    });
    const advice = /^(CONFIG SET .*?), and the same in redis\.conf/.exec(before!.remedy!)![1]!;
    await tell(...words(advice));
    expect(await finds('redis.output-buffer')).toEqual([
      { check: 'redis.output-buffer', status: 'ok', found: 'a subscriber is cut off at 256 MB, or at 64 MB for 60 s' },
    ]);
  });

  test('finds entries of the stream that tell no symbol, and names one', async () => {
    const { finds, add } = await desk();
    await add('symbol', 'EURUSD', 'j', payload(null, 1.1));
    await add('j', payload('EURUSD', 1.1001));
    expect(await finds('redis.streams.symbol')).toEqual([]);
    await add('j', payload(null, 1.1002));
    const newest = String(await add('j', 'no JSON'));
    const [finding, ...others] = await finds('redis.streams.symbol');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      status: 'warn',
      found: `of the newest 4 entries of ${STREAM}, 2 tell no symbol, ${newest} among them`,
    });
    // The stream as such can fill gaps all the same.
    expect(await finds('redis.streams')).toMatchObject([{ status: 'ok' }]);
  });

  test('says that a setting is hidden where the user may not ask for it', async () => {
    const { finds, tell } = await desk();
    await tell('ACL', 'SETUSER', 'default', '-config');
    expect(await finds('redis.output-buffer')).toMatchObject([
      { status: 'warn', found: expect.stringContaining('does not show client-output-buffer-limit') },
    ]);
  });
});
