import { systemClock } from '../../src/adapters/clock/system.ts';
import { exactVectorIndex } from '../../src/adapters/vector-index/exact.ts';
import type { VectorIndex } from '../../src/ports/vector-index.ts';
import type { Adapter } from './adapter.ts';
import { runContract } from './contract.ts';
import { CONTRACT_VECTORS, vectorIndexContract } from './vector-index.contract.ts';

const exact: Adapter<VectorIndex> = {
  available: async () => null,
  open: async () => {
    const subject = exactVectorIndex({ vectors: CONTRACT_VECTORS, clock: systemClock() });
    return { subject, dispose: () => subject.close() };
  },
};

runContract(vectorIndexContract, { exact });
