import { expect, test } from 'vitest';
import { virtualClock } from '../../adapters/clock/virtual.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { KeyValue } from '../../ports/key-value.ts';
import { madeUpSessions, markMadeUp } from './made-up.ts';

const START = Date.parse('2024-01-05T10:00Z');
const HOUR = 3_600_000;
const session = (symbol: string, from: string, to: string) => ({ symbol, from: Date.parse(from), to: Date.parse(to) });
const friday = session('EURUSD', '2024-01-05T00:00Z', '2024-01-06T00:00Z');
const saturday = session('EURUSD', '2024-01-06T00:00Z', '2024-01-07T00:00Z');

function memoryKeys() {
  const kept = new Map<string, string>();
  const state = { away: false };
  const keys: KeyValue = {
    get: async (key) => kept.get(key) ?? null,
    async set(key, value) {
      if (state.away) throw new PulseError('redis.unavailable', { at: 'redis', reason: 'away' });
      kept.set(key, value);
    },
  };
  return { keys, state };
}

test('a session is made up where the made-up market published that symbol during it, and no other', async () => {
  const { keys } = memoryKeys();
  expect((await madeUpSessions(keys))(friday)).toBe(false);
  const clock = virtualClock(START);
  const end = new AbortController();
  await markMadeUp(keys, ['EURUSD'], START, clock, end.signal);
  const isMadeUp = await madeUpSessions(keys);
  expect(isMadeUp(friday)).toBe(true);
  expect(isMadeUp(saturday)).toBe(false);
  expect(isMadeUp(session('EURUSD', '2024-01-04T00:00Z', '2024-01-05T00:00Z'))).toBe(false);
  expect(isMadeUp({ ...friday, symbol: 'GBPUSD' })).toBe(false);
});

test('the mark grows for as long as the market goes on, and remembers earlier ones', async () => {
  const { keys, state } = memoryKeys();
  const clock = virtualClock(START);
  const end = new AbortController();
  await markMadeUp(keys, ['EURUSD'], START, clock, end.signal);
  await clock.advance(12 * HOUR);
  expect((await madeUpSessions(keys))(saturday)).toBe(false);
  state.away = true;
  await clock.advance(HOUR);
  state.away = false;
  await clock.advance(HOUR);
  expect((await madeUpSessions(keys))(saturday)).toBe(true);
  end.abort();
  await clock.advance(40 * HOUR);
  const sunday = session('EURUSD', '2024-01-07T00:00Z', '2024-01-08T00:00Z');
  expect((await madeUpSessions(keys))(sunday)).toBe(false);
  await markMadeUp(keys, ['EURUSD', 'GBPUSD'], clock.now(), clock, end.signal);
  const isMadeUp = await madeUpSessions(keys);
  expect([isMadeUp(friday), isMadeUp({ ...sunday, symbol: 'GBPUSD' })]).toEqual([true, true]);
  expect(isMadeUp({ ...friday, symbol: 'GBPUSD' })).toBe(false);
});
