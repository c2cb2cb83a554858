import { describe, test } from 'vitest';
import { ticksMissing } from './tick-sets.ts';

export interface Needs {
  /** Whether the recorded ticks are needed. They are no part of the project: without them the suite is skipped, always. */
  readonly ticks?: boolean;
  /** Each gives why an engine cannot run here, or null. With PULSE_REQUIRE_ENGINES=1 a missing engine fails the suite. */
  readonly engines?: readonly (() => string | null | Promise<string | null>)[];
}

/** A suite that needs what may be missing here: skipped with the reason in its name. */
export async function describeWith(
  name: string,
  { ticks = false, engines = [] }: Needs,
  suite: () => void,
): Promise<void> {
  const noTicks = ticks ? ticksMissing() : null;
  let missing: string | null = null;
  for (const engine of engines) missing ??= await engine();
  if (missing !== null && process.env.PULSE_REQUIRE_ENGINES === '1')
    test(name, () => Promise.reject(new Error(`PULSE_REQUIRE_ENGINES is set, and ${missing}`)));
  else if (noTicks !== null || missing !== null)
    describe.skip(`${name}: skipped, because ${noTicks ?? missing}`, () => void test(name));
  else describe(name, suite);
}
