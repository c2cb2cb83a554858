import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Adapter } from './adapter.ts';
import { collect, contract, type RunOptions, runContract } from './contract.ts';
import { adaptersIn, complaints, type Exemption, withLocal, withSimulated } from './coverage.ts';

/** Ports whose adapters need no contract. */
const WITHOUT: Readonly<Record<string, Exemption>> = {
  checkup: {
    reason: 'each adapter asks another engine another question',
    tests: [['test/e2e/ledger.test.ts', "run(['doctor'])"]],
  },
  'document-reader': {
    reason: 'one adapter',
    tests: [['src/adapters/document-reader/thread.test.ts', "from './thread.ts'"]],
  },
  'exchange-socket': {
    reason: 'one adapter, tested against a local server',
    tests: [['src/adapters/exchange-socket/web-socket.test.ts', "from './web-socket.ts'"]],
  },
  metrics: {
    reason: 'one adapter',
    tests: [['src/adapters/metrics/prometheus.test.ts', "from './prometheus.ts'"]],
  },
  namespace: {
    reason: 'wraps the other ports; cleanup.ts clears up after what used it',
    tests: [
      ['src/adapters/namespace/namespace.test.ts', "from './namespace.ts'"],
      ['test/e2e/reference.test.ts', "'--engines', 'real'"],
    ],
  },
  redis: {
    reason: 'what the adapters of Redis share; tested through them',
    tests: [
      ['test/contract/pub-sub.test.ts', 'redisPubSub('],
      ['test/contract/entry-stream.test.ts', 'redisEntryStream('],
    ],
  },
  'tick-file': {
    reason: 'one adapter',
    tests: [['src/adapters/tick-file/tick-file.test.ts', "from './tick-file.ts'"]],
  },
  'tick-tape': {
    reason: 'one adapter, tested over a pub/sub cut by hand, and over that of Redis',
    tests: [
      ['src/adapters/tick-tape/pub-sub.test.ts', "from './pub-sub.ts'"],
      ['test/chaos/mirror-stops.test.ts', "process(['mirror']"],
    ],
  },
};

const here = fileURLToPath(new URL('.', import.meta.url));
const read = (path: string): string | null => {
  const file = join(here, '../..', path);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
};
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
  const adapters = adaptersIn(fileURLToPath(new URL('../../src/adapters', import.meta.url)));
  const engines = fileURLToPath(new URL('../simulation/engines', import.meta.url));
  const services = fileURLToPath(new URL('../../src/services', import.meta.url));
  expect(complaints(withLocal(withSimulated(adapters, engines), services), coverage, WITHOUT, read)).toEqual([]);
});

describe('is noticed:', () => {
  const box: Adapter<object> = {
    available: async () => null,
    open: async () => ({ subject: {}, dispose: async () => undefined }),
  };
  const oneBox: Exemption = { reason: 'there is one box', tests: [['test/contract/planted/box.ts', 'ox']] };
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
    expect(complaints(await planted(), await collected({ paper: box, tin: box }), {}, read)).toEqual([]);
  });

  test('an adapter that is left out', async () => {
    expect(complaints(await planted(), await collected({ paper: box }), {}, read)).toEqual([
      'src/adapters/box/tin.ts is left out of test/contract/box.test.ts (a part of an adapter is imported by it)',
    ]);
  });

  test('an engine of the simulation that is left out', async () => {
    const engines = await mkdtemp(join(tmpdir(), 'pulse-planted-'));
    onTestFinished(() => rm(engines, { recursive: true }));
    await writeFile(join(engines, 'box.ts'), '');
    const adapters = withSimulated(await planted(), engines);
    expect(complaints(adapters, await collected({ paper: box, tin: box }), {}, read)).toEqual([
      'test/simulation/engines/box.ts is left out of test/contract/box.test.ts (a part of an adapter is imported by it)',
    ]);
    expect(complaints(adapters, await collected({ paper: box, tin: box, simulated: box }), {}, read)).toEqual([]);
  });

  test('a service that is left out', async () => {
    const services = await mkdtemp(join(tmpdir(), 'pulse-planted-'));
    onTestFinished(() => rm(services, { recursive: true }));
    await mkdir(join(services, 'box'));
    const adapters = withLocal(await planted(), services);
    expect(complaints(adapters, await collected({ paper: box, tin: box }), {}, read)).toEqual([
      'src/services/box is left out of test/contract/box.test.ts (a part of an adapter is imported by it)',
    ]);
    expect(complaints(adapters, await collected({ local: box, paper: box, tin: box }), {}, read)).toEqual([]);
  });

  test('a case that does not run against an adapter', async () => {
    const all = await collected({ paper: box, tin: box });
    const some = all.filter(({ adapter, promise }) => !(adapter === 'tin' && promise === 'grows'));
    expect(complaints(await planted(), some, {}, read)).toEqual(['box: "grows" does not run against tin']);
  });

  test('an adapter that has no file', async () => {
    expect(complaints(await planted(), await collected({ paper: box, tin: box, glass: box }), {}, read)).toEqual([
      'test/contract/box.test.ts names glass, but there is no src/adapters/box/glass.ts',
    ]);
  });

  test('a port without a contract', async () => {
    expect(complaints(await planted(), [], {}, read)).toEqual([
      'box has no contract: write test/contract/box.contract.ts and box.test.ts',
    ]);
    expect(complaints(await planted(), [], { box: oneBox }, read)).toEqual([]);
  });

  test('an exemption that is not true', async () => {
    const said = (tests: Exemption['tests'], reason = 'there is one box') =>
      planted().then((adapters) => complaints(adapters, [], { box: { reason, tests } }, read));
    expect(await said([['test/contract/gone.test.ts', 'box']])).toEqual([
      'box is said to be tested by test/contract/gone.test.ts, but that has no box',
    ]);
    expect(await said([['test/contract/planted/box.ts', 'no such words']])).toHaveLength(1);
    expect(await said([])).toHaveLength(1);
    expect(await said(oneBox.tests, ' ')).toHaveLength(1);
  });

  test('a waiver without a reason', async () => {
    expect(
      complaints(
        await planted(),
        await collected({ paper: box, tin: box }, { waive: { 'tin: grows': { reason: ' ', fails: 'stiff' } } }),
        {},
        read,
      ),
    ).toEqual(['box: the waiver of "tin: grows" gives no reason']);
  });

  test('an exemption that is stale', async () => {
    const all = await collected({ paper: box, tin: box });
    expect(complaints(await planted(), all, { box: oneBox, crate: oneBox }, read)).toEqual([
      "box has a contract: it can't stand among the ports without one",
      'crate stands among the ports without a contract, but has no adapter',
    ]);
  });
});
