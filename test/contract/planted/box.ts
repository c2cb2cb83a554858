import type { Adapter } from '../adapter.ts';
import { contract, runContract } from '../contract.ts';

/** A suite with what must be noticed in it; `harness.test.ts` runs it, and nothing else does. */
const box: Adapter<number> = {
  available: async () => null,
  open: async () => ({ subject: 1, dispose: async () => undefined }),
};
const boxes = contract<number>('box', [
  ['is kept', async () => undefined],
  ['is broken', () => Promise.reject(new Error('not so'))],
]);

runContract(
  boxes,
  { paper: box, wood: box, tin: { ...box, available: async () => 'no tin is installed' } },
  {
    waive: {
      'paper: is kept': { reason: 'said to be broken', fails: 'not so' },
      'paper: is broken': { reason: 'known to be broken', fails: 'not so' },
      'wood: is broken': { reason: 'known to be broken otherwise', fails: 'too wet' },
      'glass: is kept': { reason: 'there is no glass', fails: 'not so' },
      'tin: is kept': { reason: ' ', fails: 'not so' },
      'tin: is broken': { reason: 'tin rusts', fails: ' ' },
    },
  },
);
