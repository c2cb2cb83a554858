import { afterAll } from 'vitest';
import { type DeskEngines, type DeskOnTape, openDeskEngines } from '../support/desk-engines.ts';
import type { Adapter } from './adapter.ts';
import { runContract } from './contract.ts';
import { deskContract } from './desk.contract.ts';

// One set of engines for both, which costs seconds to open: each case uses names of its own.
let engines: Promise<DeskEngines> | null = null;
afterAll(async () => (await engines)?.close());

const face = (which: 'local' | 'remote'): Adapter<DeskOnTape> => ({
  available: async () => null,
  async open() {
    engines ??= openDeskEngines();
    return { subject: (await engines)[which], dispose: async () => undefined };
  },
});

runContract(deskContract, { local: face('local'), mcp2: face('remote') });
