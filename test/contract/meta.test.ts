import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Adapter } from './adapter.ts';
import { collect, contract, type RunOptions, runContract } from './contract.ts';
import { adaptersIn, complaints } from './coverage.ts';

/** Ports whose adapters need no contract, and why. */
const WITHOUT: Readonly<Record<string, string>> = {
  checkup: 'each adapter asks another engine another question',
  'exchange-socket': 'one adapter, tested against a local server',
  metrics: 'one adapter, tested beside its file',
  namespace: 'wraps the other ports; tested beside its file',
  redis: 'what the adapters of Redis share; tested through them',
  'tick-file': 'one adapter, tested beside its file',
  'tick-tape': 'one adapter, tested over both pub/subs',
};

const here = fileURLToPath(new URL('.', import.meta.url));
const ports = new Set(
  readdirSync(new URL('../../src/ports', import.meta.url)).map((file) => file.slice(0, -'.ts'.length)),
);
const suites = readdirSync(here).filter(
  (file) => file.endsWith('.test.ts') && ports.has(file.slice(0, -'.test.ts'.length)),
);

// The suites themselves are asked, not a list beside them. Under `collect` they register no tests here.
const coverage = await collect(async () => {
  for (const suite of suites) await import(join(here, suite));
});

test('every case of every contract runs against every adapter', () => {
  expect(
    complaints(adaptersIn(fileURLToPath(new URL('../../src/adapters', import.meta.url))), coverage, WITHOUT),
  ).toEqual([]);
});

describe('is noticed:', () => {
  const box: Adapter<object> = {
    available: async () => null,
    open: async () => ({ subject: {}, dispose: async () => undefined }),
  };
  const keeps = async (): Promise<void> => undefined;
  const boxes = contract<object>('box', [
    ['keeps', keeps],
    ['grows', keeps],
  ]);

  /** A folder of adapters: paper (with a part of its own) and tin. */
  async function planted(): Promise<Map<string, string[]>> {
    const folder = await mkdtemp(join(tmpdir(), 'pulse-planted-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, 'box'));
    await writeFile(
      join(folder, 'box/paper.ts'),
      "import { fold } from './paper-fold.ts';\nexport const paper = fold;\n",
    );
    await writeFile(join(folder, 'box/paper-fold.ts'), 'export const fold = 1;\n');
    await writeFile(join(folder, 'box/paper.test.ts'), "import { paper } from './paper.ts';\n");
    await writeFile(join(folder, 'box/tin.ts'), 'export const tin = 1;\n');
    return adaptersIn(folder);
  }

  const collected = (adapters: Readonly<Record<string, Adapter<object>>>, options?: RunOptions) =>
    collect(async () => runContract(boxes, adapters, options));

  test('nothing, where all is there', async () => {
    expect(complaints(await planted(), await collected({ paper: box, tin: box }), {})).toEqual([]);
  });

  test('an adapter that is left out', async () => {
    expect(complaints(await planted(), await collected({ paper: box }), {})).toEqual([
      'src/adapters/box/tin.ts is left out of test/contract/box.test.ts (a part of an adapter is imported by it)',
    ]);
  });

  test('a case that does not run against an adapter', async () => {
    const all = await collected({ paper: box, tin: box });
    const some = all.filter(({ adapter, promise }) => !(adapter === 'tin' && promise === 'grows'));
    expect(complaints(await planted(), some, {})).toEqual(['box: "grows" does not run against tin']);
  });

  test('an adapter that has no file', async () => {
    expect(complaints(await planted(), await collected({ paper: box, tin: box, glass: box }), {})).toEqual([
      'test/contract/box.test.ts names glass, but there is no src/adapters/box/glass.ts',
    ]);
  });

  test('a port without a contract', async () => {
    expect(complaints(await planted(), [], {})).toEqual([
      'box has no contract: write test/contract/box.contract.ts and box.test.ts',
    ]);
    expect(complaints(await planted(), [], { box: 'there is one box' })).toEqual([]);
  });

  test('a waiver without a reason', async () => {
    expect(
      complaints(await planted(), await collected({ paper: box, tin: box }, { waive: { 'tin: grows': ' ' } }), {}),
    ).toEqual(['box: the waiver of "tin: grows" gives no reason']);
  });

  test('an exemption that is stale', async () => {
    const all = await collected({ paper: box, tin: box });
    expect(complaints(await planted(), all, { box: 'there is one box', crate: 'gone' })).toEqual([
      "box has a contract: it can't stand among the ports without one",
      'crate stands among the ports without a contract, but has no adapter',
    ]);
  });
});
