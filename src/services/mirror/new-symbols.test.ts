import { expect, test } from 'vitest';
import { symbolOfTopic } from '../../domain/tick/symbol.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';
import { NewSymbols } from './new-symbols.ts';

const tick = (symbol: string, seq = 0): TapeTick => ({
  channel: `ticks.${symbol}`,
  symbol: symbolOfTopic(`ticks.${symbol}`),
  payload: Buffer.from('{}'),
  hash: 0,
  receivedAt: 0,
  since: 0,
  instance: 'one',
  seq,
  joinedAt: null,
});
const names = (ticks: readonly TapeTick[]): string => ticks.map(({ symbol, seq }) => `${symbol} ${seq}`).join(', ');

/** New symbols whose ticks are brought when a test says so. */
function desk(atOnce: number) {
  const known = new Set<string>();
  const begun: string[] = [];
  const brought: PromiseWithResolvers<boolean>[] = [];
  const bring = (ticks: readonly TapeTick[]): Promise<boolean> => {
    begun.push(names(ticks));
    brought.push(Promise.withResolvers());
    return brought.at(-1)!.promise;
  };
  const symbols = new NewSymbols(bring, (topic) => known.has(topic), atOnce);
  return {
    known,
    symbols,
    begun,
    async bring(done = true) {
      brought.shift()!.resolve(done);
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    },
  };
}

test('the newest do not wait for all that came before them, and the oldest not for those that come after', async () => {
  const { symbols, begun, bring } = desk(2);
  const one = symbols.add(['A', 'B', 'C', 'D', 'E', 'F'].map((symbol) => tick(symbol)));
  const late = symbols.add([tick('G')]);
  await bring();
  await bring();
  expect(begun.slice(0, 2)).toEqual(['A 0, F 0', 'B 0, G 0']);
  expect(await late).toBe(true);
  await bring();
  await bring();
  expect(await one).toBe(true);
  expect(begun.slice(2)).toEqual(['C 0, E 0', 'D 0']);
});

test('what comes for a symbol that is being brought goes behind it, and what comes for it after that no longer waits', async () => {
  const { known, symbols, begun, bring } = desk(2);
  void symbols.add([tick('DAX', 1)]); // detached: the test looks at what was begun
  for (const symbol of ['DAX', 'EURUSD']) known.add(`ticks.${symbol}`);
  const [waiting, others] = symbols.split([tick('DAX', 2), tick('EURUSD', 9)]);
  expect([names(waiting), names(others)]).toEqual(['DAX 2', 'EURUSD 9']);
  const more = [symbols.add(waiting), symbols.add([tick('DAX', 3)])];
  await bring();
  // No more at once than one delivery has.
  expect(begun).toEqual(['DAX 1', 'DAX 2']);
  await bring();
  await bring();
  expect([await Promise.all(more), begun.at(-1)]).toEqual([[true, true], 'DAX 3']);
  expect(symbols.split([tick('DAX', 4)])[0]).toEqual([]);
});

test('after one could not be brought nothing more is: it could come before what is missing', async () => {
  const { symbols, begun, bring } = desk(1);
  const both = symbols.add([tick('DAX'), tick('FTSE')]);
  await bring(false);
  expect([await both, await symbols.add([tick('DAX')])]).toEqual([false, false]);
  expect(begun).toEqual(['DAX 0']);
});

test('a symbol whose topic is there by now, and that goes on ticking, takes no place of one that has none', async () => {
  const { known, symbols, begun, bring } = desk(2);
  // detached: the test looks at what was begun
  void symbols.add(['A', 'B', 'C', 'D', 'E'].map((symbol) => tick(symbol)));
  known.add('ticks.A');
  void symbols.add([tick('A', 1), tick('A', 2)]); // detached: the test looks at what was begun
  void symbols.add([tick('A', 3)]); // detached: the test looks at what was begun
  for (let round = 0; round < 3; round += 1) await bring();
  expect(begun).toEqual(['A 0, E 0', 'A 1, A 2, B 0, D 0', 'A 3, C 0']);
});
