import { describe, expect, test } from 'vitest';
import { steppingClock } from '../../../test/support/stepping-clock.ts';
import type { RedisConnection } from './connection.ts';
import { LossWitness } from './loss-witness.ts';

/** A server that counts those that it cut off, as Redis does since 7.2; its answers to INFO are those of 8.2.3. */
function countingServer() {
  const state = { runId: 'a4a1616166d42ee6', cutOff: 3, away: false };
  const sections = (): Record<string, string> => ({
    server: `# Server\r\nredis_version:8.2.3\r\nrun_id:${state.runId}\r\n`,
    clients: '# Clients\r\nclient_recent_max_output_buffer:0\r\n',
    stats: `# Stats\r\nclient_query_buffer_limit_disconnections:9\r\nclient_output_buffer_limit_disconnections:${state.cutOff}\r\n`,
    commandstats: '# Commandstats\r\ncmdstat_publish:calls=1000,usec=900\r\n',
  });
  const client = { info: async (section: string) => sections()[section] };
  const run = async (_name: string, work: (own: typeof client) => Promise<unknown>): Promise<unknown> => {
    if (state.away) throw new Error('no answer');
    return work(client);
  };
  return { state, commands: { run } as unknown as RedisConnection };
}

describe('a server that counts those that it cut off', () => {
  const lost = async (
    change: (state: ReturnType<typeof countingServer>['state']) => void,
    by: 'server' | 'network',
  ) => {
    const { state, commands } = countingServer();
    const witness = new LossWitness(commands, steppingClock(0));
    await witness.begin();
    witness.joined(17);
    change(state);
    return witness.reason(by);
  };

  test('the connection was cut off where the count has risen', async () => {
    expect(await lost((state) => (state.cutOff += 1), 'server')).toBe('overflow');
  });

  test.each([
    ['where the count is as before', 'server', () => undefined],
    ['where the network ended it', 'network', (state: { cutOff: number }) => (state.cutOff += 1)],
    ['where another server answers', 'server', (state: object) => Object.assign(state, { runId: 'b', cutOff: 9 })],
    ['where none answers', 'server', (state: object) => Object.assign(state, { away: true })],
  ] as const)('it was not, %s', async (_where, by, change) => {
    expect(await lost(change as never, by)).toBe('disconnect');
  });
});
