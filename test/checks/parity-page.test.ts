import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { causes } from '../../src/domain/parity/mismatch-cause.ts';
import { systematicKinds } from '../../src/domain/parity/systematic/fault.ts';

test('the page on parity has a row for every cause and for every fault of a path, and for no other', () => {
  const page = readFileSync(new URL('../../docs/parity.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| ([a-z, ]+) \| (?!---)/gm)].flatMap(([, names]) => names!.split(', '));
  expect(rows.filter((name) => name !== 'cause' && name !== 'kind').sort()).toEqual(
    [...causes, ...systematicKinds].sort(),
  );
});
