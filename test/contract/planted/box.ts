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
  { paper: box, tin: { ...box, available: async () => 'no tin is installed' } },
  {
    waive: {
      'paper: is kept': 'said to be broken',
      'paper: is broken': 'known to be broken',
      'glass: is kept': 'there is no glass',
      'tin: is kept': ' ',
    },
  },
);
