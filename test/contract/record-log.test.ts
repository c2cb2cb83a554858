import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { kafkaRecordLog } from '../../src/adapters/record-log/kafka.ts';
import { lmdbRecordLog } from '../../src/adapters/record-log/lmdb.ts';
import type { RecordLog } from '../../src/ports/record-log.ts';
import { simulatedRecordLog } from '../simulation/engines/record-log.ts';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { sharedKafka } from '../support/kafka-shared.ts';
import type { Adapter } from './adapter.ts';
import { runContract } from './contract.ts';
import { handles } from './handles.ts';
import { recordLogContract } from './record-log.contract.ts';
import { onSimulation } from './simulated.ts';

const clock = systemClock();

const lmdb: Adapter<RecordLog> = {
  available: async () => null,
  open: async () => {
    const path = await mkdtemp(join(tmpdir(), 'pulse-record-log-'));
    return handles(
      () => lmdbRecordLog({ path, clock }),
      () => rm(path, { recursive: true }),
    );
  },
};

const kafka: Adapter<RecordLog> = {
  available: kafkaAvailable,
  open: async () => {
    const brokers = [await sharedKafka()];
    return handles(() => kafkaRecordLog({ brokers, clientId: 'contract', clock }));
  },
};

const simulated = onSimulation(({ kafka: server }, life) => simulatedRecordLog(server, life));

runContract(recordLogContract, { lmdb, kafka, simulated });
