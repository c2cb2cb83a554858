import { describe, test } from 'vitest';
import type { Adapter } from './adapter.ts';
import { type Tools, withTools } from './tools.ts';

/** A promise of a port, as a sentence about it, and its proof: it rejects where the promise is not kept. */
export type Case<S> = readonly [promise: string, prove: (subject: S, tools: Tools<S>) => Promise<void>];

/** What every adapter of a port promises. */
export interface Contract<S> {
  /** The port's file name in `src/ports`, without `.ts`; its adapters are the files in `src/adapters/<port>`. */
  readonly port: string;
  readonly cases: readonly Case<S>[];
}

/** Why an adapter cannot keep a promise, and how its case shows that. */
export interface Waiver {
  readonly reason: string;
  /** Stands in the message of the failure: another one, or running out of time, is not what is waived. */
  readonly fails: string;
}

export interface RunOptions {
  /**
   * Cases that an adapter cannot keep, by `<adapter>: <promise>`. They run all the same: one that has come true, or that fails for
   * something else than its waiver names, fails the suite.
   */
  readonly waive?: Readonly<Record<string, Waiver>>;
  /** For one case, opening and disposing included (default 120_000). */
  readonly timeoutMs?: number;
}

/** One case against one adapter, as `runContract` was told to run it. */
export interface Coverage {
  readonly port: string;
  readonly adapter: string;
  readonly promise: string;
  /** The reason, where it is waived. */
  readonly waived: string | null;
}

/** How long a waived case may take to break its promise; one that takes longer proves nothing. */
const WAIVED_MS = 20_000;

let recorder: Coverage[] | null = null;

export function contract<S>(port: string, cases: readonly Case<S>[]): Contract<S> {
  const promises = cases.map(([promise]) => promise);
  const twice = promises.find((promise, i) => promises.indexOf(promise) !== i);
  if (twice !== undefined) throw new Error(`the contract of ${port} makes a promise twice: ${twice}`);
  return { port, cases };
}

/**
 * Makes a suite of tests: each case against each adapter. Adapters are named as their files in `src/adapters/<port>`.
 * An engine that is not available here gives a suite that is skipped and names the reason; with PULSE_REQUIRE_ENGINES=1, one that fails.
 */
export function runContract<S>(
  { port, cases }: Contract<S>,
  adapters: Readonly<Record<string, Adapter<S>>>,
  { waive = {}, timeoutMs = 120_000 }: RunOptions = {},
): void {
  if (recorder !== null) {
    recorder.push(...coverageOf(port, cases, Object.keys(adapters), waive));
    return;
  }
  const known = new Set(Object.keys(adapters).flatMap((name) => cases.map(([promise]) => `${name}: ${promise}`)));
  for (const [key, { reason, fails }] of Object.entries(waive)) {
    if (!known.has(key))
      test(`${port}: waiver of "${key}"`, () => Promise.reject(new Error('no adapter and case have this name')));
    if (reason.trim() === '')
      test(`${port}: waiver of "${key}"`, () => Promise.reject(new Error('a waiver needs a reason')));
    if (fails.trim() === '')
      test(`${port}: waiver of "${key}"`, () => Promise.reject(new Error('a waiver names the failure')));
  }
  for (const [name, adapter] of Object.entries(adapters)) {
    describe(`${port}: ${name}`, async () => {
      const why = await adapter.available();
      if (why !== null && process.env.PULSE_REQUIRE_ENGINES === '1') {
        test('is available', () =>
          Promise.reject(new Error(`PULSE_REQUIRE_ENGINES is set, and ${name} is not available: ${why}`)));
        return;
      }
      describe.skipIf(why !== null)(why === null ? 'promises' : `skipped, because ${why}`, () => {
        for (const [promise, prove] of cases) {
          const waiver = waive[`${name}: ${promise}`];
          if (waiver === undefined)
            test(promise, { timeout: timeoutMs }, ({ signal }) => withTools(adapter, prove, signal));
          else
            test(`waived: ${promise} (${waiver.reason})`, { timeout: timeoutMs + WAIVED_MS }, ({ signal }) =>
              provesUntrue(
                () => withTools(adapter, prove, AbortSignal.any([signal, AbortSignal.timeout(WAIVED_MS)])),
                waiver.fails,
              ),
            );
        }
      });
    });
  }
}

/** What the calls of `runContract` under `load` would run; none of it becomes a test. */
export async function collect(load: () => Promise<unknown>): Promise<Coverage[]> {
  const found: Coverage[] = [];
  recorder = found;
  try {
    await load();
  } finally {
    recorder = null;
  }
  return found;
}

/** Rejects when `prove` resolves, or fails for something else than `fails` names: a waiver must say what is so. */
export async function provesUntrue(prove: () => Promise<void>, fails: string): Promise<void> {
  try {
    await prove();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes(fails)) return; // The waiver says so.
    throw new Error(`the waiver is for "${fails}", but the case failed for something else: ${message}`, {
      cause: error,
    });
  }
  throw new Error('this promise is kept: take its waiver away');
}

function coverageOf<S>(
  port: string,
  cases: readonly Case<S>[],
  adapters: readonly string[],
  waive: Readonly<Record<string, Waiver>>,
): Coverage[] {
  return adapters.flatMap((adapter) =>
    cases.map(([promise]) => ({ port, adapter, promise, waived: waive[`${adapter}: ${promise}`]?.reason ?? null })),
  );
}
