import { describe, test } from 'vitest';

/**
 * A suite that needs what may be missing here: skipped with the reason in its name, or, with PULSE_REQUIRE_ENGINES=1, failing.
 * `needs` give the reason, or null.
 */
export async function describeWith(
  name: string,
  needs: readonly (() => string | null | Promise<string | null>)[],
  suite: () => void,
): Promise<void> {
  let missing: string | null = null;
  for (const need of needs) missing ??= await need();
  if (missing === null) describe(name, suite);
  else if (process.env.PULSE_REQUIRE_ENGINES === '1')
    test(name, () => Promise.reject(new Error(`PULSE_REQUIRE_ENGINES is set, and ${missing}`)));
  else describe.skip(`${name}: skipped, because ${missing}`, suite);
}
