import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { remoteDesk } from '../../src/adapters/desk/mcp2.ts';
import { readConfig } from '../../src/app/config/config.ts';
import { engines } from '../../src/app/engines/composition.ts';
import { makeRuntime } from '../../src/app/host/runtime.ts';
import { processTerminal } from '../../src/app/host/terminal.ts';
import { makeDesk } from '../../src/app/wiring/desk.ts';
import { serveMcp2 } from '../../src/app/wiring/mcp2.ts';
import type { Caller } from '../../src/ports/caller.ts';
import type { Database } from '../../src/ports/database.ts';
import type { Desk } from '../../src/ports/desk.ts';
import type { EntryStream } from '../../src/ports/entry-stream.ts';

/** A desk, and the engines on which the tape comes that it reads. */
export interface DeskOnTape {
  readonly desk: Desk;
  readonly streams: EntryStream;
  readonly database: Database;
}

export interface DeskEngines {
  /** In this process. */
  readonly local: DeskOnTape;
  /** The same engines, behind an mcp2 that listens. */
  readonly remote: DeskOnTape;
  close(): Promise<void>;
}

const KEY = 'a-key-of-some-length';
/** Who calls: mcp2 knows it by its key. */
export const deskCaller: Caller = { name: 'desk', scopes: ['read', 'write', 'llm'] };

export const LARGEST_DOCUMENT = 20_000;

/** A desk as it is wired, on embedded engines in a folder of their own, and an mcp2 over it. */
export async function openDeskEngines(): Promise<DeskEngines> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-desk-'));
  const env = {
    PULSE_DATA_DIR: folder,
    MCP2_PORT: '0',
    MCP2_API_KEY: `desk:read+write+llm:${KEY}`,
    MCP2_RATE_LIMIT_PER_MINUTE: '0',
    MCP2_LLM_RATE_LIMIT_PER_MINUTE: '0',
    MCP2_DOCUMENT_MAX_BYTES: String(LARGEST_DOCUMENT),
    PULSE_LOG_LEVEL: 'error',
  };
  const { config, faults } = readConfig('up', { flags: {}, env, file: null });
  if (faults.length > 0) throw faults[0];
  const ending = new AbortController();
  const made = makeRuntime(config, processTerminal(process), ending.signal);
  const embedded = engines({ config, clock: made.clock, ending: ending.signal, policy: 'embedded' });
  const runtime = { ...made, engines: embedded };
  const listener = await serveMcp2(runtime).listener({
    metrics: made.metrics,
    about: () => ({}),
    services: () => ({}),
  });
  const tape = { streams: await embedded.streams(), database: await embedded.database() };
  const { desk, setAddress } = makeDesk(runtime);
  setAddress(listener.address);
  return {
    local: { desk, ...tape },
    remote: { desk: remoteDesk(listener.address, KEY), ...tape },
    async close() {
      ending.abort();
      await listener.close();
      await embedded.close();
      await made.close();
      await rm(folder, { recursive: true });
    },
  };
}
