import { expect, test } from 'vitest';
import { systemClock } from '../../../adapters/clock/system.ts';
import { inTurn } from './guidance.ts';

test('callers go through one after another, in order, and others have the event loop between them', async () => {
  const turn = inTurn(systemClock());
  const seen: string[] = [];
  let over = false;
  const other = (): void => {
    seen.push('other');
    if (!over) setImmediate(other);
  };
  setImmediate(other);
  await Promise.all(
    [1, 2, 3, 4].map(async (number) => {
      await turn();
      seen.push(String(number));
    }),
  );
  over = true;
  expect(seen.filter((each) => each !== 'other')).toEqual(['1', '2', '3', '4']);
  for (const number of ['1', '2', '3']) expect(seen[seen.indexOf(number) + 1]).toBe('other');
});
