import { createClient } from 'redis';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbTradeStore } from '../../src/adapters/trade-store/lmdb.ts';
import { redisTradeStore } from '../../src/adapters/trade-store/redis.ts';
import type { TradeStore } from '../../src/ports/trade-store.ts';
import type { Adapter } from './adapter.ts';
import { runContract } from './contract.ts';
import { onFolder, onRedis } from './engines.ts';
import { REDELIVER_MS, tradeStoreContract } from './trade-store.contract.ts';

const clock = systemClock();
const redeliverMs = REDELIVER_MS;

/** All trades of a server are one store: each case has it empty. */
function emptied(): Adapter<TradeStore> {
  let url = '';
  const adapter = onRedis((at) => {
    url = at;
    return redisTradeStore({ url, clock, redeliverMs });
  });
  return {
    ...adapter,
    async open() {
      const opened = await adapter.open();
      const client = await createClient({ url }).connect();
      await client.flushDb();
      client.destroy();
      return opened;
    },
  };
}

runContract(tradeStoreContract, {
  lmdb: onFolder((path) => lmdbTradeStore({ path, clock, redeliverMs })),
  redis: emptied(),
});
