import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 6, 1, 12, 0, 0);

test.each`
  headers                                               | ms
  ${{ 'retry-after': '2' }}                             | ${2_000}
  ${{ 'retry-after': '0.5' }}                           | ${500}
  ${{ 'retry-after': 'Wed, 01 Jul 2026 12:00:30 GMT' }} | ${30_000}
  ${{ 'retry-after': 'Wed, 01 Jul 2026 11:00:00 GMT' }} | ${0}
  ${{ 'retry-after-ms': '150', 'retry-after': '9' }}    | ${150}
  ${{ 'retry-after': '99999999999' }}                   | ${604_800_000}
  ${{ 'retry-after': 'soon' }}                          | ${undefined}
  ${{ 'retry-after': '-1' }}                            | ${undefined}
  ${{}}                                                 | ${undefined}
`('$headers asks for $ms ms', ({ headers, ms }) => {
  expect(retryAfterMs(new Headers(headers), NOW)).toBe(ms);
});
