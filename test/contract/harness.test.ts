import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { startVitest } from 'vitest/node';
import type { Adapter } from './adapter.ts';
import { collect, contract, provesUntrue, runContract } from './contract.ts';
import { withTools } from './tools.ts';

/** A box that keeps a number, as an engine would. */
function box(log: string[] = []): Adapter<{ value: number }> {
  return {
    available: async () => null,
    async open() {
      const subject = { value: 0 };
      return { subject, restart: async () => subject, dispose: async () => void log.push('disposed') };
    },
  };
}
const PLANTED = fileURLToPath(new URL('./planted', import.meta.url));
const never = new AbortController().signal;

describe('a case', () => {
  test('passes when its proof resolves, and what was opened is disposed of', async () => {
    const log: string[] = [];
    await withTools(box(log), async (subject) => expect(subject.value).toBe(0), never);
    expect(log).toEqual(['disposed']);
  });

  test('fails when its proof rejects, and what was opened is disposed of', async () => {
    const log: string[] = [];
    await expect(withTools(box(log), async (subject) => expect(subject.value).toBe(1), never)).rejects.toThrow(
      'expected +0 to be 1',
    );
    expect(log).toEqual(['disposed']);
  });

  test('fails as soon as its background work does', async () => {
    const prove = withTools(
      box(),
      async (_, tools) => {
        tools.background(Promise.reject(new Error('the consumer ended')));
        await tools.until('the moon is full', () => false);
      },
      never,
    );
    await expect(prove).rejects.toThrow('the consumer ended');
  });

  test('waits for its background work to end after it', async () => {
    const log: string[] = [];
    await withTools(
      box(log),
      async (_, { signal, background }) => {
        background(
          new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(void log.push('ended')))),
        );
      },
      never,
    );
    expect(log).toEqual(['ended', 'disposed']);
  });

  test('says what it waited for in vain', async () => {
    await expect(withTools(box(), (_, tools) => tools.until('a bar closes', () => false, 1), never)).rejects.toThrow(
      'waited in vain until a bar closes',
    );
  });

  test('fails where the adapter lacks what it needs', async () => {
    await expect(withTools(box(), async (_, tools) => void (await tools.another()), never)).rejects.toThrow(
      'the adapter offers no another()',
    );
    await expect(withTools(box(), (_, tools) => tools.fault('disconnect'), never)).rejects.toThrow(
      'the adapter offers no fault "disconnect"',
    );
  });
});

describe('a waiver', () => {
  test('holds while its promise is broken', async () => {
    await provesUntrue(() => Promise.reject(new Error('it is not kept')), 'not kept');
  });

  test('fails where its case fails for something else, or runs out of time', async () => {
    const broken = () => Promise.reject(new TypeError('x is not a function'));
    await expect(provesUntrue(broken, 'not kept')).rejects.toThrow('failed for something else: x is not a function');
    const late = () => withTools(box(), () => new Promise(() => undefined), AbortSignal.timeout(1));
    await expect(provesUntrue(late, 'not kept')).rejects.toThrow('failed for something else');
  });

  test('fails once its promise is kept', async () => {
    await expect(provesUntrue(async () => undefined, 'not kept')).rejects.toThrow('take its waiver away');
  });
});

test('a contract makes no promise twice', () => {
  const keeps = async (): Promise<void> => undefined;
  expect(() =>
    contract('box', [
      ['keeps', keeps],
      ['keeps', keeps],
    ]),
  ).toThrow('makes a promise twice: keeps');
});

test('collect tells each case of each adapter, and its waiver', async () => {
  const boxes = contract<{ value: number }>('box', [
    ['keeps', async () => undefined],
    ['grows', async () => undefined],
  ]);
  const found = await collect(async () =>
    runContract(
      boxes,
      { paper: box(), tin: box() },
      { waive: { 'tin: grows': { reason: 'tin is stiff', fails: 'stiff' } } },
    ),
  );
  expect(found.map((c) => `${c.port} ${c.adapter} ${c.promise} ${c.waived}`)).toEqual([
    'box paper keeps null',
    'box paper grows null',
    'box tin keeps null',
    'box tin grows tin is stiff',
  ]);
});

describe('a suite', () => {
  /** Runs the planted suite on its own; gives its tests by name: their state, and what they failed with. */
  async function planted(requireEngines: string): Promise<Map<string, string>> {
    const { exitCode } = process;
    vi.stubEnv('PULSE_REQUIRE_ENGINES', requireEngines);
    const vitest = await startVitest('test', [], {
      config: false,
      root: PLANTED,
      include: ['box.ts'],
      watch: false,
      reporters: [{}],
    });
    vi.unstubAllEnvs();
    const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
    await vitest.close();
    // The run within this one has failed as it must; this one has not.
    process.exitCode = exitCode;
    return new Map(
      tests.map((t) => [
        t.fullName,
        [t.result().state, ...(t.result().errors ?? []).map(({ message }) => message)].join(': '),
      ]),
    );
  }

  test('names what it skips and why, and fails for waivers that are stale, unknown or without a reason', async () => {
    expect(await planted('')).toEqual(
      new Map([
        ['box: waiver of "glass: is kept"', 'failed: no adapter and case have this name'],
        ['box: waiver of "tin: is kept"', 'failed: a waiver needs a reason'],
        ['box: waiver of "tin: is broken"', 'failed: a waiver names the failure'],
        [
          'box: paper > promises > waived: is kept (said to be broken)',
          'failed: this promise is kept: take its waiver away',
        ],
        ['box: paper > promises > waived: is broken (known to be broken)', 'passed'],
        [
          'box: wood > promises > waived: is broken (known to be broken otherwise)',
          'failed: the waiver is for "too wet", but the case failed for something else: not so',
        ],
        ['box: wood > promises > is kept', 'passed'],
        ['box: tin > skipped, because no tin is installed > waived: is kept ( )', 'skipped'],
        ['box: tin > skipped, because no tin is installed > waived: is broken (tin rusts)', 'skipped'],
      ]),
    );
  });

  test('fails for an engine that is missing where engines are required', async () => {
    expect((await planted('1')).get('box: tin > is available')).toBe(
      'failed: PULSE_REQUIRE_ENGINES is set, and tin is not available: no tin is installed',
    );
  });
});
