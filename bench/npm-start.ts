import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, Figures } from './benchmark.ts';
import { highestShare, mostMemory, mostOwnMemory, share, UpProcess } from './up-process.ts';

const MINUTE = 60_000;
const WINDOW = 5_000;
/** Minutes at rest that are measured, after the first one. */
const MINUTES = Number(process.env.BENCH_MINUTES ?? 4);
const STOPPED = 90 * MINUTE;

const sum = (up: UpProcess): number => up.samples.at(-1)!.processorMs / 1_000;

/** The first start of a new folder, and a minute after it. */
async function first(folder: string, behindMs = 0): Promise<Figures> {
  const up = new UpProcess(join(folder, 'data'), behindMs);
  try {
    const { own, after } = await up.listening();
    const played = await up.until(() => demoIsOver(own));
    const taken = sum(up);
    await up.reach(played + MINUTE);
    return {
      'listens after, s': after / 1_000,
      'past sessions played after, s': played / 1_000,
      'processor time until then, s': taken,
      'first minute after that, % of a core': share(up.samples, played, played + MINUTE),
      'most memory, MB': mostMemory(up.samples),
      'memory after that minute, MB': mostMemory(up.samples, up.age - 2_000),
      'of it no file backs, MB': mostOwnMemory(up.samples, up.age - 2_000),
    };
  } finally {
    await up.end();
  }
}

/** Whether the past sessions of a first start have been played. */
async function demoIsOver(address: string): Promise<boolean> {
  const { services } = (await (await fetch(`${address}/ready`)).json()) as {
    services: Record<string, { state: string }>;
  };
  return services.demo === undefined || services.demo.state === 'ended';
}

/** A start of a folder that a first start has left, until the newest bar can be had, and its first minute. */
async function later(folder: string): Promise<Figures> {
  const up = new UpProcess(join(folder, 'data'));
  try {
    const { after, mcp2 } = await up.listening();
    const shown = await up.until(async () => (await fetch(`${mcp2}/bars/EURUSD?count=1`)).ok);
    await up.reach(MINUTE);
    const at = (age: number): number => up.samples.find((sample) => sample.at >= age)!.processorMs / 1_000;
    return {
      'listens after, s': after / 1_000,
      'newest bar after, s': shown / 1_000,
      'processor time of the first 20 s, s': at(20_000),
      'processor time of the first minute, s': sum(up),
      'most memory, MB': mostMemory(up.samples),
      'memory after a minute, MB': mostMemory(up.samples, up.age - 2_000),
      'of it no file backs, MB': mostOwnMemory(up.samples, up.age - 2_000),
    };
  } finally {
    await up.end();
  }
}

async function rest(folder: string): Promise<Figures> {
  const up = new UpProcess(join(folder, 'data'));
  try {
    await up.reach((MINUTES + 1) * MINUTE);
    const [from, to] = [MINUTE, up.age];
    return {
      'first minute, % of a core': share(up.samples, 0, MINUTE),
      'after it, % of a core': share(up.samples, from, to),
      'highest 5 s after it, % of a core': highestShare(up.samples, from, to, WINDOW),
      'highest second after it, % of a core': highestShare(up.samples, from, to, 1_000),
      'most memory, MB': mostMemory(up.samples),
      'memory at the end, MB': mostMemory(up.samples, to - 2_000),
      'of it no file backs, MB': mostOwnMemory(up.samples, to - 2_000),
    };
  } finally {
    await up.end();
  }
}

async function inFolder(run: (folder: string) => Promise<Figures>): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-start-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const npmStart: readonly Benchmark[] = [
  {
    name: 'first-start',
    about: '`npm start` in a new folder, looked at from outside',
    aims: { 'most memory, MB': { most: 900 } },
    runs: 1,
    run: () => inFolder((folder) => first(folder)),
  },
  {
    name: 'later-start',
    about: '`npm start` again, after a stop of 1½ hours by its clock',
    aims: { 'newest bar after, s': { most: 5 }, 'most memory, MB': { most: 700 } },
    runs: 1,
    run: () =>
      inFolder(async (folder) => {
        await first(folder, STOPPED);
        return later(folder);
      }),
  },
  {
    name: 'rest',
    about: '`npm start` again, at rest (about 10 ticks/s), after its first minute',
    aims: { 'after it, % of a core': { most: 3 } },
    runs: 1,
    run: () =>
      inFolder(async (folder) => {
        await first(folder);
        return rest(folder);
      }),
  },
];
