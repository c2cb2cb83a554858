import { askRedis } from './resp.ts';

const KEYS = 'pulse:lease:*';
/** How long a lease that was overwritten is somebody else's. */
const STRANGER_MS = 2_000;

/** What the leases in Redis say, in one text: who holds them; empty where there are none. */
export async function leaseText(port: number): Promise<string> {
  const texts: string[] = [];
  for (const { key, type } of await leases(port)) {
    const reply = await askRedis(port, type === 'hash' ? 'HGETALL' : 'GET', key).catch(() => null);
    texts.push(Array.isArray(reply) ? reply.map(String).join(' ') : String(reply ?? ''));
  }
  return texts.join('\n');
}

/** Takes the lease from whoever holds it: as if Redis had forgotten it, with the number of its epoch, or given it to a stranger. */
export async function loseLease(port: number, how: 'deleted' | 'overwritten'): Promise<void> {
  for (const { key, type } of await leases(port)) {
    if (how === 'deleted') await askRedis(port, 'DEL', key).catch(() => undefined);
    else if (type === 'hash') {
      await askRedis(port, 'HSET', key, 'holder', 'somebody-else').catch(() => undefined);
      await askRedis(port, 'PEXPIRE', key, STRANGER_MS).catch(() => undefined);
    }
  }
}

async function leases(port: number): Promise<{ key: Buffer; type: string }[]> {
  const keys = (await askRedis(port, 'KEYS', KEYS).catch(() => [])) as Buffer[];
  return Promise.all(
    keys.map(async (key) => ({ key, type: String(await askRedis(port, 'TYPE', key).catch(() => 'none')) })),
  );
}
