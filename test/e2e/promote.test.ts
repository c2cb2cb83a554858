import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../../src/adapters/database/pglite.ts';
import type { SessionReport } from '../../src/domain/parity-report.ts';
import { tradingCalendars } from '../../src/domain/trading-calendar.ts';
import { openParityLedger } from '../../src/stores/parity-ledger.ts';
import { Shell } from '../support/command-line.ts';

const clock = systemClock();

/** A shell whose ledger holds so many sessions up to now, all at this parity. */
async function shellWith(sessions: number, agreeing: number): Promise<Shell> {
  const shell = await Shell.open();
  onTestFinished(() => shell.close());
  for (const folder of ['log', 'streams']) await mkdir(join(shell.dataDir, folder), { recursive: true });
  const database = await pgliteDatabase({ path: join(shell.dataDir, 'database'), clock });
  const ledger = await openParityLedger(database);
  const calendar = tradingCalendars['24x7'];
  let session = calendar.lastEnded(clock.now());
  for (let n = 0; n < sessions; n += 1) {
    await ledger.record(reportOf(session.date, session.from, session.to, agreeing), {
      at: 0,
      demo: false,
      kind: 'parity',
    });
    session = calendar.lastEnded(session.from);
  }
  await database.close();
  return shell;
}

const reportOf = (session: string, from: number, to: number, agreeing: number): SessionReport => ({
  symbol: 'BTCUSD',
  calendar: '24x7',
  session,
  whole: true,
  from,
  to,
  tolerance: { pipSize: 0.0001, priceTicks: 1, volume: '1' },
  threshold: 99.9,
  bars: { incumbent: 1440, candidate: 1440 },
  expected: 1440,
  agreeing,
  parity: (agreeing / 1440) * 100,
  lowerBound: null,
  verdict: agreeing === 1440 ? 'passed' : 'below threshold',
  causes: {},
  mismatches: [],
  notes: [],
  offCalendar: { compared: 0, agreeing: 0, mismatches: [], notes: [] },
});

test.each`
  what                                 | sessions | agreeing | code | says
  ${'five sessions that agree'}        | ${5}     | ${1440}  | ${0} | ${'The gate has passed.'}
  ${'one session below the threshold'} | ${5}     | ${1430}  | ${2} | ${'below the threshold'}
  ${'four sessions'}                   | ${4}     | ${1440}  | ${3} | ${'too few sessions'}
  ${'nothing'}                         | ${0}     | ${0}     | ${3} | ${'No session has been reconciled yet'}
`('with $what `pulse parity` exits with $code', async ({ sessions, agreeing, code, says }) => {
  const shell = await shellWith(sessions, agreeing);
  const ran = await shell.run(['parity']);
  expect(ran.out).toContain(says);
  expect(ran.code).toBe(code);
});

test('a symbol that no session was reconciled of is told, with those that are known', async () => {
  const shell = await shellWith(5, 1440);
  const { code, err } = await shell.run(['parity', '--symbol', 'BTCUDS']);
  expect(err).toContain('no session of BTCUDS has been reconciled; the ledger has BTCUSD');
  expect(code).toBe(3);
});

test('after the gate readers of bars can be switched and switched back, and both are events', async () => {
  const shell = await shellWith(5, 1440);
  const promoted = await shell.run(['promote', '--reason', 'gate passed']);
  // The event goes to the topic and to standard error: what is printed is the result alone.
  expect(promoted.out).toBe('Readers of bars now take them from kafka; the gate has passed.\n');
  expect(promoted.err).toContain('bar-source.promoted');
  expect(promoted.code).toBe(0);
  expect((await shell.run(['parity', '--json'])).out).toContain('"source":"kafka"');
  expect((await shell.run(['promote'])).out).toContain('already');
  expect((await shell.run(['rollback', '--reason', 'lag'])).out).toContain('Readers of bars now take them from redis');
  const events = await shell.run(['overseer', '--since', '1h']);
  expect(events.out).toContain('bar-source.promoted');
  expect(events.out).toContain('bar-source.rolled-back');
  expect(events.out).toContain('gate passed');
});

test('before the gate it is refused, unless forced with a reason', async () => {
  const shell = await shellWith(4, 1440);
  const refused = await shell.run(['promote', '--reason', 'now']);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('the gate is not passed: too few sessions')]);
  expect((await shell.run(['promote', '--force'])).err).toContain('--reason');
  const forced = await shell.run(['promote', '--force', '--reason', 'Redis goes away']);
  expect(forced.out).toContain('forced while the gate is at: too few sessions');
  expect(forced.code).toBe(0);
});
