import { expect, test } from 'vitest';
import { startVitest } from 'vitest/node';
import { type MetricName, metrics } from '../../src/domain/metric/metric.ts';
import { cases } from './cases.ts';

const names = Object.keys(metrics) as MetricName[];

type Case = readonly [file: string, test: string];

/** Runs these cases, and no others; gives what each of them raised, by `file > test`. One that is not there, or fails, is left out. */
async function raisedBy(wanted: readonly Case[]): Promise<Map<string, readonly string[]>> {
  const { exitCode } = process;
  const quoted = [...new Set(wanted.map(([, name]) => name))].map((name) =>
    name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
  );
  const vitest = await startVitest('test', [], {
    config: false,
    include: [...new Set(wanted.map(([file]) => file))],
    setupFiles: ['./test/metrics/recorder.ts'],
    testNamePattern: new RegExp(`^(${quoted.join('|')})$`),
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    watch: false,
    reporters: [{}],
  });
  const raised = new Map(
    vitest.state
      .getTestModules()
      .flatMap((module) =>
        [...module.children.allTests()]
          .filter((each) => each.result().state === 'passed')
          .map((each) => [`${module.relativeModuleId} > ${each.fullName}`, each.meta().raised ?? []] as const),
      ),
  );
  await vitest.close();
  // The run within this one may have failed, as it must where something is planted.
  process.exitCode = exitCode;
  return raised;
}

/** Metrics whose case did not run, or did not raise them. */
const uncounted = (
  declared: readonly string[],
  of: Readonly<Record<string, Case>>,
  raised: ReadonlyMap<string, readonly string[]>,
): string[] => declared.filter((name) => of[name] === undefined || !raised.get(of[name].join(' > '))?.includes(name));

test('each metric is raised by the case that is named for it', { timeout: 240_000 }, async () => {
  expect(uncounted(names, cases, await raisedBy(Object.values(cases)))).toEqual([]);
});

test('finds a metric without a case, a case that is not there, and one that raises something else', {
  timeout: 120_000,
}, async () => {
  const up: Case = ['test/metrics/rare-counts.test.ts', 'every process tells its version'];
  const planted = {
    pulse_build_info: up,
    pulse_service_up: up,
    pulse_feed_ticks_total: [up[0], 'no such test'],
  } satisfies Record<string, Case>;
  const declared = ['pulse_build_info', 'pulse_service_up', 'pulse_feed_ticks_total', 'pulse_nobody_total'];
  expect(uncounted(declared, planted, await raisedBy(Object.values(planted)))).toEqual(declared.slice(1));
});
